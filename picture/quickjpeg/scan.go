package quickjpeg

// scan is one scan as its header describes it (B.2.3).
type scan struct {
	parts      []part
	start, end int  // of the coefficients, zigzag
	high, low  uint // bit positions of successive approximation
	mcusX      int
	mcus       int
}

// part is a component in a scan.
type part struct {
	*component
	dc, ac *table
	before int32 // the last DC coefficient
}

// scanHeader reads the header of a scan.
func (d *decoder) scanHeader(body []byte) (*scan, error) {
	if d.frame == nil || len(body) < 6 || len(body) != 4+2*int(body[0]) {
		return nil, ErrOther
	}
	s := &scan{end: 63}
	for _, choice := range pairs(body[1 : len(body)-3]) {
		c := d.component(choice[0])
		if c == nil || choice[1]>>4 > 3 || choice[1]&15 > 3 {
			return nil, ErrOther
		}
		for _, other := range s.parts {
			if other.component == c {
				return nil, ErrOther
			}
		}
		s.parts = append(s.parts, part{component: c, dc: d.huffman[0][choice[1]>>4], ac: d.huffman[1][choice[1]&15]})
	}
	if d.progressive {
		last := body[len(body)-3:]
		s.start, s.end, s.high, s.low = int(last[0]), int(last[1]), uint(last[2]>>4), uint(last[2]&15)
	}
	if !s.sound(d.progressive) {
		return nil, ErrOther
	}
	s.mcusX, s.mcus = d.mcusX, d.mcusX*d.mcusY
	if len(s.parts) == 1 { // not interleaved: an MCU is a block (A.2.2)
		s.mcusX, s.mcus = s.parts[0].columns, s.parts[0].columns*s.parts[0].rows
	}
	return s, nil
}

func pairs(list []byte) (all [][2]byte) {
	for ; len(list) >= 2; list = list[2:] {
		all = append(all, [2]byte(list))
	}
	return all
}

func (f *frame) component(id byte) *component {
	for i := range f.components {
		if f.components[i].id == id {
			return &f.components[i]
		}
	}
	return nil
}

// sound checks the header of a scan (G.1.1.1), and that the tables that it needs were there.
func (s *scan) sound(progressive bool) bool {
	bounds := s.start <= s.end && s.end <= 63 && (s.start > 0 || s.end == 0 || !progressive)
	approximation := s.high <= 13 && s.low <= 13 && (s.high == 0 || s.high == s.low+1)
	if !bounds || !approximation || s.start > 0 && len(s.parts) > 1 {
		return false
	}
	for _, p := range s.parts {
		if s.start == 0 && s.high == 0 && (p.dc == nil || !p.dc.differences()) || s.end > 0 && p.ac == nil {
			return false
		}
	}
	return true
}

// differences reports whether a table is one for DC: of values of up to 15 bits.
func (t *table) differences() bool {
	for _, v := range t.values {
		if v > 15 {
			return false
		}
	}
	return true
}

// scan decodes one scan, whose data begin at a place of the file, and says where they end.
func (d *decoder) scan(header []byte, at int) (end int, err error) {
	s, err := d.scanHeader(header)
	if err != nil {
		return 0, err
	}
	if d.scans == 0 {
		d.allocate(d.memory)
	}
	d.scans++
	for _, p := range s.parts {
		p.seen = true
		p.scale(&d.quant[p.quant])
	}
	length := d.interval
	if length == 0 {
		length = s.mcus
	}
	restarts := restarts{data: d.data}
	for mcu := 0; mcu < s.mcus; mcu += length {
		if mcu > 0 && !restarts.next(end) {
			d.broken = true
			end = restarts.at
			d.blank(s, mcu, min(mcu+length, s.mcus))
			continue
		} else if mcu > 0 {
			at = restarts.at
			d.broken = d.broken || restarts.skipped
		}
		end = d.bits.load(d.data, at)
		if err := d.stretch(s, mcu, min(mcu+length, s.mcus)); err != nil {
			return end, err
		}
	}
	return end, nil
}

// stretch decodes the MCUs of one segment.
func (d *decoder) stretch(s *scan, from, to int) error {
	for i := range s.parts {
		s.parts[i].before = 0
	}
	d.eobRun = 0
	for mcu := from; mcu < to; mcu++ {
		if mcu%s.mcusX == 0 && d.ctx.Err() != nil {
			return d.ctx.Err()
		}
		if d.mcu(s, mcu); d.bits.overdrawn() {
			d.broken = true
			d.blank(s, mcu+1, to)
			return nil
		}
	}
	return nil
}

// mcu decodes one MCU: a block, or the blocks of several components that cover one place (A.2.3).
func (d *decoder) mcu(s *scan, mcu int) {
	x, y := mcu%s.mcusX, mcu/s.mcusX
	if len(s.parts) == 1 {
		d.decode(s, &s.parts[0], x, y)
		return
	}
	for i := range s.parts {
		p := &s.parts[i]
		for v := range p.v {
			for h := range p.h {
				d.decode(s, p, x*p.h+h, y*p.v+v)
			}
		}
	}
}

// decode decodes one block of a component.
func (d *decoder) decode(s *scan, p *part, x, y int) {
	if d.progressive {
		d.refine(s, p, &p.coefs[y*p.stride/8+x])
		return
	}
	var b block
	last := d.sequential(p, &b)
	p.put(&b, last, x, y, p.component != &d.components[0])
}

// blank makes MCUs gray that could not be decoded. Those of a progressive picture keep what was known of them.
func (d *decoder) blank(s *scan, from, to int) {
	if d.progressive {
		return
	}
	none := block{middle}
	for mcu := from; mcu < to; mcu++ {
		x, y := mcu%s.mcusX, mcu/s.mcusX
		for i := range s.parts {
			p := &s.parts[i]
			h, v := p.h, p.v
			if len(s.parts) == 1 {
				h, v = 1, 1
			}
			for n := range h * v {
				p.put(&none, 0, x*h+n%h, y*v+n/h, false)
			}
		}
	}
}
