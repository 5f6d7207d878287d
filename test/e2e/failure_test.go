package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// smallDisk is a folder that holds a few hundred kilobytes.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m,mode=0700"); err != nil {
		t.Fatalf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all space but a little that is left over by the file system itself.
func fill(t *testing.T, dir string) (name string) {
	t.Helper()
	name = filepath.Join(dir, "full")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return name
		}
	}
}

// While the disk is full each message is answered as the failure setting says, one line in the log says why, and
// when there is room again the filter goes on.
func TestFullDisk(t *testing.T) {
	for failure, code := range map[string]int{"tempfail": 451, "accept": 250} {
		t.Run(failure, func(t *testing.T) {
			disk := smallDisk(t)
			r := start(t, daemon.Config{TOML: fmt.Sprintf("failure = %q", failure), State: filepath.Join(disk, "state")})
			r.accepted(letter(0))
			full := fill(t, disk)
			c := r.dial()
			refused := 0
			for n := 1; n <= 200; n++ { // bbolt has some room left in its file
				reply, err := c.Send(letter(n))
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(r.filter.Log(), "cannot write to the state file") {
					refused++
					if reply.Code != code {
						t.Fatalf("message %d: %d %s, want %d", n, reply.Code, reply.Text, code)
					}
				}
				if refused > 3 {
					break
				}
			}
			if refused == 0 {
				t.Fatal("the disk was never full")
			}
			if n := strings.Count(r.filter.Log(), "cannot write to the state file"); n != 1 {
				t.Errorf("%d lines about it in the log\n%s", n, r.filter.Log())
			}
			if err := os.Remove(full); err != nil {
				t.Fatal(err)
			}
			r.accepted(letter(1000))
			if !strings.Contains(r.filter.Log(), "the state file can be written again") {
				t.Errorf("nothing about the recovery in\n%s", r.filter.Log())
			}
		})
	}
}

func letter(n int) postfix.Mail {
	l := mailmaker.Plain5KB()
	l.ID = fmt.Sprintf("%d@example.net", n)
	return mailOf(l)
}

// A daemon that is killed has recorded every message that it answered.
func TestKilledDaemonForgetsNothing(t *testing.T) {
	r := start(t, daemon.Config{})
	c := r.dial()
	var ids []string
	for n := range 20 {
		reply, err := c.Send(letter(n))
		if err != nil || reply.Code != 250 {
			t.Fatalf("%+v %v", reply, err)
		}
		ids = append(ids, reply.QueueID)
	}
	r.filter.Kill()
	for _, id := range ids {
		if e := r.event(id); e["verdict"] != "accept" {
			t.Errorf("%s: %v", id, e)
		}
	}
	out, status := r.command("sender", "colleague@example.net", "--json")
	if status != 0 || !strings.Contains(out, `"all":{"messages":20,`) {
		t.Errorf("sender, status %d: %s", status, out)
	}
	if reply, err := r.dial().Send(letter(100)); err != nil || reply.Code/100 != 4 {
		t.Errorf("without a daemon: %+v %v", reply, err)
	}
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	r.accepted(letter(101))
}

// What is wrong with the state is said at the start, with what to do.
func TestStateThatCannotBeUsed(t *testing.T) {
	tests := []struct {
		name, content, want string
	}{
		{"nonsense", strings.Repeat("this is no database ", 1000), "not a quishmilter state file; name another path"},
		{"nothing", "", "the state file is empty (0 bytes)"},
		{"a few bytes", "\x00\x01", "not a quishmilter state file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "state.db"), []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			config := filepath.Join(dir, "q.toml")
			if err := os.WriteFile(config, fmt.Appendf(nil, "listen = \"unix:%s/m.sock\"\nstate = %q\n", dir, dir), 0o600); err != nil {
				t.Fatal(err)
			}
			out, status := quishmilter(t, "serve", "-c", config)
			if status != 1 || !strings.Contains(out, "state.db") || !strings.Contains(out, test.want) || strings.Contains(out, "goroutine") {
				t.Errorf("status %d: %s", status, out)
			}
		})
	}
}

// While records cannot be written, the daemon does not call itself well.
func TestHealthOnFullDisk(t *testing.T) {
	disk := smallDisk(t)
	r := start(t, daemon.Config{State: filepath.Join(disk, "state")})
	if out, status := r.command("check", "--health"); status != 0 {
		t.Fatalf("status %d: %s", status, out)
	}
	fill(t, disk)
	c := r.dial()
	for n := range 200 {
		if reply, err := c.Send(letter(n)); err != nil {
			t.Fatal(err)
		} else if reply.Code == 451 {
			break
		}
	}
	if out, status := r.command("check", "--health"); status != 1 || !strings.Contains(out, "could not be written") {
		t.Errorf("status %d: %s", status, out)
	}
}
