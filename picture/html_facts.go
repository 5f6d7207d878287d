package picture

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"
)

// factsSize bounds the text that is looked at for facts.
const factsSize = 256 << 10

// scanPhrases are pairs: a text asks to scan a code when both words stand near each other. In lower case. The first
// are what one does, the second what it is done to.
var scanPhrases = []struct{ verbs, things []string }{
	{[]string{"scan ", "scan:", "scanning ", "point your camera", "use your phone", "open your camera"}, []string{"qr", "code", "barcode"}},
	{[]string{"扫描", "扫一扫", "扫码", "掃描", "掃一掃", "掃碼", "扫下", "扫上"}, []string{"码", "碼", "qr"}},
	{[]string{"स्कैन"}, []string{"कोड", "qr", "क्यूआर"}},
	{[]string{"escane", "escaná", "escáne", "escanea", "lee el código", "leer el código"}, []string{"qr", "código", "codigo"}},
	{[]string{"scannez", "scanner ", "scannant", "flashez", "flasher ", "numérisez", "numériser "}, []string{"qr", "code"}},
	{[]string{"امسح", "مسح", "المسح"}, []string{"رمز", "كود", "الاستجابة", "qr"}},
	{[]string{"স্ক্যান"}, []string{"কোড", "qr", "কিউআর"}},
	{[]string{"escane", "digitaliz", "leia o", "aponte a câmera", "aponte a camera"}, []string{"qr", "código", "codigo"}},
	{[]string{"скан", "отскан", "наведите камеру", "считайте"}, []string{"qr", "код"}},
	{[]string{"スキャン", "読み取", "読取", "読み込"}, []string{"コード", "qr", "ＱＲ"}},
	{[]string{"scannen ", "scanne ", "einscannen", "abscannen", "einlesen", "fotografieren"}, []string{"qr", "code"}},
	{[]string{"scansion", "inquadra"}, []string{"qr", "codice"}},
	{[]string{"zeskanuj", "skanuj", "skanowa"}, []string{"qr", "kod"}},
	{[]string{"tarayın", "taratın", "okutun", "tarayarak"}, []string{"qr", "karekod", "kare kod"}},
	{[]string{"스캔"}, []string{"코드", "qr"}},
	{[]string{"pindai"}, []string{"qr", "kode"}},
	{[]string{"quét"}, []string{"mã", "qr"}},
}

// scanReach is how far apart, in bytes, the two words may stand.
const scanReach = 80

// TextFacts reports whether a text, plain or HTML in UTF-8, asks to scan a code with the phone: in English, Chinese,
// Hindi, Spanish, French, Arabic, Bengali, Portuguese, Russian, Japanese, German and a few more. It looks at the
// first 256 KB.
func TextFacts(text string) (asksToScan bool) {
	text = text[:min(len(text), factsSize)]
	if strings.IndexByte(text, '<') >= 0 {
		text = withoutTags(text)
	}
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, phrase := range scanPhrases {
		for _, verb := range phrase.verbs {
			if near(text, verb, phrase.things) {
				return true
			}
		}
	}
	return false
}

// near looks for a verb with one of the things around it. "qr" and "code" count only as whole words, or as parts of
// a compound with QR in it.
func near(text, verb string, things []string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], verb)
		if i < 0 {
			return false
		}
		at := from + i
		from = at + len(verb)
		if verb[0] < utf8.RuneSelf && at > 0 && letterByte(text[at-1]) {
			continue
		}
		around := text[max(0, at-scanReach):min(len(text), from+scanReach)]
		for _, thing := range things {
			if hasThing(around, thing) {
				return true
			}
		}
	}
}

func hasThing(text, thing string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], thing)
		if i < 0 {
			return false
		}
		at := from + i
		from = at + len(thing)
		if thing[0] >= utf8.RuneSelf || (at == 0 || !letterByte(text[at-1])) && (thing == "qr" || from == len(text) || !letterByte(text[from]) || text[from] == 's') {
			return true
		}
	}
}

func letterByte(c byte) bool { return c >= 'a' && c <= 'z' || c >= utf8.RuneSelf }

// withoutTags leaves the text of a document, character references resolved.
func withoutTags(s string) string {
	var out strings.Builder
	for s != "" {
		text, rest, found := strings.Cut(s, "<")
		out.WriteString(text)
		if !found {
			break
		}
		low := strings.ToLower(rest[:min(len(rest), 6)])
		end := ">"
		switch {
		case low == "style" || strings.HasPrefix(low, "style") && strings.IndexByte("> \t\r\n", low[5]) >= 0:
			end = "</style>"
		case strings.HasPrefix(low, "script"):
			end = "</script>"
		case strings.HasPrefix(low, "!--"):
			end = "-->"
		}
		_, s, _ = strings.Cut(rest, end)
		if tag := low; strings.HasPrefix(tag, "br") || strings.HasPrefix(tag, "p") || strings.HasPrefix(tag, "/p") || strings.HasPrefix(tag, "td") || strings.HasPrefix(tag, "div") || strings.HasPrefix(tag, "/div") {
			out.WriteByte(' ')
		}
	}
	return html.UnescapeString(out.String())
}

// IsPage knows web pages by what they are declared or named as.
func IsPage(declaredType, name string) bool {
	return declaredPage(Part{Type: declaredType, Name: name})
}

// remotePictures bounds the list of linked pictures.
const remotePictures = 64

// RemotePictures returns the URLs of pictures that a document links and does not contain, in its order. Pictures
// that the document makes a pixel or two in size are left out: they only count readers. It looks at the first
// 256 KB.
func RemotePictures(document []byte) []string {
	document = document[:min(len(document), factsSize)]
	if !bytes.Contains(document, []byte("//")) {
		return nil
	}
	var list []string
	add := func(u string) {
		u = strings.TrimSpace(u)
		low := strings.ToLower(u[:min(len(u), 8)])
		if strings.HasPrefix(low, "//") {
			u = "https:" + u
		} else if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
			return
		}
		if len(list) < remotePictures && !contains(list, u) {
			list = append(list, u)
		}
	}
	t := growTree(document)
	t.root.walk(func(n *node) bool {
		if n.tag == "" || counts(n) {
			return true
		}
		switch n.tag {
		case "img", "input", "image", "embed", "v:imagedata", "v:fill", "source":
			add(n.attr("src"))
			add(n.attr("href"))
			add(n.attr("xlink:href"))
			for _, f := range strings.Split(n.attr("srcset"), ", ") {
				add(strings.Split(strings.TrimSpace(f)+" ", " ")[0])
			}
		case "object":
			add(n.attr("data"))
		}
		add(n.attr("background"))
		for _, u := range cssURLs(n.attr("style")) {
			add(u)
		}
		return true
	})
	for _, sheet := range t.sheets {
		for _, u := range cssURLs(sheet) {
			if !strings.Contains(strings.ToLower(u), "font") && !strings.HasSuffix(strings.ToLower(u), ".css") {
				add(u)
			}
		}
	}
	return list
}

// counts tells pictures that nobody sees.
func counts(n *node) bool {
	w, h := n.attr("width"), n.attr("height")
	return (w == "1" || w == "0" || w == "1px") && (h == "1" || h == "0" || h == "1px")
}

// cssURLs returns what stands in url(…).
func cssURLs(css string) []string {
	var list []string
	for len(list) < remotePictures {
		_, rest, ok := strings.Cut(css, "url(")
		if !ok {
			return list
		}
		u, after, _ := strings.Cut(rest, ")")
		list = append(list, strings.Trim(u, `"' `))
		css = after
	}
	return list
}
