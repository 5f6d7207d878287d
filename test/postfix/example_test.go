package postfix_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"quishmilter/test/postfix"
)

func exampleParameters(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	params, err := postfix.ParseMainCF(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return params
}

// Postfix warns of a parameter that it does not know, and of one that it knows but nothing uses. The second instance
// shows that the first one's silence means something.
func TestPostfixKnowsAllParametersOfTheExample(t *testing.T) {
	address := "inet:" + freeAddress(t)
	p := start(t, postfix.Config{Milter: address, Example: example})
	out, warnings, err := p.Postconf("-n")
	if err != nil {
		t.Fatal(err)
	}
	if warnings != "" {
		t.Errorf("postconf warns:\n%s", warnings)
	}
	for name := range exampleParameters(t) {
		if !strings.Contains("\n"+out, "\n"+name+" =") {
			t.Errorf("postconf does not know %s", name)
		}
	}
	if milters, _, err := p.Postconf("-xh", "smtpd_milters"); err != nil || !strings.HasPrefix(milters, "{ "+address+",") {
		t.Errorf("smtpd_milters is %q, %v", milters, err)
	}

	p = start(t, postfix.Config{Milter: address, Example: example, Params: map[string]string{"milter_mail_macro": "i"}})
	if _, warnings, err := p.Postconf("-n"); err != nil || !strings.Contains(warnings, "milter_mail_macro=i") {
		t.Errorf("of an unknown parameter postconf says %q, %v", warnings, err)
	}
}

// What stands in braces holds for this milter, whatever the general setting says.
func TestExampleSettingsOfOneMilter(t *testing.T) {
	config := postfix.Config{Milter: "inet:" + freeAddress(t), Example: example,
		Params: map[string]string{"milter_default_action": "accept"}}
	p := start(t, config)
	if reply := send(t, dial(t, p), letter("b@example.org")); reply.Code != 451 {
		t.Errorf("with the milter down: reply %+v", reply)
	}
	log, err := p.Log()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"fatal:", "panic:", "unknown milter setting", "bad string length"} {
		if strings.Contains(log, bad) {
			t.Errorf("the log has %q:\n%s", bad, log)
		}
	}
}

// Macro lists replace Postfix's own, so the example's must have in them all that other milters count on.
func TestExampleMacrosIncludePostfixOwn(t *testing.T) {
	params := exampleParameters(t)
	p := start(t, postfix.Config{})
	for _, stage := range []string{"connect", "helo", "mail", "rcpt", "data", "end_of_header", "end_of_data"} {
		name := "milter_" + stage + "_macros"
		defaults, _, err := p.Postconf("-d", "-h", name)
		if err != nil {
			t.Fatal(err)
		}
		ours := strings.Fields(params[name])
		for _, macro := range strings.Fields(defaults) {
			if !slices.Contains(ours, macro) {
				t.Errorf("%s lacks Postfix's own %s", name, macro)
			}
		}
	}
}

func TestParseMainCF(t *testing.T) {
	params, err := postfix.ParseMainCF("# comment\na = 1\nb =\n  x,\n# between\n\n\ty\nc=d=e\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "1", "b": "x, y", "c": "d=e"} {
		if params[name] != want {
			t.Errorf("%s is %q, want %q", name, params[name], want)
		}
	}
	for _, bad := range []string{" a = 1\n", "a\n", "a = 1\na = 2\n"} {
		if _, err := postfix.ParseMainCF(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
