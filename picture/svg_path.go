package picture

import (
	"math"
	"strconv"
)

// outline is a path as lines: each ring is closed when it is filled.
type outline struct {
	rings  [][]point
	points int
	closed []bool
}

// pathPoints bounds the points of all paths of a drawing. A code of version 40 as one path has about 60,000.
const pathPoints = 2_000_000

func (o *outline) move(p point) {
	o.rings, o.closed = append(o.rings, []point{p}), append(o.closed, false)
	o.points++
}

func (o *outline) line(p point) {
	if len(o.rings) == 0 {
		o.move(p)
		return
	}
	k := len(o.rings) - 1
	o.rings[k] = append(o.rings[k], p)
	o.points++
}

// numbers reads the arguments of a path or a transformation.
type numbers struct {
	s  string
	at int
}

func (n *numbers) skip() {
	for n.at < len(n.s) {
		switch n.s[n.at] {
		case ' ', ',', '\t', '\n', '\r', '\f':
			n.at++
		default:
			return
		}
	}
}

// next reads a number as SVG 2, section 9.3.9, writes it: "-.5.5" are two.
func (n *numbers) next() (float64, bool) {
	n.skip()
	start := n.at
	if n.at < len(n.s) && (n.s[n.at] == '-' || n.s[n.at] == '+') {
		n.at++
	}
	dot := false
	for n.at < len(n.s) && (n.s[n.at] >= '0' && n.s[n.at] <= '9' || n.s[n.at] == '.' && !dot) {
		dot = dot || n.s[n.at] == '.'
		n.at++
	}
	if n.at+1 < len(n.s) && n.at > start && n.s[n.at]|0x20 == 'e' && n.s[n.at+1] != 'm' && n.s[n.at+1] != 'x' {
		n.at++
		if n.s[n.at] == '-' || n.s[n.at] == '+' {
			n.at++
		}
		for n.at < len(n.s) && n.s[n.at] >= '0' && n.s[n.at] <= '9' {
			n.at++
		}
	}
	v, err := strconv.ParseFloat(n.s[start:n.at], 64)
	if err != nil || math.Abs(v) > maxLength {
		return 0, false
	}
	return v, true
}

// flag reads one digit; in arcs, flags need no white space around them.
func (n *numbers) flag() (bool, bool) {
	n.skip()
	if n.at < len(n.s) && (n.s[n.at] == '0' || n.s[n.at] == '1') {
		n.at++
		return n.s[n.at-1] == '1', true
	}
	return false, false
}

// pathReader reads path data (SVG 2, section 9.3).
type pathReader struct {
	numbers
	out        outline
	at, start  point
	control    point // of the curve before, for smooth ones
	before     byte  // the command before
	args       [6]float64
	smoothness float64 // user units that a line may be off its curve
}

// readPath returns the outline of path data. What is malformed ends it, as in browsers.
func readPath(d string, fine float64) outline {
	p := &pathReader{numbers: numbers{s: d}, smoothness: fine}
	for {
		p.skip()
		if p.numbers.at >= len(d) || p.out.points > pathPoints {
			return p.out
		}
		c := d[p.numbers.at]
		p.numbers.at++
		if !p.commands(c) {
			return p.out
		}
	}
}

// commands reads a command with all its sets of arguments.
func (p *pathReader) commands(c byte) bool {
	if c|0x20 == 'z' {
		if k := len(p.out.rings); k > 0 {
			p.out.closed[k-1] = true
			p.at = p.start
			p.out.move(p.start)
		}
		p.before = 'z'
		return true
	}
	for first := true; ; first = false {
		saved := p.numbers.at
		if !p.one(c, first) {
			p.numbers.at = saved
			return !first
		}
		p.before = c | 0x20
		if c|0x20 == 'm' { // further pairs are lines
			c = c - 'm' + 'l'
			if c < 'A' || c > 'z' {
				return false
			}
		}
		if p.out.points > pathPoints {
			return false
		}
	}
}

func argumentCount(c byte) int {
	switch c | 0x20 {
	case 'm', 'l', 't':
		return 2
	case 'h', 'v':
		return 1
	case 'c':
		return 6
	case 's', 'q':
		return 4
	}
	return -1
}

// one reads one set of arguments and draws it.
func (p *pathReader) one(c byte, first bool) bool {
	if c|0x20 == 'a' {
		return p.arc(c == 'a')
	}
	n := argumentCount(c)
	if n < 0 {
		return false
	}
	for i := range n {
		v, ok := p.next()
		if !ok {
			return false
		}
		p.args[i] = v
	}
	a := p.args
	relative := c >= 'a'
	if relative {
		for i := range n {
			if c == 'v' || i%2 == 1 {
				a[i] += p.at.y
			} else {
				a[i] += p.at.x
			}
		}
	}
	p.draw(c|0x20, a, first)
	return true
}

// draw follows a command with absolute coordinates.
func (p *pathReader) draw(c byte, a [6]float64, _ bool) {
	switch c {
	case 'm':
		p.at = point{a[0], a[1]}
		p.start = p.at
		p.out.move(p.at)
		return
	case 'l':
		p.lineTo(point{a[0], a[1]})
	case 'h':
		p.lineTo(point{a[0], p.at.y})
	case 'v':
		p.lineTo(point{p.at.x, a[0]})
	case 'c':
		p.curve(point{a[0], a[1]}, point{a[2], a[3]}, point{a[4], a[5]})
	case 's':
		p.curve(p.reflected('c', 's'), point{a[0], a[1]}, point{a[2], a[3]})
	case 'q':
		p.quadratic(point{a[0], a[1]}, point{a[2], a[3]})
	case 't':
		p.quadratic(p.reflected('q', 't'), point{a[0], a[1]})
	}
}

func (p *pathReader) lineTo(to point) {
	p.at = to
	p.out.line(to)
}

// reflected is the control point of a smooth curve.
func (p *pathReader) reflected(kinds ...byte) point {
	for _, k := range kinds {
		if p.before == k {
			return point{2*p.at.x - p.control.x, 2*p.at.y - p.control.y}
		}
	}
	return p.at
}
