package main

import (
	"strings"
	"testing"
)

// The quick way for ASCII says what the expression says.
func FuzzDefangedASCII(f *testing.F) {
	for _, text := range []string{"a.b", "x.", ".x", "..", "a..b", "a@b.example, c@d.e.f.", "127.0.0.1", "1.2.3.4.5", "::1", "-.-", "_._.", "http://a.b/c.d", "a.b.", "hello. World", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.Map(func(r rune) rune {
			if r >= 0x80 {
				return -1
			}
			return r
		}, text)
		if got, want := undottedASCII(text), dotted.ReplaceAllStringFunc(text, undotted); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	})
}
