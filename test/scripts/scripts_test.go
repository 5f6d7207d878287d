// Package scripts runs scripts/install-deps with commands that only pretend.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// machine is a folder of pretended commands, first in PATH, that write down how they were called.
type machine struct {
	t   *testing.T
	dir string
}

// newMachine has one package installed, postfix missing, and an apt-get that plans what it is told to.
func newMachine(t *testing.T, plan string) machine {
	t.Helper()
	m := machine{t, t.TempDir()}
	m.write("plan", plan, 0o644)
	m.command("id", `echo 0`)
	m.command("dpkg-query", `case "$4" in present) printf installed ;; *) exit 1 ;; esac`)
	m.command("debconf-set-selections", `cat >>"$HERE/log"`)
	m.command("apt-get", `echo "apt-get $*" >>"$HERE/log"
case "$*" in
-s*) cat "$HERE/plan" ;;
*install*) cat "$POLICY_RC_D" >"$HERE/policy-during" ;;
esac`)
	return m
}

func (m machine) write(name, text string, mode os.FileMode) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), mode); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) command(name, script string) {
	m.write(name, "#!/bin/sh\n"+script+"\n", 0o755)
}

func (m machine) read(name string) string {
	text, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		return ""
	}
	return string(text)
}

// install runs the script without a terminal.
func (m machine) install(environment []string, packages ...string) (said string, err error) {
	command := exec.Command("../../scripts/install-deps", packages...)
	command.Env = append([]string{"PATH=" + m.dir + ":/usr/bin:/bin", "HERE=" + m.dir, "POLICY_RC_D=" + filepath.Join(m.dir, "policy-rc.d")}, environment...)
	out, err := command.CombinedOutput()
	return string(out), err
}

func TestNothingMissingNothingDone(t *testing.T) {
	m := newMachine(t, "")
	if said, err := m.install(nil, "present"); err != nil || said != "" {
		t.Errorf("%v: %s", err, said)
	}
	if log := m.read("log"); log != "" {
		t.Errorf("apt-get was called:\n%s", log)
	}
}

func TestInstallsWithoutStartingServices(t *testing.T) {
	m := newMachine(t, "Inst postfix\nConf postfix\n")
	m.write("policy-rc.d", "the machine's own", 0o755)
	if said, err := m.install(nil, "present", "postfix"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if log := m.read("log"); !strings.Contains(log, "install --no-install-recommends postfix\n") || strings.Contains(log, "update") {
		t.Errorf("the commands were:\n%s", log)
	}
	if during := m.read("policy-during"); !strings.Contains(during, "exit 101") {
		t.Errorf("during the installation policy-rc.d was %q", during)
	}
	if after := m.read("policy-rc.d"); after != "the machine's own" {
		t.Errorf("afterwards policy-rc.d is %q", after)
	}
}

// Whoever reads only the beginning of the output (`| head`) ends the script by a signal.
func TestPutsPolicyBackWhenOutputBreaks(t *testing.T) {
	m := newMachine(t, "Inst postfix\n")
	m.write("policy-rc.d", "the machine's own", 0o755)
	m.command("apt-get", `case "$*" in
-s*) cat "$HERE/plan" ;;
*install*) kill -PIPE $PPID ;;
esac`)
	if said, err := m.install(nil, "postfix"); err == nil {
		t.Errorf("the script did not end by the signal: %s", said)
	}
	if after := m.read("policy-rc.d"); after != "the machine's own" {
		t.Errorf("afterwards policy-rc.d is %q", after)
	}
}

// A mail server is never removed without a person's word.
func TestRefusesToRemoveUnasked(t *testing.T) {
	for _, environment := range [][]string{nil, {"CI=true"}} {
		m := newMachine(t, "Remv exim4-daemon-light\nInst postfix\n")
		said, err := m.install(environment, "postfix")
		if err == nil || !strings.Contains(said, "would remove exim4-daemon-light: set ASSUME_YES=1") {
			t.Errorf("%v: %v: %s", environment, err, said)
		}
		if log := m.read("log"); strings.Contains(log, "-y install") {
			t.Errorf("it was installed all the same:\n%s", log)
		}
	}
	m := newMachine(t, "Remv exim4-daemon-light\nInst postfix\n")
	if said, err := m.install([]string{"CI=true", "ASSUME_YES=1"}, "postfix"); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	if log := m.read("log"); !strings.Contains(log, "-y install") {
		t.Errorf("with ASSUME_YES=1 the commands were:\n%s", log)
	}
	if policy := m.read("policy-rc.d"); policy != "" {
		t.Errorf("policy-rc.d is left behind: %q", policy)
	}
}

// Package lists that are missing are fetched once.
func TestUpdatesWhenAptKnowsNothing(t *testing.T) {
	m := newMachine(t, "")
	m.command("apt-get", `echo "apt-get $*" >>"$HERE/log"
case "$*" in
-s*) [ -e "$HERE/updated" ] ;;
*update) touch "$HERE/updated" ;;
esac`)
	if said, err := m.install(nil, "postfix"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if log := m.read("log"); strings.Count(log, "update") != 1 || !strings.Contains(log, "-y install") {
		t.Errorf("the commands were:\n%s", log)
	}
}
