package e2e

import (
	"strings"
	"testing"
)

// Wrong usage is one line and status 2.
func TestWrongUsage(t *testing.T) {
	for _, args := range []string{"scn", "scan", "scan --no-such-flag x", "sender", "hunt --limit 0", "hunt --format xml", "serve more", "check --print=xml"} {
		out, status := quishmilter(t, strings.Fields(args)...)
		if status != 2 || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "quishmilter: ") {
			t.Errorf("%s: status %d: %q", args, status, out)
		}
	}
}
