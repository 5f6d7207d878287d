package main

import (
	"bytes"
	"strings"
	"testing"

	"quishmilter/test/mailmaker"
)

// A message that is a page alone, as that of SOC251 is, is shown as its text: no markup, no link, nothing that steers a
// terminal.
func TestTextOfAPageIsShown(t *testing.T) {
	var out bytes.Buffer
	printMessage(&out, mailmaker.SOC251().Bytes(), defaultSettings())
	for _, want := range []string{"text/html", `> "`, "all employees must set up Multi-Factor"} {
		if _, body, _ := strings.Cut(out.String(), "\npart "); !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
	checkShown(t, "SOC251", out.String())

	out.Reset()
	l := mailmaker.SOC251()
	page := "<html><style>p { color: red }</style><script>alert(1)</script><p>Scan &lt;now&gt; at http://evil.example/x &#27;[31m" + strings.Repeat(" word", 10_000) + "<p>" + hostile
	l.Body = mailmaker.HTML(page)
	printMessage(&out, l.Bytes(), defaultSettings())
	text := out.String()
	if !strings.Contains(text, `> "Scan <now> at hxxp://evil[.]example/x \x1b[31m word word`) || strings.Contains(text, "alert(1)") || strings.Contains(text, "color: red") || len(text) > 3*shownText {
		t.Errorf("%d bytes: %.2000s", len(text), text)
	}
	checkShown(t, "a hostile page", text)
}
