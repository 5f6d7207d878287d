package main

import (
	"bytes"
	"reflect"
	"testing"

	"quishmilter/payload"
	"quishmilter/verdict"
)

const ownRules = `[[group]]
name = "board"
members = ["a@example.org"]
policy = "strict"
[[group]]
name = "lab"
members = ["lab.example.org"]
policy = "observe"
[[rule]]
name = "it's mine"
when = '''code.host == "x" && sender.auth == 'pass' '''
recipients = ["lab", "b@example.org"]
then = "redirect"
to = "r@example.org"
reason = "r"
text = 'A "text"'
`

// What check --print=rules writes is a configuration of the same rules, which says so itself, and decides alike.
func TestPrintedRulesLoad(t *testing.T) {
	for _, text := range []string{"", "policy = \"observe\"\n", "policy = \"strict\"\n", "tag_only = true\npolicy = \"strict\"\n" + ownRules, ownRules, "policy = \"observe\"\n" + ownRules} {
		s, err := loadSettings(writeConfig(t, text))
		if err != nil {
			t.Fatal(err)
		}
		var printed, again bytes.Buffer
		if err := printAllRules(&printed, s); err != nil {
			t.Fatal(err)
		}
		back, err := loadSettings(writeConfig(t, printed.String()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, &printed)
		}
		if err := printAllRules(&again, back); err != nil || again.String() != printed.String() {
			t.Errorf("%v, printed\n%s\nthen\n%s", err, &printed, &again)
		}
		decideAlike(t, text, s, back)
	}
}

func decideAlike(t *testing.T, name string, a, b Settings) {
	t.Helper()
	was, err := a.policy()
	if err != nil {
		t.Fatal(err)
	}
	is, err := b.policy()
	if err != nil {
		t.Fatal(err)
	}
	for _, signals := range [][]string{nil, {payload.SignalRecipient}, {payload.SignalIPFS, payload.SignalLinkInText}} {
		for _, kind := range []payload.Kind{payload.URL, payload.Contact} {
			for _, rcpt := range []string{"a@example.org", "b@example.org", "c@lab.example.org"} {
				for _, prevalent := range []bool{false, true} {
					e := verdict.Evidence{Inbound: true, Learning: true, Recipients: []string{rcpt, "z@example.org"}, Sender: verdict.Sender{Prevalent: prevalent, Auth: "pass"},
						Codes: []verdict.Code{{Kind: kind, Host: "x", Signals: signals, HostAgeDays: -1}}}
					if want, got := was.Decide(e), is.Decide(e); !reflect.DeepEqual(got, want) {
						t.Errorf("%q: %+v: %+v, want %+v", name, e, got, want)
					}
				}
			}
		}
	}
}
