package verdict

import (
	"slices"
	"testing"

	"quishmilter/payload"
)

var (
	plainLink = Code{Kind: payload.URL, Carrier: "image"}
	ipfsLink  = Code{Kind: payload.URL, Carrier: "image", Signals: []string{payload.SignalIPFS}}

	allowed  = Entry{"allow domain a.example", Accept}
	held     = Entry{"block host b.example", Quarantine}
	rejected = Entry{"block network 192.0.2.0/24", Reject}
)

func TestEntriesAreAskedBeforeTheRules(t *testing.T) {
	quiet := []Code{{Kind: payload.Payment}}
	tests := []struct {
		name    string
		e       Evidence
		action  Action
		reasons []string
		rules   []string
	}{
		{"an allow lets a bad link pass", Evidence{Entries: []Entry{allowed}, Codes: []Code{ipfsLink}}, Accept, []string{AllowedByEntry}, []string{allowed.Name}},
		{"a block holds what no rule would", Evidence{Entries: []Entry{held}, Codes: quiet}, Quarantine, []string{BlockedByEntry}, []string{held.Name}},
		{"a block holds a message without a code", Evidence{Entries: []Entry{held}}, Quarantine, []string{BlockedByEntry}, []string{held.Name}},
		{"a block wins over an allow", Evidence{Entries: []Entry{allowed, held}, Codes: []Code{plainLink}}, Quarantine, []string{BlockedByEntry}, []string{held.Name}},
		{"the most severe block wins", Evidence{Entries: []Entry{held, rejected, allowed}}, Reject, []string{BlockedByEntry}, []string{rejected.Name}},
		{"what is remarkable is said beside a block", Evidence{Entries: []Entry{held}, Codes: []Code{ipfsLink}}, Quarantine, []string{BlockedByEntry, payload.SignalIPFS}, []string{held.Name}},
		{"an allow for one code leaves the other to the rules",
			Evidence{Codes: []Code{{Kind: payload.URL, Entries: []Entry{allowed}}, ipfsLink}}, Quarantine,
			[]string{NewSender, payload.SignalIPFS, AllowedByEntry}, []string{allowed.Name, "new-sender-strong"}},
		{"a block for one code wins over an allow for the message",
			Evidence{Entries: []Entry{allowed}, Codes: []Code{{Kind: payload.URL}, {Kind: payload.URL, Entries: []Entry{held}}}}, Quarantine,
			[]string{BlockedByEntry, AllowedByEntry}, []string{allowed.Name, held.Name}},
	}
	own := Rule{Name: "all", When: "true", Then: Discard}
	for _, test := range tests {
		test.e.Inbound, test.e.ScanComplete = true, true
		d := policy(t, Standard, false).Decide(test.e)
		if d.Action != test.action || !slices.Equal(d.Reasons, test.reasons) || !slices.Equal(d.Rules, test.rules) {
			t.Errorf("%s: %+v", test.name, d)
		}
		if d = policy(t, Observe, false).Decide(test.e); d.Action != Accept || d.Would != test.action {
			t.Errorf("%s, observed: %+v", test.name, d)
		}
	}
	if d := policy(t, Standard, false, own).Decide(Evidence{Inbound: true, ScanComplete: true, Entries: []Entry{allowed}}); d.Action != Accept {
		t.Errorf("before an admin's own rule: %+v", d)
	}
	if d := policy(t, Standard, true).Decide(Evidence{Inbound: true, ScanComplete: true, Entries: []Entry{held}}); d.Action != Tag || d.Would != Quarantine {
		t.Errorf("tag_only: %+v", d)
	}
	if d := policy(t, Standard, false).Decide(Evidence{ScanComplete: true, Entries: []Entry{held}}); d.Action != Accept {
		t.Errorf("our own mail: %+v", d)
	}
}

// Entries of several codes must not run into one another's memory.
func TestEntriesOfCodesStayApart(t *testing.T) {
	shared := make([]Entry, 1, 4)
	shared[0] = allowed
	e := Evidence{Inbound: true, Entries: shared, Codes: []Code{{Entries: []Entry{held}}, {}}}
	if e.entryRule(0).Then != Quarantine || e.entryRule(1).Then != Accept || shared[:2][1] != (Entry{}) {
		t.Errorf("%v %v %v", e.entryRule(0), e.entryRule(1), shared[:2])
	}
}
