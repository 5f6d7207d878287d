package picture

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

// What an Office document draws with its own means is rewritten as the HTML that looks like it: text as lines, tables
// as tables, shapes as SVG. The layout of HTML then finds the codes in it, whichever program wrote the document.

// Bounds of what is rewritten. The smallest code has 441 modules, about 230 of them dark.
const (
	officeShapes = 48      // shapes, coloured cells, or corners of one outline that may be a code
	officeMarkup = 8 << 20 // bytes that one file becomes
)

// officePage is the HTML of one XML file.
type officePage struct {
	out    bytes.Buffer
	svg    bytes.Buffer      // of shapes, in the document's own units
	styles map[string]string // CSS by the document's names of styles

	targets map[string]string // files of pictures, by the names of relations
	at      place             // of the group that is being written
	depth   int
}

// page shows what an XML file of a document draws, if there is enough of it for a code.
func (v *view) page(text []byte, name string, targets map[string]string) {
	if c := signsInXML(text); v.ctx.Err() != nil || !c.drawsInXML() && !(c.blips >= 2 && v.shelf.pieces()) {
		return
	}
	t := growXML(text)
	o := &officePage{styles: namedStyles(t.root), targets: targets, at: place{sx: 1, sy: 1}}
	o.children(t.root)
	if markup := o.markup(); len(markup) > 0 {
		v.within(Part{Type: "text/html", Charset: "utf-8", Data: markup}, name, v.carrier)
	}
}

// markup is the whole page; white space in documents is kept as it is.
func (o *officePage) markup() []byte {
	if o.svg.Len() == 0 && o.out.Len() == 0 {
		return nil
	}
	return fmt.Appendf(nil, `<html><body style="position:relative;white-space:pre;font-family:monospace">%s<svg>%s</svg></body></html>`, o.out.Bytes(), o.svg.Bytes())
}

// signsInXML is a quick look at a document's XML: characters and lines as in any text, painted cells, shapes, pictures.
func signsInXML(text []byte) counter {
	c := counter{xml: true}
	c.markup(text, text)
	c.endLine()
	return c
}

func (c *counter) drawsInXML() bool {
	return c.blocks >= ordinaryBlocks || c.art >= fewestArtLines || c.shapes >= officeShapes
}

// drawsOne tells elements of which a code needs many, and outlines, of which one may be a whole code.
func drawsOne(name, tag []byte) int {
	switch string(name) {
	case "shd", "off", "lnTo", "srgbClr", "schemeClr", "table-cell", "rect", "roundrect", "oval", "shape", "custom-shape", "ellipse", "circle":
		return 1
	case "path", "polygon":
		return len(tag) / 10
	}
	return 0
}

// localName is "tbl" of "w:tbl"; tags come in lower case.
func localName(tag string) string { return tag[strings.IndexByte(tag, ':')+1:] }

// child is the first child element of that local name, nil without one; of nil it is nil.
func (n *node) child(names ...string) *node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		var found *node
		for _, c := range n.children {
			if localName(c.tag) == name {
				found = c
				break
			}
		}
		n = found
	}
	return n
}

// value is an attribute by its local name, "" without one or of nil.
func (n *node) value(name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.attrs {
		if localName(a.name) == name {
			return a.value
		}
	}
	return ""
}

func (o *officePage) children(n *node) {
	if o.depth++; o.depth <= treeDepth {
		for _, c := range n.children {
			if o.full() {
				break
			}
			o.element(c)
		}
	}
	o.depth--
}

func (o *officePage) full() bool { return o.out.Len()+o.svg.Len() > officeMarkup }

// element writes one element of WordprocessingML, DrawingML (ECMA-376-1), VML or OpenDocument.
func (o *officePage) element(n *node) {
	if n.tag == "" {
		if shownText(n.parent) {
			o.out.WriteString(html.EscapeString(n.text))
		}
		return
	}
	switch local := localName(n.tag); local {
	case "p", "h":
		o.wrapped("div", o.styles[n.value("style-name")], n)
	case "r":
		o.wrapped("span", runStyle(n), n)
	case "span":
		o.wrapped("span", o.styles[n.value("style-name")], n)
	case "br", "cr", "line-break":
		o.out.WriteString("<br>")
	case "tab":
		o.out.WriteByte('\t')
	case "s":
		o.out.WriteString(strings.Repeat(" ", max(1, min(number(n.value("c")), mostColumns))))
	case "tbl", "table":
		o.table(n)
	case "fallback", "instrtext", "deltext", "sppr", "rpr", "ppr", "automatic-styles", "styles", "master-styles", "font-face-decls":
	default:
		if !o.shape(local, n) {
			o.children(n)
		}
	}
}

// shownText tells whether the characters in an element are read: others only part elements from each other.
func shownText(n *node) bool {
	switch n.tag {
	case "w:t", "a:t", "t", "text:p", "text:h", "text:span", "text:a":
		return true
	}
	return localName(n.tag) == "t"
}

func (o *officePage) wrapped(tag, style string, n *node) {
	if style == "" && tag == "span" {
		o.children(n)
		return
	}
	fmt.Fprintf(&o.out, `<%s style="%s">`, tag, style)
	o.children(n)
	fmt.Fprintf(&o.out, "</%s>", tag)
}

// runStyle is how a run of characters is painted.
func runStyle(n *node) string {
	rpr := n.child("rpr")
	style := ""
	if c := rgbWord(rpr.child("color").value("val")); c != "" {
		style += "color:" + c + ";"
	} else if c := drawingColor(rpr.child("solidfill")); c != "" {
		style += "color:" + c + ";"
	}
	if c := rgbWord(rpr.child("shd").value("fill")); c != "" {
		style += "background:" + c
	} else if c := drawingColor(rpr.child("highlight")); c != "" {
		style += "background:" + c
	} else if c := plainWord(rpr.child("highlight").value("val")); c != "" && c != "none" {
		style += "background:" + c
	}
	return style
}

// rgbWord is "#aabbcc" of "AABBCC", "" of "auto" and everything else.
func rgbWord(value string) string {
	value = strings.TrimPrefix(value, "#")
	if len(value) == 8 { // with an alpha in front, as in spreadsheets
		value = value[2:]
	}
	if len(value) != 6 || strings.Trim(strings.ToLower(value), "0123456789abcdef") != "" {
		return ""
	}
	return "#" + value
}

// plainWord is a value of letters alone, such as the name of a colour.
func plainWord(value string) string {
	value = strings.ToLower(value)
	if strings.Trim(value, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return value
}
