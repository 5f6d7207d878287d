package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/dns"
	"quishmilter/test/mailmaker"
)

// must runs a command that has to succeed.
func (r *rig) must(args ...string) string {
	r.t.Helper()
	out, status := r.command(args...)
	if status != 0 {
		r.t.Fatalf("%q: status %d: %s", args, status, out)
	}
	return out
}

// Entries hold for the next message, without a restart, and outlive one.
func TestEntriesByCommand(t *testing.T) {
	r := start(t, daemon.Config{})
	r.must("block", "add", "host", "www.example.net", "--comment", "seen on Monday", "--for", "30d", "--by", "claire")
	id := r.accepted(mailOf(mailmaker.PNGCode()))
	if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Fatalf("%+v %v", held, err)
	}
	event := r.event(id)
	if got := fmt.Sprint(event["reasons"], event["rules"]); got != "[blocked-by-entry] [block host www.example.net]" {
		t.Errorf("event: %s", got)
	}
	out := r.must("block", "list")
	if !strings.Contains(out, `"www[.]example[.]net"`) || !strings.Contains(out, `"seen on Monday"`) || !strings.Contains(out, `"claire"`) {
		t.Errorf("list: %s", out)
	}
	r.logSays("entry added by claire: block host www.example.net until ", 0)
	r.filter.Kill()
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	r.must("block", "remove", "host", "WWW.example.net")
	r.logSays("entry removed by ", 0)
	l := mailmaker.PNGCode()
	l.ID = "second@example.net"
	fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: tagged")
	if out, status := r.command("block", "remove", "host", "www.example.net"); status != 1 || !strings.Contains(out, "no such entry") {
		t.Errorf("removed twice: %d %s", status, out)
	}
	r.must("allow", "add", "network", "203.0.113.0/24")
	l.ID = "third@example.net"
	fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: clean", "X-Quish-Reason: allowed-by-entry")
}

