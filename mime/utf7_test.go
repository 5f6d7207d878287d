package mime

import "testing"

func TestUTF7(t *testing.T) {
	for in, want := range map[string]string{
		"plain":            "plain",
		"1 +- 1":           "1 + 1",
		"+JYglhA- x":       "█▄ x",
		"+JYglhA":          "█▄",
		"+ADw-p+AD4-hi":    "<p>hi",
		"A+ImIDkQ.":        "A≢Α.",
		"+2D3cTQ-":         "\U0001f44d",
		"+!":               "+!",
		"end+":             "end+",
		"\xff raw":         "\xff raw",
		"+//////////////-": "\uffff\uffff\uffff\uffff\uffff",
	} {
		if got, err := Text([]byte(in), "UTF-7"); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}
