package picture

import (
	"strconv"
	"strings"
)

// gridTracks bounds the columns or rows of a grid.
const gridTracks = 1000

// tracks reads the sizes of a grid's columns or rows, repeat() included. What is not in pixels counts as 0, and is
// sized by its content.
func (st *style) tracks(value string) []float64 {
	var list []float64
	for _, part := range splitTop(strings.ToLower(value), ' ') {
		part = strings.TrimSpace(part)
		times, each := 1, part
		if inner, ok := strings.CutPrefix(part, "repeat("); ok {
			count, rest, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
			times, each = number(count), rest
		}
		for range min(times, gridTracks) {
			for _, f := range strings.Fields(each) {
				var v float64
				if l, ok := parseLength(f, st.fontSize); ok {
					v, _ = l.pixels(0)
				}
				if len(list) < gridTracks {
					list = append(list, v)
				}
			}
		}
	}
	return list
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > gridTracks {
		return 0
	}
	return n
}

// gridLines reads "3", "3 / 5" and "3 / span 2" (CSS Grid 1, section 8).
func gridLines(value string) [2]int {
	start, end, _ := strings.Cut(value, "/")
	end = strings.TrimSpace(end)
	if s, ok := strings.CutPrefix(strings.TrimSpace(start), "span "); ok {
		return [2]int{0, number(s)}
	}
	lines := [2]int{number(start), 0}
	if s, ok := strings.CutPrefix(end, "span "); ok {
		lines[1] = number(s)
	} else if n := number(end); n > lines[0] {
		lines[1] = n - lines[0]
	}
	return lines
}

// gridArea reads "row / column / row end / column end".
func (st *style) gridArea(value string) {
	f := strings.Split(value+"///", "/")
	st.gridRow = gridLines(f[0] + "/" + f[2])
	st.gridColumn = gridLines(f[1] + "/" + f[3])
}
