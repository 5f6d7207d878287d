package prevalence

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/rueidis"
)

//go:embed record.lua
var recordScript string

// remote hides the client of the shared store. All keys have one hash tag, so that a script may touch all of a
// change's histories in a Cluster too; they lie on one of its nodes then.
type remote struct {
	option    rueidis.ClientOption
	prefix    string
	lifetime  int64 // seconds
	retention int64
	script    *rueidis.Lua

	mu     sync.Mutex // guards client; held while connecting
	client rueidis.Client
	closed bool
}

var errNotConnected = errors.New("not connected to the shared store yet")

func newRemote(url string, retention int64, hashed bool) (*remote, error) {
	option, prefix, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if hashed {
		prefix += hashedEnd
	}
	return &remote{option: option, prefix: "{" + prefix + "}:", lifetime: retention + 86400, retention: retention,
		script: rueidis.NewLuaScript(recordScript)}, nil
}

func (r *remote) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.client != nil {
		r.client.Close()
	}
}

// connected is the client, or an error at once.
func (r *remote) connected() (rueidis.Client, error) {
	if !r.mu.TryLock() {
		return nil, errNotConnected
	}
	defer r.mu.Unlock()
	if r.client == nil || r.closed {
		return nil, errNotConnected
	}
	return r.client, nil
}

// connect makes the client, which fails as long as the store is away.
func (r *remote) connect() (rueidis.Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errNotConnected
	}
	if r.client != nil {
		return r.client, nil
	}
	client, err := rueidis.NewClient(r.option)
	if err != nil {
		return nil, err
	}
	r.client = client
	return client, nil
}

// reset lets go of the connection, so that the next is a new one: an old one whose packets were lost for a while finds
// back by itself only when TCP sends again, which it does ever more rarely.
func (r *remote) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil {
		go r.client.Close() // it waits a second for an answer
		r.client = nil
	}
}

// Ping says what keeps a shared store from answering; nil when it does.
func Ping(ctx context.Context, url string) error {
	r, err := newRemote(url, 0, false)
	if err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	defer r.close()
	client, err := r.connect()
	if err == nil {
		err = client.Do(ctx, client.B().Get().Key(r.sinceKey()).Build()).Error()
	}
	if err == nil || rueidis.IsRedisNil(err) {
		return nil
	}
	return fmt.Errorf("prevalence: %w", err)
}

// reach connects, and asks for the time of the oldest message, and for what was forgotten after a mark.
func (r *remote) reach(ctx context.Context, mark string) (oldest int64, news []rueidis.XRangeEntry, err error) {
	client, err := r.connect()
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, awayAfter)
	defer cancel()
	answers := client.DoMulti(ctx, client.B().Get().Key(r.sinceKey()).Build(), r.forgottenAfter(client, mark))
	if oldest, err = answers[0].AsInt64(); rueidis.IsRedisNil(err) {
		oldest, err = math.MaxInt64, nil
	}
	if err == nil {
		news, err = answers[1].AsXRange()
	}
	return oldest, news, err
}

func (r *remote) sinceKey() string { return r.prefix + "since" }

func (r *remote) key(n name) string { return r.prefix + n.kind.String() + ":" + n.key }

// fetch reads histories in one exchange, each once however many questions are about it.
func (r *remote) fetch(ctx context.Context, places []name, rows []row) error {
	client, err := r.connected()
	if err != nil {
		return err
	}
	first := map[name]int{} // its place among the commands
	var commands rueidis.Commands
	for _, n := range places {
		if _, asked := first[n]; n.key != "" && !asked {
			first[n] = len(commands)
			commands = append(commands, client.B().Hgetall().Key(r.key(n)).Build())
		}
	}
	if len(commands) == 0 {
		return nil
	}
	answers := make([]row, len(commands))
	for i, answer := range client.DoMulti(ctx, commands...) {
		fields, err := answer.AsIntMap()
		if err != nil {
			return err
		}
		answers[i] = rowOf(fields)
	}
	for i, n := range places {
		if n.key != "" {
			rows[i] = answers[first[n]]
		}
	}
	return nil
}

// rowOf reads a history in the form that record.lua writes.
func rowOf(fields map[string]int64) row {
	history := make(row, 0, len(fields))
	for field, value := range fields {
		parts := strings.Split(field, ".")
		if len(parts) != 3 {
			continue
		}
		at, err1 := strconv.ParseInt(parts[0], 10, 64)
		size, err2 := strconv.ParseUint(parts[1], 10, 8)
		kind, err3 := strconv.ParseUint(parts[2], 10, 8)
		if errors.Join(err1, err2, err3) != nil || size > uint64(day) || at < 0 || at > maxTime || value < oneMessage {
			continue
		}
		history = append(history, entry{at: at, grain: grain(size), class: class(kind),
			messages: uint32(value / oneMessage), recipients: uint32(min(value%oneMessage, math.MaxUint32))})
	}
	slices.SortFunc(history, compareEntries)
	return history
}

