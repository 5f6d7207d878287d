package proc

import (
	"bufio"
	"os"
	"os/exec"
	"testing"
	"time"
)

// The name of a program may hold spaces and parentheses: fields are counted from the last one.
func TestParseStat(t *testing.T) {
	stat := "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 99 0 0\n"
	got, err := parseStat(42, []byte(stat))
	if want := (Process{PID: 42, parent: 7, CPU: time.Second}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := parseStat(42, []byte("42 (short) S 7")); err == nil {
		t.Error("a short line is accepted")
	}
}

// child starts a shell that starts another and waits, and returns when both run.
func child(t *testing.T) *exec.Cmd {
	t.Helper()
	command := exec.Command("sh", "-c", "sh -c 'echo up; read wait' ; true")
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // ends the read, and with it both
		_ = command.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return command
}

func TestTreeHasDescendants(t *testing.T) {
	command := child(t)
	processes, err := Tree(command.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if len(processes) != 2 || processes[0].PID != command.Process.Pid || processes[1].parent != command.Process.Pid {
		t.Errorf("tree is %+v", processes)
	}
	m, err := MemoryOf(command.Process.Pid)
	if err != nil || m.Root <= 0 || m.Largest <= 0 || m.Sum != m.Root+m.Largest {
		t.Errorf("memory is %+v, %v", m, err)
	}
	if _, err := Tree(1 << 30); err == nil {
		t.Error("a process that is not there has a tree")
	}
}

// Work that is done shows as CPU time.
func TestCPUTimeGrows(t *testing.T) {
	before, err := CPUTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for now := before; now < before+50*time.Millisecond; {
		if now, err = CPUTime(os.Getpid()); err != nil { // reading /proc is the work
			t.Fatal(err)
		}
	}
}
