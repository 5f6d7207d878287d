package verdict

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"quishmilter/payload"
)

func TestExplainNamesWhatDidNotHold(t *testing.T) {
	p := policy(t, Standard, false, Rule{Name: "mine", When: `code.host == "evil.example" && sender.messages > 3 && any(code.signals, # == "tunnel")`, Then: Reject})
	e := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{{Kind: payload.URL, Host: "evil.example"}}, Sender: Sender{Address: "a@b.example"}}
	all := p.Explain(e)
	if len(all) != 1 || all[0].Code != 0 || len(all[0].Rules) != len(p.Rules()) {
		t.Fatalf("%+v", all)
	}
	mine := all[0].Rules[0]
	if mine.Matches || len(mine.Untrue) != 2 || mine.Untrue[0] != "sender.messages > 3" || !strings.Contains(mine.Untrue[1], "code.signals") {
		t.Errorf("untrue: %q", mine.Untrue)
	}
	if got := fmt.Sprint(mine.Facts); got != `[code.host = "evil.example" sender.messages = 0 code.signals = []]` {
		t.Errorf("facts: %s", got)
	}
}

// What the explanation says decides is what Decide decides by, for every preset and every kind of evidence.
func TestExplainAgreesWithDecide(t *testing.T) {
	kinds := [][]Code{nil, {plainLink}, {{Kind: payload.Payment}, ipfsLink}, {{Kind: payload.URL, Carrier: "html-table", Signals: []string{payload.SignalRecipient}}},
		{{Kind: payload.DeviceLink}}, {{Kind: payload.URL, Entries: []Entry{held}}}}
	for _, preset := range Presets {
		p := policy(t, preset, false)
		for _, codes := range kinds {
			for _, sender := range []Sender{{}, {Prevalent: true, Messages: 2, Auth: "none"}, {Auth: "fail"}} {
				for _, inbound := range []bool{false, true} {
					e := Evidence{Codes: codes, Sender: sender, Inbound: inbound, ScanComplete: true, AsksToScan: true, RemoteUnseen: true}
					var decided []string
					for _, x := range p.Explain(e) {
						for _, a := range x.Rules {
							if a.Decides {
								decided = append(decided, a.Name)
							}
							if a.Problem != "" || a.Unasked == "" && !a.Matches && len(a.Untrue) == 0 {
								t.Errorf("%s: nothing says why: %+v", preset, a)
							}
						}
					}
					if d := p.Decide(e); !slices.Equal(distinct(decided), d.Rules) {
						t.Errorf("%s %+v: explained %q, decided %q", preset, e, decided, d.Rules)
					}
				}
			}
		}
	}
}

func TestExplainQuotesAndPassesOver(t *testing.T) {
	p := policy(t, Observe, false, Rule{Name: "s", When: `message.subject contains "x"`, Then: Tag})
	all := p.Explain(Evidence{Inbound: true, Subject: "a\x1b[2J\nb"})
	if all[0].Code != -1 {
		t.Errorf("code %d", all[0].Code)
	}
	if got := all[0].Rules[0].Facts[0].String(); got != `message.subject = "a\x1b[2J\nb"` {
		t.Errorf("%s", got)
	}
	for _, a := range all[0].Rules {
		if strings.Contains(a.When, "code.") && a.Unasked == "" {
			t.Errorf("%s was asked about no code", a.Name)
		}
	}
	outside := p.Explain(Evidence{Codes: []Code{plainLink}})
	if a := outside[0].Rules[0]; !strings.Contains(a.Unasked, "from outside") {
		t.Errorf("%+v", a)
	}
	if _, err := json.Marshal(all); err != nil {
		t.Error(err)
	}
}
