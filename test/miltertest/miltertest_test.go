// Package miltertest lets a foreign client speak to the daemon: miltertest of OpenDKIM, with scripts in Lua.
package miltertest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

func TestForeignClient(t *testing.T) {
	dir := t.TempDir()
	program, err := daemon.Program(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	filter, err := daemon.Start(ctx, daemon.Config{Program: program})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := filter.Stop(); err != nil {
			t.Error(err)
		}
	})
	message := bytes.ReplaceAll(mailmaker.SOC251().Bytes(), []byte("\r"), nil)
	header, body, _ := bytes.Cut(message, []byte("\n\n"))
	files := map[string][]byte{"header": append(header, '\n'), "body": body}
	args := []string{"-D", "socket=" + filter.Address}
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-D", name+"="+file)
	}
	for _, script := range []string{"plain.lua", "held.lua", "disorder.lua"} {
		if out, err := exec.CommandContext(ctx, "miltertest", append(args, "-D", "script="+script, "-s", "run.lua")...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", script, err, out, filter.Log())
		}
	}
	if strings.Contains(filter.Log(), "panic") {
		t.Error(filter.Log())
	}
}
