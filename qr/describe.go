package qr

import (
	"math"
	"slices"
)

// A code that is drawn to be read needs none of these; a code that is drawn to pass a filter needs one.
const (
	lowContrast = 0.07 * 255 // levels between light and dark: below 7 % of the full range people hardly see the code, and print is never so pale
	tinyModule  = 2.0        // pixels
	tiltLeast   = 0.25       // how much nearer the near side is than the far
	stretchMost = 1.5        // the longer side of a module by the shorter
	skewMost    = 0.35       // cosine of the angle between the axes
)

// code describes what was read.
func (f *frame) code(p *pass, d decoded) Code {
	raw, text := d.payload()
	c := Code{Symbology: f.symbology, Bytes: raw, Text: text, Version: d.version, Level: d.level, Corners: f.corners(f.cols, f.rows)}
	for i := range c.Corners {
		c.Corners[i].X = c.Corners[i].X*p.scale + p.origin.X
		c.Corners[i].Y = c.Corners[i].Y*p.scale + p.origin.Y
	}
	if d.mirrored { // it was read transposed
		c.Corners[1], c.Corners[3] = c.Corners[3], c.Corners[1]
	}
	c.Tricks = f.tricks(p, d)
	return c
}

// tricks names how the code was disguised.
func (f *frame) tricks(p *pass, d decoded) []string {
	var tricks []string
	note := func(is bool, name string) {
		if is {
			tricks = append(tricks, name)
		}
	}
	c := f.corners(f.cols, f.rows)
	across := (dist(c[0], c[1]) + dist(c[3], c[2])) / 2 / float64(f.cols)
	down := (dist(c[0], c[3]) + dist(c[1], c[2])) / 2 / float64(f.rows)
	skew := ((c[1].X-c[0].X)*(c[3].X-c[0].X) + (c[1].Y-c[0].Y)*(c[3].Y-c[0].Y)) / max(dist(c[0], c[1])*dist(c[0], c[3]), 1e-9)
	tilt := math.Abs(f.g)*float64(f.cols) + math.Abs(f.h)*float64(f.rows)
	note(!f.dark, "inverted")
	note(d.mirrored != (f.a*f.e < f.b*f.d), "mirrored")
	note(f.contrast(p) < lowContrast, "low-contrast")
	note(min(across, down)*p.scale < tinyModule, "tiny")
	note(max(across, down) > stretchMost*min(across, down) || math.Abs(skew) > skewMost || tilt > tiltLeast || f.net != nil, "distorted")
	note(2*d.errors > d.capacity && d.errors > 2, "damaged")
	return tricks
}

// contrast is the mean difference between light and dark in the finders.
func (f *frame) contrast(p *pass) float64 {
	var sum, n [2]float64
	for _, cells := range f.pattern.finders {
		for _, c := range cells {
			x, y := f.place(float64(c.x)+0.5, float64(c.y)+0.5)
			k := 0
			if c.dark {
				k = 1
			}
			sum[k] += grayAt(p.gray, x, y)
			n[k]++
		}
	}
	return math.Abs(sum[0]/n[0] - sum[1]/n[1])
}

// joined puts the symbols of a structured append (ISO/IEC 18004, 8) together where all of them are in the picture;
// the first one's corners stand for all. Symbols whose others are missing stay as they are.
func joined(all []found) []Code {
	var codes []Code
	done := make([]bool, len(all))
	for i, f := range all {
		if done[i] {
			continue
		}
		series := seriesOf(all, f.message)
		if f.total < 2 || slices.Contains(series, -1) {
			codes = append(codes, f.Code)
			continue
		}
		code := all[series[0]].Code
		var m message
		for _, k := range series {
			done[k] = true
			for _, s := range all[k].segments {
				m.add(slices.Clone(s.bytes), s.eci)
			}
		}
		code.Bytes, code.Text = m.payload()
		codes = append(codes, code)
	}
	return codes
}

// seriesOf gives the index of each symbol of a series, −1 where it is missing.
func seriesOf(all []found, m message) []int {
	series := make([]int, m.total)
	for i := range series {
		series[i] = slices.IndexFunc(all, func(f found) bool {
			return f.total == m.total && f.parity == m.parity && f.index == i
		})
	}
	return series
}
