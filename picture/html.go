package picture

import (
	"bytes"
	"image"
	"path"
	"strings"

	"quishmilter/mime"
)

// isHTML knows HTML by its declared type, its name, or how it begins. A mail client shows it for the first, a browser
// opens it for the second or third.
func isHTML(p Part) bool { return declaredPage(p) || looksLikeHTML(p.head()) }

func declaredPage(p Part) bool {
	if p.Type == "text/html" || p.Type == "application/xhtml+xml" {
		return true
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".html", ".htm", ".xhtml", ".shtml", ".xht", ".hta":
		return true
	}
	return false
}

func looksLikeHTML(head []byte) bool {
	head = bytes.TrimLeft(head, "\xef\xbb\xbf\xfe\xff \t\r\n\x00")
	if len(head) == 0 || head[0] != '<' {
		return false
	}
	lower := lowered(head[:min(len(head), 256)])
	lower = bytes.ReplaceAll(lower, []byte{0}, nil)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<div", "<meta http-equiv", "<script", "<style", "<pre", "<center", "<iframe", "<img"} {
		if bytes.HasPrefix(lower, []byte(tag)) {
			return true
		}
	}
	return false
}

// maxMarkup bounds the bytes of a document that are parsed; pictures in data: URIs are taken out before.
const maxMarkup = 16 << 20

// openHTML shows everything in a document that a person could hold a phone to.
func openHTML(v *view) {
	d := &page{view: v, seen: map[string]bool{}}
	text := textOf(v.part)
	d.signs = signsOf(text, true)
	d.signs.script = buildsPage(lowered(text))
	markup := d.cutter.cut(text)
	if len(markup) > maxMarkup {
		v.problem(mime.OverLimit, "", "HTML longer than %d MB; its end was not looked at", maxMarkup>>20)
		markup = markup[:maxMarkup]
	}
	d.document(markup)
	v.generatorPayloads(unescapedMarkup(markup))
	if v.depth > 0 { // of the parts of the message itself the daemon knows
		for _, url := range RemotePictures(text) {
			v.link(url, text)
		}
	}
}

// page is one document that is being read.
type page struct {
	*view
	cutter cutter
	signs  signs
	seen   map[string]bool // data: URIs
}

// document reads one tree, and then what stands in its conditional comments, as Outlook shows it.
func (d *page) document(markup []byte) {
	t := growTree(markup)
	if t.cut {
		d.problem(mime.OverLimit, "", "more than %d elements; the rest was not looked at", treeNodes)
	}
	d.references(t)
	d.scripts(t)
	sheet := parseSheets(t.sheets)
	styles := &styler{sheet: sheet}
	if d.signs.svg > 0 {
		d.drawings(t.root, sheet)
	}
	if d.signs.painted() || d.shelf.mayBeSplit() {
		d.layOut(t.root, styles)
	}
	if d.signs.written() {
		d.blockPictures(htmlLines(t.root, styles), "text-blocks")
	}
	if sheet.cut {
		d.problem(mime.OverLimit, "", "more style rules than are looked at")
	}
	if len(t.comments) > 0 {
		hidden := growTree([]byte(strings.Join(t.comments, "\n")))
		hidden.sheets = append(t.sheets, hidden.sheets...)
		hidden.comments = nil
		d.hidden(hidden)
	}
}

// hidden reads the conditional comments, put together.
func (d *page) hidden(t *tree) {
	d.references(t)
	styles := &styler{sheet: parseSheets(t.sheets)}
	if d.signs.svg > 0 {
		d.drawings(t.root, styles.sheet)
	}
	if d.signs.painted() || d.shelf.mayBeSplit() {
		d.layOut(t.root, styles)
	}
	if d.signs.written() {
		d.blockPictures(htmlLines(t.root, styles), "text-blocks")
	}
}

// layOut places the boxes and pictures and shows those that may be codes.
func (d *page) layOut(root *node, styles *styler) {
	l := &layouter{ctx: d.ctx, styles: styles, find: d.find}
	top := l.layOut(root)
	d.drawn(l, top)
	d.splits(l)
	if l.cut && d.ctx.Err() == nil {
		d.problem(mime.OverLimit, "", "a page too large to lay out")
	}
}

// find returns a picture by what the document calls it.
func (d *page) find(src string) image.Image {
	src = strings.TrimSpace(src)
	if len(src) > 5 && strings.EqualFold(src[:5], "data:") {
		src = dataName(src)
	}
	return d.shelf.find(src)
}
