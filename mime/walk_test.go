package mime

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

var testLimits = Limits{Parts: 500, Depth: 100}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// shape prints a tree as one line a part: path, type, name, decoded content.
func shape(tree Tree) string {
	var b strings.Builder
	for _, p := range tree.Parts {
		content, _ := io.ReadAll(p.Reader())
		fmt.Fprintf(&b, "%s %s %s %q\n", p.Path, p.Type, p.Name, content)
	}
	for _, p := range tree.Problems {
		fmt.Fprintf(&b, "! %s %s\n", p.Part, p.Kind)
	}
	return b.String()
}

func TestWalk(t *testing.T) {
	const mixed = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nhello\n--a\nContent-Type: image/png; name=x.png\nContent-Transfer-Encoding: base64\n\nAAEC\n--a--\n"
	const both = "1 text/plain  \"hello\"\n2 image/png x.png \"\\x00\\x01\\x02\"\n"
	tests := []struct{ name, mail, want string }{
		{"single", "Subject: x\n\nbody\n", "1 text/plain  \"body\\r\\n\"\n"},
		{"mixed", mixed, both},
		{"another type before it", "Content-Type: text/plain\n" + mixed, both},
		{"doubled semicolon", strings.Replace(mixed, "; boundary=a", ";; boundary=a;", 1), both},
		{"doubled boundary", strings.Replace(mixed, "boundary=a", "boundary=b; boundary=a", 1), both},
		{"valueless parameter", strings.Replace(mixed, "boundary=a", "foo; boundary=a", 1), both},
		{"trailing garbage", strings.Replace(mixed, "boundary=a", "boundary=\"a\" garbage", 1), both},
		{"unquoted equals sign", strings.ReplaceAll(strings.ReplaceAll(mixed, "--a", "--a=b"), "boundary=a", "boundary=a=b"), both},
		{"line without a colon", strings.Replace(mixed, "Content-Type: image", "garbage here\nContent-Type: image", 1), both},
		{"line without a colon inside", strings.Replace(mixed, "Content-Transfer", "garbage here\nContent-Transfer", 1), both},
		{"encoding with parameter", strings.Replace(mixed, "base64", "base64; x=y", 1), both},
		{"doubled encoding", strings.Replace(mixed, "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: BASE64 ", 1), both},
		{"illegal bytes in base64", strings.Replace(mixed, "AAEC", "A!A\nE*C", 1), both},
		{"not closed", strings.Replace(mixed, "\n--a--\n", "", 1), both},
		{"no boundary", "Content-Type: multipart/mixed\n\nx\n", "1 multipart/mixed  \"x\\r\\n\"\n!  broken\n"},
		{"no boundary, but delimiters", strings.Replace(mixed, "; boundary=a", "", 1), both},
		{"nested", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/related; boundary=aa\n\n--aa\n\none\n--aa\n\ntwo\n--a\n\nthree\n--a--\n",
			"1.1 text/plain  \"one\"\n1.2 text/plain  \"two\"\n2 text/plain  \"three\"\n"},
		{"attached message", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nSubject: y\n\ninner\n--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n--a--\n",
			"1.1 text/plain  \"inner\"\n2.1 text/plain  \"one\"\n2.2 text/plain  \"two\"\n"},
		{"epilogue", mixed + strings.Repeat("e", 200), both + "epilogue text/plain  \"" + strings.Repeat("e", 200) + "\"\n"},
		{"short epilogue", mixed + "see https://example.net/q", both + "epilogue text/plain  \"see https://example.net/q\"\n"},
		{"parts behind the end", mixed + "--a\nContent-Type: text/html\n\nlate\n", both + "epilogue text/plain  \"--a\\r\\nContent-Type: text/html\\r\\n\\r\\nlate\\r\\n\"\nepilogue.1 text/html  \"late\\r\\n\"\n"},
		{"picture behind the end", mixed + "\niVBORw0KGgoAAAA\nAAAA\n\nbye", both + "epilogue text/plain  \"\\r\\niVBORw0KGgoAAAA\\r\\nAAAA\\r\\n\\r\\nbye\"\nepilogue.carved1 application/octet-stream  \"\\x89PNG\\r\\n\\x1a\\n\\x00\\x00\\x00\\x00\\x00\\x00\"\n"},
		{"picture without delimiters", "Content-Type: multipart/mixed\n\n%PDF-1.7\n", "1 multipart/mixed  \"%PDF-1.7\\r\\n\"\n1.carved1 application/octet-stream  \"%PDF-1.7\\r\\n\"\n!  broken\n"},
		{"digest", "Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: y\nContent-Type: text/html\n\ninner\n--a\nContent-Type: text/plain\n\ntwo\n--a--\n",
			"1.1 text/html  \"inner\"\n2 text/plain  \"two\"\n"},
		{"quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\na=3Db=\nc =ZZ  \n", "1 text/plain  \"a=bc =ZZ\\r\\n\"\n"},
		{"uuencode", "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#0V%T\n`\nend\n", "1 text/plain  \"Cat\"\n"},
		{"uuencode in text", "\nsee:\nbegin 644 a.txt\n#0V%T\n`\nend\nbye\nbegin 600 b\n#0V%T\n",
			"1 text/plain  \"see:\\r\\nbegin 644 a.txt\\r\\n#0V%T\\r\\n`\\r\\nend\\r\\nbye\\r\\nbegin 600 b\\r\\n#0V%T\\r\\n\"\n1.uuencode1 application/octet-stream a.txt \"Cat\"\n1.uuencode2 application/octet-stream b \"Cat\"\n"},
		{"no uuencode", "\nbegin the work\nend\n", "1 text/plain  \"begin the work\\r\\nend\\r\\n\"\n"},
		{"yEnc in text", "\n=ybegin line=128 size=4 name=a b.png\nm\x8b\x9e=}\n=yend size=4\n",
			"1 text/plain  \"=ybegin line=128 size=4 name=a b.png\\r\\nm\\x8b\\x9e=}\\r\\n=yend size=4\\r\\n\"\n1.yenc1 application/octet-stream a b.png \"Cat\\x13\"\n"},
		{"name in RFC 2231", "Content-Disposition: attachment; filename*0*=utf-8''a%C3%A4; filename*1=b.png\n\n", "1 text/plain aäb.png \"\"\n"},
		{"name in RFC 2047", "Content-Disposition: attachment; filename=\"=?utf-8?q?=C3=A4?=.png\"\n\n", "1 text/plain ä.png \"\"\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header, body := ParseMessage([]byte(crlf(test.mail)))
			if got := shape(Walk(header, body, testLimits)); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

func TestWalkLimits(t *testing.T) {
	many := "Content-Type: multipart/mixed; boundary=a\n\n" + strings.Repeat("--a\n\nx\n", 10000) + "--a--\n"
	header, body := ParseMessage([]byte(crlf(many)))
	tree := Walk(header, body, testLimits)
	if len(tree.Parts) != testLimits.Parts || len(tree.Problems) != 1 || tree.Problems[0].Kind != OverLimit {
		t.Errorf("10,000 parts: %d parts, problems %v", len(tree.Parts), tree.Problems)
	}
}

// nested is a message of multiparts inside one another, with a text at the bottom.
func nested(levels int) []byte {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return []byte(crlf(b.String() + "\nbottom\n"))
}

// A message nested 5,000 deep takes go-message 7.5 s.
func TestWalkDeepNesting(t *testing.T) {
	header, body := ParseMessage(nested(5000))
	tree := Walk(header, body, Limits{Parts: 500, Depth: 100000})
	if len(tree.Parts) != 1 || !strings.HasPrefix(string(tree.Parts[0].Raw), "bottom") {
		t.Errorf("%d parts", len(tree.Parts))
	}
	if tree := Walk(header, body, testLimits); len(tree.Problems) == 0 || tree.Problems[0].Kind != OverLimit {
		t.Errorf("depth limit: %v", tree.Problems)
	}
}

func BenchmarkWalkNested(b *testing.B) {
	for _, levels := range []int{500, 5000, 50000} {
		header, body := ParseMessage(nested(levels))
		b.Run(fmt.Sprint(levels), func(b *testing.B) {
			for b.Loop() {
				Walk(header, body, Limits{Parts: 500, Depth: 100000})
			}
		})
	}
}

func FuzzWalk(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n"))
	f.Add([]byte("Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/x; boundary=\"\"\r\n\r\n----\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		header, body := ParseMessage(raw)
		total := 0
		for _, p := range Walk(header, body, testLimits).Parts {
			total += len(p.Raw)
			if _, err := io.Copy(io.Discard, p.Reader()); err != nil {
				t.Fatal(err)
			}
		}
		// A file that stands in a text is in the text and by itself; what follows the end of a multipart may be one again.
		if total > (mostStrays+3)*len(raw) {
			t.Fatalf("parts of %d bytes in a message of %d", total, len(raw))
		}
	})
}

// A multipart none of whose delimiters is found has content that was not looked into, and that is said.
func TestMultipartWithoutParts(t *testing.T) {
	const head, part = "Content-Type: multipart/mixed; boundary=", "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAEC\n"
	text := strings.Repeat("c", littleContent)
	long := strings.Repeat("b", maxBoundary)
	tests := []struct {
		name, mail string
		broken     bool
	}{
		{"other delimiters", head + "a\n\n--b\n" + part + text, true},
		{"encoded", head + "a\nContent-Transfer-Encoding: base64\n\n" + text, true},
		{"longest boundary", head + long + "\n\n--" + long + "\n" + part, false},
		{"longer boundary", head + long + "b\n\n--" + long + "b\n" + part, true},
		{"inside another", head + "a\n\n--a\n" + head + "b\n\n" + text + "\n--a--\n", true},
		{"closed at once", head + "a\n\n" + text + "\n--a--\n", true},
		{"little content", head + "a\n\n" + text[1:], false},
		{"no content", head + "a\n\n", false},
	}
	for _, test := range tests {
		header, body := ParseMessage([]byte(crlf(test.mail)))
		tree := Walk(header, body, testLimits)
		if broken := len(tree.Problems) == 1 && tree.Problems[0].Kind == Broken; broken != test.broken || len(tree.Problems) > 1 {
			t.Errorf("%s: %v", test.name, tree.Problems)
		}
	}
}

// FuzzDecodeWords reads encoded words and the parameters of a field, which a sender writes in any charset and encoding.
func FuzzDecodeWords(f *testing.F) {
	f.Add("=?utf-8?B?4oCu?= =?iso-2022-jp?Q?=1B$B?= =?utf-7?Q?+AD4-?=")
	f.Add(`multipart/mixed; boundary="a\"b"; ;; name*0*=utf-8''%E2; name*1=x; charset=; filename*=utf-8'`)
	f.Fuzz(func(t *testing.T, value string) {
		if words := DecodeWords(value); len(words) > 4*len(value)+16 {
			t.Errorf("%d bytes become %d", len(value), len(words))
		}
		parseParams(value)
	})
}
