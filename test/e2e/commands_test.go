package e2e

import (
	"bufio"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

// An input that cannot be read is said to be so, and those behind it are scanned all the same.
func TestScanGoesOn(t *testing.T) {
	dir := t.TempDir()
	code := filepath.Join(dir, "code.png")
	if err := os.WriteFile(code, mailmaker.PNG(mailmaker.CodeImage("https://example.com/x", 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, status := quishmilter(t, "scan", filepath.Join(dir, "missing\nfile"), dir, code)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if status != 1 || len(lines) != 4 || !strings.Contains(lines[0], "no such file") || !strings.Contains(lines[1], "is a directory") ||
		!strings.Contains(lines[3], "hxxps://example[.]com/x") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

// Wrong usage is one line and status 2.
func TestWrongUsage(t *testing.T) {
	for _, args := range []string{"scn", "scan", "scan --no-such-flag x", "sender", "hunt --limit 0", "hunt --format xml", "serve more", "check --print=xml"} {
		out, status := quishmilter(t, strings.Fields(args)...)
		if status != 2 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "quishmilter: ") {
			t.Errorf("%s: status %d: %q", args, status, out)
		}
	}
}

// A daemon outlives the reader of its log.
func TestLogReaderGone(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "q.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "listen = \"unix:%s/m.sock\"\nstate = %q\n", dir, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	serving := exec.CommandContext(limited(t), program, "serve", "-c", config)
	log, err := serving.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(log); lines.Scan() && !strings.Contains(lines.Text(), "listening"); {
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	// Each reload writes a line. What the second one finds is a daemon that survived the first.
	for range 2 {
		if err := serving.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if out, status := quishmilter(t, "check", "--health", "-c", config); status != 0 {
			t.Errorf("status %d: %s", status, out)
		}
	}
	if err := serving.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serving.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// A scan judges with the history of a running daemon.
func TestScanWithTheDaemonsHistory(t *testing.T) {
	l := mailmaker.SOC251()
	r := start(t, daemon.Config{Learn: [][]byte{before(l, 3), before(l, 5)}})
	file := filepath.Join(t.TempDir(), "mfa.eml")
	if err := os.WriteFile(file, l.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, status := quishmilter(t, "scan", "--json", "--state", r.filter.StateDir(), file)
	if status != 3 || !strings.Contains(out, `"prevalent":true,"messages":2`) {
		t.Errorf("status %d: %s", status, out)
	}
}

// scan --draw leaves a picture of what the reader saw.
func TestScanDraws(t *testing.T) {
	dir := t.TempDir()
	code := filepath.Join(dir, "code.png")
	if err := os.WriteFile(code, mailmaker.PNG(mailmaker.CodeImage("https://example.com/x", 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, status := quishmilter(t, "scan", "--draw", filepath.Join(dir, "drawn"), code)
	f, err := os.Open(filepath.Join(dir, "drawn", "001.png"))
	if err != nil {
		t.Fatalf("status %d, %v: %s", status, err, out)
	}
	defer f.Close()
	drawn, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	green := 0
	for y := range drawn.Bounds().Dy() {
		for x := range drawn.Bounds().Dx() {
			if r, g, b, _ := drawn.At(x, y).RGBA(); g > r && g > b {
				green++
			}
		}
	}
	if green < 100 {
		t.Errorf("%d green pixels: no grid of a code that was read", green)
	}
}
