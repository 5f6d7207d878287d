// Package downstream starts the real filters that read our header fields, for tests: rspamd and SpamAssassin as
// milters, on loopback, with folders of their own.
package downstream

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// startTime is how long a filter may take to compile its rules on a busy machine.
const startTime = 90 * time.Second

// process is a running filter. It ends with the test.
type process struct {
	t     testing.TB
	name  string
	said  bytes.Buffer
	ended chan struct{}
}

// launch starts a program as leader of a group of its own, so that its children end with it.
func launch(t testing.TB, program string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: filepath.Base(program), ended: make(chan struct{})}
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = &p.said, &p.said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s (see TEST_PACKAGES in the Makefile): %v", p.name, err)
	}
	go func() {
		_ = cmd.Wait() // it is told to end
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-p.ended
		if t.Failed() {
			t.Logf("%s said:\n%s", p.name, p.said.String())
		}
	})
	return p
}

// waitListening returns when somebody answers at the address.
func (p *process) waitListening(network, address string) {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(startTime)
	for {
		if conn, err := net.DialTimeout(network, address, time.Second); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-p.ended:
			p.t.Fatalf("%s ended at once:\n%s", p.name, p.said.String())
		case <-late:
			p.t.Fatalf("%s does not listen on %s after %v", p.name, address, startTime)
		case <-tick.C:
		}
	}
}

// freePort is a port of 127.0.0.1 that nobody listened on just now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// folder makes a folder that the filter's unprivileged user owns, with files in it.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "quishmilter-downstream-") // not t.TempDir: other users must be able to enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := exec.Command("chown", "-R", "nobody:nogroup", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// text is a file of the repository, an example as it is shipped.
func text(t testing.TB, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
