package picture

import (
	"image/color"
	"math"
	"strings"
)

// Bounds of what decorates one element: a box-shadow may paint every module of a code.
const (
	shadowsOfBox = 40_000
	layersOfBox  = 40_000
)

// decorate draws what the style adds to a box: borders, shadows, background pictures and gradients.
func (l *layouter) decorate(n *node, st *style, x, y, w, h float64) {
	l.borders(n, st, x, y, w, h)
	if st.shadow != "" {
		l.shadows(n, st, x, y, w, h)
	}
	if len(st.layers) > 0 {
		l.layers(n, st, x, y, w, h)
	}
}

func (l *layouter) borders(n *node, st *style, x, y, w, h float64) {
	b := st.border
	for i, r := range [4][4]float64{{x, y, w, b[0]}, {x + w - b[1], y, b[1], h}, {x, y + h - b[2], w, b[2]}, {x, y, b[3], h}} {
		if b[i] > 0 && st.borderColor[i].A > 0 {
			l.add(item{x: r[0], y: r[1], w: r[2], h: r[3], fill: st.borderColor[i], from: n})
		}
	}
}

// shadows draws a box-shadow list; the first lies on top (CSS Backgrounds 3, section 6.1). Blur is left out.
func (l *layouter) shadows(n *node, st *style, x, y, w, h float64) {
	list := splitTop(st.shadow, ',')
	for i := min(len(list), shadowsOfBox) - 1; i >= 0; i-- {
		var v [4]float64 // x, y, blur, spread
		k, fill := 0, st.color
		for _, part := range splitTop(strings.TrimSpace(list[i]), ' ') {
			if length, ok := parseLength(part, st.fontSize); ok && k < 4 {
				v[k], _ = length.pixels(0)
				k++
			} else if c, ok := parseColor(part); ok {
				fill = c
			}
		}
		if k >= 2 && (v[0] != 0 || v[1] != 0 || v[3] != 0) && v[2] <= 4 {
			l.add(item{x: x + v[0] - v[3], y: y + v[1] - v[3], w: w + 2*v[3], h: h + 2*v[3], fill: fill, from: n})
		}
	}
}

// layers draws background pictures, the last one first.
func (l *layouter) layers(n *node, st *style, x, y, w, h float64) {
	positions, sizes := splitTop(st.position, ','), splitTop(st.size, ',')
	for i := min(len(st.layers), layersOfBox) - 1; i >= 0; i-- {
		layer := strings.TrimSpace(st.layers[i])
		open := strings.IndexByte(layer, '(')
		end := strings.LastIndexByte(layer, ')')
		if open < 0 || end < open {
			continue
		}
		name := strings.ToLower(layer[:open])
		inner, rest := layer[open+1:end], layer[end+1:]
		position, size, _ := strings.Cut(rest, "/")
		if i < len(positions) {
			position = positions[i]
		}
		if i < len(sizes) {
			size = sizes[i]
		}
		if name = name[strings.LastIndexByte(name, ' ')+1:]; name == "url" {
			l.backgroundPicture(n, inner, x, y)
			continue
		}
		if strings.HasSuffix(name, "gradient") {
			px, py := twoLengths(position, st.fontSize, 0, 0)
			pw, ph := twoLengths(size, st.fontSize, w, h)
			l.gradient(n, name, inner, [4]float64{x + px, y + py, pw, ph})
		}
	}
}

func twoLengths(s string, em, a, b float64) (float64, float64) {
	v := [2]float64{a, b}
	k := 0
	for _, f := range strings.Fields(s) {
		if length, ok := parseLength(f, em); ok && k < 2 {
			if px, ok := length.pixels(v[k]); ok {
				v[k] = px
			}
			k++
		}
	}
	return v[0], v[1]
}

func (l *layouter) backgroundPicture(n *node, src string, x, y float64) {
	if img := l.find(strings.Trim(src, `"' `)); img != nil {
		size := img.Bounds().Size()
		l.add(item{x: x, y: y, w: float64(size.X), h: float64(size.Y), image: img, from: n})
	}
}

// gradient draws the stripes of a linear gradient with hard stops, along x or y. Soft ones paint no modules.
func (l *layouter) gradient(n *node, name, inner string, r [4]float64) {
	parts := splitTop(inner, ',')
	if !strings.HasPrefix(name, "linear") || len(parts) < 2 || len(parts) > layersOfBox {
		return
	}
	along, backwards := 1, false // downwards, as when nothing is said
	switch direction := strings.ToLower(strings.TrimSpace(parts[0])); direction {
	case "90deg", "to right":
		along = 0
	case "270deg", "-90deg", "to left":
		along, backwards = 0, true
	case "0deg", "to top":
		backwards = true
	case "180deg", "to bottom":
	default:
		parts = append([]string{""}, parts...)
	}
	at := 0.0
	for i, stop := range parts[1:] {
		fill, from, to := gradientStop(stop, at, r[2+along])
		if i == len(parts)-2 {
			to = math.Max(to, r[2+along])
		}
		if to > at && fill.A > 0 {
			stripe := r
			stripe[along], stripe[2+along] = r[along]+math.Max(from, at), to-math.Max(from, at)
			if backwards {
				stripe[along] = r[along] + r[2+along] - to
			}
			l.add(item{x: stripe[0], y: stripe[1], w: stripe[2], h: stripe[3], fill: fill, from: n})
		}
		at = math.Max(at, to)
	}
}

// gradientStop reads "#000 4px 8px" or "#000 8px"; a stop with one place reaches from the one before.
func gradientStop(stop string, at, around float64) (fill color.NRGBA, from, to float64) {
	from, to = at, at
	places := 0
	for _, part := range splitTop(strings.TrimSpace(stop), ' ') {
		if c, ok := parseColor(part); ok && part != "0" {
			fill = c
			continue
		}
		if length, ok := parseLength(part, 16); ok {
			v, _ := length.pixels(around)
			if places == 1 {
				from = to
			}
			to = v
			places++
		}
	}
	return fill, from, to
}
