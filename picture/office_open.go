package picture

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

// What is special about OpenDocument (ODF 1.3, part 3): everything that is painted is so by a style of its own.

// namedStyles are the styles of a document in CSS, by their names; "fill:" before a name is how its shapes are filled.
func namedStyles(root *node) map[string]string {
	styles := map[string]string{}
	root.walk(func(n *node) bool {
		if n.tag != "style:style" || len(styles) > treeNodes/100 {
			return true
		}
		name := n.value("name")
		for _, p := range n.children {
			if c := rgbWord(p.value("background-color")); c != "" {
				styles[name] += "background:" + c + ";"
			}
			if p.tag == "style:text-properties" {
				if c := rgbWord(p.value("color")); c != "" {
					styles[name] += "color:" + c + ";"
				}
			}
			if c := rgbWord(p.value("fill-color")); c != "" && p.value("fill") != "none" {
				styles["fill:"+name] = c
			}
		}
		return true
	})
	return styles
}

// openBox is where a shape lies, in pixels, and its fill.
func (o *officePage) openBox(n *node) (box [4]float64, fill string, ok bool) {
	for i, name := range []string{"svg:x", "svg:y", "svg:width", "svg:height"} {
		if l, given := parseLength(n.attr(name), 16); given {
			box[i], _ = l.pixels(0)
		}
	}
	fill = o.styles["fill:"+n.value("style-name")]
	return box, fill, fill != "" && box[2] > 0 && box[3] > 0
}

func (o *officePage) openShape(n *node) {
	if b, fill, ok := o.openBox(n); ok {
		fmt.Fprintf(&o.svg, `<rect x="%.3f" y="%.3f" width="%.3f" height="%.3f" fill="%s"/>`, b[0], b[1], b[2], b[3], fill)
	}
}

// openOutline is a path or polygon in coordinates of its own, which svg:viewBox tells.
func (o *officePage) openOutline(n *node) {
	b, fill, ok := o.openBox(n)
	view := strings.Fields(n.attr("svg:viewbox"))
	if !ok || len(view) != 4 || decimal(view[2]) <= 0 || decimal(view[3]) <= 0 {
		return
	}
	d := n.attr("svg:d")
	if points := n.attr("draw:points"); points != "" {
		d = "M" + strings.ReplaceAll(points, " ", "L") + "Z"
	}
	if strings.ContainsAny(d, `"<>&`) {
		return
	}
	fmt.Fprintf(&o.svg, `<path transform="translate(%.3f %.3f) scale(%.6f %.6f) translate(%.3f %.3f)" fill="%s" d="%s"/>`, b[0], b[1],
		b[2]/decimal(view[2]), b[3]/decimal(view[3]), -decimal(view[0]), -decimal(view[1]), fill, d)
}

// openLinks tells the pictures that an OpenDocument file shows from elsewhere.
func (v *view) openLinks(text []byte) {
	for rest := text; ; {
		i := bytes.Index(rest, []byte("<draw:image"))
		if i < 0 {
			return
		}
		tag := rest[i:]
		if end := bytes.IndexByte(tag, '>'); end >= 0 {
			tag = tag[:end]
		}
		rest = rest[i+len("<draw:image"):]
		if _, url, ok := bytes.Cut(tag, []byte(`xlink:href="`)); ok {
			url, _, _ = bytes.Cut(url, []byte(`"`))
			v.link(html.UnescapeString(string(url)), text)
		}
	}
}
