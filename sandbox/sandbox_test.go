package sandbox

import (
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be the process that enters the sandbox: it can never leave.
func TestMain(m *testing.M) {
	text, inside := os.LookupEnv(testProcess)
	if !inside {
		os.Exit(m.Run())
	}
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	var o outcome
	var err error
	if o.Report, err = Enter(c); err != nil {
		panic(err)
	}
	o.Tried = Probe()
	if err := json.NewEncoder(os.Stdout).Encode(o); err != nil {
		panic(err)
	}
}

const testProcess = "QUISHMILTER_TEST_SANDBOX"

// outcome is what the process inside says.
type outcome struct {
	Report Report
	Tried  []Attempt
}

func inside(t *testing.T, c Config) outcome {
	t.Helper()
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/proc/self/exe")
	command.Env = append(os.Environ(), testProcess+"="+string(config))
	command.Stderr = os.Stderr
	said, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var o outcome
	if err := json.Unmarshal(said, &o); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return o
}

// A process of root's becomes somebody else, and fails at all that code from outside would try.
func TestNothingIsAllowed(t *testing.T) {
	o := inside(t, Config{User: &User{Name: "nobody", UID: 65534, GID: 65534}, CPU: 3600})
	t.Log(o.Report)
	if !o.Report.Seccomp || o.Report.Root {
		t.Errorf("%+v", o.Report)
	}
	if len(o.Tried) < 32 {
		t.Errorf("%d attempts", len(o.Tried))
	}
	for _, a := range o.Tried {
		t.Logf("%-32s %s", a.Name, a.Why)
		if !a.Denied {
			t.Errorf("%s: %s", a.Name, a.Why)
		}
	}
}

// On a kernel or a processor without a layer the others hold, and the report says what is missing.
func TestMissingLayers(t *testing.T) {
	c := Config{User: &User{Name: "nobody", UID: 65534, GID: 65534}, Without: []string{Seccomp, Landlock}}
	o := inside(t, c)
	if o.Report.Complete() || len(o.Report.Missing) != 2 || !strings.Contains(o.Report.String(), "missing: landlock") {
		t.Errorf("%v", o.Report)
	}
	for _, a := range o.Tried {
		if slices.Contains([]string{"read a file", "write a file", "open a TCP socket", "raise a limit"}, a.Name) && !a.Denied {
			t.Errorf("%s is allowed by the limits alone: %s", a.Name, a.Why)
		}
	}
}

// A container may not let root become somebody else: the other layers hold, and the report says so.
func TestStillRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not run by root: there is nobody to become")
		return
	}
	o := inside(t, Config{User: &User{Name: "unchanged", UID: -1, GID: -1}}) // -1 changes nothing (setresuid(2))
	if !o.Report.Root || o.Report.User != "" || !o.Report.Seccomp || o.Report.Complete() || !strings.Contains(o.Report.String(), "still root") {
		t.Errorf("%+v", o.Report)
	}
	for _, a := range o.Tried {
		if !a.Denied {
			t.Errorf("%s: %s", a.Name, a.Why)
		}
	}
}

// The filter's answers, computed as the kernel does.
func TestFilter(t *testing.T) {
	if architecture == 0 {
		t.Logf("no filter for %s", runtime.GOARCH)
		return
	}
	for _, c := range []struct {
		name         string
		arch, number uint32
		first        uint32
		want         uint32
	}{
		{"read", architecture, unix.SYS_READ, 0, unix.SECCOMP_RET_ALLOW},
		{"socket", architecture, unix.SYS_SOCKET, 0, refused},
		{"openat", architecture, unix.SYS_OPENAT, 0, refused},
		{"execve", architecture, unix.SYS_EXECVE, 0, refused},
		{"a call of the future", architecture, 100000, 0, refused},
		{"another architecture", 3, unix.SYS_READ, 0, unix.SECCOMP_RET_KILL_PROCESS},
		{"x32", architecture, foreignCall | unix.SYS_READ, 0, unix.SECCOMP_RET_KILL_PROCESS},
		{"thread", architecture, unix.SYS_CLONE, unix.CLONE_VM | unix.CLONE_SIGHAND | unix.CLONE_THREAD, unix.SECCOMP_RET_ALLOW},
		{"fork", architecture, unix.SYS_CLONE, uint32(unix.SIGCHLD), refused},
		{"thread with a network of its own", architecture, unix.SYS_CLONE, unix.CLONE_THREAD | unix.CLONE_NEWNET, refused},
		{"clone3", architecture, unix.SYS_CLONE3, 0, unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{"own thread", architecture, unix.SYS_TGKILL, 42, unix.SECCOMP_RET_ALLOW},
		{"another's thread", architecture, unix.SYS_TGKILL, 43, refused},
	} {
		if got := run(t, filter(42), c.arch, c.number, c.first); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
}

// run is as much of the BPF machine as the filter uses.
func run(t *testing.T, program []unix.SockFilter, arch, number, first uint32) uint32 {
	t.Helper()
	data := map[uint32]uint32{callNumber: number, callArch: arch, callFirst: first}
	var a uint32
	for i := 0; i < len(program); i++ {
		in := program[i]
		yes := false
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = data[in.K]
			continue
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			yes = a == in.K
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			yes = a >= in.K
		case unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K:
			yes = a&in.K != 0
		default:
			t.Fatalf("instruction %d: %#x", i, in.Code)
		}
		if yes {
			i += int(in.Jt)
		} else {
			i += int(in.Jf)
		}
	}
	t.Fatal("the program has no end")
	return 0
}
