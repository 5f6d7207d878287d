package picture

import (
	"encoding/binary"
	"math"
)

// The records of an EMF file that fill something ([MS-EMF], sections 2.3.5 to 2.3.12), and what these need to know.
const (
	emfPolygon       = 3
	emfPolyPolygon   = 8
	emfSetBkColor    = 25
	emfMoveTo        = 27
	emfSetWorld      = 35
	emfSelect        = 37
	emfBrush         = 39
	emfDelete        = 40
	emfEllipse       = 42
	emfRectangle     = 43
	emfRoundRect     = 44
	emfLineTo        = 54
	emfBeginPath     = 59
	emfEndPath       = 60
	emfCloseFigure   = 61
	emfFillPath      = 62
	emfStrokeAndFill = 63
	emfFillRgn       = 71
	emfPaintRgn      = 74
	emfBitBlt        = 76
	emfExtTextOut    = 84
	emfPolygon16     = 86
	emfPolylineTo16  = 89
	emfPolyPolygon16 = 91
	emfStockObject   = 1 << 31
	emfBounds        = 24 // where a record goes on behind its type, size and bounds
	textIsOpaque     = 2  // ETO_OPAQUE: the rectangle is filled
	ropPatCopy       = 0x00F00021
	ropBlackness     = 0x00000042
	ropWhiteness     = 0x00FF0062
	regionHeader     = 32
)

// take draws one record.
func (m *metaPen) take(kind uint32, record []byte) {
	const most = 128 // bytes that the fixed fields of any of these records take
	var head [most]byte
	copy(head[:], record)
	u := func(at int) uint32 { return binary.LittleEndian.Uint32(head[at:]) }
	i := func(at int) float64 { return float64(int32(u(at))) }
	switch kind {
	case emfBrush:
		m.create(u(8), brushColor(u(12), u(16)))
	case emfDelete:
		delete(m.objects, u(8))
	case emfSelect:
		m.selectObject(u(8))
	case emfSetBkColor:
		m.back = colorRef(u(8))
	case emfSetWorld:
		f := func(at int) float64 { return float64(math.Float32frombits(u(at))) }
		m.stretch, m.offset = point{f(8), f(20)}, point{f(24), f(28)}
	case emfRectangle, emfRoundRect, emfEllipse:
		m.box(i(8), i(12), i(16), i(20), m.fill)
	case emfPolygon, emfPolygon16:
		m.rings([][]point{points(record[min(len(record), emfBounds+4):], u(emfBounds), kind == emfPolygon)}, m.fill)
	case emfPolyPolygon, emfPolyPolygon16:
		m.polygons(record, kind == emfPolyPolygon)
	case emfFillRgn:
		m.region(record[min(len(record), 32):], m.objects[u(28)])
	case emfPaintRgn:
		m.region(record[min(len(record), 28):], m.fill)
	case emfBitBlt:
		m.blit(i(24), i(28), i(32), i(36), u(40))
	case emfExtTextOut:
		if u(52)&textIsOpaque != 0 {
			m.box(i(56), i(60), i(64), i(68), m.back)
		}
	default:
		m.makePath(kind, record)
	}
}

// makePath goes on with a path.
func (m *metaPen) makePath(kind uint32, record []byte) {
	switch kind {
	case emfBeginPath:
		m.path.Reset()
		m.inPath = true
	case emfEndPath:
		m.inPath = false
	case emfMoveTo, emfLineTo:
		m.pathPoints(kind == emfMoveTo, points(record[8:], 1, true))
	case emfPolylineTo16:
		if len(record) > emfBounds+4 {
			m.pathPoints(false, points(record[emfBounds+4:], binary.LittleEndian.Uint32(record[emfBounds:]), false))
		}
	case emfCloseFigure:
		if m.inPath && m.path.Len() > 0 {
			m.path.WriteByte('Z')
		}
	case emfFillPath, emfStrokeAndFill:
		m.fillPath()
	}
}

func (m *metaPen) selectObject(n uint32) {
	if n&emfStockObject != 0 {
		if color, ok := stockBrush(n &^ emfStockObject); ok {
			m.fill = color
		}
	} else if color, ok := m.objects[n]; ok {
		m.fill = color
	}
}

// polygons fills several outlines: their number, that of all points, and that of each one's.
func (m *metaPen) polygons(record []byte, wide bool) {
	if len(record) < emfBounds+8 {
		return
	}
	count, total := binary.LittleEndian.Uint32(record[emfBounds:]), binary.LittleEndian.Uint32(record[emfBounds+4:])
	rest := record[emfBounds+8:]
	if int64(count)*4 > int64(len(rest)) {
		return
	}
	lengths := make([]uint32, count)
	for n := range lengths {
		lengths[n] = binary.LittleEndian.Uint32(rest[4*n:])
	}
	m.rings(ringsOf(points(rest[4*count:], total, wide), lengths), m.fill)
}

// region fills the rectangles of a region.
func (m *metaPen) region(data []byte, fill string) {
	if len(data) < regionHeader {
		return
	}
	corners := points(data[regionHeader:], 2*binary.LittleEndian.Uint32(data[8:]), true)
	for n := 0; n+1 < len(corners); n += 2 {
		m.box(corners[n].x, corners[n].y, corners[n+1].x, corners[n+1].y, fill)
	}
}

// blit fills a rectangle without a picture.
func (m *metaPen) blit(x, y, w, h float64, operation uint32) {
	fill := map[uint32]string{ropPatCopy: m.fill, ropBlackness: "#000000", ropWhiteness: "#ffffff"}[operation]
	m.box(x, y, x+w, y+h, fill)
}
