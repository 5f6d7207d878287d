package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

// A backup that is taken while mail flows comes back with all that was answered before it: history, journal, entries.
func TestBackupUnderLoadAndRestore(t *testing.T) {
	r := start(t, daemon.Config{})
	first := r.accepted(soc251())
	r.must("block", "add", "host", "evil.example", "--comment", "before the backup")
	r.must("learn", r.stored(mailmaker.Letter{From: "known@partner.example", To: "x@letsdefend.io", Subject: "hello", Body: mailmaker.Text("Hello.")}))
	sayings := [][]string{{"hunt", "--queue-id", first, "--format", "json"}, {"block", "list", "--json"}, {"sender", "known@partner.example", "--json", "--now", "2030-01-01T00:00:00Z"}}
	before := r.answers(sayings)

	file := filepath.Join(t.TempDir(), "q.backup")
	stop := r.load()
	for n := range 3 {
		r.must("backup", "--force", file)
		if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
			t.Fatalf("backup %d: %v, %v", n, info, err)
		}
	}
	stop()
	if out, status := r.command("backup", file); status != 1 || !strings.Contains(out, "is there already") {
		t.Errorf("over a backup that is there: status %d: %s", status, out)
	}
	if out, status := r.command("restore", file); status != 1 || !strings.Contains(out, "a daemon runs") {
		t.Errorf("under a running daemon: status %d: %s", status, out)
	}
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	r.refusesDamage(file)
	if err := os.WriteFile(filepath.Join(r.filter.StateDir(), "state.db"), []byte("a disk that forgot"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := r.must("restore", file); !strings.Contains(out, "is kept as") {
		t.Errorf("restore says %s", out)
	}
	if without := r.answers(sayings); without != before {
		t.Errorf("without a daemon:\n%s\nbefore:\n%s", without, before)
	}
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	if after := r.answers(sayings); after != before {
		t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
	r.accepted(soc251())
}

// refusesDamage tries backups that are not whole; the state stays as it is.
func (r *rig) refusesDamage(file string) {
	r.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	kept := r.must("hunt", "--format", "json")
	damaged := append([]byte(nil), text...)
	damaged[len(damaged)/2] ^= 4
	for want, bad := range map[string][]byte{"it is cut off": text[:len(text)/2], "it is damaged": damaged} {
		name := filepath.Join(r.t.TempDir(), "bad")
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			r.t.Fatal(err)
		}
		if out, status := r.command("restore", name); status != 1 || !strings.Contains(out, want) || strings.Count(out, "\n") != 1 {
			r.t.Errorf("%s: status %d: %s", want, status, out)
		}
	}
	if now := r.must("hunt", "--format", "json"); now != kept {
		r.t.Error("a backup that was refused changed the state")
	}
}

// answers are what several commands say.
func (r *rig) answers(commands [][]string) string {
	r.t.Helper()
	var all strings.Builder
	for _, args := range commands {
		out := r.must(args...)
		if strings.TrimSpace(out) == "" {
			r.t.Fatalf("%v says nothing", args)
		}
		fmt.Fprintf(&all, "%v\n%s", args, out)
	}
	return all.String()
}

// stored is a file with a message.
func (r *rig) stored(l mailmaker.Letter) string {
	r.t.Helper()
	name := filepath.Join(r.t.TempDir(), "letter.eml")
	if err := os.WriteFile(name, l.Bytes(), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return name
}

// load sends mail from several sides until it is told to stop.
func (r *rig) load() (stop func()) {
	ended := make(chan struct{})
	var sending sync.WaitGroup
	for n := range 4 {
		c := r.dial()
		sending.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-ended:
					return
				default:
				}
				l := mailmaker.Letter{From: fmt.Sprintf("s%d@load.example", n), To: "x@letsdefend.io", Subject: fmt.Sprint(i), Body: mailmaker.Text("Hello.")}
				if reply, err := c.Send(mailOf(l)); err != nil || reply.Code != 250 {
					r.t.Errorf("%d %s, %v", reply.Code, reply.Text, err)
					return
				}
			}
		})
	}
	return func() { close(ended); sending.Wait() }
}

// What a person looks at holds nothing that steers a terminal, through the whole program, whatever the message says.
func TestHostileMessageOnTheTerminal(t *testing.T) {
	r := start(t, daemon.Config{})
	l := mailmaker.SOC251()
	l.Subject = "=?utf-8?B?G10wO3B3bmVkBxtbMzFt4oCuZ25w?= https://evil.example"
	id := r.accepted(mailOf(l))
	event, _ := r.event(id)["id"].(string)
	file := r.stored(l)
	for _, args := range [][]string{{"hunt"}, {"hunt", "--queue-id", id}, {"explain", event}, {"explain", file}, {"scan", file}, {"sender", l.From}, {"hunt", "--preset", "rule"}} {
		out, err := exec.CommandContext(limited(t), program, append([]string{"-c", r.filter.ConfigFile()}, args...)...).Output()
		if len(out) == 0 {
			t.Errorf("%v says nothing: %v", args, err)
		}
		if i := strings.IndexFunc(string(out), func(c rune) bool { return c != '\n' && c < ' ' || c == 0x7f || c == 0x202e }); i >= 0 {
			t.Errorf("%v shows a control character: %q", args, out)
		}
		for _, link := range []string{"https://", "http://", "ipfs.io", "evil.example"} {
			if strings.Contains(string(out), link) {
				t.Errorf("%v shows %s:\n%s", args, link, out)
			}
		}
	}
}
