package picture

import "math"

// grid lays out a CSS grid: children in the cells that they name, the others one after the other.
func (l *layouter) grid(n *node, st *style, x, y, width float64) (w, h float64) {
	g := &gridWork{columns: st.columns, rows: st.rows, gap: st.gap}
	if len(g.columns) == 0 {
		g.columns = []float64{width}
	}
	for i, c := range g.columns {
		if c == 0 { // fr and auto
			g.columns[i] = math.Max(0, width-total(g.columns)) / float64(len(g.columns))
		}
	}
	left := g.starts(g.columns)
	for _, c := range n.children {
		if l.spent(1) {
			break
		}
		if c.tag == "" {
			continue
		}
		look := l.styles.of(c, st)
		if look.display == "none" {
			continue
		}
		g.next(look)
		g.place(l, c, look, x, y, left)
	}
	return left[len(left)-1], g.bottom
}

// gridWork is a grid that is being laid out.
type gridWork struct {
	columns, rows []float64
	gap           float64
	column, row   int // of the child that comes next, from 0
	tops          []float64
	bottom        float64
}

func total(sizes []float64) (sum float64) {
	for _, s := range sizes {
		sum += s
	}
	return sum
}

func (g *gridWork) starts(sizes []float64) []float64 {
	at := make([]float64, len(sizes)+1)
	for i, s := range sizes {
		at[i+1] = at[i] + s + g.gap
	}
	return at
}

// next moves on to the cell of a child.
func (g *gridWork) next(look *style) {
	if look.gridColumn[0] > 0 {
		g.column = look.gridColumn[0] - 1
		if look.gridRow[0] == 0 && look.gridColumn[0] == 1 && g.bottom > 0 {
			g.row++
		}
	}
	if look.gridRow[0] > 0 {
		g.row = look.gridRow[0] - 1
	}
	if g.column >= len(g.columns) {
		g.column, g.row = 0, g.row+1
	}
}

// top is where a row begins; rows without a given height are as high as the last that had one.
func (g *gridWork) top(row int) float64 {
	for len(g.tops) <= row && len(g.tops) <= 10*gridTracks {
		k := len(g.tops)
		if k == 0 {
			g.tops = append(g.tops, 0)
			continue
		}
		g.tops = append(g.tops, g.tops[k-1]+g.height(k-1)+g.gap)
	}
	return g.tops[min(row, len(g.tops)-1)]
}

func (g *gridWork) height(row int) float64 {
	if row < len(g.rows) {
		return g.rows[row]
	}
	if len(g.rows) > 0 {
		return g.rows[len(g.rows)-1]
	}
	return 0
}

func (g *gridWork) place(l *layouter, c *node, look *style, x, y float64, left []float64) {
	span := max(1, look.gridColumn[1])
	end := min(g.column+span, len(left)-1)
	w := left[end] - left[g.column] - g.gap
	if !look.width.given {
		look.width = length{value: w, given: true}
	}
	if h := g.height(g.row); !look.height.given && h > 0 {
		rows := max(1, look.gridRow[1])
		look.height = length{value: float64(rows)*h + float64(rows-1)*g.gap, given: true}
	}
	top := g.top(g.row)
	_, h := l.box(c, look, x+left[g.column], y+top, w, false)
	if len(g.rows) == 0 && g.row+1 == len(g.tops) { // the row's height comes from its first cell
		g.tops = append(g.tops, top+h+g.gap)
	}
	g.bottom = math.Max(g.bottom, top+h)
	g.column += span
}
