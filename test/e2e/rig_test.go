// Package e2e runs the built program under a real Postfix and looks at what a mail admin sees: queue, headers, log.
package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// program is the binary under test.
var program string

func TestMain(m *testing.M) {
	postfix.AsRoot()
	os.Exit(daemon.Main(m, &program))
}

// rig is a daemon and the Postfix that it is attached to.
type rig struct {
	t      *testing.T
	filter *daemon.Daemon
	mta    *postfix.Instance
}

func start(t *testing.T, config daemon.Config) *rig {
	t.Helper()
	return startWith(t, config, postfix.Config{})
}

func startWith(t *testing.T, config daemon.Config, mail postfix.Config) *rig {
	t.Helper()
	config.Program = program
	ctx := limited(t)
	filter, err := daemon.Start(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(filter.Log())
		}
		if err := filter.Stop(); err != nil {
			t.Error(err)
		}
	})
	mail.Milter, mail.Example = filter.Address, "../../postfix-example.cf"
	mta, err := postfix.Start(ctx, mail)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mta.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &rig{t, filter, mta}
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func (r *rig) dial() *postfix.Client {
	r.t.Helper()
	c, err := postfix.Dial(r.mta.Addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// mailOf is a letter in its envelope, from a client outside.
func mailOf(l mailmaker.Letter) postfix.Mail {
	return postfix.Mail{Client: "203.0.113.7", ClientName: "mx.example.net", From: l.From, Rcpts: []string{l.To}, Data: l.Bytes()}
}

// accepted sends a message that Postfix must take, and returns its queue id.
func (r *rig) accepted(m postfix.Mail) string {
	r.t.Helper()
	c := r.dial()
	defer func() { _ = c.Quit() }()
	reply, err := c.Send(m)
	if err != nil || reply.Code != 250 {
		r.t.Fatalf("%d %s, %v", reply.Code, reply.Text, err)
	}
	return reply.QueueID
}

// delivered sends a message that must be delivered, and returns it as it lies in the mailbox.
func (r *rig) delivered(m postfix.Mail) postfix.Delivered {
	r.t.Helper()
	before, err := r.mta.Delivered()
	if err != nil {
		r.t.Fatal(err)
	}
	known := map[string]bool{}
	for _, d := range before {
		known[d.File] = true
	}
	r.accepted(m)
	after, err := r.mta.WaitDelivered(limited(r.t), len(before)+1)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range after {
		if !known[d.File] {
			return d
		}
	}
	r.t.Fatal("nothing new was delivered")
	return postfix.Delivered{}
}

// fields checks header fields, "Name: value" each; a value that ends in "…" is a beginning.
func fields(t *testing.T, d postfix.Delivered, want ...string) {
	t.Helper()
	for _, w := range want {
		name, value, _ := strings.Cut(w, ": ")
		got := d.Field(name)
		prefix, open := strings.CutSuffix(value, "…")
		if len(got) != 1 || (open && !strings.HasPrefix(got[0], prefix)) || (!open && got[0] != value) {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// logLine waits for the daemon's line about a message.
func (r *rig) logLine(queueID string) string {
	r.t.Helper()
	ctx := limited(r.t)
	for {
		for _, line := range strings.Split(r.filter.Log(), "\n") {
			if strings.Contains(line, queueID+": verdict=") {
				return line
			}
		}
		if ctx.Err() != nil {
			r.t.Fatalf("no log line for %s in\n%s", queueID, r.filter.Log())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// logSays waits until the log has said something more often than so many times.
func (r *rig) logSays(what string, before int) {
	r.t.Helper()
	ctx := limited(r.t)
	for strings.Count(r.filter.Log(), what) <= before {
		if ctx.Err() != nil {
			r.t.Fatalf("%q is not said in\n%s", what, r.filter.Log())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// command runs the program with the daemon's configuration and returns what it prints and its exit status.
func (r *rig) command(args ...string) (out string, status int) {
	r.t.Helper()
	return quishmilter(r.t, append([]string{"-c", r.filter.ConfigFile()}, args...)...)
}

// printed is what the program prints on standard output alone; it must end with 0.
func (r *rig) printed(args ...string) string {
	r.t.Helper()
	command := exec.CommandContext(limited(r.t), program, append([]string{"-c", r.filter.ConfigFile()}, args...)...)
	var errors strings.Builder
	command.Stderr = &errors
	out, err := command.Output()
	if err != nil {
		r.t.Fatalf("%v: %v: %s%s", args, err, out, &errors)
	}
	return string(out)
}

func quishmilter(t *testing.T, args ...string) (out string, status int) {
	t.Helper()
	both, err := exec.CommandContext(limited(t), program, args...).CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return string(both), failed.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(both), 0
}

// event returns the journal's entry of a message.
func (r *rig) event(queueID string) map[string]any {
	r.t.Helper()
	out, status := r.command("hunt", "--queue-id", queueID, "--format", "json")
	var event map[string]any
	if err := json.Unmarshal([]byte(out), &event); status != 0 || err != nil {
		r.t.Fatalf("hunt: status %d, %v: %s", status, err, out)
	}
	return event
}
