package picture

import (
	"image/color"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// length is a size in CSS: pixels, or a share of what is around it, or not given.
type length struct {
	value   float64
	percent bool
	given   bool
}

// pixels resolves a length against the size around it; ok is false when it is not given or cannot be resolved.
func (l length) pixels(around float64) (float64, bool) {
	if !l.given || l.percent && around <= 0 {
		return 0, false
	}
	if l.percent {
		return l.value * around / 100, true
	}
	return l.value, true
}

// maxLength bounds every coordinate, so that sums stay finite.
const maxLength = 1e6

// parseLength reads a CSS length; em is the font size. Units are those of CSS Values 3, section 6.
func parseLength(s string, em float64) (length, bool) {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "calc("); ok {
		return calcLength(strings.TrimSuffix(inner, ")"), em)
	}
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	v, err := strconv.ParseFloat(s[:end], 64)
	if err != nil || math.Abs(v) > maxLength {
		return length{}, false
	}
	switch unit := strings.ToLower(strings.TrimSpace(s[end:])); unit {
	case "", "px":
	case "%":
		return length{v, true, true}, true
	case "pt":
		v *= 4.0 / 3
	case "pc":
		v *= 16
	case "em", "rem", "lh":
		v *= em
	case "ex", "ch":
		v *= em / 2
	case "mm":
		v *= 96 / 25.4
	case "cm":
		v *= 96 / 2.54
	case "in":
		v *= 96
	case "vw", "vh", "vmin", "vmax":
		v *= pageWidth / 100
	default:
		return length{}, false
	}
	if math.Abs(v) > maxLength {
		return length{}, false
	}
	return length{v, false, true}, true
}

// parseColor reads a CSS colour, or what HTML attributes hold in its place ("000000" without the sign).
func parseColor(s string) (color.NRGBA, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if c, ok := colornames.Map[s]; ok {
		return color.NRGBA(c), true // all of them are opaque
	}
	switch {
	case s == "transparent":
		return color.NRGBA{}, true
	case s == "windowtext":
		return color.NRGBA{A: 255}, true
	case strings.HasPrefix(s, "rgb"), strings.HasPrefix(s, "hsl"):
		return functionColor(s)
	}
	return hexColor(strings.TrimPrefix(s, "#"))
}

func hexColor(s string) (color.NRGBA, bool) {
	if len(s) == 3 || len(s) == 4 {
		var long strings.Builder
		for _, c := range []byte(s) {
			long.WriteByte(c)
			long.WriteByte(c)
		}
		s = long.String()
	}
	if len(s) == 6 {
		s += "ff"
	}
	v, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 8 {
		return color.NRGBA{}, false
	}
	return color.NRGBA{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}, true
}

// functionColor reads rgb(), rgba(), hsl() and hsla() with commas or spaces (CSS Color 4, sections 5 and 7).
func functionColor(s string) (color.NRGBA, bool) {
	name, rest, ok := strings.Cut(s, "(")
	if !ok {
		return color.NRGBA{}, false
	}
	parts := strings.FieldsFunc(strings.TrimSuffix(rest, ")"), func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if len(parts) < 3 {
		return color.NRGBA{}, false
	}
	var v [4]float64
	v[3] = 1
	for i := 0; i < len(parts) && i < 4; i++ {
		number, percent := strings.CutSuffix(strings.TrimSuffix(parts[i], "deg"), "%")
		f, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return color.NRGBA{}, false
		}
		if percent && (i == 3 || strings.HasPrefix(name, "hsl")) {
			f /= 100
		} else if percent {
			f *= 2.55
		}
		v[i] = f
	}
	if strings.HasPrefix(name, "hsl") {
		return hslColor(v), true
	}
	return color.NRGBA{octet(v[0]), octet(v[1]), octet(v[2]), octet(v[3] * 255)}, true
}

// hslColor converts as CSS Color 4, section 7.1, does.
func hslColor(v [4]float64) color.NRGBA {
	channel := func(n float64) byte {
		k := math.Mod(n+v[0]/30, 12)
		a := v[1] * math.Min(v[2], 1-v[2])
		return octet(255 * (v[2] - a*math.Max(-1, math.Min(math.Min(k-3, 9-k), 1))))
	}
	return color.NRGBA{channel(0), channel(8), channel(4), octet(v[3] * 255)}
}

func octet(f float64) byte {
	if !(f > 0) {
		return 0
	}
	return byte(math.Min(255, math.Round(f)))
}

// splitTop splits at a separator outside of parentheses and quotes.
func splitTop(s string, separator byte) []string {
	var list []string
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case c == separator && depth == 0:
			if i > start || separator != ' ' {
				list = append(list, s[start:i])
			}
			start = i + 1
		}
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}
