package pdf417

import (
	"math"
	"slices"

	"quishmilter/qr/lattice"
	"quishmilter/qr/runs"
)

// edge is the outer edge of a symbol along its start or its stop pattern.
type edge struct {
	kind
	line    lattice.Line
	along   lattice.Point // direction in which the symbol is read, across the bars
	ends    [2]lattice.Point
	module  float64
	hits    int
	scanned lattice.Point // the direction of the scan that saw it
}

// How many scanned rows must show a pattern one below the other, at least, and where the other edge is missing.
const (
	minHits  = 2
	minAlone = 3
)

// edges scans rows and columns and joins hits to edges, those with the most hits first.
func (r *reader) edges() []edge {
	b := r.view.Bits
	step := scanStep(b)
	var rows, cols scanner
	if step < runs.Step {
		for y := step / 2; y < b.H; y += step {
			rows.row(b, y)
		}
	} else {
		for k := 0; k < r.view.Lines.Len() && r.ctx.Err() == nil; k += step / runs.Step {
			y, changes := r.view.Changes(k)
			rows.line(changes, y)
		}
	}
	for x := 0; x < b.W && r.ctx.Err() == nil; x += 8 {
		cols.row(r.view.Turned, x)
	}
	var all []edge
	all = append(all, r.join(rows.forwards, step, false, 1)...)
	all = append(all, r.join(rows.backwards, step, false, -1)...)
	all = append(all, r.join(cols.forwards, 8, true, 1)...)
	all = append(all, r.join(cols.backwards, 8, true, -1)...)
	slices.SortStableFunc(all, func(a, b edge) int { return b.hits - a.hits })
	return all
}

// chain is a list of hits one below the other.
type chain struct{ hits []hit }

// maxChains bounds the chains that are open at a time, and maxSkip the rows that a chain may miss.
const (
	maxChains = 64
	maxSkip   = 4
)

// join chains hits and fits an edge to each chain.
func (r *reader) join(hits []hit, step int, vertical bool, sign float64) []edge {
	var chains, open []*chain
	for _, h := range hits {
		open = slices.DeleteFunc(open, func(c *chain) bool { return h.at-c.hits[len(c.hits)-1].at > maxSkip*step })
		if !extend(open, h) && len(open) < maxChains {
			c := &chain{hits: []hit{h}}
			open, chains = append(open, c), append(chains, c)
		}
	}
	var edges []edge
	for _, c := range chains {
		if len(c.hits) >= minHits {
			if e, ok := r.edge(c.hits, vertical, sign); ok {
				edges = append(edges, e)
			}
		}
	}
	return edges
}

// extend puts a hit at the end of the chain that it continues.
func extend(open []*chain, h hit) bool {
	for _, c := range open {
		last := c.hits[len(c.hits)-1]
		if last.kind != h.kind || last.at == h.at {
			continue
		}
		reach := 1.2*float64(h.at-last.at) + 2
		if math.Abs(h.outer-last.outer) <= reach && h.module < 1.4*last.module+0.3 && last.module < 1.4*h.module+0.3 {
			c.hits = append(c.hits, h)
			return true
		}
	}
	return false
}

// edge fits a line to the hits and follows the pattern's wide bar to its ends.
func (r *reader) edge(hits []hit, vertical bool, sign float64) (edge, bool) {
	var points []lattice.Point
	modules := make([]float64, 0, len(hits))
	for _, h := range hits {
		points = append(points, h.place(vertical))
		modules = append(modules, h.module)
	}
	slices.Sort(modules)
	e := edge{kind: hits[0].kind, hits: len(hits), scanned: lattice.Point{sign, 0}}
	if vertical {
		e.scanned = lattice.Point{0, sign}
	}
	var rms float64
	e.line, rms = lattice.FitTrimmed(points)
	e.along = lattice.Point{e.line.Nx, e.line.Ny}
	if e.along[0]*e.scanned[0]+e.along[1]*e.scanned[1] < 0 {
		e.along = lattice.Point{-e.along[0], -e.along[1]}
	}
	cos := e.along[0]*e.scanned[0] + e.along[1]*e.scanned[1]
	e.module = modules[len(modules)/2] * cos
	if cos < 0.5 || rms > 2*e.module+1 {
		return e, false
	}
	middle := e.foot(points[len(points)/2])
	for i, down := range [2]float64{-1, 1} { // as drawn: first what is to the left when one reads along
		e.ends[i] = r.follow(e, middle, lattice.Point{-down * e.along[1], down * e.along[0]})
	}
	return e, lattice.Apart(e.ends[0], e.ends[1]) > 5*e.module
}

