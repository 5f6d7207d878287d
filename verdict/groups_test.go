package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"quishmilter/payload"
)

var board = Group{Name: "board", Members: []string{"Chair@example.org", "board.example"}}

func TestRecipientPolicies(t *testing.T) {
	p, err := Compile(Standard, []Rule{
		{Name: "board", Recipients: []string{"board"}, When: "code.opens", Then: Quarantine, Reason: "board"},
		{Name: "lab", Recipients: []string{".lab.example", "tester@example.org"}, When: "code.opens", Then: Accept},
		{Name: "helpdesk", Recipients: []string{"help@example.org"}, When: "code.opens", Then: Redirect, To: "review@example.org"},
	}, false, board)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		rcpts  string
		action Action
		cause  string
	}{
		{"claire@example.org", Tag, ""},
		{"", Tag, ""},
		{"CHAIR@Example.ORG", Quarantine, ""},
		{"chair+news@example.org", Quarantine, ""},
		{"anybody@board.example", Quarantine, ""},
		{"anybody@sub.board.example", Tag, ""},
		{"a@lab.example", Tag, ""},
		{"a@x.lab.example", Accept, ""},
		{"a@y.x.lab.example", Accept, ""},
		{"tester@example.org", Accept, ""},
		{"claire@example.org chair@example.org", Quarantine, "chair@example.org"},
		{"chair@example.org claire@example.org x@board.example", Quarantine, "chair@example.org x@board.example"},
		{"tester@example.org claire@example.org paul@example.org", Tag, "claire@example.org paul@example.org"},
		{"tester@example.org a@x.lab.example", Accept, ""},
		{"chair@example.org help@example.org", Redirect, "help@example.org"},
		{"no address", Tag, ""},
	} {
		e := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{link}, Recipients: strings.Fields(test.rcpts)}
		d := p.Decide(e)
		if d.Action != test.action || strings.Join(d.Cause, " ") != test.cause || (d.To != "") != (test.action == Redirect) {
			t.Errorf("%s: %+v", test.rcpts, d)
		}
	}
	if !p.Redirects() || policy(t, Strict, false).Redirects() {
		t.Error("who redirects?")
	}
	if p.Class("claire@example.org") != p.Class("paul@example.org") || p.Class("claire@example.org") == p.Class("chair@example.org") || p.Class("chair@example.org") != p.Class("x@board.example") {
		t.Error("classes")
	}
}

// An explanation speaks of the recipients whose policy decides.
func TestExplainRecipients(t *testing.T) {
	p, err := Compile(Standard, []Rule{{Name: "board", Recipients: []string{"board"}, When: "code.opens", Then: Quarantine}}, false, board)
	if err != nil {
		t.Fatal(err)
	}
	for rcpts, decides := range map[string]string{"claire@example.org": "new-sender", "claire@example.org chair@example.org": "board"} {
		e := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{link}, Recipients: strings.Fields(rcpts)}
		for _, a := range p.Explain(e)[0].Rules {
			if a.Decides != (a.Name == decides) || a.Name == "board" && (a.Unasked == "") != (decides == "board") {
				t.Errorf("%s: %+v", rcpts, a)
			}
		}
	}
}

// A group may have another preset.
func TestGroupPolicy(t *testing.T) {
	watch := Group{Name: "watch", Members: []string{"example.net"}, Policy: Observe}
	strict := board
	strict.Policy = Strict
	p, err := Compile(Standard, nil, false, watch, strict)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		rcpts         string
		action, would Action
		rule          string
	}{
		{"claire@example.org", Tag, "", "new-sender"},
		{"chair@example.org", Quarantine, "", "board/new-sender-any"},
		{"a@example.net", Accept, Tag, "watch/new-sender"},
		{"a@example.net claire@example.org", Tag, "", "new-sender"},
		{"a@example.net chair@example.org claire@example.org", Quarantine, "", "board/new-sender-any"},
	} {
		e := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{link}, Recipients: strings.Fields(test.rcpts)}
		if d := p.Decide(e); d.Action != test.action || d.Would != test.would || !slices.Equal(d.Rules, []string{test.rule}) {
			t.Errorf("%s: %+v", test.rcpts, d)
		}
	}
}

func TestBrokenGroups(t *testing.T) {
	many := make([]Group, maxGroups+1)
	for n := range many {
		many[n] = Group{Name: fmt.Sprint("g", n), Members: []string{"a@example.org"}}
	}
	for want, groups := range map[string][]Group{
		`group "": a group needs a name`:            {{Members: []string{"example.org"}}},
		`group "a.b": a group needs a name without`: {{Name: "a.b", Members: []string{"example.org"}}},
		`group "a": it has no members`:              {{Name: "a"}},
		`group "a": the name is taken`:              {{Name: "a", Members: []string{"example.org"}}, {Name: "a", Members: []string{"example.org"}}},
		`group "a": the policy "lax" is not known`:  {{Name: "a", Members: []string{"example.org"}, Policy: "lax"}},
		`group "a": "b" is neither an address`:      {{Name: "a", Members: []string{"b"}}},
		`group "a": 10001 members`:                  {{Name: "a", Members: make([]string, maxMembers+1)}},
		"51 groups; at most 50 are allowed":         many,
	} {
		if _, err := Compile(Standard, nil, false, groups...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// As many recipients, rules and codes as there can be: conditions are asked once for a code, whoever it goes to.
func BenchmarkDecideMost(b *testing.B) {
	var own []Rule
	for n := range maxRules {
		own = append(own, Rule{Name: fmt.Sprint("r", n), Recipients: []string{fmt.Sprintf("u%d@example.org", n)}, When: "code.strong > 6", Then: Quarantine})
	}
	p := policy(b, Standard, false, own...)
	e := Evidence{Inbound: true, ScanComplete: true}
	for n := range 10_000 {
		e.Recipients = append(e.Recipients, fmt.Sprintf("u%d@example.org", n))
	}
	for range maxJudged {
		e.Codes = append(e.Codes, with(link, signals(payload.SignalPort))...)
	}
	for b.Loop() {
		p.Decide(e)
	}
}

func FuzzRule(f *testing.F) {
	f.Add(`code.opens && any(message.recipients, # startsWith "a")`, "a@example.org")
	f.Add(`sender.address matches "^(a+)+$"`, "board")
	f.Add(`let k = code.kind; k == "urll" || any(code.signals, # in ["tunnel"]) || code.signals[3] == "x"`, ".example.org")
	f.Add(`"a" matches message.subject && 7 % sender.messages == 1`, "a@example.org")
	f.Fuzz(func(t *testing.T, when, recipient string) {
		p, err := Compile(Standard, []Rule{{Name: "x", When: when, Then: Tag, Recipients: []string{recipient}}}, false)
		if err != nil {
			return
		}
		e := Evidence{Inbound: true, Codes: []Code{link}, Recipients: []string{recipient, "a@example.org"}}
		d := p.Decide(e)
		if d.Action == Accept {
			t.Errorf("a stranger's link was accepted: %+v", d)
		}
		for _, x := range p.Explain(e) {
			for _, a := range x.Rules {
				if a.Decides && !slices.Contains(d.Rules, a.Name) {
					t.Errorf("%q is said to decide: %+v", a.Name, d)
				}
			}
		}
	})
}
