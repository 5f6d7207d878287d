package verdict

import (
	"slices"
	"testing"

	"quishmilter/payload"
)

func TestDecide(t *testing.T) {
	link := []Code{{Kind: payload.URL}}
	bad := []Code{{Kind: payload.Payment}, {Kind: payload.URL, Signals: []string{payload.SignalIPFS}}}
	in := func(e Evidence) Evidence { e.Inbound, e.ScanComplete = true, true; return e }
	tests := []struct {
		name, preset string
		e            Evidence
		action       Action
		would        Action
		reasons      []string
	}{
		{"nothing found", Standard, in(Evidence{}), Accept, "", nil},
		{"link from a stranger", Standard, in(Evidence{Codes: link}), Tag, "", []string{NewSender}},
		{"link from a known sender", Standard, in(Evidence{Codes: link, Prevalent: true}), Tag, "", []string{KnownSender}},
		{"strong signal from a stranger", Standard, in(Evidence{Codes: bad}), Quarantine, "", []string{NewSender, payload.SignalIPFS}},
		{"strong signal from a known sender", Standard, in(Evidence{Codes: bad, Prevalent: true}), Tag, "", []string{KnownSender, payload.SignalIPFS}},
		{"payment", Standard, in(Evidence{Codes: bad[:1]}), Accept, "", nil},
		{"marked as spam", Standard, in(Evidence{Codes: bad, MarkedSpam: true}), Tag, "", []string{NewSender, payload.SignalIPFS, MarkedSpam}},
		{"strict, stranger", Strict, in(Evidence{Codes: link}), Quarantine, "", []string{NewSender}},
		{"strict, known", Strict, in(Evidence{Codes: link, Prevalent: true}), Tag, "", []string{KnownSender}},
		{"observe", Observe, in(Evidence{Codes: bad}), Accept, Quarantine, []string{NewSender, payload.SignalIPFS}},
		{"outbound", Strict, Evidence{Codes: bad, ScanComplete: true}, Accept, "", nil},
		{"not scanned", Standard, Evidence{Inbound: true}, Accept, "", []string{UnscannablePart}},
		{"found and not all scanned", Standard, Evidence{Inbound: true, Codes: bad}, Quarantine, "", []string{NewSender, payload.SignalIPFS, UnscannablePart}},
	}
	for _, test := range tests {
		d := Policy{Preset: test.preset}.Decide(test.e)
		if d.Action != test.action || d.Would != test.would || !slices.Equal(d.Reasons, test.reasons) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}

func TestTagOnly(t *testing.T) {
	bad := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{{Kind: payload.URL}}}
	if d := (Policy{Preset: Strict, TagOnly: true}).Decide(bad); d.Action != Tag || d.Would != Quarantine {
		t.Errorf("%+v", d)
	}
	if d := (Policy{Preset: Standard, TagOnly: true}).Decide(bad); d.Action != Tag || d.Would != "" {
		t.Errorf("%+v", d)
	}
}