// oneMessage is what a message adds to a field; recipients are counted below it.
const oneMessage = 1 << 36

// apply runs the script. whole is false when the store has lost what it had acknowledged; mark says how far it has
// come.
func (r *remote) apply(ctx context.Context, run []placed, expected uint64) (mark uint64, whole bool, err error) {
	client, err := r.connected()
	if err != nil {
		return 0, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	keys, args := r.arguments(run, expected)
	answer, err := r.script.Exec(ctx, client, keys, args).AsIntSlice()
	if err != nil {
		return 0, false, err
	}
	if len(answer) != 2 || answer[1] < 0 {
		return 0, false, fmt.Errorf("the shared store's script answered %v", answer)
	}
	return uint64(answer[1]), answer[0] >= 0, nil
}

// arguments are the script's: every key once, and numbers in the place of keys.
func (r *remote) arguments(run []placed, expected uint64) (keys, args []string) {
	keys = []string{fmt.Sprintf("%smark:%016x", r.prefix, run[0].session), r.sinceKey()}
	numbers := map[string]string{}
	number := func(key string) string {
		n, known := numbers[key]
		if !known {
			keys = append(keys, key)
			n = strconv.Itoa(len(keys))
			numbers[key] = n
		}
		return n
	}
	args = append(args, strconv.FormatUint(expected, 10), strconv.FormatInt(r.lifetime, 10), strconv.FormatInt(r.retention, 10))
	for _, c := range run {
		was, seen := "", "0"
		if c.undo {
			was = strconv.Itoa(int(c.was))
		}
		if c.id != (Fingerprint{}) {
			seen = number(r.prefix + "seen:" + string(c.id[:]))
		}
		increment := int64(oneMessage) + int64(c.recipients)
		args = append(args, strconv.FormatUint(c.place, 10), strconv.FormatInt(c.at, 10), strconv.Itoa(int(c.class)),
			strconv.FormatInt(increment, 10), strconv.FormatInt(-increment, 10), was, seen, strconv.Itoa(len(c.names)))
		for _, n := range c.names {
			args = append(args, number(r.key(n)))
		}
	}
	return keys, args
}

// unhashed reaches what the same store keeps under plain names.
func (r *remote) unhashed() *remote {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &remote{client: r.client, lifetime: r.lifetime, prefix: strings.TrimSuffix(r.prefix, hashedEnd+"}:") + "}:"}
}

// hashedEnd is the end of the prefix under which hashed names are kept.
const hashedEnd = "-hashed"

// forget removes the histories of an address, once the other hosts are told. Pairs and spellings are found by going over all keys, which takes the
// store about a second for each million.
func (r *remote) forget(ctx context.Context, f *forgetting) error {
	client, err := r.connected()
	if err != nil {
		return err
	}
	if err := r.tellForgotten(ctx, client, f); err != nil {
		return err
	}
	for _, kind := range []Kind{Address, Envelope, Correspondent} {
		if err := r.remove(ctx, client, f, name{kind, f.own}); err != nil {
			return err
		}
	}
	for _, node := range client.Nodes() {
		for _, kind := range []Kind{Exact, Pair} {
			if err := r.scan(ctx, client, node, f, kind); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *remote) remove(ctx context.Context, client rueidis.Client, f *forgetting, n name) error {
	removed, err := client.Do(ctx, client.B().Del().Key(r.key(n)).Build()).AsInt64()
	if removed > 0 {
		f.there[n] = true
	}
	return err
}

// scan removes the address's histories of one kind that a node has.
func (r *remote) scan(ctx context.Context, client, node rueidis.Client, f *forgetting, kind Kind) error {
	start := r.key(name{kind, ""})
	for cursor := uint64(0); ; {
		page, err := node.Do(ctx, node.B().Scan().Cursor(cursor).Match(start+"*").Count(1000).Build()).AsScanEntry()
		if err != nil {
			return err
		}
		for _, key := range page.Elements {
			rest, ours := strings.CutPrefix(key, start)
			if !ours || !f.of(name{kind, rest}) {
				continue
			}
			if err := r.remove(ctx, client, f, name{kind, rest}); err != nil {
				return err
			}
		}
		if cursor = page.Cursor; cursor == 0 {
			return nil
		}
	}
}
