package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"quishmilter/payload"
	"quishmilter/state"
	"quishmilter/verdict"
)

func TestEntryIsKeptInOneForm(t *testing.T) {
	digest := strings.Repeat("0A", 32)
	for _, test := range []struct {
		kind        EntryKind
		value, want string // "" is an error
	}{
		{ByAddress, " Billing@Example.COM ", "billing@example.com"},
		{ByAddress, "rechnung@bücher.example", "rechnung@xn--bcher-kva.example"},
		{ByAddress, "example.com", ""},
		{ByAddress, "Claire <c@example.com>", ""},
		{ByDomain, "Example.COM.", "example.com"},
		{ByDomain, "*.Example.com", "*.example.com"},
		{ByDomain, "*.example", "*.example"},
		{ByDomain, "localhost", ""},
		{ByDomain, "a@example.com", ""},
		{ByDomain, "*.*.com", ""},
		{ByHost, "WWW.Example.com", "www.example.com"},
		{ByHost, "0x7f.1", "127.0.0.1"},
		{ByHost, "2001:DB8::1", "2001:db8::1"},
		{ByHost, "[2001:db8::1]", "2001:db8::1"},
		{ByHost, "example.com:8443", ""},
		{ByHost, "https://example.com/x", ""},
		{ByHost, "example.com/x", ""},
		{ByHost, "example.com^", ""},
		{ByHost, "example.com%40evil.example", ""},
		{ByHost, "example.com\nx", ""},
		{ByHost, "*.bücher.example", "*.xn--bcher-kva.example"},
		{ByListID, "Dev.Lists.example.org", "dev.lists.example.org"},
		{ByListID, "*.lists.example.org", ""},
		{ByClass, "payment", "payment"},
		{ByClass, "paymnt", ""},
		{ByNetwork, "192.0.2.0/24", "192.0.2.0/24"},
		{ByNetwork, "192.0.2.77/24", ""},
		{ByNetwork, "10.0.0.5/8", ""},
		{ByNetwork, "192.0.2.77", "192.0.2.77/32"},
		{ByNetwork, "::ffff:192.0.2.77", "192.0.2.77/32"},
		{ByNetwork, "2001:db8::/32", "2001:db8::/32"},
		{ByNetwork, "2001:db8::1/32", ""},
		{ByNetwork, "0.0.0.0/0", ""},
		{ByNetwork, "example.com", ""},
		{ByPicture, digest, strings.ToLower(digest)},
		{ByPicture, digest[1:], ""},
		{"sender", "a@example.com", ""},
		{ByHost, "a\nb.example", ""},
		{ByDomain, strings.Repeat("a", 400) + ".example", ""},
	} {
		e, err := Entry{List: Block, Kind: test.kind, Value: test.value}.Check()
		if test.want == "" {
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s %q: %q, %v", test.kind, test.value, e.Value, err)
			}
			continue
		}
		if err != nil || e.Value != test.want || e.Action != verdict.Quarantine {
			t.Errorf("%s %q: %q %s, %v, want %q", test.kind, test.value, e.Value, e.Action, err, test.want)
		}
		if again, err := e.Check(); err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%s %q checked again: %+v, %v", test.kind, test.value, again, err)
		}
	}
	for _, bad := range []Entry{
		{List: "grey", Kind: ByHost, Value: "a.example"},
		{List: Allow, Kind: ByHost, Value: "a.example", Action: verdict.Reject},
		{List: Block, Kind: ByHost, Value: "a.example", Action: verdict.Accept},
		{List: Block, Kind: ByHost, Value: "a.example", Comment: "a\x1b[2J"},
		{List: Block, Kind: ByHost, Value: "a.example", By: strings.Repeat("x", maxEntryBy+1)},
	} {
		if _, err := bad.Check(); err == nil {
			t.Errorf("%+v passes", bad)
		}
	}
}

