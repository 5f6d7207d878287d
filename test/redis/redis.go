// Package redis starts real Redis servers for tests: on loopback, on ports of their own, in folders of their own.
package redis

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is one redis-server. It may be killed and started again, with the data that it had.
type Server struct {
	Port   int
	Folder string

	t    testing.TB
	args []string
	cmd  *exec.Cmd
}

// Start runs a server that writes every change to its file, with further options as on redis-server's command line
// ("--requirepass", "x"). It ends with the test.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	s := &Server{Port: freePort(t), Folder: t.TempDir(), t: t}
	s.args = append([]string{"--bind", "127.0.0.1", "--port", fmt.Sprint(s.Port), "--dir", s.Folder,
		"--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"}, options...)
	t.Cleanup(s.Kill)
	s.Run()
	return s
}

// URL is where the server answers.
func (s *Server) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d", s.Port) }

// Run starts the server and waits until it says that it is ready.
func (s *Server) Run() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", s.args...)
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.t.Fatalf("starting redis-server (apt-get install redis-server): %v", err)
	}
	ready := make(chan string, 1)
	go func() {
		var said []string
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			said = append(said, lines.Text())
			if strings.Contains(lines.Text(), "Ready to accept connections") || strings.Contains(lines.Text(), "Sentinel ID is") {
				select {
				case ready <- "":
				default:
				}
			}
		}
		select {
		case ready <- strings.Join(said, "\n"):
		default:
		}
	}()
	select {
	case said := <-ready:
		if said != "" {
			s.t.Fatalf("redis-server ended:\n%s", said)
		}
	case <-time.After(30 * time.Second):
		s.t.Fatal("redis-server is not ready after 30 seconds")
	}
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() { s.signal(syscall.SIGKILL) }

// Freeze makes the server hang: it keeps its connections and answers nothing. Thaw ends that.
func (s *Server) Freeze() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(sig)
	_ = s.cmd.Wait() // it was killed
	s.cmd = nil
}

// CPU is the processor time that the running server has used, to 10 ms.
func (s *Server) CPU() time.Duration {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var user, system int64 // proc(5): the 14th and 15th field, of which the second ends at the last bracket
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		s.t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// Path is a file in the server's folder.
func (s *Server) Path(name string) string { return filepath.Join(s.Folder, name) }

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
