package prevalence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"

	"github.com/redis/rueidis"

	"quishmilter/state"
)

// Forgetting on all hosts, in plain words. What a host's own file has of an address, only that host can remove. So
// whoever forgets one appends the digest of its name to a stream in the shared store, from which nobody reads the
// address, though who has one can ask for it. Each host reads on from its own mark before it delivers anything, and goes
// over its own histories. Entries live as long as histories do: what a host that was off for longer has is expired.

// forgottenKey is the stream, and the mark in meta: the last entry that was applied here.
const forgottenKey = "forgotten"

// maxForgotten bounds what one look takes; the rest follows with the next.
const maxForgotten = 100

// tellForgotten tells the other hosts.
func (r *remote) tellForgotten(ctx context.Context, client rueidis.Client, f *forgetting) error {
	session := ""
	if f.db != nil {
		session = sessionOf(f.Store)
	}
	key := r.prefix + forgottenKey
	for _, answer := range client.DoMulti(ctx,
		client.B().Xadd().Key(key).Maxlen().Almost().Threshold("10000").Id("*").FieldValue().FieldValue("digest", digestOf(f.own)).
			FieldValue("by", session).Build(),
		client.B().Expire().Key(key).Seconds(r.lifetime).Build()) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return nil
}

func sessionOf(s *Store) string { return strconv.FormatUint(s.db.Session(), 16) }

func digestOf(name string) string {
	sum := sha256.Sum256([]byte("quishmilter forgets\x00" + name))
	return hex.EncodeToString(sum[:])
}

// forgottenAfter asks for the entries after a mark.
func (r *remote) forgottenAfter(client rueidis.Client, mark string) rueidis.Completed {
	start := "-"
	if mark != "" {
		start = "(" + mark
	}
	return client.B().Xrange().Key(r.prefix + forgottenKey).Start(start).End("+").Count(maxForgotten).Build()
}

// entryID is what the store names entries by. Another mark would make every look fail.
var entryID = regexp.MustCompile(`^[0-9]{1,19}-[0-9]{1,19}$`)

// forgottenMark is the last entry that was applied; "" is none.
func (s *Store) forgottenMark() (mark string) {
	_ = s.db.View(func(tx *state.Tx) error { // a file that cannot be read is told by those who write
		mark = string(meta(tx).Get([]byte(forgottenKey)))
		return nil
	})
	if !entryID.MatchString(mark) {
		return ""
	}
	return mark
}

// applyForgotten removes from this host's file what others forgot, all of it in one go, and sets the mark.
func (sh *shared) applyForgotten(ctx context.Context, news []rueidis.XRangeEntry) error {
	if len(news) == 0 {
		return nil
	}
	digests := map[string]bool{}
	for _, entry := range news {
		if entry.FieldValues["by"] != sessionOf(sh.store) {
			digests[entry.FieldValues["digest"]] = true
		}
	}
	if err := sh.forgetHere(ctx, digests); err != nil {
		return fmt.Errorf("prevalence: forgetting what another host forgot: %w", err)
	}
	mark := []byte(news[len(news)-1].ID)
	err := sh.store.db.Update(ctx, func(tx *state.Tx) error { return meta(tx).Put([]byte(forgottenKey), mark) })
	if err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	return nil
}

// forgetHere is Forget for this host alone, of addresses that are known by their digests.
func (sh *shared) forgetHere(ctx context.Context, digests map[string]bool) error {
	if len(digests) == 0 {
		return nil
	}
	f := newForgetting(sh.store, "", "")
	f.is = func(key string) bool { return digests[digestOf(key)] }
	sh.forgetLent()
	steps := append([]func(context.Context) error{f.settle, f.all(Address), f.all(Envelope), f.all(Correspondent)}, f.scattered()...)
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// forgetLent drops answers that are not in the file yet.
func (sh *shared) forgetLent() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.lent, sh.keeping = map[name]row{}, nil
}
