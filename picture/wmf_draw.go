package picture

import "encoding/binary"

// The records of a WMF file that fill something ([MS-WMF], section 2.3.3), and what these need to know.
const (
	wmfPalette      = 0x00F7
	wmfPatternBrush = 0x01F9
	wmfDIBBrush     = 0x0142
	wmfPen          = 0x02FA
	wmfFont         = 0x02FB
	wmfBrush        = 0x02FC
	wmfRegion       = 0x06FF
	wmfSelect       = 0x012D
	wmfDelete       = 0x01F0
	wmfRectangle    = 0x041B
	wmfRoundRect    = 0x061C
	wmfEllipse      = 0x0418
	wmfPolygon      = 0x0324
	wmfPolyPolygon  = 0x0538
	wmfPatBlt       = 0x061D
)

// takeWMF draws one record, whose parameters are given: in the order in which Windows pushed them, the last one first.
func (m *metaPen) takeWMF(function uint16, record []byte) {
	const most = 64
	var head [most]byte
	copy(head[:], record)
	u := func(at int) uint32 { return uint32(binary.LittleEndian.Uint16(head[at:])) }
	i := func(at int) float64 { return float64(int16(u(at))) }
	switch function {
	case wmfBrush:
		m.createFree(brushColor(u(0), u(2)|u(4)<<16), true)
	case wmfPalette, wmfPatternBrush, wmfDIBBrush, wmfPen, wmfFont, wmfRegion:
		m.createFree("", false)
	case wmfSelect:
		if color, ok := m.objects[u(0)]; ok && !m.others[u(0)] {
			m.fill = color
		}
	case wmfDelete:
		delete(m.objects, u(0))
		m.free = min(m.free, u(0))
	case wmfRectangle, wmfEllipse:
		m.box(i(6), i(4), i(2), i(0), m.fill)
	case wmfRoundRect:
		m.box(i(10), i(8), i(6), i(4), m.fill)
	case wmfPolygon:
		m.rings([][]point{points(record[min(len(record), 2):], u(0), false)}, m.fill)
	case wmfPolyPolygon:
		m.polygonsWMF(record)
	case wmfPatBlt:
		m.blit(i(10), i(8), i(6), i(4), u(0)|u(2)<<16)
	}
}

// createFree puts an object into the first place that is free, as [MS-WMF], section 3.1.4.1, asks for.
func (m *metaPen) createFree(color string, brush bool) {
	for ; m.free < metaObjects; m.free++ {
		if _, taken := m.objects[m.free]; !taken {
			m.objects[m.free], m.others[m.free] = color, !brush
			return
		}
	}
}

func (m *metaPen) polygonsWMF(record []byte) {
	if len(record) < 2 {
		return
	}
	count := int(binary.LittleEndian.Uint16(record))
	rest := record[2:]
	if 2*count > len(rest) {
		return
	}
	lengths, total := make([]uint32, count), uint32(0)
	for n := range lengths {
		lengths[n] = uint32(binary.LittleEndian.Uint16(rest[2*n:]))
		total += lengths[n]
	}
	m.rings(ringsOf(points(rest[2*count:], total, false), lengths), m.fill)
}
