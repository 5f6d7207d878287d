package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

type answer struct {
	Name             string
	Matches, Decides bool
	Untrue           []string
	Unasked          string
}

type explanation struct {
	ID, Path, Verdict string
	Reasons, Rules    []string
	Whole             bool
	Was               struct {
		Verdict string
		Rules   []string
	}
	Codes []struct {
		Code  int
		Rules []answer
	}
}

func (x explanation) rule(t *testing.T, code int, name string) answer {
	t.Helper()
	rules := x.Codes[code].Rules
	n := slices.IndexFunc(rules, func(a answer) bool { return a.Name == name })
	if n < 0 {
		t.Fatalf("no rule %s in %+v", name, rules)
	}
	return rules[n]
}

// An event is explained by what was known when its message came, and by the rules of now.
func TestExplainAnEvent(t *testing.T) {
	r := start(t, daemon.Config{})
	event := r.event(r.accepted(soc251()))
	id := fmt.Sprint(event["id"])
	var x explanation
	if err := json.Unmarshal([]byte(r.must("explain", "--json", id)), &x); err != nil {
		t.Fatal(err)
	}
	if x.ID != id || x.Verdict != "quarantine" || x.Was.Verdict != "quarantine" || !x.Whole || !slices.Equal(x.Rules, x.Was.Rules) || len(x.Rules) != 1 {
		t.Errorf("%+v", x)
	}
	if a := x.rule(t, 0, x.Rules[0]); !a.Decides || !a.Matches {
		t.Errorf("%+v", a)
	}
	if a := x.rule(t, 0, "known-sender"); a.Matches || !slices.Contains(a.Untrue, "sender.prevalent") {
		t.Errorf("%+v", a)
	}
	out := r.must("explain", id)
	for _, want := range []string{id + ": quarantine  qr-link-from-new-sender", "when it came: quarantine", `> ` + x.Rules[0] + ` (quarantine) matches and decides`,
		"      not true: sender.prevalent\n", "      sender.prevalent = false\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	plain := fmt.Sprint(r.event(r.accepted(mailOf(mailmaker.Plain5KB())))["id"])
	if out := r.must("explain", plain); !strings.Contains(out, "kept one line") || !strings.Contains(out, "is not asked: it asks about a code") {
		t.Errorf("plain mail:\n%s", out)
	}
	for wrong, want := range map[string]int{"0000000000000000": 1, "no-such-file": 2} {
		if out, status := r.command("explain", wrong); status != want || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: status %d: %s", wrong, status, out)
		}
	}
}

// A file is explained with the envelope that the flags say, and what is in it cannot steer the terminal.
func TestExplainAFile(t *testing.T) {
	dir := t.TempDir()
	l := mailmaker.PNGCode()
	l.Subject = "a\x1b[2Jb"
	file, config := filepath.Join(dir, "m.eml"), filepath.Join(dir, "q.toml")
	rule := "[[rule]]\nname = \"mine\"\nwhen = 'message.subject contains \"zzz\" || \"x@example.org\" in message.recipients'\nthen = \"reject\"\n"
	for name, text := range map[string]string{file: string(l.Bytes()), config: rule} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, status := quishmilter(t, "-c", config, "explain", file, "--rcpt", "x@example.org", "--auth", "fail")
	if status != 0 || !strings.Contains(out, "> mine (reject) matches and decides") || !strings.Contains(out, `message.recipients = ["x@example[.]org"]`) ||
		!strings.Contains(out, "matches, but a rule before it decides") || strings.Contains(out, "\x1b") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

// replay says what another policy would change, over the journal of a daemon and over a folder.
func TestReplay(t *testing.T) {
	r := start(t, daemon.Config{})
	r.accepted(mailOf(mailmaker.Plain5KB()))
	tagged := r.event(r.accepted(mailOf(mailmaker.PNGCode())))
	r.accepted(soc251())
	strict := filepath.Join(t.TempDir(), "strict.toml")
	if err := os.WriteFile(strict, []byte("[[rule]]\nname = \"every-link\"\nwhen = 'code.opens'\nthen = \"quarantine\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := r.must("replay", "--journal", "--policy", strict)
	for _, want := range []string{"3 messages, 1 would change\n", "  tag → quarantine: 1\n", fmt.Sprint(tagged["id"]), "of 1 plain messages"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	lines := strings.Split(strings.TrimSpace(r.must("replay", "--journal", "--policy", strict, "--json")), "\n")
	var newest struct {
		Changes, Whole bool
		Now, Then      struct{ Verdict string }
	}
	if err := json.Unmarshal([]byte(lines[0]), &newest); err != nil || len(lines) != 3 || newest.Changes || !newest.Whole || newest.Then.Verdict != "quarantine" {
		t.Errorf("%v %+v in\n%s", err, newest, lines)
	}

	dir := t.TempDir()
	for name, l := range map[string]mailmaker.Letter{"1.eml": mailmaker.PNGCode(), "2.eml": mailmaker.Plain5KB(), "3.eml": mailmaker.SOC251()} {
		if err := os.WriteFile(filepath.Join(dir, name), l.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out = r.must("replay", "--policy", strict, dir)
	if !strings.Contains(out, "3 messages, 1 would change\n") || !strings.Contains(out, filepath.Join(dir, "1.eml")) {
		t.Errorf("folder:\n%s", out)
	}
	if out := r.must("replay", "--policy", strict, "--state", r.filter.StateDir(), "--json", dir); strings.Count(out, "\n") != 3 {
		t.Errorf("with the daemon's history:\n%s", out)
	}
	for _, wrong := range []string{"replay --journal", "replay --policy " + strict, "replay --journal --policy " + strict + " " + dir} {
		if out, status := r.command(strings.Fields(wrong)...); status != 2 || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: status %d: %s", wrong, status, out)
		}
	}
	if out, status := r.command("replay", "--policy", filepath.Join(dir, "none.toml"), dir); status != 2 {
		t.Errorf("no policy file: %d %s", status, out)
	}
}
