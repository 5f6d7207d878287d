package picture

import (
	"image"
	"image/color"
	"math"
	"strings"

	"quishmilter/mime"
)

// Bounds of a drawing. Elements count each time they are used.
const (
	svgElements = 300_000
	svgDepth    = 40 // of groups and uses
	svgDrawings = 16 // in one document
	svgMarkup   = 32 << 20
	svgCovers   = 16 // clip paths and masks
)

// openSVG draws a part that is an SVG picture.
func openSVG(v *view) {
	d := &page{view: v, seen: map[string]bool{}}
	markup := d.cutter.cut(textOf(v.part))
	if len(markup) > svgMarkup {
		v.problem(mime.OverLimit, "", "SVG longer than %d MB", svgMarkup>>20)
		return
	}
	markup = expandEntities(markup)
	t := growTree(markup)
	if t.cut {
		v.problem(mime.OverLimit, "", "more than %d elements; the rest was not looked at", treeNodes)
	}
	d.references(t)
	d.signs.script = buildsPage(lowered(markup))
	d.scripts(t)
	sheet := parseSheets(t.sheets)
	if !d.drawings(t.root, sheet) {
		v.problem(mime.Broken, "", "an SVG picture without its root element")
	}
	if signsOf(markup, true).written() {
		d.blockPictures(htmlLines(t.root, &styler{sheet: sheet}), "text-blocks")
	}
}

// drawings draws each svg element of a document; false when there is none.
func (d *page) drawings(root *node, sheet *stylesheet) bool {
	ids := map[string]*node{}
	var found []*node
	root.walk(func(n *node) bool {
		if id := n.attr("id"); id != "" && ids[id] == nil {
			ids[id] = n
		}
		if n.tag == "svg" {
			inside := false
			for p := n.parent; p != nil; p = p.parent {
				inside = inside || p.tag == "svg"
			}
			if !inside {
				found = append(found, n)
			}
		}
		return true
	})
	shown := 0
	for _, n := range found {
		if shown >= svgDrawings {
			d.problem(mime.OverLimit, "", "more than %d drawings in one document", svgDrawings)
			break
		}
		if d.drawing(n, sheet, ids) {
			shown++
		}
	}
	return len(found) > 0
}

// scene is one drawing.
type scene struct {
	page        *page
	sheet       *stylesheet
	ids         map[string]*node
	declared    map[*node][]declaration
	view        struct{ x, y, w, h float64 } // what is seen, in user units
	img         *image.RGBA                  // nil while the drawing is only measured
	sides       []float64                    // of boxes and straight lines, while it is
	minX, minY  float64
	maxX, maxY  float64
	elements    int
	work        int
	points      int
	covers      int
	cut         bool // something was left out
	full        bool // so much was drawn that nothing more is
	unsupported string
	shapes      int
}

// drawing shows one svg element; false when nothing much is drawn: an icon.
func (d *page) drawing(n *node, sheet *stylesheet, ids map[string]*node) bool {
	s := &scene{page: d, sheet: sheet, ids: ids, declared: map[*node][]declaration{}}
	s.viewport(n)
	s.minX, s.minY, s.maxX, s.maxY = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	base := pen0()
	s.children(n, base, 0)
	if len(s.sides) < 30 && s.shapes < 30 {
		s.report()
		return false // fewer edges than three finders and a row of modules have
	}
	if d.ended("") {
		return true
	}
	m, ok := s.canvas()
	if !ok {
		return false
	}
	base.ctm = m
	s.elements, s.points, s.full = 0, 0, false
	s.children(n, base, 0)
	s.report()
	d.picture(s.img, "drawing", "svg")
	return true
}

func (s *scene) report() {
	if s.cut {
		s.page.problem(mime.OverLimit, "", "a drawing too large to be drawn whole")
	}
	if s.unsupported != "" {
		s.page.problem(mime.Unsupported, "", "a drawing with a %s", s.unsupported)
	}
}

// brush is the state that children inherit.
type brush struct {
	ctm          matrix
	fill, stroke color.NRGBA
	current      color.NRGBA
	width        float64
	caps         string
	dashes       []float64
	evenOdd      bool
	opacity      float64
	hidden       bool
	cover        *image.Alpha
}

func pen0() brush {
	return brush{ctm: unitMatrix(), fill: color.NRGBA{A: 255}, current: color.NRGBA{A: 255}, width: 1, opacity: 1}
}

// property is what is said of an element: in its style, in a sheet, or by an attribute, in this order.
func (s *scene) property(n *node, name string) string {
	list, ok := s.declared[n]
	if !ok {
		list = append(s.sheet.declarations(n), parseDeclarations(n.attr("style"))...)
		s.declared[n] = list
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].property == name {
			return list[i].value
		}
	}
	return n.attr(name)
}

// children draws what is in an element.
func (s *scene) children(n *node, b brush, depth int) {
	for _, c := range n.children {
		if c.tag != "" {
			s.element(c, b, depth)
		}
		if s.full {
			return
		}
	}
}

// element draws one element with what is in it.
func (s *scene) element(n *node, b brush, depth int) {
	if s.elements++; s.elements > svgElements || s.elements&0xff == 0 && s.page.ctx.Err() != nil {
		s.cut, s.full = true, true
		return
	}
	if depth > svgDepth {
		s.cut = true
		return
	}
	switch n.tag {
	case "defs", "symbol", "clippath", "mask", "pattern", "marker", "lineargradient", "radialgradient", "style", "title", "desc", "metadata", "filter", "script", "text":
		return
	}
	if s.property(n, "display") == "none" {
		return
	}
	b = s.brush(n, b)
	switch n.tag {
	case "g", "a", "switch":
		s.children(n, b, depth+1)
	case "svg":
		b.ctm = b.ctm.then(s.nested(n, n))
		s.children(n, b, depth+1)
	case "use":
		s.use(n, b, depth)
	case "image":
		s.image(n, b)
	default:
		s.shape(n, b)
	}
}

// use draws another element in this place (SVG 2, section 5.5).
func (s *scene) use(n *node, b brush, depth int) {
	target := s.ids[strings.TrimPrefix(href(n), "#")]
	if target == nil {
		return
	}
	b.ctm = b.ctm.then(matrix{1, 0, 0, 1, s.coordinate(n, "x"), s.coordinate(n, "y")})
	if target.tag == "symbol" || target.tag == "svg" {
		b = s.brush(target, b)
		b.ctm = b.ctm.then(s.nested(target, n))
		s.children(target, b, depth+1)
		return
	}
	s.element(target, b, depth+1)
}

func href(n *node) string {
	if h := n.attr("href"); h != "" {
		return h
	}
	return n.attr("xlink:href")
}

func (s *scene) coordinate(n *node, name string) float64 {
	l, ok := parseLength(s.property(n, name), 16)
	if !ok {
		return 0
	}
	v, _ := l.pixels(s.view.w)
	return v
}
