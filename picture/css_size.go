package picture

import (
	"image/color"
	"strings"
)

func (st *style) setSize(property, value string) {
	switch property {
	case "width", "inline-size":
		st.setLength(&st.width, value)
	case "height", "block-size":
		st.setLength(&st.height, value)
	case "min-width":
		st.setLength(&st.minWidth, value)
	case "min-height":
		st.setLength(&st.minHeight, value)
	case "left", "inset-inline-start":
		st.setLength(&st.left, value)
	case "top", "inset-block-start":
		st.setLength(&st.top, value)
	case "right":
		st.setLength(&st.right, value)
	case "bottom":
		st.setLength(&st.bottom, value)
	case "inset":
		for i, l := range sides(value) {
			st.setLength([]*length{&st.top, &st.right, &st.bottom, &st.left}[i], l)
		}
	case "margin":
		st.setSides(&st.margin, value)
	case "padding":
		st.setSides(&st.padding, value)
	case "grid-template-columns":
		st.columns = st.tracks(value)
	case "grid-template-rows":
		st.rows = st.tracks(value)
	case "grid-auto-rows":
		if len(st.rows) == 0 {
			st.rows = st.tracks(value)
		}
	case "gap", "grid-gap":
		if l, ok := parseLength(strings.Fields(value + " 0")[0], st.fontSize); ok {
			st.gap, _ = l.pixels(0)
		}
	case "grid-column":
		st.gridColumn = gridLines(value)
	case "grid-row":
		st.gridRow = gridLines(value)
	case "grid-column-start":
		st.gridColumn[0] = number(value)
	case "grid-row-start":
		st.gridRow[0] = number(value)
	case "grid-area":
		st.gridArea(value)
	default:
		st.setSide(property, value)
	}
}

// setSide reads margin-left, padding-top, border-bottom and their kin.
func (st *style) setSide(property, value string) {
	kind, rest, _ := strings.Cut(property, "-")
	if kind == "border" {
		st.setBorder(rest, value)
		return
	}
	side := sideIndex(rest)
	if side < 0 {
		return
	}
	if l, ok := parseLength(value, st.fontSize); ok {
		v, _ := l.pixels(0)
		switch kind {
		case "margin":
			st.margin[side] = v
		case "padding":
			st.padding[side] = max(0, v)
		}
	}
}

func sideIndex(name string) int {
	for i, side := range []string{"top", "right", "bottom", "left"} {
		if name == side {
			return i
		}
	}
	return -1
}

// sides spreads one to four values over the four sides (CSS Backgrounds 3, section 4).
func sides(value string) [4]string {
	f := strings.Fields(value)
	switch len(f) {
	case 1:
		return [4]string{f[0], f[0], f[0], f[0]}
	case 2:
		return [4]string{f[0], f[1], f[0], f[1]}
	case 3:
		return [4]string{f[0], f[1], f[2], f[1]}
	case 4:
		return [4]string{f[0], f[1], f[2], f[3]}
	}
	return [4]string{}
}

func (st *style) setSides(to *[4]float64, value string) {
	for i, s := range sides(value) {
		if l, ok := parseLength(s, st.fontSize); ok {
			to[i], _ = l.pixels(0)
		}
	}
}

// setBorder reads borders: "border", "border-left", "border-width", "border-color", "border-left-width", ….
func (st *style) setBorder(rest, value string) {
	side, what, _ := strings.Cut(rest, "-")
	from, to := 0, 3
	if i := sideIndex(side); i >= 0 {
		from, to = i, i
	} else {
		what = rest
	}
	each := sides(value)
	for i := from; i <= to; i++ {
		parts := splitTop(value, ' ')
		if what == "width" || what == "color" {
			if from != to {
				parts = []string{each[i]}
			}
		} else if what != "" && what != "style" {
			return
		}
		for _, part := range parts {
			if l, ok := parseLength(part, st.fontSize); ok {
				st.border[i], _ = l.pixels(0)
			} else if c, ok := parseColor(part); ok {
				st.borderColor[i] = c
			} else if part == "none" || part == "hidden" {
				st.border[i] = 0
			}
			if st.borderColor[i] == (color.NRGBA{}) && part == "solid" {
				st.borderColor[i] = st.color
			}
		}
	}
}
