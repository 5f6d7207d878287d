package verdict

import (
	"slices"
	"strings"
	"testing"

	"quishmilter/payload"
)

func policy(t testing.TB, preset string, tagOnly bool, own ...Rule) *Policy {
	t.Helper()
	p, err := Compile(preset, own, tagOnly)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	known  = Sender{Address: "a@example.com", Prevalent: true, Messages: 2, Auth: "none"}
	link   = []Code{{Kind: payload.URL, Carrier: "image"}}
	bad    = []Code{{Kind: payload.Payment}, {Kind: payload.URL, Signals: []string{payload.SignalIPFS}}}
	table  = []Code{{Kind: payload.URL, Carrier: "html-table"}}
	stolen = []Code{{Kind: payload.URL, Carrier: "html-table", Signals: []string{payload.SignalRecipient}}}
	device = []Code{{Kind: payload.DeviceLink}}
)

func TestPresets(t *testing.T) {
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
		{"link from a known sender", Standard, in(Evidence{Codes: link, Sender: known}), Tag, "", []string{KnownSender}},
		{"strong signal from a stranger", Standard, in(Evidence{Codes: bad}), Quarantine, "", []string{NewSender, payload.SignalIPFS}},
		{"strong signal from a known sender", Standard, in(Evidence{Codes: bad, Sender: known}), Tag, "", []string{KnownSender, payload.SignalIPFS}},
		{"two of them: a stolen account", Standard, in(Evidence{Codes: stolen, Sender: known}), Quarantine, "", []string{KnownSender, payload.SignalRecipient, DisguisedCode}},
		{"made of table cells", Standard, in(Evidence{Codes: table}), Quarantine, "", []string{NewSender, DisguisedCode}},
		{"device linking", Standard, in(Evidence{Codes: device}), Quarantine, "", []string{NewSender, DeviceLinking}},
		{"proven forgery", Standard, in(Evidence{Codes: link, Sender: Sender{Auth: "fail"}}), Quarantine, "", []string{NewSender, NotAuthenticated}},
		{"payment", Standard, in(Evidence{Codes: bad[:1]}), Accept, "", nil},
		{"marked as spam", Standard, in(Evidence{Codes: bad, MarkedSpam: true}), Tag, "", []string{NewSender, payload.SignalIPFS, MarkedSpam}},
		{"asks to scan what is only linked", Standard, in(Evidence{AsksToScan: true, RemoteUnseen: true}), Tag, "", []string{AsksToScan, RemoteUnseen}},
		{"asks to scan, from a known sender", Standard, in(Evidence{AsksToScan: true, RemoteUnseen: true, Sender: known}), Accept, "", nil},
		{"only links pictures", Standard, in(Evidence{RemoteUnseen: true}), Accept, "", nil},
		{"strict, stranger", Strict, in(Evidence{Codes: link}), Quarantine, "", []string{NewSender}},
		{"strict, known", Strict, in(Evidence{Codes: link, Sender: known}), Tag, "", []string{KnownSender}},
		{"strict, marked as spam", Strict, in(Evidence{Codes: link, MarkedSpam: true}), Tag, "", []string{NewSender, MarkedSpam}},
		{"observe", Observe, in(Evidence{Codes: bad}), Accept, Quarantine, []string{NewSender, payload.SignalIPFS}},
		{"outbound", Strict, Evidence{Codes: bad, ScanComplete: true}, Accept, "", nil},
		{"not scanned", Standard, Evidence{Inbound: true}, Accept, "", []string{UnscannablePart}},
		{"found and not all scanned", Standard, Evidence{Inbound: true, Codes: bad}, Quarantine, "", []string{NewSender, payload.SignalIPFS, UnscannablePart}},
		{"the worst code comes first", Standard, in(Evidence{Codes: []Code{link[0], bad[1]}}), Quarantine, "", []string{NewSender, payload.SignalIPFS}},
	}
	for _, test := range tests {
		d := policy(t, test.preset, false).Decide(test.e)
		if d.Action != test.action || d.Would != test.would || !slices.Equal(d.Reasons, test.reasons) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
}

func TestTagOnly(t *testing.T) {
	stranger := Evidence{Inbound: true, ScanComplete: true, Codes: link}
	if d := policy(t, Strict, true).Decide(stranger); d.Action != Tag || d.Would != Quarantine {
		t.Errorf("%+v", d)
	}
	if d := policy(t, Standard, true).Decide(stranger); d.Action != Tag || d.Would != "" {
		t.Errorf("%+v", d)
	}
}

func TestOwnRules(t *testing.T) {
	own := []Rule{
		{Name: "partner", When: `code.host == "pay.example" && sender.auth == "pass"`, Then: Accept},
		{Name: "no-codes-for-the-board", When: `code.opens && any(message.recipients, # startsWith "board@")`, Then: Reject, Reason: "board", Text: "No codes, please."},
		{Name: "unscanned", When: `!message.complete`, Then: Quarantine, Reason: "not-scanned"},
	}
	p := policy(t, Standard, false, own...)
	tests := []struct {
		name   string
		e      Evidence
		action Action
		rule   string
	}{
		{"the first that matches", Evidence{ScanComplete: true, Codes: []Code{{Kind: payload.URL, Host: "pay.example"}}, Sender: Sender{Auth: "pass"}}, Accept, "partner"},
		{"not that one", Evidence{ScanComplete: true, Codes: []Code{{Kind: payload.URL, Host: "pay.example"}}}, Tag, "new-sender"},
		{"by recipient", Evidence{ScanComplete: true, Codes: link, Recipients: []string{"board@example.org"}}, Reject, "no-codes-for-the-board"},
		{"about the message", Evidence{}, Quarantine, "unscanned"},
	}
	for _, test := range tests {
		test.e.Inbound = true
		if d := p.Decide(test.e); d.Action != test.action || !slices.Contains(d.Rules, test.rule) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
	if d := p.Decide(Evidence{Codes: link, Recipients: []string{"board@example.org"}}); d.Action != Accept {
		t.Errorf("a rule that does not ask about the direction held our own mail: %+v", d)
	}
}

func TestBrokenRules(t *testing.T) {
	for want, r := range map[string]Rule{
		"it needs a name":                   {When: "true", Then: Tag},
		`then = "hold" is not known; write`: {Name: "x", When: "true", Then: "hold"},
		`reason = "Very Bad" is no token`:   {Name: "x", When: "true", Then: Tag, Reason: "Very Bad"},
		"it needs a condition":              {Name: "x", Then: Tag},
		"line 2, column 11: ":               {Name: "x", When: "code.opens &&\n   sender.prevalant", Then: Tag},
		"at most 2000 are allowed":          {Name: "x", When: strings.Repeat("true && ", 300) + "true", Then: Tag},
		"expected bool":                     {Name: "x", When: "code.host", Then: Tag},
		"the name is taken":                 {Name: "new-sender", When: "true", Then: Tag},
	} {
		if _, err := Compile(Standard, []Rule{r}, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", r, err, want)
		}
	}
	if _, err := Compile("lax", nil, false); err == nil || !strings.Contains(err.Error(), "observe, standard, strict") {
		t.Errorf("%v", err)
	}
}

func BenchmarkDecide(b *testing.B) {
	p := policy(b, Standard, false)
	e := Evidence{Inbound: true, ScanComplete: true, Codes: stolen, Sender: known}
	for b.Loop() {
		p.Decide(e)
	}
}
