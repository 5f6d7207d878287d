package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"quishmilter/test/daemon"
	"quishmilter/test/proc"
)

// The workers of a daemon of root's are another user's, with system calls filtered; log and check say what is active.
func TestWorkersAreConfined(t *testing.T) {
	left, err := os.Open(".") // as a supervisor's that forgot to close it
	if err != nil {
		t.Fatal(err)
	}
	defer left.Close()
	if _, err := unix.FcntlInt(left.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	r := start(t, daemon.Config{TOML: "[workers]\nuser = \"nobody\"\n"})
	processes, err := proc.Tree(r.filter.PID)
	if err != nil || len(processes) < 2 {
		t.Fatalf("%+v, %v", processes, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", processes[1].PID))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65534\t65534\t65534\t65534\n", "Gid:\t65534\t65534\t65534\t65534\n", "Groups:\t \n",
		"CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
	inheritsNothing(t, processes[1].PID)
	if log := r.filter.Log(); !strings.Contains(log, "workers are confined: seccomp, ") || !strings.Contains(log, "user nobody") {
		t.Errorf("nothing about it in the log\n%s", log)
	}
	if out := r.must("check"); !strings.Contains(out, "ok      workers are confined: seccomp, ") || !strings.Contains(out, "was refused each") {
		t.Errorf("check says\n%s", out)
	}
}

// inheritsNothing looks at what a worker has of the daemon: no variable, no descriptor but the socket and where it says why
// it died, no right to leave a core or a file.
func inheritsNothing(t *testing.T, pid int) {
	t.Helper()
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(environment); got != "GOMAXPROCS=2\x00" {
		t.Errorf("its environment is %q", got)
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []string{"Max core file size", "Max file size", "Max open files", "Max locked memory", "Max msgqueue size"} {
		_, rest, _ := strings.Cut(string(limits), limit)
		if got := strings.Fields(rest); len(got) < 2 || got[0] != "0" || got[1] != "0" {
			t.Errorf("%s is not 0:\n%s", limit, limits)
		}
	}
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(open) < 4 {
		t.Fatalf("%q, %v", open, err)
	}
	sockets := 0
	for _, file := range open {
		target, err := os.Readlink(file)
		switch {
		case err != nil:
			t.Error(err)
		case strings.HasPrefix(target, "socket:"):
			sockets++
		case strings.HasPrefix(target, "/sys/fs/cgroup/"): // by which Go's runtime asks how many cores there are; anybody may read it
		case target != "/dev/null" && !strings.HasPrefix(target, "pipe:") && !strings.HasPrefix(target, "anon_inode:[event"):
			t.Errorf("it has %s open", target)
		}
	}
	if sockets != 1 {
		t.Errorf("it has %d sockets", sockets)
	}
}

// check asks Postfix itself: our place among the milters against what we may do, and the macros.
func TestCheckAsksPostfix(t *testing.T) {
	r := start(t, daemon.Config{})
	config := r.filter.ConfigFile()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, append([]byte(fmt.Sprintf("queue_instances = [%q]\n", r.mta.ConfigDir())), text...), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := r.must("check"); strings.Contains(out, "smtpd_milters") || strings.Contains(out, "_macros") {
		t.Errorf("about the example's own settings:\n%s", out)
	}
	for _, c := range [][3]string{
		{"smtpd_milters", "{ " + r.filter.Address + " }, inet:127.0.0.1:1", "inet:127.0.0.1:1 stands behind us"},
		{"smtpd_milters", "inet:127.0.0.1:1", "does not name"},
		{"milter_mail_macros", "i {auth_type}", "milter_mail_macros in Postfix's main.cf lacks {auth_authen}"},
	} {
		if _, _, err := r.mta.Postconf("-e", c[0]+"="+c[1]); err != nil {
			t.Fatal(err)
		}
		if out := r.must("check"); !strings.Contains(out, "warning "+r.mta.ConfigDir()+": ") || !strings.Contains(out, c[2]) {
			t.Errorf("%s = %s: check says\n%s", c[0], c[1], out)
		}
	}
}
