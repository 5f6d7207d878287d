//go:build faults

package faults

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/test/daemon"
)

// The machine's clock is everybody's, so this test steps the one of the daemon: it builds a program with a time package
// whose Now is off by what a file says. That means building everything anew, which takes minutes; `make faults` does.
func TestClockStepped(t *testing.T) {
	dir := t.TempDir()
	step := filepath.Join(dir, "step")
	t.Setenv("QUISHMILTER_CLOCK_STEP", step)
	usual := program
	program = steppedProgram(t, dir)
	t.Cleanup(func() { program = usual })
	tr := start(t, daemon.Config{})
	tr.send()
	for _, seconds := range []string{"86400", "-86400", "0"} {
		tr.more(25)
		if err := os.WriteFile(step, []byte(seconds), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tr.more(25)
	tr.count()
}

func steppedProgram(t *testing.T, dir string) string {
	t.Helper()
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	clock := filepath.Join(strings.TrimSpace(string(goroot)), "src", "time", "time.go")
	text, err := os.ReadFile(clock)
	if err != nil {
		t.Fatal(err)
	}
	const now = "\tsec, nsec, mono := runtimeNow()\n"
	if !strings.Contains(string(text), now) {
		t.Fatal("time.Now has changed in this version of Go")
	}
	stepped := strings.Replace(string(text), now, now+"\tsec += Step.Load()\n", 1)
	stepped = strings.Replace(stepped, "import (\n", "import (\n\t\"sync/atomic\"\n", 1) + "\n// Step is added to the clock, in seconds.\nvar Step atomic.Int64\n"
	patched := filepath.Join(dir, "time.go")
	if err := os.WriteFile(patched, []byte(stepped), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		clock: patched,
		filepath.Join(source, "cmd", "quishmilter", "clockstep.go"): filepath.Join(source, "test", "faults", "testdata", "clockstep.go.txt"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	built := filepath.Join(dir, "quishmilter")
	build := exec.Command("go", "build", "-trimpath", "-tags", "nodynamic", "-overlay", file, "-o", built, "quishmilter/cmd/quishmilter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return built
}
