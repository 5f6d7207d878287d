package picture

import (
	"math"
	"strconv"
	"strings"
)

// cellBox is a table cell on its way to its place.
type cellBox struct {
	start, end    int // of its items
	column, row   int
	columns, rows int // how many it covers
	width, height float64
	back          int     // the item of its background, -1 without one
	percent       float64 // its width as a share of the table
}

// tableWork is a table that is being laid out.
type tableWork struct {
	cells   []cellBox
	widths  []float64
	heights []float64
	taken   []int // for each column, how many rows from above still reach into it
	row     int
}

// table lays out a table's rows, with the automatic algorithm that browsers use as far as it matters for cells of
// given sizes (CSS 2.2, section 17.5.2.2). Space between cells is left out: it makes a code harder to read and no
// easier to draw.
func (l *layouter) table(n *node, st *style, x, y, avail float64) (w, h float64) {
	t := &tableWork{}
	switch st.display {
	case "row":
		l.tableRow(t, n, st, avail)
	default:
		l.tableRows(t, n, st, avail)
	}
	target, _ := st.width.pixels(avail)
	t.shareWidths(target)
	t.shareHeights()
	left, top := sums(t.widths), sums(t.heights)
	for i := range t.cells {
		l.placeCell(&t.cells[i], t, x, y, left, top)
	}
	return left[len(left)-1], top[len(top)-1]
}

// sums returns where each column begins, and where the last ends.
func sums(sizes []float64) []float64 {
	at := make([]float64, len(sizes)+1)
	for i, s := range sizes {
		at[i+1] = math.Min(at[i]+s, maxLength)
	}
	return at
}

func (l *layouter) tableRows(t *tableWork, n *node, st *style, avail float64) {
	var loose []*node
	flush := func() {
		if len(loose) > 0 {
			row := &node{tag: "#row", children: loose, look: &style{display: "row", color: st.color, fontSize: st.fontSize, unseen: st.unseen}}
			loose = nil
			l.tableRow(t, row, row.look, avail)
		}
	}
	for _, c := range n.children {
		if l.spent(1) {
			return
		}
		if c.tag == "" {
			continue
		}
		look := l.styles.of(c, st)
		switch look.display {
		case "row":
			flush()
			l.tableRow(t, c, look, avail)
		case "rows":
			flush()
			l.tableRows(t, c, look, avail)
		case "cell":
			loose = append(loose, c)
		}
	}
	flush()
}

// tableRow lays out the cells of one row, each at the origin; they are moved when all widths are known.
func (l *layouter) tableRow(t *tableWork, n *node, st *style, avail float64) {
	t.heights = append(t.heights, 0)
	if h, ok := st.height.pixels(0); ok {
		t.heights[t.row] = h
	}
	column := 0
	for _, c := range n.children {
		if l.spent(1) {
			return
		}
		if c.tag == "" {
			continue
		}
		look := l.styles.of(c, st)
		if look.display == "none" {
			continue
		}
		if look.background.A == 0 && st.background.A > 0 && look.display == "cell" {
			look.background = st.background
		}
		for column < len(t.taken) && t.taken[column] > 0 {
			column++
		}
		box := cellBox{start: len(l.items), column: column, row: t.row, columns: cellSpan(c.attr("colspan")), rows: cellSpan(c.attr("rowspan"))}
		t.cover(&box)
		if look.width.percent {
			box.percent = look.width.value
		}
		box.width, box.height = l.box(c, look, 0, 0, avail, !look.width.given)
		box.end, box.back = len(l.items), -1
		if box.start < box.end && l.items[box.start].from == c && l.items[box.start].image == nil {
			box.back = box.start
		}
		t.cells = append(t.cells, box)
		column += box.columns
	}
	for i := range t.taken {
		t.taken[i] = max(0, t.taken[i]-1)
	}
	t.row++
}

func cellSpan(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, tableSpans)
}

// cover marks the columns of a cell as taken. A table has at most ten times tableSpans columns.
func (t *tableWork) cover(box *cellBox) {
	end := min(box.column+box.columns, 10*tableSpans)
	box.column = min(box.column, 10*tableSpans-1)
	box.columns = max(1, end-box.column)
	for len(t.taken) < box.column+box.columns {
		t.taken = append(t.taken, 0)
		t.widths = append(t.widths, 0)
	}
	for i := box.column; i < box.column+box.columns; i++ {
		t.taken[i] = max(t.taken[i], box.rows)
	}
}

// shareWidths gives each column its width: first from the cells that cover one column, then from wider ones, the
// narrow ones of these first. What a wide cell lacks goes to columns that have no width yet, or else to all.
func (t *tableWork) shareWidths(target float64) {
	bySpan := map[int][]*cellBox{}
	widest := 0
	for i := range t.cells {
		c := &t.cells[i]
		if c.percent > 0 && target > 0 {
			c.width = c.percent * target / 100
		}
		bySpan[c.columns] = append(bySpan[c.columns], c)
		widest = max(widest, c.columns)
	}
	work := 0
	for columns := 1; columns <= widest; columns++ {
		for _, c := range bySpan[columns] {
			if work += columns; work > laySteps {
				return
			}
			grow(t.widths[c.column:c.column+c.columns], c.width)
		}
	}
	if target > 0 {
		grow(t.widths, target)
	}
}

// grow makes sizes sum up to at least want.
func grow(sizes []float64, want float64) {
	sum, empty := 0.0, 0
	for _, s := range sizes {
		sum += s
		if s == 0 {
			empty++
		}
	}
	lack := want - sum
	if lack <= 0.01 {
		return
	}
	for i := range sizes {
		switch {
		case empty > 0 && sizes[i] == 0:
			sizes[i] = lack / float64(empty)
		case empty == 0:
			sizes[i] += lack / float64(len(sizes))
		}
	}
}

// shareHeights gives each row its height, in the same way.
func (t *tableWork) shareHeights() {
	for i := range t.cells {
		if c := &t.cells[i]; c.rows == 1 {
			t.heights[c.row] = math.Max(t.heights[c.row], c.height)
		}
	}
	work := 0
	for i := range t.cells {
		c := &t.cells[i]
		if c.rows == 1 {
			continue
		}
		end := min(c.row+c.rows, len(t.heights))
		if work += end - c.row; work > laySteps {
			return
		}
		grow(t.heights[c.row:end], c.height)
	}
}

// placeCell moves a cell's items to where it lies and stretches its background over the whole cell.
func (l *layouter) placeCell(c *cellBox, t *tableWork, x, y float64, left, top []float64) {
	dx, dy := x+left[c.column], y+top[c.row]
	if l.spent(c.end - c.start) {
		return
	}
	for i := c.start; i < c.end; i++ {
		l.items[i].x += dx
		l.items[i].y += dy
	}
	if c.back >= 0 {
		b := &l.items[c.back]
		b.w = left[c.column+c.columns] - left[c.column]
		b.h = top[min(c.row+c.rows, len(top)-1)] - top[c.row]
	}
}
