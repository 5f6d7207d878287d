package qr

import (
	"testing"
)

// put is one value of a bit string.
type put struct{ v, n int }

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		name, want, raw string
		bits            []put
	}{
		{"digits 3+2", "31415", "31415", []put{{1, 4}, {5, 10}, {314, 10}, {15, 7}}},
		{"digits 3+1", "3141", "3141", []put{{1, 4}, {4, 10}, {314, 10}, {1, 4}}},
		{"alphanumeric", "AB:", "AB:", []put{{2, 4}, {3, 9}, {10*45 + 11, 11}, {44, 6}}},
		{"bytes", "é", "\xc3\xa9", []put{{4, 4}, {2, 8}, {0xc3, 8}, {0xa9, 8}}},
		{"Latin-1 guessed", "né", "n\xe9", []put{{4, 4}, {2, 8}, {'n', 8}, {0xe9, 8}}},
		{"ECI 26, UTF-8", "é", "\xc3\xa9", []put{{7, 4}, {26, 8}, {4, 4}, {2, 8}, {0xc3, 8}, {0xa9, 8}}},
		{"ECI 9, Greek", "α", "\xe1", []put{{7, 4}, {9, 8}, {4, 4}, {1, 8}, {0xe1, 8}}},
		{"ECI in two bytes, unknown", "x", "x", []put{{7, 4}, {0x8000 | 899, 16}, {4, 4}, {1, 8}, {'x', 8}}},
		{"kanji", "点", "\x93\x5f", []put{{8, 4}, {1, 8}, {0x0d9f, 13}}},
		{"hanzi", "中", "\xd6\xd0", []put{{13, 4}, {1, 4}, {1, 8}, {(0xd6-0xa6)*0x60 + 0xd0 - 0xa1, 13}}},
		{"GS1: % is a separator, %% is %", "\x1dA%", "\x1dA%", []put{{5, 4}, {2, 4}, {4, 9}, {38*45 + 10, 11}, {38*45 + 38, 11}}},
		{"FNC1 in second position", "37A", "37A", []put{{9, 4}, {37, 8}, {2, 4}, {1, 9}, {10, 6}}},
		{"terminator", "1", "1", []put{{1, 4}, {1, 10}, {1, 4}, {0, 4}, {15, 4}}},
		{"nothing", "", "", []put{{0, 4}}},
	} {
		var b bitWriter
		for _, p := range c.bits {
			b.put(p.v, p.n)
		}
		m, err := parseSegments(b.data, b.n, qrCoding(1))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if raw, text := m.payload(); text != c.want || string(raw) != c.raw {
			t.Errorf("%s: %q from %q, want %q from %q", c.name, text, raw, c.want, c.raw)
		}
	}
}

func TestBrokenSegments(t *testing.T) {
	for name, bits := range map[string][]put{
		"unknown mode":            {{6, 4}},
		"digits over 999":         {{1, 4}, {3, 10}, {1000, 10}},
		"too few digits":          {{1, 4}, {900, 10}, {1, 10}},
		"alphanumeric over 44·45": {{2, 4}, {2, 9}, {2047, 11}},
		"bytes over the end":      {{4, 4}, {200, 8}, {1, 8}},
		"kanji over the end":      {{8, 4}, {200, 8}, {1, 8}},
		"hanzi of another subset": {{13, 4}, {2, 4}, {0, 8}},
		"ECI of four bytes":       {{7, 4}, {0xff, 8}},
		"symbol 5 of 3":           {{3, 4}, {5, 4}, {2, 4}, {0, 8}},
	} {
		var b bitWriter
		for _, p := range bits {
			b.put(p.v, p.n)
		}
		if m, err := parseSegments(b.data, b.n, qrCoding(1)); err == nil {
			t.Errorf("%s: taken as %+v", name, m)
		}
	}
}

func TestGuess(t *testing.T) {
	for raw, want := range map[string]string{
		"plain":                       "plain",
		"\xef\xbb\xbfbyte order mark": "byte order mark",
		"\xe6\xb8\xac\xe8\xa9\xa6":    "測試",
		"\x93\xfa\x96\x7b\x8c\xea":    "日本語",
		"\xb6\xc0\xb6\xc5":            "ｶﾀｶﾅ",
		"caf\xe9":                     "café",
		"Stra\xdfe 5\x80":             "Straße 5€",
	} {
		if got := string(guess([]byte(raw))); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
