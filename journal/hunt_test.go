package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/journal/table"
	"quishmilter/journal/tabletest"
	"quishmilter/state"
)

// eventsOf makes one event of a case's rows of a message, and says which message each id is.
func eventsOf(v tabletest.Vector) (all []Event, named map[string]string) {
	named = map[string]string{}
	places := map[string]int{}
	verdicts := map[string]string{"Inbox/Folder": "accept", "Quarantine": "quarantine", "Blocked": "reject"}
	for _, s := range v.Sent {
		if i, known := places[s.Message]; known {
			all[i].Rcpts, all[i].NRcpt = append(all[i].Rcpts, s.To), all[i].NRcpt+1
			continue
		}
		at := s.At(noon)
		e := Event{Time: at, ID: NewID(at), HeaderFrom: s.From, Rcpts: []string{s.To}, NRcpt: 1, Direction: strings.ToLower(s.Direction),
			Verdict: verdicts[s.Location], Where: WhereTo(verdicts[s.Location]), Scan: "complete"}
		if s.Message == "m" {
			for _, link := range v.Links {
				e.Codes = append(e.Codes, CodeEvent{Kind: "url", URL: link}, CodeEvent{Kind: "url", URL: link}, CodeEvent{Kind: "text", Payload: link})
			}
		}
		places[s.Message], named[e.ID] = len(all), s.Message
		all = append(all, e)
	}
	return all, named
}

func TestTheWorkedCasesOverTheJournal(t *testing.T) {
	for _, v := range tabletest.Vectors {
		j, _ := newJournal(t)
		all, named := eventsOf(v)
		add(t, j, all...)
		for _, p := range []table.Preset{table.Hunt, table.Rule} {
			answer, err := j.Preset(context.Background(), p, noon, "")
			if got := tabletest.Shown(p, answer.Rows, named); got != v.Want(p) || err != nil || answer.Next != "" {
				t.Errorf("%s: %s finds %q, want %q (%v)", v.Name, p.Name, got, v.Want(p), err)
			}
			if got := tabletest.Shown(p, exported(t, j, p), named); got != v.Want(p) {
				t.Errorf("%s: %s over the exported journal finds %q, want %q", v.Name, p.Name, got, v.Want(p))
			}
		}
	}
}

// exported has the preset search what the journal exports, as if by somebody else.
func exported(t *testing.T, j *Journal, p table.Preset) []table.Row {
	t.Helper()
	s := table.NewSearch(p, noon)
	var all []Event
	if err := j.Each(time.Time{}, noon, func(e Event) bool { all = append(all, e); return true }); err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		for _, u := range e.URLRows() {
			s.Link(u)
		}
	}
	for _, e := range all {
		for _, row := range e.EventRows() {
			s.Event(row)
		}
	}
	return s.Rows()
}

