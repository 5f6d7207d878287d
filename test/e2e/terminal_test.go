package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/test/mailmaker"
)

// Tables have colour on a terminal, unless its user wants none, and are plain in a pipe.
func TestColourIsForTerminals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mfa.eml")
	if err := os.WriteFile(file, mailmaker.SOC251().Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	const red = "\x1b[31mquarantine"
	if out, _ := quishmilter(t, "scan", file); strings.Contains(out, "\x1b") || !strings.Contains(out, "quarantine") {
		t.Errorf("in a pipe: %q", out)
	}
	for setting, want := range map[string]bool{"NO_COLOR=": true, "NO_COLOR=1": false, "TERM=dumb": false} {
		command := exec.CommandContext(limited(t), "script", "-qec", program+" scan "+file, "/dev/null") // of util-linux: a terminal of its own
		command.Env = append(os.Environ(), "TERM=xterm", "SHELL=/bin/sh", setting)
		out, err := command.CombinedOutput()
		if status := command.ProcessState.ExitCode(); status != 3 {
			t.Fatalf("%s: status %d, %v: %s", setting, status, err, out)
		}
		if got := strings.Contains(string(out), red); got != want || !strings.Contains(string(out), "hxxps://ipfs[.]io") {
			t.Errorf("%s: colour is there: %v: %q", setting, got, out)
		}
	}
}