// foot is the place on the edge's line nearest to p.
func (e *edge) foot(p lattice.Point) lattice.Point {
	d := e.line.Distance(p)
	return lattice.Point{p[0] - d*e.line.Nx, p[1] - d*e.line.Ny}
}

// follow goes along the middle of the pattern's wide bar from the level of a place on the edge, until it has been light
// for two modules, and returns the place on the edge at the level where it was last dark.
func (r *reader) follow(e edge, from, dir lattice.Point) lattice.Point {
	depth := 4.0 * e.module
	if e.kind == stop {
		depth = -14.5 * e.module
	}
	x, y := from[0]+depth*e.along[0], from[1]+depth*e.along[1]
	last := 0.0
	for d := 0.0; d < last+2*e.module+2; d += 0.5 {
		if r.view.Dark(x+d*dir[0], y+d*dir[1]) {
			last = d
		}
	}
	last += 0.25 // half a step
	return lattice.Point{from[0] + last*dir[0], from[1] + last*dir[1]}
}

// frame is where a symbol may lie: the quadrilateral between two edges, or what an edge leads to.
type frame struct {
	corners [4]lattice.Point // beginning and end of the first line, end and beginning of the last, as one reads along
	left    float64          // length of a module at either side
	right   float64
	open    kind // of the edge that is missing, where half is true
	half    bool
}

// inside is a place that lies in the symbol, if there is one: the middle, or near the edge that is known.
func (f *frame) inside() lattice.Point {
	switch {
	case !f.half:
		return f.at(0.5, 0.5)
	case f.open == stop:
		return f.at(1./wide*characterModules, 0.5)
	}
	return f.at(1-1./wide*characterModules, 0.5)
}

// Widths of symbols in modules: without data columns, with the fewest and with the most (ISO/IEC 15438, 5.2).
const (
	guards   = 4*17 + 1
	narrow   = guards + 17
	wide     = guards + 30*17
	maxPairs = 4 // stop edges tried for a start edge
)

// frames pairs start edges with stop edges, the nearest first, and lists the edges alone behind them.
func frames(edges []edge) []frame {
	var pairs, halves []frame
	for _, e := range edges[:min(len(edges), maxFrames)] {
		if e.hits >= minAlone {
			halves = append(halves, e.alone())
		}
		if e.kind != start {
			continue
		}
		var mine []frame
		for _, s := range edges[:min(len(edges), maxFrames)] {
			if s.kind == stop && e.faces(s) {
				mine = append(mine, frame{
					corners: [4]lattice.Point{e.ends[0], s.ends[0], s.ends[1], e.ends[1]},
					left:    e.module,
					right:   s.module,
				})
			}
		}
		slices.SortStableFunc(mine, func(a, b frame) int {
			return int(lattice.Apart(a.corners[0], a.corners[1]) - lattice.Apart(b.corners[0], b.corners[1]))
		})
		pairs = append(pairs, mine[:min(len(mine), maxPairs)]...)
	}
	return append(pairs, halves...)
}

// faces tells whether a stop edge can belong to the same symbol.
func (e *edge) faces(s edge) bool {
	m := (e.module + s.module) / 2
	if e.along[0]*s.along[0]+e.along[1]*s.along[1] < 0.85 || e.module > 2*s.module || s.module > 2*e.module {
		return false
	}
	high, other := lattice.Apart(e.ends[0], e.ends[1]), lattice.Apart(s.ends[0], s.ends[1])
	dx := (s.ends[0][0] + s.ends[1][0] - e.ends[0][0] - e.ends[1][0]) / 2
	dy := (s.ends[0][1] + s.ends[1][1] - e.ends[0][1] - e.ends[1][1]) / 2
	ahead, aside := dx*e.along[0]+dy*e.along[1], dx*e.along[1]-dy*e.along[0]
	return ahead > 0.7*narrow*m && ahead < 1.3*wide*m && math.Abs(aside) < 0.35*ahead+high/4 &&
		high < 2.5*other && other < 2.5*high
}

// alone is the frame that an edge without its counterpart leads to: as wide as a symbol can be, at right angles.
func (e *edge) alone() frame {
	f := frame{left: e.module, right: e.module, half: true, open: stop}
	reach := wide * e.module * 1.1
	if e.kind == stop {
		f.open, reach = start, -reach
	}
	far := [2]lattice.Point{}
	for i, p := range e.ends {
		far[i] = lattice.Point{p[0] + reach*e.along[0], p[1] + reach*e.along[1]}
	}
	f.corners = [4]lattice.Point{e.ends[0], far[0], far[1], e.ends[1]}
	if e.kind == stop {
		f.corners = [4]lattice.Point{far[0], e.ends[0], e.ends[1], far[1]}
	}
	return f
}