func TestEntriesInTheState(t *testing.T) {
	_, db := newJournal(t)
	s, ctx := NewEntries(db), context.Background()
	put := func(e Entry) {
		t.Helper()
		if _, err := s.Put(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	put(Entry{List: Allow, Kind: ByDomain, Value: "A.example", Comment: "one", By: "claire", Added: noon})
	put(Entry{List: Block, Kind: ByDomain, Value: "a.example"})
	put(Entry{List: Allow, Kind: ByDomain, Value: "a.example", Comment: "two", Until: noon.Add(time.Hour)})
	names := func(at time.Time) string {
		t.Helper()
		all, err := s.All(ctx, at)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, e := range all {
			list = append(list, e.Name()+" "+e.Comment)
		}
		return strings.Join(list, ", ")
	}
	if got := names(noon.Add(time.Hour - 1)); got != "allow domain a.example two, block domain a.example " {
		t.Errorf("%s", got)
	}
	if got := names(noon.Add(time.Hour)); got != "block domain a.example " {
		t.Errorf("at its end: %s", got)
	}
	if n, err := s.Expire(ctx, noon.Add(time.Hour-1)); n != 0 || err != nil {
		t.Errorf("expired early: %d %v", n, err)
	}
	if n, err := s.Expire(ctx, noon.Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("expired: %d %v", n, err)
	}
	if err := s.Remove(ctx, Entry{List: Block, Kind: ByDomain, Value: "A.EXAMPLE"}); err != nil {
		t.Error(err)
	}
	if err := s.Remove(ctx, Entry{List: Block, Kind: ByDomain, Value: "a.example"}); !errors.Is(err, ErrNoEntry) {
		t.Errorf("removed twice: %v", err)
	}
	if got := names(noon); got != "" {
		t.Errorf("left: %s", got)
	}
}

func TestEntriesAreBounded(t *testing.T) {
	_, db := newJournal(t)
	s, ctx := NewEntries(db), context.Background()
	err := db.Update(ctx, func(tx *state.Tx) error {
		for n := range MaxEntries {
			e := Entry{List: Block, Kind: ByHost, Value: fmt.Sprintf("h%05d.example", n), Action: verdict.Quarantine}
			value, _ := json.Marshal(e)
			if err := entries(tx).Put(entryID(e.List, e.Kind, e.Value), value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(ctx, Entry{List: Block, Kind: ByHost, Value: "one.more.example"}); !errors.Is(err, ErrTooManyEntries) {
		t.Errorf("one more: %v", err)
	}
	if _, err := s.Put(ctx, Entry{List: Block, Kind: ByHost, Value: "h00001.example", Comment: "again"}); err != nil {
		t.Errorf("one of them again: %v", err)
	}
}

func TestEntryFile(t *testing.T) {
	text := "# our lists\n\nallow domain Partner.example until=2027-01-31 # print shop, \"ticket\" 42\n  block host evil.example action=reject\nblock network 192.0.2.0/24\n"
	got, err := ReadEntries(strings.NewReader(text), "lists")
	want := []Entry{
		{List: Allow, Kind: ByDomain, Value: "partner.example", Until: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Comment: `print shop, "ticket" 42`, Source: "lists:3"},
		{List: Block, Kind: ByHost, Value: "evil.example", Action: verdict.Reject, Source: "lists:4"},
		{List: Block, Kind: ByNetwork, Value: "192.0.2.0/24", Action: verdict.Quarantine, Source: "lists:5"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for bad, says := range map[string]string{
		"allow domain":                                    "lists:2: write: allow|block KIND VALUE",
		"allow domain a.example until=soon":               `lists:2: "soon" is no date`,
		"allow domain a.example action=reject":            "lists:2: an allow entry accepts",
		"block domain a.example action=reject action=tag": "lists:2: action stands there twice",
		"block domain a.example comment=x":                `lists:2: "comment=x" is not known`,
		"deny domain a.example":                           `lists:2: "deny" is no list`,
		"block host b.example\nblock host B.example":      "lists:3: the entry stands in line 2 already",
		"block host " + strings.Repeat("b", 2000):         "lists:2: the line is longer",
	} {
		if _, err := ReadEntries(strings.NewReader("# x\n"+bad), "lists"); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%.40q: %v, want %s", bad, err, says)
		}
	}
}

func FuzzReadEntries(f *testing.F) {
	f.Add("allow domain a.example until=2027-01-31 # x\nblock network 192.0.2.0/24 action=tag\nblock host *.a.example")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadEntries(strings.NewReader(text), "f")
		if err != nil {
			return
		}
		for _, e := range all {
			if again, err := e.Check(); err != nil || !reflect.DeepEqual(again, e) {
				t.Errorf("%+v: %+v, %v", e, again, err)
			}
		}
		e := verdict.Evidence{Inbound: true, Sender: verdict.Sender{Address: text}, Client: text, ListID: text,
			Codes: []verdict.Code{{Kind: payload.URL, Hosts: []string{text, "x"}}}}
		NewEntrySet(all).Apply(&e, noon)
	})
}

// A value with more around it than its name is refused with what was perhaps meant.
func TestEntryHints(t *testing.T) {
	for _, test := range []struct {
		kind  EntryKind
		value string
		want  string
	}{
		{ByHost, "https://Evil.Example/x?y", `"https://Evil.Example/x?y" is no name for the kind host; write "evil.example"`},
		{ByAddress, "Claire <claire@example.org>", `"Claire <claire@example.org>" is no address; write "claire@example.org"`},
		{ByListID, "<dev.lists.example.org>", `is no name for the kind list-id; write "dev.lists.example.org"`},
		{ByHost, "<<>", `write for example example.com`},
		{ByAddress, "nobody", `write for example billing@example.com`},
		{ByClass, "urls", `the class "urls" is not known; did you mean "url"?`},
		{"hosts", "x.example", `the kind "hosts" is not known; did you mean "host"?`},
	} {
		_, err := Entry{List: Block, Kind: test.kind, Value: test.value}.Check()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %s", test.kind, test.value, err, test.want)
		}
	}
	if _, err := (Entry{List: Block, Kind: ByHost, Value: "x.example", Action: "hold"}).Check(); err == nil || !strings.Contains(err.Error(), `did you mean "quarantine"?`) {
		t.Error(err)
	}
}
