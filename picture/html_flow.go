package picture

import (
	"math"
	"strings"
	"unicode/utf8"
)

// flow places boxes one after the other and below each other.
type flow struct {
	l             *layouter
	x0, y0, width float64
	x, y          float64 // where the next box goes
	lineHeight    float64
	right         float64 // how far it reached
	space         float64 // white space before the next box on the line
	shrink        bool
	noWrap, flex  bool
}

func (f *flow) children(n *node, st *style) {
	var loose []*node // cells and rows without a table around them
	for _, c := range n.children {
		if f.l.spent(1) {
			return
		}
		if c.tag == "" {
			f.text(c.text, st)
			continue
		}
		look := f.l.styles.of(c, st)
		if look.display == "row" || look.display == "rows" || look.display == "cell" {
			loose = append(loose, c)
			continue
		}
		f.loose(loose, st)
		loose = nil
		f.element(c, look, n)
	}
	f.loose(loose, st)
}

// loose lays out rows or cells that have no table of their own, as one (CSS 2.2, section 17.2.1).
func (f *flow) loose(list []*node, st *style) {
	if len(list) == 0 {
		return
	}
	wrapper := &node{tag: "#table", children: list}
	wrapper.look = &style{display: "table", color: st.color, fontSize: st.fontSize, pre: st.pre, unseen: st.unseen}
	f.newLine()
	w, h := f.l.box(wrapper, wrapper.look, f.x0, f.y, f.width, true)
	f.right, f.y = math.Max(f.right, f.x0+w), f.y+h
}

func (f *flow) element(c *node, look *style, parent *node) {
	switch {
	case look.display == "none":
	case c.tag == "br":
		f.lineHeight = math.Max(f.lineHeight, f.emptyLine(look))
		f.newLine()
	case look.absolute:
		f.absolute(c, look)
	case look.display == "inline" && !f.flex: // what lies in a flexible box is a block (CSS Flexbox, section 4)
		f.children(c, look)
	case look.display == "inline-block" || look.float || f.flex || look.display == "flex" && parent.tag == "span":
		if look.clear {
			f.newLine()
		}
		f.atom(c, look)
	default:
		f.block(c, look)
	}
}

// emptyLine is how high a line is that holds nothing.
func (f *flow) emptyLine(look *style) float64 {
	if f.lineHeight > 0 {
		return 0
	}
	return 1.2 * look.fontSize
}

func (f *flow) newLine() {
	f.y += f.lineHeight
	f.x, f.lineHeight, f.space = f.x0, 0, 0
}

// text takes room on the line. White space between boxes is as wide as in browsers; text that is only white space
// makes no line.
func (f *flow) text(text string, st *style) {
	words := strings.Trim(text, " \t\r\n\f")
	if words == "" {
		if text != "" && f.x > f.x0 && !f.flex {
			f.space = st.fontSize / 4
		}
		return
	}
	if strings.Trim(words, "\u00a0\u200b\u200c\u200d\ufeff") == "" && (st.height.given || st.width.given) {
		return // only keeps a box of a given size from being empty
	}
	w := float64(utf8.RuneCountInString(words)) * st.fontSize / 2
	lines := 1.0
	if room := f.x0 + f.width - f.x; w > room && f.width > st.fontSize {
		lines = math.Ceil((w - room) / f.width)
		f.newLine()
		w = math.Min(w, f.width)
	}
	f.x += w
	f.right = math.Max(f.right, f.x)
	f.lineHeight = math.Max(f.lineHeight, lines*1.2*st.fontSize)
}

// atom places a box on the line.
func (f *flow) atom(c *node, look *style) {
	if !look.float {
		f.x += f.space
	}
	f.space = 0
	start := len(f.l.items)
	x, y := f.x+look.margin[3]+look.shiftX, f.y+look.margin[0]+look.shiftY
	w, h := f.l.box(c, look, x, y, f.width, true)
	full := w + look.margin[1] + look.margin[3]
	if f.x > f.x0 && f.x+full > f.x0+f.width+0.5 && !f.noWrap {
		oldX, oldY := f.x, f.y
		f.newLine()
		f.l.move(start, f.x-oldX, f.y-oldY)
	}
	f.x += full
	f.right = math.Max(f.right, f.x)
	f.lineHeight = math.Max(f.lineHeight, h+look.margin[0]+look.margin[2])
}

// block places a box below what was before.
func (f *flow) block(c *node, look *style) {
	f.newLine()
	f.y += look.margin[0]
	relX, relY := 0.0, 0.0
	if look.positioned {
		relX, _ = look.left.pixels(f.width)
		relY, _ = look.top.pixels(0)
	}
	avail := math.Max(0, f.width-look.margin[1]-look.margin[3])
	w, h := f.l.box(c, look, f.x0+look.margin[3]+relX+look.shiftX, f.y+relY+look.shiftY, avail, f.shrink)
	f.right = math.Max(f.right, f.x0+w+look.margin[1]+look.margin[3])
	f.y += h + look.margin[2]
}

// absolute places a box by its offsets from the nearest positioned element, or where it stands.
func (f *flow) absolute(c *node, look *style) {
	x, y := f.x, f.y
	if v, ok := look.left.pixels(f.width); ok {
		x = f.l.origin.x + v
	} else if v, ok := look.right.pixels(f.width); ok {
		w, _ := look.width.pixels(0)
		x = f.l.origin.x + f.width - v - w
	}
	if v, ok := look.top.pixels(f.width); ok {
		y = f.l.origin.y + v
	} else if v, ok := look.bottom.pixels(f.width); ok {
		h, _ := look.height.pixels(0)
		y = f.l.origin.y - v - h
	}
	f.l.box(c, look, x+look.margin[3]+look.shiftX, y+look.margin[0]+look.shiftY, f.width, true)
}
