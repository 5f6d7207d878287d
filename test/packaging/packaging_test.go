// Package packaging checks that what belongs to an installed quishmilter (unit, configurations, Dockerfile) and the
// Makefile agree with the program and with each other.
package packaging

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// buildCommand is what the contract promises, with an output that is ours to choose.
const buildCommand = "CGO_ENABLED=0 go build -trimpath -tags nodynamic -o bin/quishmilter ./cmd/quishmilter"

// top is the repository.
const top = "../.."

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// build makes the program as buildCommand does.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "quishmilter")
	command := exec.Command("go", "build", "-trimpath", "-tags", "nodynamic", "-o", program, "./cmd/quishmilter")
	command.Dir = top
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	return program
}

func TestMakefileAndDockerfileBuildAlike(t *testing.T) {
	planned, err := exec.Command("make", "-C", top, "-n", "--no-print-directory", "GO=go", "build").CombinedOutput()
	if err != nil {
		t.Fatalf("make -n build: %v\n%s", err, planned)
	}
	if !strings.Contains(string(planned), buildCommand+"\n") {
		t.Errorf("make build does not run %q but:\n%s", buildCommand, planned)
	}
	if !strings.Contains(readFile(t, "Dockerfile"), "RUN "+buildCommand+"\n") {
		t.Errorf("the Dockerfile does not run %q", buildCommand)
	}
}

// A program with an interpreter needs the libraries of the machine that built it, and does not start from scratch.
func TestProgramIsStatic(t *testing.T) {
	program, err := elf.Open(build(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close() }()
	for _, segment := range program.Progs {
		if segment.Type == elf.PT_INTERP || segment.Type == elf.PT_DYNAMIC {
			t.Errorf("the program has a segment %v: it is dynamic", segment.Type)
		}
	}
}

// What the Dockerfile copies must be in the repository, or be made by an earlier line of it.
func TestDockerfileCopiesWhatThereIs(t *testing.T) {
	dockerfile := readFile(t, "Dockerfile")
	copied := regexp.MustCompile(`(?m)^COPY --from=build .*?/src/(\S+) `).FindAllStringSubmatch(dockerfile, -1)
	if len(copied) == 0 {
		t.Fatal("the Dockerfile copies nothing from its first stage")
	}
	for _, match := range copied {
		made := strings.Contains(dockerfile, "mkdir -p "+match[1]+"\n") || strings.Contains(buildCommand, " "+match[1]+" ")
		if _, err := os.Stat(filepath.Join(top, match[1])); err != nil && !made {
			t.Errorf("the Dockerfile copies %s: %v", match[1], err)
		}
	}
}

// systemd warns of settings that it does not know and of programs that are missing. The unit is verified with the
// program where the build put it.
func TestUnitIsValid(t *testing.T) {
	const installed = "/usr/bin/quishmilter"
	unit := readFile(t, "packaging/quishmilter.service")
	if !strings.Contains(unit, "ExecStart="+installed+" ") {
		t.Fatalf("the unit does not start %s", installed)
	}
	verify := func(text string) string {
		file := filepath.Join(t.TempDir(), "quishmilter.service")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
		if err != nil {
			return err.Error() + "\n" + string(said)
		}
		return string(said)
	}
	unit = strings.ReplaceAll(unit, installed, build(t))
	if said := verify(unit); said != "" {
		t.Errorf("systemd-analyze verify:\n%s", said)
	}
	if said := verify(strings.ReplaceAll(unit, "ProtectSystem=", "ProtectSystems=")); !strings.Contains(said, "ProtectSystems") {
		t.Errorf("of an unknown setting systemd-analyze says %q", said)
	}
}

// The socket and the service belong together, and what the socket's group may do stands in the settings as well.
func TestQueueHelperUnitsAreValid(t *testing.T) {
	const installed = "/usr/bin/quishmilter"
	folder, program := t.TempDir(), build(t)
	var files []string
	for _, kind := range []string{"service", "socket"} {
		name := "quishmilter-queue-helper." + kind
		file := filepath.Join(folder, name)
		text := strings.ReplaceAll(readFile(t, "packaging/"+name), installed, program)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	said, err := exec.Command("systemd-analyze", append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
	socket := readFile(t, "packaging/quishmilter-queue-helper.socket")
	defaults, err := exec.Command(program, "check", "--print").Output()
	if err != nil {
		t.Fatal(err)
	}
	for setting, line := range map[string]string{"queue_helper": "ListenStream=", "queue_group": "SocketGroup="} {
		value := regexp.MustCompile(setting + ` += "(.*)"`).FindStringSubmatch(string(defaults))
		if value == nil || !strings.Contains(socket, "\n"+line+value[1]+"\n") {
			t.Errorf("the socket has no %s%v", line, value)
		}
	}
	if !strings.Contains(socket, "\nSocketMode=0660\n") {
		t.Error("the socket is not for owner and group alone")
	}
}

func TestConfigurationsAreAccepted(t *testing.T) {
	program := build(t)
	for file, listen := range map[string]string{
		"quishmilter.toml": "unix:/var/spool/postfix/quishmilter/milter.sock",
		"container.toml":   "inet:0.0.0.0:8895",
	} {
		said, err := exec.Command(program, "check", "--print", "-c", filepath.Join(top, "packaging", file)).CombinedOutput()
		if err != nil || !strings.Contains(string(said), listen) {
			t.Errorf("%s: %v\n%s", file, err, said)
		}
	}
}
