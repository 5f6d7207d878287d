package picture

import (
	"bytes"
	"fmt"
	"strings"

	"quishmilter/mime"
)

// Scripts are not run. Mail clients run none either, but an attached page opens in a browser, where a script may build the
// code. What it carries as text is looked at; that it may build more is said.

// Bounds of scripts.
const (
	shortestSmuggled = 200 // characters of a string that may be a page or picture
	smuggledInPage   = 32
)

// opensInBrowser tells pages that are files from the bodies of messages, in which nobody runs scripts.
func opensInBrowser(p Part) bool { return p.Name != "" }

// builders are what scripts build pages with, in lower case.
var builders = []string{"document.write", "innerhtml", "outerhtml", "insertadjacenthtml", "appendchild", "createelement", "canvas", "getcontext", "createelementns", "qrcode", "srcdoc",
	"createobjecturl", ".src=", ".src =", "eval(", "atob(", "fromcharcode", "unescape(", "decodeuricomponent"}

// buildsPage tells whether a page, in lower case, has a script that may build what it shows, or loads one.
func buildsPage(low []byte) bool {
	if i := bytes.Index(low, []byte("<script")); i >= 0 {
		low = low[i:]
		if tag, _, _ := bytes.Cut(low, []byte(">")); bytes.Contains(tag, []byte("src=")) {
			return true
		}
	} else if !bytes.Contains(low, []byte("onload=")) && !bytes.Contains(low, []byte("onerror=")) && !bytes.Contains(low, []byte("onclick=")) {
		return false
	}
	for _, word := range builders {
		if bytes.Contains(low, []byte(word)) {
			return true
		}
	}
	return false
}

// scripts looks into the strings of a page's scripts, and says that these were not run.
func (d *page) scripts(t *tree) {
	if !opensInBrowser(d.part) || !d.signs.script {
		return
	}
	found := 0
	for _, script := range t.scripts {
		if hasData(script) {
			d.anyData(script)
		}
		for text := range stringsOf(script) {
			if data := smuggled(text, &d.cutter); data != nil && found < smuggledInPage {
				found++
				d.within(Part{Name: "script", Data: data}, fmt.Sprint("script text ", found), d.carrier)
			}
		}
	}
	d.problem(mime.Unsupported, "", "scripts build what this page shows; they were not run")
}

// stringsOf yields the long strings of a script, whichever quotes it uses.
func stringsOf(script string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for script != "" {
			i := strings.IndexAny(script, "\"'`")
			if i < 0 {
				return
			}
			quote := script[i]
			text, rest, closed := strings.Cut(script[i+1:], string(quote))
			if !closed {
				return
			}
			script = rest
			if (len(text) >= shortestSmuggled || strings.HasPrefix(text, placeholder)) && !yield(text) {
				return
			}
		}
	}
}

// smuggled is the page or picture in a string: in base64, percent-encoded, or as it is. nil without one.
func smuggled(text string, c *cutter) []byte {
	for _, data := range [][]byte{decodeBase64(c.body(text)), percentDecoded([]byte(text)), []byte(text)} {
		if looksLikeHTML(data[:min(len(data), headSize)]) || Wanted("", "", data[:min(len(data), headSize)]) {
			return data
		}
	}
	return nil
}
