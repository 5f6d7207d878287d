package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		!strings.Contains(lines[3], "https://example.com/x") {
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
