package picture

import (
	"fmt"
	"strings"
)

// shape writes a shape as SVG, in pixels; false when the element is none. Its text is written as any other.
func (o *officePage) shape(local string, n *node) bool {
	switch local {
	case "sp", "wsp":
		o.drawingShape(n)
		o.text(n)
	case "grpsp", "wgp":
		o.group(n, innerPlace(n.child("grpsppr", "xfrm")))
	case "anchor": // of Word: where a shape stands on its page
		x, y := n.child("positionh", "posoffset"), n.child("positionv", "posoffset")
		o.group(n, place{x: innerNumber(x) / pixelEMU, y: innerNumber(y) / pixelEMU, sx: 1, sy: 1})
	case "pic", "frame", "inline":
		o.picture(local, n)
	case "rect", "roundrect", "oval", "custom-shape", "ellipse", "circle", "shape":
		if strings.HasPrefix(n.tag, "v:") {
			o.vmlShape(n)
		} else if strings.HasPrefix(n.tag, "draw:") {
			o.openShape(n)
		}
		o.text(n)
	case "path", "polygon":
		if !strings.HasPrefix(n.tag, "draw:") {
			return false
		}
		o.openOutline(n)
	default:
		return false
	}
	return true
}

// text writes what stands in a shape, as lines of their own.
func (o *officePage) text(n *node) {
	o.out.WriteString("<div>")
	o.children(n)
	o.out.WriteString("</div>")
}

// place is where the coordinates of a group begin, in pixels, and how they are stretched.
type place struct{ x, y, sx, sy float64 }

// group writes what is in a group, which has coordinates of its own.
func (o *officePage) group(n *node, p place) {
	fmt.Fprintf(&o.svg, `<g transform="translate(%.3f %.3f) scale(%.6f %.6f)">`, p.x, p.y, p.sx, p.sy)
	outer := o.at
	o.at = place{outer.x + outer.sx*p.x, outer.y + outer.sy*p.y, outer.sx * p.sx, outer.sy * p.sy}
	o.children(n)
	o.at = outer
	o.svg.WriteString("</g>")
}

func innerNumber(n *node) float64 {
	if n == nil || len(n.children) == 0 {
		return 0
	}
	return decimal(strings.TrimSpace(n.children[0].text))
}

// innerPlace reads the transformation of a group (ECMA-376-1, section 20.1.7.5).
func innerPlace(xfrm *node) place {
	off, ext, inner, size := xfrm.child("off"), xfrm.child("ext"), xfrm.child("choff"), xfrm.child("chext")
	p := place{sx: 1, sy: 1}
	if w, h := decimal(size.value("cx")), decimal(size.value("cy")); w > 0 && h > 0 {
		p.sx, p.sy = decimal(ext.value("cx"))/w, decimal(ext.value("cy"))/h
	}
	p.x = (decimal(off.value("x")) - p.sx*decimal(inner.value("x"))) / pixelEMU
	p.y = (decimal(off.value("y")) - p.sy*decimal(inner.value("y"))) / pixelEMU
	return p
}

// drawingShape is a shape of DrawingML: the outline that it gives itself, or the box around it.
func (o *officePage) drawingShape(n *node) {
	spPr := n.child("sppr")
	fill := drawingColor(spPr.child("solidfill"))
	if fill == "" && spPr.child("nofill") == nil && n.child("style", "fillref") != nil {
		fill = drawingColor(n.child("style", "fillref"))
	}
	off, ext := spPr.child("xfrm", "off"), spPr.child("xfrm", "ext")
	x, y, w, h := decimal(off.value("x"))/pixelEMU, decimal(off.value("y"))/pixelEMU, decimal(ext.value("cx"))/pixelEMU, decimal(ext.value("cy"))/pixelEMU
	if fill == "" || w <= 0 || h <= 0 {
		return
	}
	paths := spPr.child("custgeom", "pathlst")
	if paths == nil {
		fmt.Fprintf(&o.svg, `<rect x="%.3f" y="%.3f" width="%.3f" height="%.3f" fill="%s"/>`, x, y, w, h, fill)
		return
	}
	for _, path := range paths.children {
		sx, sy := 1/pixelEMU, 1/pixelEMU
		if pw, ph := decimal(path.value("w")), decimal(path.value("h")); pw > 0 && ph > 0 {
			sx, sy = w/pw, h/ph
		}
		fmt.Fprintf(&o.svg, `<path transform="translate(%.3f %.3f)" fill="%s" d="`, x, y, fill)
		o.outline(path, sx, sy)
		o.svg.WriteString(`"/>`)
	}
}

// outline writes the corners of a DrawingML path; of a curve its last point.
func (o *officePage) outline(path *node, sx, sy float64) {
	for _, step := range path.children {
		letter := map[string]string{"moveto": "M", "lnto": "L", "cubicbezto": "L", "quadbezto": "L", "close": "Z"}[localName(step.tag)]
		if letter == "" || o.full() {
			continue
		}
		o.svg.WriteString(letter)
		if points := step.children; letter != "Z" && len(points) > 0 {
			p := points[len(points)-1]
			fmt.Fprintf(&o.svg, "%.3f %.3f", decimal(p.value("x"))*sx, decimal(p.value("y"))*sy)
		}
	}
}

// drawingColor is the colour in a fill: as it is, or about that of the default theme.
func drawingColor(fill *node) string {
	if fill == nil {
		return ""
	}
	for _, c := range fill.children {
		switch localName(c.tag) {
		case "srgbclr":
			return rgbWord(c.value("val"))
		case "sysclr":
			return rgbWord(c.value("lastclr"))
		case "prstclr":
			return plainWord(c.value("val"))
		case "schemeclr":
			switch c.value("val") {
			case "bg1", "lt1":
				return "#ffffff"
			case "bg2", "lt2":
				return "#e7e6e6"
			case "tx1", "dk1":
				return "#000000"
			}
			return "#44546a" // one of the accents
		}
	}
	return ""
}

// vmlShape is a box of VML, as Word wrote it before 2010 and still does beside the new way.
func (o *officePage) vmlShape(n *node) {
	var box [4]float64
	for _, d := range parseDeclarations(n.attr("style")) {
		i := map[string]int{"left": 1, "margin-left": 1, "top": 2, "margin-top": 2, "width": 3, "height": 4}[d.property]
		if l, ok := parseLength(d.value, 16); ok && i > 0 {
			box[i-1], _ = l.pixels(0)
		}
	}
	fill := n.attr("fillcolor")
	if c, ok := parseColor(fill); ok && box[2] > 0 && box[3] > 0 {
		fmt.Fprintf(&o.svg, `<rect x="%.3f" y="%.3f" width="%.3f" height="%.3f" fill="#%02x%02x%02x"/>`, box[0], box[1], box[2], box[3], c.R, c.G, c.B)
	}
}
