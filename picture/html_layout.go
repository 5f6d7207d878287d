package picture

import (
	"context"
	"image"
	"image/color"
	"math"
	"strings"
)

// The layout finds where the coloured boxes and the pictures of a document come to lie. It is no browser: text takes
// about the room that it would take, and lines have no height of their own. What people draw codes with, boxes of
// given sizes, it places as browsers do.

// Bounds of the layout.
const (
	pageWidth  = 800     // pixels, of the window that mail is laid out for
	layItems   = 400_000 // boxes and pictures that are drawn
	laySteps   = 5_000_000
	tableSpans = 1000 // colspan, as in browsers (HTML, section 4.9.11)
)

// item is something that is drawn.
type item struct {
	x, y, w, h float64
	fill       color.NRGBA
	image      image.Image
	from       *node
}

// area is an element that was laid out, with the items that are drawn in it.
type area struct {
	node       *node
	start, end int // of items
	inner      []*area
	behind     color.NRGBA // what colour is around it
}

// layouter lays a document out.
type layouter struct {
	ctx    context.Context
	styles *styler
	find   func(src string) image.Image // a picture by what HTML calls it; nil where there is none
	items  []item
	page   *area
	at     *area
	origin point // of the nearest positioned element
	steps  int
	cut    bool
}

type point struct{ x, y float64 }

// rootStyle is what a document begins with.
func rootStyle() *style {
	return &style{display: "block", color: color.NRGBA{A: 255}, fontSize: 16, background: color.NRGBA{255, 255, 255, 255}}
}

// layOut places everything in the document.
func (l *layouter) layOut(root *node) *area {
	l.page = &area{node: root, behind: color.NRGBA{255, 255, 255, 255}}
	l.at = l.page
	root.look = rootStyle()
	root.look.background = color.NRGBA{}
	l.box(root, root.look, 0, 0, pageWidth, false)
	l.page.end = len(l.items)
	return l.page
}

// spent counts work; true when there has been too much of it.
func (l *layouter) spent(n int) bool {
	l.steps += n
	if l.steps > laySteps || len(l.items) > layItems || l.steps&0xfff == 0 && l.ctx.Err() != nil {
		l.cut = true
	}
	return l.cut
}

// add draws an item and returns its place in the list, -1 when it is not drawn.
func (l *layouter) add(i item) int {
	if l.spent(1) {
		return -1
	}
	l.items = append(l.items, i)
	return len(l.items) - 1
}

// move shifts everything that was drawn since start.
func (l *layouter) move(start int, dx, dy float64) {
	if dx == 0 && dy == 0 || l.spent(len(l.items)-start) {
		return
	}
	for i := start; i < len(l.items); i++ {
		l.items[i].x += dx
		l.items[i].y += dy
	}
}

// box lays out one element at (x, y) and returns the room it takes, margins not included. avail is the width around
// it; a shrinking box is as wide as what is in it.
func (l *layouter) box(n *node, st *style, x, y, avail float64, shrink bool) (w, h float64) {
	if l.spent(1) {
		return 0, 0
	}
	outer := l.at
	l.at = &area{node: n, start: len(l.items), behind: outer.behind}
	if st.background.A > 200 {
		l.at.behind = st.background
	}
	outer.inner = append(outer.inner, l.at)
	back := -1
	if !st.unseen && st.background.A > 0 {
		back = l.add(item{fill: st.background, from: n})
	}
	if src := pictureSource(n); src != "" {
		w, h = l.image(n, st, src, x, y, avail)
	} else {
		w, h = l.content(n, st, x, y, avail, shrink)
	}
	if back >= 0 {
		b := &l.items[back]
		b.x, b.y, b.w, b.h = x, y, w, h
	}
	if !st.unseen {
		l.decorate(n, st, x, y, w, h)
	}
	l.at.end = len(l.items)
	l.at = outer
	return w, h
}

// content lays out the inside of an element.
func (l *layouter) content(n *node, st *style, x, y, avail float64, shrink bool) (w, h float64) {
	left, right := st.padding[3]+st.border[3], st.padding[1]+st.border[1]
	top, bottom := st.padding[0]+st.border[0], st.padding[2]+st.border[2]
	width, fixed := st.width.pixels(avail)
	inner := width
	if !fixed {
		inner = math.Max(0, avail-left-right)
	} else if st.display != "cell" {
		width += left + right
	}
	saved := l.origin
	if st.positioned {
		l.origin = point{x + st.border[3], y + st.border[0]}
	}
	cw, ch := l.inside(n, st, x+left, y+top, inner, shrink && !fixed)
	l.origin = saved
	h = ch + top + bottom
	if given, ok := st.height.pixels(0); ok {
		h = given + top + bottom
		if st.display == "cell" {
			h = math.Max(given, ch+top+bottom)
		}
	}
	if least, ok := st.minHeight.pixels(0); ok {
		h = math.Max(h, least)
	}
	switch {
	case fixed:
		w = width
		if st.display == "table" || st.display == "cell" {
			w = math.Max(w, cw+left+right)
		}
	case shrink || st.display == "table" || st.display == "cell" || st.absolute:
		w = cw + left + right
	default:
		w = avail
	}
	if least, ok := st.minWidth.pixels(avail); ok {
		w = math.Max(w, least)
	}
	return w, h
}

// inside lays out the children by the element's kind.
func (l *layouter) inside(n *node, st *style, x, y, width float64, shrink bool) (w, h float64) {
	switch st.display {
	case "table", "rows", "row":
		return l.table(n, st, x, y, width)
	case "grid":
		return l.grid(n, st, x, y, width)
	}
	f := &flow{l: l, x0: x, y0: y, width: width, x: x, y: y, shrink: shrink, noWrap: st.display == "flex" && !st.wrap, flex: st.display == "flex"}
	f.children(n, st)
	f.newLine()
	return f.right - x, f.y - y
}

// pictureSource is what an element shows a picture by, "" where it shows none.
func pictureSource(n *node) string {
	switch n.tag {
	case "img", "input", "embed", "image":
		if s := n.attr("src"); s != "" {
			return s
		}
		first, _, _ := strings.Cut(strings.TrimSpace(n.attr("srcset")), " ")
		return first
	case "object":
		return n.attr("data")
	}
	return ""
}

// image places a picture in the size that the document gives it, or its own.
func (l *layouter) image(n *node, st *style, src string, x, y, avail float64) (w, h float64) {
	img := l.find(src)
	w, haveW := st.width.pixels(avail)
	h, haveH := st.height.pixels(0)
	if img != nil {
		size := img.Bounds().Size()
		switch {
		case !haveW && !haveH:
			w, h = float64(size.X), float64(size.Y)
		case !haveW:
			w = h * float64(size.X) / float64(size.Y)
		case !haveH:
			h = w * float64(size.Y) / float64(size.X)
		}
		if !st.unseen {
			l.add(item{x: x, y: y, w: w, h: h, image: img, from: n})
		}
	}
	return w, h
}
