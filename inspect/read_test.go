package inspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"quishmilter/mime"
	"quishmilter/test/mailmaker"
)

// TestWantedOf checks which parts go to a worker, and that pictures go before the HTML that puts them together.
func TestWantedOf(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules("https://example.com"))
	png := string(mailmaker.PNG(mailmaker.CodeImage("https://example.com", 4)))
	part := func(path, kind, data string) mime.Part {
		return mime.Part{Path: path, Type: kind, Encoding: "7bit", Raw: []byte(data)}
	}
	for _, c := range []struct {
		parts []mime.Part
		want  []string
	}{
		{[]mime.Part{part("1", "text/plain", "hello"), part("2", "text/html", "<p>hello</p>")}, nil},
		{[]mime.Part{part("1", "text/html", `<img src="cid:a"><img src="cid:b">`), part("2", "image/png", png), part("3", "image/png", png)}, []string{"2", "3", "1"}},
		{[]mime.Part{part("1", "application/zip", "PK\x03\x04"), part("2", "image/png", png), {Path: "3", ContentID: "a", Encoding: "7bit", Raw: []byte(png)},
			part("4", "application/octet-stream", "%PDF-1.7"), part("5", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04")}, []string{"4", "5", "3", "2", "1"}},
		{[]mime.Part{part("1", "text/html", mailmaker.TableHTML(rows, mailmaker.Black()))}, []string{"1"}},
		{[]mime.Part{part("1", "text/plain", mailmaker.HalfBlocks(rows))}, []string{"1"}},
		{[]mime.Part{part("1", "application/octet-stream", "<html><svg></svg>")}, []string{"1"}},
		{[]mime.Part{part("1", "text/plain", strings.Repeat("long text\n", 300_000))}, []string{"1"}},
		{[]mime.Part{part("1", "text/plain", strings.Repeat("long text\n", 200_000))}, nil},
	} {
		var got []string
		for _, p := range wantedOf(c.parts) {
			got = append(got, p.Path)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", fmt.Sprintf("%.60q", c.parts[0].Raw), got, c.want)
		}
	}
}
