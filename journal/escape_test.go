package journal

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode"
)

// A line of the JSON log steers no terminal, and says to a program what was there.
func TestJSONLinesArePrintable(t *testing.T) {
	text := "\u009b2J\x7f\u0085\u202egnp\u2066\u200b\ufeff\u2028\U000e0041\u00a0é\x1b[31m\r\n\x00 \U0001f600"
	var out bytes.Buffer
	NewLog(&out, JSON, "").Message(Event{Subject: text})
	for _, r := range out.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U in %q", r, &out)
		}
	}
	var fields map[string]any
	if err := json.Unmarshal(out.Bytes(), &fields); err != nil || fields["email.subject"] != text || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
		t.Errorf("%v: %q", err, fields["email.subject"])
	}
}
