package verdict

import (
	"strings"
	"testing"
)

// Conditions that could never match stop the start, with their place.
func TestNeverTrue(t *testing.T) {
	for when, want := range map[string]string{
		`sender.domain == "Example.COM"`:                              `column 18 of the condition: sender.domain is never "Example.COM"; hosts are in lower case: "example.com"`,
		`"Example.COM" != sender.domain`:                              `column 1 of the condition: sender.domain is never "Example.COM"`,
		`sender.domain == "mail.example.com"`:                         `sender.domain is never "mail.example.com"; it is the registrable domain: "example.com"`,
		`sender.domain in ["example.org", "mail.example.com"]`:        `column 34 of the condition: sender.domain is never "mail.example.com"`,
		`code.host endsWith ".Example.com"`:                           `hosts are in lower case: ".example.com"`,
		`code.host contains "Evil"`:                                   `code.host is never "Evil"`,
		`code.host == "https://evil.example/"`:                        `code.host is never "https://evil.example/"; it is a host alone`,
		`code.host == "bücher.example"`:                               `code.host is never "bücher.example"; hosts are in ASCII`,
		`code.host matches "^Evil[.]"`:                                `code.host is never "^Evil[.]"; hosts and addresses are in lower case`,
		`lower(code.host) == "Evil.example"`:                          `code.host is never "Evil.example"`,
		`sender.days > 100000`:                                        `column 13 of the condition: sender.days is never > 100000; it is a number from 0 to 33`,
		`sender.days < 0`:                                             `sender.days is never < 0; it is a number from 0 to 33`,
		`sender.messages < 0`:                                         `sender.messages is never < 0; it is a number from 0 on`,
		`sender.messages == -1`:                                       `sender.messages is never == -1`,
		`sender.messages == 1.5`:                                      `sender.messages is never == 1.5`,
		`-1 > code.host_age_days`:                                     `code.host_age_days is never < -1; it is a number from -1 to 32`,
		`!(sender.messages >= 0)`:                                     `sender.messages is never < 0`,
		`code.opens && sender.since_days >= 90`:                       `line 1, column 33 of the condition: sender.since_days is never >= 90; it is a number from -1 to 32`,
		`code.strong > 7`:                                             `code.strong is never > 7`,
		`code.opens || message.codes == 0`:                            `message.codes is never == 0; it is a number from 1 on where the condition asks about a code`,
		`code.kind == "url" && code.kind == "payment"`:                `column 33 of the condition: it excludes code.kind == "url", so that the rule never matches`,
		`code.kind == "url" && code.opens && code.kind != "url"`:      `it excludes code.kind == "url"`,
		`code.kind in ["url", "text"] && code.kind startsWith "pay"`:  `column 43 of the condition: it excludes code.kind in ["url", "text"]`,
		`code.kind not in ["url", "text"] && code.kind == "url"`:      `so that the rule never matches`,
		`code.host == "a.example" && code.host == "b.example"`:        `it excludes code.host == "a.example"`,
		`code.host == "a.example" && code.host endsWith ".b.example"`: `it excludes code.host == "a.example"`,
		`sender.prevalent && !sender.prevalent`:                       `it excludes sender.prevalent`,
		`sender.prevalent == true && sender.prevalent == false`:       `so that the rule never matches`,
		`sender.days > 5 && sender.auth == "pass" && sender.days < 3`: `it excludes sender.days > 5`,
		`sender.days >= 3 && sender.days < 3`:                         `so that the rule never matches`,
		`any(code.signals, # == "shortener" && # == "tunnel")`:        `it excludes # == "shortener"`,
		`message.inbound ? sender.days > 99 : true`:                   `sender.days is never > 99`,
		`message.recipient == "x"`:                                    `there is no fact "message.recipient"; did you mean "message.recipients"?`,
		`sender.recipient_in_link`:                                    `there is no fact "sender.recipient_in_link"; did you mean "code.recipient_in_link"?`,
		`kind == "url"`:                                               `there is no "kind"; did you mean "code.kind"?`,
		`cod.kind == "url"`:                                           `there is no "cod"; did you mean "code"?`,
		`code.host contians "x"`:                                      `"contians" does not belong here; did you mean "contains"?`,
		`code.opens AND sender.prevalent`:                             `"AND" does not belong here; did you mean "and"?`,
		`code.kind = "url"`:                                           `did you mean "=="?`,
		`code.host == "[::1]"`:                                        `an IPv6 address stands there without brackets`,
		`code.host == "*.example.com"`:                                `write code.host endsWith ".example.com"`,
		`code.host in ["*.example.com"]`:                              `write code.host endsWith ".example.com"`,
		`code.host == "example.org."`:                                 `hosts have no dot at the end: "example.org"`,
		`code.target == "evil.com"`:                                   `code.target is never "evil.com"; it is a whole link, "https://…"; write code.target contains "evil.com"`,
		`sender.address == "Billing@Example.com"`:                     `addresses are in lower case: "billing@example.com"`,
		`"Claire@example.org" in message.recipients`:                  `addresses are in lower case`,
		`any(message.recipients, # endsWith "@Example.org")`:          `addresses are in lower case`,
		`"disguised-code" in code.signals`:                            `code.signals is never "disguised-code"; write code.disguised`,
		`"sender-not-authenticated" in code.signals`:                  `write sender.auth == "fail"`,
		`"forged-sender" in code.signals`:                             `write "forged-sender" in code.strong_signals`,
		`sender.days == "3"`:                                          `== cannot compare a number with a text`,
		`"a" in message.subject`:                                      `in is not for a text; write TEXT contains`,
		`message.recipients contains "x"`:                             `contains is not for a list of texts; write any(LIST, # contains …)`,
	} {
		_, err := Compile(Standard, []Rule{{Name: "x", When: when, Then: Tag}}, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, want\n%s", when, err, want)
		}
	}
	for _, when := range []string{
		`sender.domain == "example.com" || sender.domain == "example.net"`, `sender.domain endsWith ".com"`, `code.host == "192.0.2.7"`, `code.host matches "(?i)^Evil"`,
		`code.host matches "^\\S+$"`, `code.host matches "A|b"`, `sender.address == "billing@example.com"`, `code.target startsWith "https://evil.com"`, `code.target contains "evil.com"`, `code.host == "2001:db8::1"`,
		`"device-linking" in code.signals`, `message.codes > 0 && code.opens`, `message.subject contains "URGENT"`,
		`sender.days > 5 && sender.days < 30`, `sender.days >= 3 && sender.days <= 3`, `code.host_age_days == -1`, `code.host_age_days < 0`, `sender.messages > 100000`,
		`code.kind != "url" && code.kind != "text"`, `"split" in code.tricks && "nested" in code.tricks`, `any(code.signals, # == "shortener") && any(code.signals, # == "tunnel")`,
		`code.opens && !sender.prevalent && !code.own_host`, `message.codes == 0`, `sender.days != 0 && sender.days != 1`, `code.signals[0] == "tunnel" && code.signals[1] == "shortener"`,
		`code.host == "a.example" && code.host endsWith ".example"`, `(sender.prevalent && code.opens) || !sender.prevalent`, `sender.domain == "co.uk"`, `code.host in ["a.example"] && code.host != "b.example"`,
	} {
		if _, err := Compile(Standard, []Rule{{Name: "x", When: when, Then: Tag}}, false); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
}

// What always holds says nothing and does no harm: it is a warning, with its place.
func TestAlwaysTrue(t *testing.T) {
	for when, want := range map[string]string{
		"message.codes > 0 && code.opens":  `rule "x": line 1, column 15 of the condition: message.codes is always > 0; it is a number from 1 on where the condition asks about a code`,
		"code.opens && message.codes >= 1": "message.codes is always >= 1",
		"message.codes != 0 && code.opens": "message.codes is always != 0",
		"sender.messages >= 0":             "sender.messages is always >= 0",
		"!(sender.messages < 0)":           "sender.messages is always >= 0",
		"message.codes > 0":                "",
	} {
		p := policy(t, Standard, false, Rule{Name: "x", When: when, Then: Tag})
		var all []string
		for _, w := range p.Warnings() {
			all = append(all, w.Error())
		}
		if got := strings.Join(all, "; "); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
}

// Addresses have no capitals for a rule, and device links say that they are some.
func TestFactsThatRulesCompare(t *testing.T) {
	e := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{device}, Sender: Sender{Address: "Bob@STRANGER.example"}, Recipients: []string{"Claire@Example.org"}}
	for _, when := range []string{`sender.address endsWith "@stranger.example"`, `sender.address == "bob@stranger.example"`, `"claire@example.org" in message.recipients`,
		`"device-linking" in code.signals`} {
		if d := policy(t, Standard, false, Rule{Name: "x", When: when, Then: Reject}).Decide(e); d.Action != Reject {
			t.Errorf("%s: %+v", when, d)
		}
	}
	if device.Signals != nil || e.Recipients[0] != "Claire@Example.org" {
		t.Error("the evidence was changed")
	}
}

// A star stands for the domains below, as in entries.
func TestRecipientsWithAStar(t *testing.T) {
	mine := Rule{Name: "x", When: "true", Then: Reject, Recipients: []string{"*.Star.com"}}
	p := policy(t, Standard, false, mine)
	for to, want := range map[string]Action{"a@x.star.com": Reject, "a@y.x.star.com": Reject, "a@star.com": Accept, "a@nostar.com": Accept} {
		if d := p.Decide(Evidence{Inbound: true, ScanComplete: true, Recipients: []string{to}}); d.Action != want {
			t.Errorf("%s: %s", to, d.Action)
		}
	}
	for _, wrong := range []string{"*@star.com", "a.*.com", "*", "*."} {
		mine.Recipients = []string{wrong}
		if _, err := Compile(Standard, []Rule{mine}, false); err == nil || !strings.Contains(err.Error(), "is neither") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