// An allow for an address does nothing for mail that merely bears it; a picture is known by its file's digest.
func TestEntriesOfBareFromAndPicture(t *testing.T) {
	r := start(t, daemon.Config{})
	l := mailmaker.PNGCode()
	r.must("allow", "add", "address", l.From)
	r.must("allow", "add", "domain", l.From[strings.Index(l.From, "@")+1:])
	d := r.delivered(mailOf(l))
	fields(t, d, "X-Quish-Verdict: tagged", "X-Quish-Reason: qr-link-from-new-sender")
	codes, _ := r.event(queueIDOf(d.Field("Received")[0]))["codes"].([]any)
	digest := fmt.Sprint(codes[0].(map[string]any)["picture"])
	file := filepath.Join(t.TempDir(), "m.eml")
	if err := os.WriteFile(file, l.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _ := quishmilter(t, "scan", "--json", file); len(digest) != 64 || !strings.Contains(out, `"picture":"`+digest+`"`) {
		t.Errorf("digest %q, scan: %s", digest, out)
	}
	r.must("block", "add", "picture", digest, "--action", "reject")
	c := r.dial()
	l.ID = "second@example.net"
	if reply, err := c.Send(mailOf(l)); err != nil || reply.Code != 550 {
		t.Errorf("%d %s, %v", reply.Code, reply.Text, err)
	}
}

// An allow for a domain helps those who prove it, and nobody else; a block for a host wins over it.
func TestAllowOfAProvenSender(t *testing.T) {
	server := dns.Start(t, dns.Zone{TXT: map[string][]string{"good.example": {"v=spf1 ip4:203.0.113.7 -all"}, "_dmarc.good.example": {"v=DMARC1; p=none"}}})
	r := start(t, daemon.Config{TOML: fmt.Sprintf("[authentication]\nresolver = %q\n", server.Addr)})
	waitForDNS(t, server)
	r.must("allow", "add", "domain", "good.example")
	l := mailmaker.PNGCode()
	l.From = "news@good.example"
	fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: clean", "X-Quish-Reason: allowed-by-entry")
	l.ID = "forged@good.example"
	m := mailOf(l)
	m.Client = "203.0.113.8"
	if got := r.delivered(m).Field("X-Quish-Reason"); len(got) != 1 || strings.Contains(got[0], "allowed") {
		t.Errorf("from a client that the domain does not name: %q", got)
	}
	r.must("block", "add", "host", "*.example.net", "--action", "tag")
	l.ID = "third@good.example"
	fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: tagged", "X-Quish-Reason: blocked-by-entry")
}

// queueIDOf finds the queue id in the field that Postfix put on top.
func queueIDOf(received string) string {
	_, rest, _ := strings.Cut(received, " id ")
	return strings.TrimRight(strings.Fields(rest)[0], ";")
}

// A file of entries is read at the start and at SIGHUP; a broken one stops the start and leaves a running daemon as it is.
func TestEntriesOfAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "entries")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("# ours\nallow host www.example.net until=2099-01-01 # our shop\n")
	r := start(t, daemon.Config{TOML: fmt.Sprintf("entries = %q", file)})
	n := 0
	letter := func() mailmaker.Letter {
		n++
		l := mailmaker.PNGCode()
		l.ID = fmt.Sprintf("%d@example.net", n)
		return l
	}
	fields(t, r.delivered(mailOf(letter())), "X-Quish-Verdict: clean", "X-Quish-Reason: allowed-by-entry")
	var entry struct{ Value, Source, Comment string }
	if out := r.must("allow", "list", "--json"); json.Unmarshal([]byte(out), &entry) != nil || entry.Value != "www.example.net" ||
		entry.Source != file+":2" || entry.Comment != "our shop" {
		t.Errorf("%s", out)
	}
	if out, status := r.command("allow", "remove", "host", "www.example.net"); status != 1 || !strings.Contains(out, file+":2") {
		t.Errorf("removing what stands in the file: %d %s", status, out)
	}
	write("block host www.example.net action=tag\nblock hoost x.example\n")
	r.reload("the old one stays")
	fields(t, r.delivered(mailOf(letter())), "X-Quish-Reason: allowed-by-entry")
	if out, status := r.command("check"); status != 2 || !strings.Contains(out, file+":2: ") || !strings.Contains(out, `the kind "hoost" is not known; did you mean "host"?`) {
		t.Errorf("check: %d %s", status, out)
	}
	write("block host www.example.net action=tag\nallow host www.example.net until=2001-01-01\n")
	if out := r.must("check"); !strings.Contains(out, "warning 1 entries in "+file) {
		t.Errorf("check: %s", out)
	}
	r.reload("configuration read again")
	fields(t, r.delivered(mailOf(letter())), "X-Quish-Verdict: tagged", "X-Quish-Reason: blocked-by-entry")
}

// reload sends SIGHUP and waits until the log says what came of it.
func (r *rig) reload(says string) {
	r.t.Helper()
	before := strings.Count(r.filter.Log(), says)
	if err := r.filter.Reload(); err != nil {
		r.t.Fatal(err)
	}
	r.logSays(says, before)
}

// Without a daemon the commands open the state; wrong entries are wrong usage.
func TestEntriesWithoutADaemon(t *testing.T) {
	config := filepath.Join(t.TempDir(), "q.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "state = %q\n", t.TempDir()), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (string, int) { return quishmilter(t, append([]string{"-c", config}, args...)...) }
	if out, status := run("block", "list"); status != 1 || !strings.Contains(out, "no state") {
		t.Errorf("a list without a state: %d %s", status, out)
	}
	if out, status := run("block", "add", "class", "crypto", "--json"); status != 0 || !strings.Contains(out, `"kind":"class","value":"crypto","action":"quarantine"`) {
		t.Errorf("add: %d %s", status, out)
	}
	if out, status := run("block", "list", "--json"); status != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("list: %d %s", status, out)
	}
	if out, status := run("allow", "list", "--json"); status != 0 || out != "" {
		t.Errorf("the other list: %d %s", status, out)
	}
	for _, wrong := range []string{"allow", "allow add host", "allow add hoost a.example", "allow add host a_b", "allow add host a.example --until 2001-01-01",
		"allow add host a.example --until soon", "allow add host a.example --for x", "allow add host a.example --action reject", "block add host a.example --action accept",
		"block add host a.example --for 1d --until 2099-01-01", "block remove network x"} {
		out, status := run(strings.Fields(wrong)...)
		if status != 2 || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: status %d: %q", wrong, status, out)
		}
	}
}
