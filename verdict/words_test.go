package verdict

import (
	"slices"
	"strings"
	"testing"

	"quishmilter/payload"
)

// A word that a fact never is stops the start, with its place and the word that is most like it.
func TestMisspeltWords(t *testing.T) {
	for when, want := range map[string]string{
		`code.kind == "urll"`:                                                      `column 14 of the condition: code.kind is never "urll"; did you mean "url"?`,
		"code.opens &&\n  code.kind != \"Contact\"":                                `line 2, column 16 of the condition: code.kind is never "Contact"; did you mean "contact"?`,
		`"URL" == code.kind`:                                                       `column 1 of the condition: code.kind is never "URL"; did you mean "url"?`,
		`code.kind in ["url", "devicelink"]`:                                       `column 22 of the condition: code.kind is never "devicelink"; did you mean "device-link"?`,
		`code.kind not in ["url", "devicelink"]`:                                   `did you mean "device-link"?`,
		`"ipfs" in code.signals`:                                                   `column 1 of the condition: code.signals is never "ipfs"`,
		`!("recipient-in-lnk" in code.signals)`:                                    `did you mean "recipient-in-link"?`,
		`any(code.signals, # == "free-hostng")`:                                    `column 24 of the condition: code.signals is never "free-hostng"; did you mean "free-hosting"?`,
		`any(code.tricks, {# in ["split", "neste"]})`:                              `code.tricks is never "neste"; did you mean "nested"?`,
		`count(code.strong_signals, # == "disguised") > 0`:                         `did you mean "disguised-code"?`,
		`let how = sender.auth; how == "passed"`:                                   `sender.auth is never "passed"; did you mean "pass"?`,
		`sender.auth == "softfail"`:                                                `sender.auth is never "softfail"; did you mean "fail"?`,
		`sender.auth == "x"`:                                                       `it is one of pass, fail, none`,
		`code.carrier == "jpeg" || code.carrier == "pdf"`:                          `code.carrier is never "jpeg"`,
		`code.carrier startsWith "html_"`:                                          `code.carrier is never "html_"`,
		`code.carrier matches "^htm[0-9]"`:                                         `code.carrier is never "^htm[0-9]"`,
		`code.kind contains "-links"`:                                              `code.kind is never "-links"`,
		`(message.inbound ? code.kind : sender.auth) == "x" || code.kind == "ulr"`: `did you mean "url"?`,
		`len(filter(sender.signals, # == "reply-to")) > 0`:                         `sender.signals is never "reply-to"`,
		`message.signals[0] == "lure"`:                                             `message.signals is never "lure"`,
		`lower(code.kind) == "urls"`:                                               `did you mean "url"?`,
	} {
		_, err := Compile(Standard, []Rule{{Name: "x", When: when, Then: Tag}}, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, want\n%s", when, err, want)
		}
	}
	for _, when := range []string{
		`code.kind == "url" && code.carrier startsWith "html-"`, `"ours" in code.signals`, `code.host == "urll"`, `code.kind == code.carrier`,
		`any(message.recipients, # == "urll")`, `any(code.signals, # endsWith "-gateway")`, `code.kind matches "^(url|app)"`, `sender.auth in ["pass", "none"]`,
		`any(code.tricks, # in ["split", "nested"]) and not (code.kind in ["text"])`, `message.subject contains "urll"`, `any(message.recipients, # contains "pass") || sender.auth != "fail"`,
	} {
		if _, err := (Words{Signals: []string{"ours"}}).Compile(Standard, []Rule{{Name: "x", When: when, Then: Tag}}, false); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
}

// Every signal that the program has is a word that conditions may use.
func TestWordsAreWhole(t *testing.T) {
	signals := Words{}.values("code.signals")
	for signal := range payload.BuiltinLists() {
		if !slices.Contains(signals, signal) {
			t.Errorf("%s is missing", signal)
		}
	}
	for _, list := range [][]string{shared, quick, deceits} {
		for _, signal := range list {
			if !slices.Contains(signals, signal) {
				t.Errorf("%s is missing", signal)
			}
		}
	}
	for _, list := range [][2][]string{{disguises, trickNames}, {drawn, carrierNames}} {
		for _, word := range list[0] {
			if !slices.Contains(list[1], word) {
				t.Errorf("%s is missing", word)
			}
		}
	}
}

// A condition that fails while it runs is said, and what it might have held is not accepted unseen.
func TestConditionsThatFail(t *testing.T) {
	fails := `code.signals[7] == "ipfs-gateway"`
	quiet := Code{Kind: payload.Payment, Valid: true, HostAgeDays: -1}
	for _, test := range []struct {
		name   string
		own    []Rule
		codes  []Code
		action Action
		rules  string
	}{
		{"the preset would accept", []Rule{{Name: "mine", When: fails, Then: Quarantine}}, []Code{quiet}, Tag, "mine"},
		{"the preset tags", []Rule{{Name: "mine", When: fails, Then: Quarantine}}, []Code{link}, Tag, "new-sender"},
		{"the preset holds", []Rule{{Name: "mine", When: fails, Then: Tag}}, with(link, signals(payload.SignalIPFS)), Quarantine, "new-sender-strong"},
		{"an accept that fails does not accept", []Rule{{Name: "mine", When: fails, Then: Accept}}, []Code{link}, Tag, "new-sender"},
		{"an accept that fails tags nothing", []Rule{{Name: "mine", When: fails, Then: Accept}}, []Code{quiet}, Accept, "opens-nothing"},
		{"before an accept of the admin's", []Rule{{Name: "mine", When: fails, Then: Reject}, {Name: "friends", When: "true", Then: Accept}}, []Code{link}, Tag, "mine"},
		{"behind one it is not asked", []Rule{{Name: "friends", When: "true", Then: Accept}, {Name: "mine", When: fails, Then: Reject}}, []Code{link}, Accept, "friends"},
		{"a remainder of nothing", []Rule{{Name: "mine", When: `7 % sender.messages == 1`, Then: Quarantine}}, []Code{quiet}, Tag, "mine"},
		{"a pattern out of a message", []Rule{{Name: "mine", When: `"a" matches message.subject`, Then: Quarantine}}, []Code{quiet}, Tag, "mine"},
	} {
		e := Evidence{Inbound: true, ScanComplete: true, Codes: test.codes, Subject: "["}
		p := policy(t, Standard, false, test.own...)
		d := p.Decide(e)
		failed := test.rules != "friends"
		if d.Action != test.action || strings.Join(d.Rules, " ") != test.rules || slices.Contains(d.Reasons, RuleFailed) != failed || (len(d.Failed) == 1) != failed {
			t.Errorf("%s: %+v", test.name, d)
		}
		if failed && (d.Failed[0].Rule != "mine" || d.Failed[0].Problem == "" || strings.Contains(d.Failed[0].Problem, "\n")) {
			t.Errorf("%s: %q", test.name, d.Failed)
		}
		var decides []string
		for _, x := range p.Explain(e) {
			for _, a := range x.Rules {
				if a.Decides {
					decides = append(decides, a.Name)
				}
			}
		}
		if !slices.Equal(decides, d.Rules) {
			t.Errorf("%s: explained by %q, decided by %q", test.name, decides, d.Rules)
		}
		if d := policy(t, Observe, false, test.own...).Decide(e); d.Action != Accept || d.Would != test.action && test.action != Accept {
			t.Errorf("%s, observed: %+v", test.name, d)
		}
	}
}