// What was answered with a temporary error comes again: it is no message of its own, neither as history nor as a find.
func TestDeferredMailIsNoRow(t *testing.T) {
	j, _ := newJournal(t)
	for _, hours := range []int{-72, -73, -1} {
		e := soc251()
		e.Time = noon.Add(time.Duration(hours) * time.Hour)
		e.ID, e.Verdict, e.Where = NewID(e.Time), "tempfail", Deferred
		add(t, j, e)
	}
	accepted := soc251()
	accepted.Time = noon.Add(-time.Minute)
	accepted.ID = NewID(accepted.Time)
	add(t, j, accepted)
	answer, err := j.Preset(context.Background(), table.Hunt, noon, "")
	if err != nil || len(answer.Rows) != 1 || answer.Rows[0].NetworkMessageID != accepted.ID {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestFilters(t *testing.T) {
	e := soc251()
	e.Codes = append(e.Codes, CodeEvent{Kind: "url", URL: "https://www.bing.com/ck/a?u=x", Host: "www.bing.com", Target: "https://u@Evil.Example:8443/login?x"},
		CodeEvent{Kind: "wifi", Secret: true}, CodeEvent{Kind: "contact", Links: []string{"https://www.wrapped.example/x"}})
	e.Codes[0].Picture = "00ff" + strings.Repeat("a", 28)
	e.MailFrom = "bounce@mail.other.example"
	for text, want := range map[string]bool{
		`{"URL":"ipfs/Qmbr8"}`: true, `{"URL":"/login"}`: true, `{"URL":"EVIL.example:8443/LOGIN"}`: true, `{"URL":"nothing"}`: false,
		`{"Host":"ipfs.io"}`: true, `{"Host":"IO"}`: true, `{"Host":"evil.example"}`: true, `{"Host":"wrapped.example"}`: true, `{"URL":"wrapped.example/x"}`: true, `{"Host":"pfs.io"}`: false, `{"Host":"bing.com"}`: true,
		`{"Sender":"Security@microsecmfa.com"}`: true, `{"Sender":"bounce@mail.other.example"}`: true, `{"Sender":"security@"}`: false,
		`{"Domain":"microsecmfa.com"}`: true, `{"Domain":"other.example"}`: true, `{"Domain":"secmfa.com"}`: false,
		`{"Client":"158.69.0.0/16"}`: true, `{"Client":"10.0.0.0/8"}`: false, `{"Client":"2001:db8::/32"}`: false,
		`{"Recipient":"claire@letsdefend.io"}`: true, `{"Recipient":"letsdefend.io"}`: false,
		`{"Kind":"url"}`: true, `{"Kind":"wifi"}`: true, `{"Kind":"sms"}`: false, `{"Kind":"wifi","Host":"ipfs.io"}`: false,
		`{"Reason":"ipfs-gateway"}`: true, `{"Reason":"ipfs"}`: false, `{"Verdict":"quarantine"}`: true, `{"Verdict":"accept"}`: false,
		`{"Picture":"00FF"}`: true, `{"Picture":"ff"}`: false,
		`{"Since":"2024-01-01T12:37:00Z","Until":"2024-01-01T12:37:00Z"}`: true,
		`{"Since":"2024-01-01T12:37:00.001Z"}`:                            false, `{"Until":"2024-01-01T12:36:59.999Z"}`: false,
		`{"Sender":"security@microsecmfa.com","Reason":"nothing"}`: false, `{}`: true,
	} {
		var f Filter
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		j, _ := newJournal(t)
		add(t, j, e)
		found, err := j.Find(context.Background(), f, "")
		if f.Match(&e) != want || len(found.Events) == 1 != want || err != nil {
			t.Errorf("%s: matches %v, finds %d, want %v (%v)", text, f.Match(&e), len(found.Events), want, err)
		}
	}
}

// Plain mail is found by what is kept of it, and by the rest where all is kept.
func TestFiltersOverPlainMail(t *testing.T) {
	for _, all := range []bool{false, true} {
		j, _ := newJournal(t)
		j.KeepAll(all)
		e := plainEvent(noon)
		e.MailFrom, e.Rcpts, e.ClientAddr, e.Subject = "bounce@b", []string{"r@c"}, "192.0.2.7", "hello"
		add(t, j, e)
		for name, f := range map[string]Filter{"recipient": {Recipient: "r@c"}, "client": {Client: netip.MustParsePrefix("192.0.2.0/24")}, "envelope sender": {Sender: "bounce@b"}} {
			if found, err := j.Find(context.Background(), f, ""); len(found.Events) == 1 != all || err != nil {
				t.Errorf("everything kept %v: by %s %d found, %v", all, name, len(found.Events), err)
			}
		}
		for name, f := range map[string]Filter{"sender": {Sender: "X@A"}, "domain": {Domain: "a"}, "verdict": {Verdict: "accept"}, "nothing": {}} {
			found, err := j.Find(context.Background(), f, "")
			if len(found.Events) != 1 || err != nil {
				t.Fatalf("by %s: %d found, %v", name, len(found.Events), err)
			}
			if got := found.Events[0]; all && !reflect.DeepEqual(got, e) || !all && (got.Subject != "" || got.NRcpt != 3) {
				t.Errorf("everything kept %v: %+v", all, got)
			}
		}
		if found, err := j.Find(context.Background(), Filter{Host: "a"}, ""); len(found.Events) != 0 || err != nil {
			t.Errorf("a host where there is no code: %d", len(found.Events))
		}
	}
}

// Pages go on where the last one ended, whatever came meanwhile.
func TestPages(t *testing.T) {
	j, _ := newJournal(t)
	var want []string
	var all []Event
	for i := range 2*pageEvents + 10 {
		e := soc251()
		e.Time = noon.Add(time.Duration(i) * time.Second)
		e.ID = NewID(e.Time)
		all, want = append(all, e), append(want, e.ID)
	}
	add(t, j, all...)
	slices.Reverse(want)
	var got []string
	next, pages := "", 0
	for ; next != "" || pages == 0; pages++ {
		found, err := j.Find(context.Background(), Filter{Sender: "security@microsecmfa.com", Since: noon}, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found.Events {
			got = append(got, e.ID)
		}
		next = found.Next
		add(t, j, plainEvent(noon.Add(48*time.Hour)))
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d events in %d pages, want %d", len(got), pages, len(want))
	}
	if _, err := j.Find(context.Background(), Filter{}, "nonsense"); !errors.Is(err, errID) {
		t.Errorf("a place that is none: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := j.Find(ended, Filter{}, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("a hunt that nobody waits for: %v", err)
	}
}

// A hunt goes on over an event that cannot be read, and says so.
func TestHuntOverDamage(t *testing.T) {
	j, db := newJournal(t)
	before, after := soc251(), soc251()
	after.ID = NewID(after.Time.Add(time.Hour))
	add(t, j, before, after)
	for _, damage := range []string{"", "\x02", "\x02\x04\x80", "{", "\x07"} {
		err := db.Update(context.Background(), func(tx *state.Tx) error {
			return events(tx).Put(firstID(before.Time.Add(time.Minute)), []byte(damage))
		})
		if err != nil {
			t.Fatal(err)
		}
		found, err := j.Find(context.Background(), Filter{Host: "ipfs.io"}, "")
		if err != nil || len(found.Events) != 2 || found.Damaged != 1 {
			t.Errorf("%q: %d found, %d damaged, %v", damage, len(found.Events), found.Damaged, err)
		}
		answer, err := j.Preset(context.Background(), table.Rule, after.Time.Add(time.Hour), "")
		if err != nil || len(answer.Rows) != 2 || answer.Damaged != 1 {
			t.Errorf("%q: %d rows, %d damaged, %v", damage, len(answer.Rows), answer.Damaged, err)
		}
	}
}

// Events of older files are found as well.
func TestHuntOverOlderForms(t *testing.T) {
	j, db := newJournal(t)
	candidate := soc251()
	whole, err := json.Marshal(candidate)
	if err != nil {
		t.Fatal(err)
	}
	short := []byte{shortForm}
	for range 6 {
		short = append(short, 2) // 1 as a varint
	}
	short = append(short, 0)
	for _, text := range []string{"inbound", "none", "", "<1@x>", candidate.HeaderFrom, "14d-1d"} {
		short = append(append(short, byte(len(text))), text...)
	}
	now := candidate.Time.Add(time.Hour)
	err = db.Update(context.Background(), func(tx *state.Tx) error {
		key, _ := parseID(candidate.ID)
		return events(tx).Put(key, whole)
	})
	if err != nil {
		t.Fatal(err)
	}
	for history, want := range []int{1, 0} { // one row, then none, as the sender becomes prevalent
		answer, err := j.Preset(context.Background(), table.Rule, now, "")
		if err != nil || len(answer.Rows) != want {
			t.Errorf("%d older messages: %+v, %v", history, answer, err)
		}
		if e, err := j.Find(context.Background(), Filter{Sender: candidate.HeaderFrom}, ""); err != nil || len(e.Events) != 1+2*history || e.Events[0].Where != Held {
			t.Errorf("%d older messages: %+v, %v", history, e, err)
		}
		err = db.Update(context.Background(), func(tx *state.Tx) error {
			for i := range 2 {
				old := slices.Clone(short)
				at := now.Add(-time.Duration(48+i) * time.Hour)
				old = append([]byte{shortForm}, append(varint(at.UnixMilli()), old[2:]...)...)
				key, _ := parseID(NewID(at))
				if err := events(tx).Put(key, old); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func varint(n int64) []byte {
	var out []byte
	u := uint64(n) << 1
	for ; u >= 0x80; u >>= 7 {
		out = append(out, byte(u)|0x80)
	}
	return append(out, byte(u))
}

// The pictures of codes come and go with their event; secrets have none.
func TestPictures(t *testing.T) {
	j, db := newJournal(t)
	e := soc251()
	picture := func(n int) []byte { return []byte(strings.Repeat(fmt.Sprint(n), maxPicture)) }
	e.Codes = nil
	for i := range 12 {
		e.Codes = append(e.Codes, CodeEvent{Kind: "url", URL: "https://a", Picture: fmt.Sprint(i), Shown: picture(i % 10)})
	}
	e.Codes[1] = CodeEvent{Kind: "wifi", Payload: "WIFI:S:x;P:y;;", Picture: "secret", Shown: []byte("secret")}
	e.Codes[2].Shown = append(e.Codes[2].Shown, 0)
	add(t, j, e)
	kept := 0
	for i := range e.Codes {
		png, err := j.Picture(e.ID, i)
		if err == nil && slices.Equal(png, e.Codes[i].Shown) {
			kept++
		} else if !errors.Is(err, ErrNotFound) {
			t.Errorf("code %d: %d bytes, %v", i, len(png), err)
		}
	}
	got, err := j.Get(e.ID)
	if kept != maxPictures/maxPicture || err != nil || got.Codes[1].Picture != "" || got.Codes[11].Picture != "11" {
		t.Errorf("%d pictures, %+v, %v", kept, got.Codes, err)
	}
	for _, code := range []int{-1, 1, 2, 64, 1 << 40} {
		if _, err := j.Picture(e.ID, code); !errors.Is(err, ErrNotFound) {
			t.Errorf("code %d: %v", code, err)
		}
	}
	if n, err := j.Expire(context.Background(), Bounds{noon, 1 << 40}, 10); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	size, err := j.Size()
	err2 := db.View(func(tx *state.Tx) error {
		if key, _ := pictures(tx).Cursor().First(); key != nil {
			return errors.New("pictures are left over")
		}
		return nil
	})
	if size != 0 || errors.Join(err, err2) != nil {
		t.Errorf("%d bytes are left, %v", size, errors.Join(err, err2))
	}
}

// The oldest go when there is no room, and what the journal says of its size is what is there.
func TestExpireBySize(t *testing.T) {
	j, db := newJournal(t)
	var all []Event
	for i := range 100 {
		e := plainEvent(noon.Add(time.Duration(i) * time.Second))
		if i%3 == 0 {
			e = soc251()
			e.Time = noon.Add(time.Duration(i) * time.Second)
			e.ID = NewID(e.Time)
			e.Codes[0].Picture, e.Codes[0].Shown = "a", make([]byte, 1000)
		}
		all = append(all, e)
	}
	add(t, j, all...)
	full, err := j.Size()
	if err != nil {
		t.Fatal(err)
	}
	for removed := 7; removed == 7; {
		if removed, err = j.Expire(context.Background(), Bounds{time.Time{}, full / 2}, 7); err != nil {
			t.Fatal(err)
		}
		size, err := j.Size()
		_ = db.View(func(tx *state.Tx) error {
			if counted := measure(tx); counted != size {
				t.Errorf("it says %d bytes, and has %d (%v)", size, counted, err)
			}
			return nil
		})
	}
	size, err := j.Size()
	if size > full/2 || size < full/2-3000 || err != nil {
		t.Errorf("%d of %d bytes are left, %v", size, full, err)
	}
	if _, err := j.Get(all[99].ID); err != nil {
		t.Errorf("the newest: %v", err)
	}
	if _, err := j.Get(all[0].ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
}

// A file that has no size yet is counted once.
func TestSizeOfAnOlderFile(t *testing.T) {
	j, db := newJournal(t)
	add(t, j, soc251(), plainEvent(noon))
	want, err := j.Size()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(context.Background(), func(tx *state.Tx) error { return meta(tx).Delete([]byte(sizeKey)) }); err != nil {
		t.Fatal(err)
	}
	if got, err := j.Size(); got != want || err != nil {
		t.Errorf("%d bytes, want %d, %v", got, want, err)
	}
	if n, err := j.Expire(context.Background(), Bounds{noon, 1 << 40}, 10); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	add(t, j, plainEvent(noon.Add(time.Second)))
	got, err := j.Size()
	_ = db.View(func(tx *state.Tx) error {
		if counted := measure(tx); counted != got || err != nil {
			t.Errorf("it says %d bytes, and has %d (%v)", got, counted, err)
		}
		return nil
	})
}

// A queue id that is used again finds all of its messages, the newest first, and no others.
func TestQueueIDUsedAgain(t *testing.T) {
	j, _ := newJournal(t)
	var all []Event
	for i := range maxSameQueueID + 20 {
		e := plainEvent(noon.Add(time.Duration(i) * time.Minute))
		e.QueueID = "4A1"
		other := plainEvent(noon.Add(time.Duration(i) * time.Minute))
		other.QueueID = []string{"4A", "4A12", "4A1\x01", "4A2"}[i%4]
		all = append(all, e, other)
	}
	add(t, j, all...)
	found, err := j.ByQueueID("4A1")
	if err != nil || len(found) != maxSameQueueID || found[0].ID != all[len(all)-2].ID {
		t.Fatalf("%d found, %v", len(found), err)
	}
	for i, e := range found {
		if e.QueueID != "4A1" || i > 0 && !found[i-1].Time.After(e.Time) {
			t.Errorf("%d: %s at %v", i, e.QueueID, e.Time)
		}
	}
}

// A clock that was ahead leaves events of the future: they are found, and go when there is no room.
func TestEventsOfTheFuture(t *testing.T) {
	j, _ := newJournal(t)
	ahead := plainEvent(noon.AddDate(70, 0, 0))
	add(t, j, ahead, plainEvent(noon))
	if found, err := j.Find(context.Background(), Filter{}, ""); len(found.Events) != 2 || found.Events[0].ID != ahead.ID || err != nil {
		t.Errorf("%d found, %v", len(found.Events), err)
	}
	if n, err := j.Expire(context.Background(), Bounds{noon.AddDate(0, 1, 0), 0}, 10); n != 2 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
}

// Recipients are found up to the thousandth; of those beyond it a hunt says that it cannot know.
func TestHuntForOneOfManyRecipients(t *testing.T) {
	j, _ := newJournal(t)
	e := soc251()
	e.Rcpts = nil
	for n := range maxRcpts + 1 {
		e.Rcpts = append(e.Rcpts, fmt.Sprintf("r%d@many.example", n))
	}
	add(t, j, e)
	for n, want := range map[int]Found{0: {Cut: 0}, 100: {Cut: 0}, maxRcpts - 1: {Cut: 0}, maxRcpts: {Cut: 1}} {
		found, err := j.Find(t.Context(), Filter{Recipient: fmt.Sprintf("R%d@many.example", n)}, "")
		if err != nil || len(found.Events)+found.Cut != 1 || found.Cut != want.Cut || !found.Oldest.Equal(e.Time) {
			t.Errorf("recipient %d: %d found, %d unknown, since %v, %v", n, len(found.Events), found.Cut, found.Oldest, err)
		}
	}
	kept, err := j.Get(e.ID)
	if rows := kept.EventRows(); err != nil || len(rows) != maxRcpts+1 || rows[maxRcpts-1].RecipientEmailAddress == "" || rows[maxRcpts].RecipientEmailAddress != "" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if found, err := j.Find(t.Context(), Filter{Recipient: "r0@many.example", Host: "nowhere.example"}, ""); err != nil || len(found.Events)+found.Cut != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

// Names are the same in Unicode and in the form of the DNS, in the question and in what is kept.
func TestHuntForNamesBeyondASCII(t *testing.T) {
	e := soc251()
	e.Codes = []CodeEvent{{Kind: "url", URL: "https://xn--bcher-kva.example/", Host: "xn--bcher-kva.example"}}
	e.HeaderFrom, e.MailFrom, e.Rcpts = "info@Bücher.example", "bounce@mail.xn--bcher-kva.example", []string{"claire@BÜCHER.example"}
	j, _ := newJournal(t)
	add(t, j, e)
	for _, name := range []string{"bücher.example", "BÜCHER.example.", "xn--bcher-kva.example", "XN--BCHER-KVA.example"} {
		for what, f := range map[string]Filter{"host": {Host: name}, "domain": {Domain: name}, "sender": {Sender: "info@" + name},
			"envelope": {Sender: "bounce@mail." + name}, "recipient": {Recipient: "claire@" + name}} {
			if found, err := j.Find(t.Context(), f, ""); err != nil || len(found.Events) != 1 {
				t.Errorf("%s %s: %d found, %v", what, name, len(found.Events), err)
			}
		}
	}
	for what, f := range map[string]Filter{"host": {Host: "bucher.example"}, "domain": {Domain: "bûcher.example"}, "sender": {Sender: "x@bücher.example"}, "recipient": {Recipient: "x@bücher.example"}} {
		if found, err := j.Find(t.Context(), f, ""); err != nil || len(found.Events) != 0 {
			t.Errorf("%s: %d found, %v", what, len(found.Events), err)
		}
	}
}

// A host and a domain are found as people copy them out of a link, a report or a rule; what is none is refused, since it
// would find nothing, or everything.
func TestHostsAsTheyAreCopied(t *testing.T) {
	e := &Event{HeaderFrom: "a@mal.example", Codes: []CodeEvent{{URL: "https://www.evil.example/x", Host: "www.evil.example"}}}
	for _, host := range []string{"evil.example", "EVIL.example.", "https://evil.example/x?y", "evil.example:443", "*.evil.example", " evil.example ", "http://u:p@evil.example:80"} {
		f := Filter{Host: host}
		if err := f.Check(); err != nil || !f.Folded().Match(e) {
			t.Errorf("host %q: %v, not found", host, err)
		}
	}
	for _, domain := range []string{"mal.example", "@mal.example", "a@mal.example"} {
		f := Filter{Domain: domain}
		if err := f.Check(); err != nil || !f.Folded().Match(e) {
			t.Errorf("domain %q: %v, not found", domain, err)
		}
	}
	for _, host := range []string{".", " ", "*", "a..b", "two hosts", "https://", "*.*.example"} {
		if err := (Filter{Host: host}).Check(); err == nil {
			t.Errorf("host %q is taken", host)
		}
		if err := (Filter{Domain: host}).Check(); err == nil {
			t.Errorf("domain %q is taken", host)
		}
	}
}
