package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Metafiles that draw a code with boxes and outlines are rewritten as SVG: what is filled, with the colour of the brush.
// Lines, curves and texts are left out, and so are changes of the scale within a file, which nobody needs for a code.

// Bounds of what is drawn.
const (
	metaShapes  = 48      // boxes or outlines that may be a code
	metaMarkup  = 8 << 20 // of SVG
	metaObjects = 1 << 14 // brushes and pens at once
)

// metaPen draws.
type metaPen struct {
	svg     bytes.Buffer
	shapes  int
	objects map[uint32]string // colours of brushes; of pens and fonts nothing
	others  map[uint32]bool   // objects of WMF that are no brushes, in the same numbering
	free    uint32            // none before is free, in WMF
	fill    string            // of the selected brush; "" draws nothing
	back    string            // behind text
	path    bytes.Buffer      // that is being made
	inPath  bool
	offset  point // of the world's transformation
	stretch point
}

func newMetaPen() *metaPen {
	return &metaPen{objects: map[uint32]string{}, others: map[uint32]bool{}, fill: "#ffffff", back: "#ffffff", stretch: point{1, 1}}
}

// colorRef is a COLORREF in CSS.
func colorRef(v uint32) string { return fmt.Sprintf("#%02x%02x%02x", v&0xff, v>>8&0xff, v>>16&0xff) }

// brushColor is the colour of a new brush: style, colour.
func brushColor(style, color uint32) string {
	const hollow = 1
	if style == hollow {
		return ""
	}
	return colorRef(color)
}

// stockBrush are the brushes that everybody has ([MS-EMF], section 2.1.31); false for what is no brush.
func stockBrush(n uint32) (string, bool) {
	colors := []string{"#ffffff", "#c0c0c0", "#808080", "#404040", "#000000", ""}
	if n >= uint32(len(colors)) {
		return "", false
	}
	return colors[n], true
}

func (m *metaPen) create(n uint32, color string) {
	if n < metaObjects {
		m.objects[n] = color
	}
}

func (m *metaPen) at(x, y float64) (float64, float64) {
	return m.offset.x + m.stretch.x*x, m.offset.y + m.stretch.y*y
}

func (m *metaPen) box(x0, y0, x1, y1 float64, fill string) {
	m.rings([][]point{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}}, fill)
}

// rings fills outlines, together.
func (m *metaPen) rings(rings [][]point, fill string) {
	if fill == "" || m.svg.Len() > metaMarkup {
		return
	}
	m.shapes += len(rings)
	fmt.Fprintf(&m.svg, `<path fill-rule="evenodd" fill="%s" d="`, fill)
	for _, ring := range rings {
		for i, p := range ring {
			x, y := m.at(p.x, p.y)
			fmt.Fprintf(&m.svg, "%c%.2f %.2f", "ML"[min(i, 1)], x, y)
		}
		m.svg.WriteByte('Z')
	}
	m.svg.WriteString(`"/>`)
}

// pathPoints goes on with the path that is being made.
func (m *metaPen) pathPoints(move bool, points []point) {
	for _, p := range points {
		if !m.inPath || m.path.Len() > metaMarkup {
			return
		}
		letter := 'L'
		if move {
			letter = 'M'
			m.shapes++
		}
		x, y := m.at(p.x, p.y)
		fmt.Fprintf(&m.path, "%c%.2f %.2f", letter, x, y)
		move = false
	}
}

// fillPath fills the path that was made.
func (m *metaPen) fillPath() {
	if m.fill != "" && m.svg.Len()+m.path.Len() < 2*metaMarkup {
		fmt.Fprintf(&m.svg, `<path fill-rule="evenodd" fill="%s" d="%s"/>`, m.fill, m.path.Bytes())
	}
	m.path.Reset()
}

// drawn shows what was drawn, if there is enough of it for a code.
func (m *metafile) drawn(pen *metaPen) {
	if pen.shapes < metaShapes {
		return
	}
	carrier := m.carrier
	if carrier == "" {
		carrier = "image"
	}
	m.within(Part{Type: "image/svg+xml", Data: fmt.Appendf(nil, "<svg>%s</svg>", pen.svg.Bytes())}, "", carrier)
}

// points reads pairs of numbers: of 16 bits, or of 32.
func points(data []byte, count uint32, wide bool) []point {
	size := 4
	if wide {
		size = 8
	}
	list := make([]point, 0, min(int(count), len(data)/size))
	for len(list) < int(count) && len(data) >= size {
		if wide {
			list = append(list, point{float64(int32(binary.LittleEndian.Uint32(data))), float64(int32(binary.LittleEndian.Uint32(data[4:])))})
		} else {
			list = append(list, point{float64(int16(binary.LittleEndian.Uint16(data))), float64(int16(binary.LittleEndian.Uint16(data[2:])))})
		}
		data = data[size:]
	}
	return list
}

// ringsOf cuts points into outlines of the given lengths.
func ringsOf(list []point, lengths []uint32) [][]point {
	var rings [][]point
	for _, n := range lengths {
		if int64(n) > int64(len(list)) {
			break
		}
		rings, list = append(rings, list[:n]), list[n:]
	}
	return rings
}
