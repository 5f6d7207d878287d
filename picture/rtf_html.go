package picture

import "bytes"

// rtfHTML is HTML that Outlook wrapped in RTF ([MS-OXRTFEX]): its tags stand in groups of their own, its text as it is,
// and what RTF needs to show the same stands between \htmlrtf and \htmlrtf0.
type rtfHTML struct{ out bytes.Buffer }

// text takes a text of the group top.
func (h *rtfHTML) text(text []byte, top *rtfGroup) {
	if h != nil && !top.skipped && !top.htmlrtf && h.out.Len()+len(text) <= maxMember {
		h.out.Write(text)
	}
}

// control takes a control word. Nil is no HTML.
func (h *rtfHTML) control(t rtfToken, top *rtfGroup) {
	if h == nil {
		return
	}
	switch t.word {
	case "htmlrtf":
		top.htmlrtf = !t.has || t.arg != 0
	case "par", "line":
		h.text([]byte("\r\n"), top)
	case "tab":
		h.text([]byte("\t"), top)
	case "lquote", "rquote":
		h.text([]byte("'"), top)
	case "ldblquote", "rdblquote":
		h.text([]byte("&quot;"), top)
	case "bullet":
		h.text([]byte("&bull;"), top)
	case "endash":
		h.text([]byte("&ndash;"), top)
	case "emdash":
		h.text([]byte("&mdash;"), top)
	}
}

// showHTML looks into the HTML that was found.
func (r *rtfReader) showHTML() {
	if r.html == nil {
		return
	}
	charset := charsetOf(uint32(max(0, r.codepage)))
	if charset == "" {
		charset = "windows-1252"
	}
	r.body("text/html", charset, r.html.out.Bytes())
}
