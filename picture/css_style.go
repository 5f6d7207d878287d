package picture

import (
	"image/color"
	"strings"
)

// style is what of an element's style decides where its boxes are and how they are coloured.
type style struct {
	display              string // "block", "inline", "inline-block", "table", "row", "rows", "cell", "flex", "column", "grid", "none"
	absolute, positioned bool
	float, clear, unseen bool
	width, height        length
	minWidth, minHeight  length
	left, top            length
	right, bottom        length
	margin, padding      [4]float64 // top, right, bottom, left
	border               [4]float64
	borderColor          [4]color.NRGBA
	shiftX, shiftY       float64 // by transform: translate
	background           color.NRGBA
	layers               []string // of background-image, and of the shorthand
	position, size       string   // of backgrounds
	shadow               string
	columns, rows        []float64 // of a grid, pixels
	gap                  float64
	gridColumn, gridRow  [2]int // start and span, 0: not given
	color                color.NRGBA
	fontSize             float64
	pre                  bool
	wrap                 bool // of a flex container
	customs              map[string]string
}

// styler computes styles from the sheets, the style attributes, and the attributes of old HTML.
type styler struct{ sheet *stylesheet }

// of returns the style of an element, given its parent's.
func (s *styler) of(n *node, parent *style) *style {
	if n.look != nil {
		return n.look
	}
	st := &style{display: defaultDisplay(n.tag), color: parent.color, fontSize: parent.fontSize, pre: parent.pre, unseen: parent.unseen, customs: parent.customs}
	st.attributes(n)
	var important []declaration
	lists := [][]declaration{s.sheet.declarations(n), parseDeclarations(n.attr("style"))}
	for _, list := range lists {
		for _, d := range list {
			if strings.HasPrefix(d.property, "--") {
				st.custom(d.property, d.value)
			}
		}
	}
	for _, list := range lists {
		for _, d := range list {
			if d.important {
				important = append(important, d)
			} else {
				st.set(d.property, d.value)
			}
		}
	}
	for _, d := range important {
		st.set(d.property, d.value)
	}
	if (st.absolute || st.float) && (st.display == "inline" || st.display == "cell") {
		st.display = "block"
	}
	n.look = st
	return st
}

func defaultDisplay(tag string) string {
	switch tag {
	case "td", "th":
		return "cell"
	case "tr":
		return "row"
	case "tbody", "thead", "tfoot":
		return "rows"
	case "table":
		return "table"
	case "img", "input", "button", "object", "embed", "iframe", "svg", "image", "v:rect", "v:shape":
		return "inline-block"
	case "head", "script", "style", "title", "meta", "link", "col", "colgroup", "datalist", "#defs":
		return "none"
	case "#root", "html", "body", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "pre", "xmp", "plaintext", "listing",
		"blockquote", "center", "form", "section", "article", "header", "footer", "main", "nav", "aside", "address",
		"figure", "figcaption", "fieldset", "hr", "caption", "details", "summary", "template", "noscript", "text", "tspan":
		return "block"
	}
	return "inline"
}

// attributes reads what HTML 4 allowed to say without CSS, and mail still says.
func (st *style) attributes(n *node) {
	switch n.tag {
	case "pre", "xmp", "plaintext", "listing":
		st.pre = true
	}
	for _, a := range n.attrs {
		switch a.name {
		case "bgcolor":
			if c, ok := parseColor(a.value); ok {
				st.background = c
			}
		case "color", "text":
			if c, ok := parseColor(a.value); ok && (n.tag == "font" || n.tag == "body") {
				st.color = c
			}
		case "background":
			st.layers = append(st.layers, "url("+a.value+")")
		case "width":
			st.setLength(&st.width, a.value)
		case "height":
			st.setLength(&st.height, a.value)
		case "hidden":
			st.display = "none"
		case "nowrap":
		case "align":
			st.float = st.float || n.tag == "table" && strings.EqualFold(a.value, "left")
		case "face", "size":
		}
	}
}

func (st *style) setLength(l *length, value string) {
	if got, ok := parseLength(value, st.fontSize); ok {
		*l = got
	} else {
		*l = length{}
	}
}

// set applies one declaration; what is not known is passed over.
func (st *style) set(property, value string) {
	if strings.Contains(value, "var(") {
		value = st.resolved(value)
	}
	switch property {
	case "display":
		st.setDisplay(strings.ToLower(value))
	case "position":
		value = strings.ToLower(value)
		st.absolute = value == "absolute" || value == "fixed"
		st.positioned = st.absolute || value == "relative" || value == "sticky"
	case "float":
		st.float = strings.EqualFold(value, "left") || strings.EqualFold(value, "right")
	case "clear":
		st.clear = !strings.EqualFold(value, "none")
	case "visibility":
		st.unseen = strings.EqualFold(value, "hidden") || strings.EqualFold(value, "collapse")
	case "opacity":
		st.unseen = st.unseen || value == "0"
	case "white-space":
		st.pre = strings.HasPrefix(strings.ToLower(value), "pre") || strings.EqualFold(value, "break-spaces")
	case "color":
		if c, ok := parseColor(value); ok {
			st.color = c
		}
	case "font-size":
		if l, ok := parseLength(value, st.fontSize); ok {
			st.fontSize, _ = l.pixels(st.fontSize)
		}
	case "background", "background-color", "background-image", "background-position", "background-size":
		st.setBackground(property, value)
	case "box-shadow":
		st.shadow = value
	case "transform":
		st.translate(value)
	case "flex-direction":
		if strings.HasPrefix(value, "column") && st.display == "flex" {
			st.display = "column"
		}
	case "flex-wrap":
		st.wrap = strings.HasPrefix(value, "wrap")
	default:
		st.setSize(property, value)
	}
}

func (st *style) setDisplay(value string) {
	switch value {
	case "none", "block", "inline", "inline-block", "grid", "flex", "table":
		st.display = value
	case "inline-flex":
		st.display = "flex"
	case "inline-grid":
		st.display = "grid"
	case "inline-table":
		st.display = "table"
	case "table-row":
		st.display = "row"
	case "table-cell":
		st.display = "cell"
	case "table-row-group", "table-header-group", "table-footer-group":
		st.display = "rows"
	case "list-item", "flow-root":
		st.display = "block"
	}
}

// setBackground keeps the colour and the layers; the last that is said counts.
func (st *style) setBackground(property, value string) {
	switch property {
	case "background-position":
		st.position = value
	case "background-size":
		st.size = value
	case "background-color":
		if c, ok := parseColor(value); ok {
			st.background = c
		}
	case "background-image":
		st.layers = splitTop(value, ',')
	default:
		st.background, st.layers = color.NRGBA{}, nil
		for _, layer := range splitTop(value, ',') {
			if strings.Contains(layer, "(") && !strings.HasPrefix(strings.TrimSpace(layer), "rgb") && !strings.HasPrefix(strings.TrimSpace(layer), "hsl") {
				st.layers = append(st.layers, layer)
			}
			for _, part := range splitTop(layer, ' ') {
				if c, ok := parseColor(part); ok {
					st.background = c
				}
			}
		}
	}
}

// translate reads translate(), translateX() and translateY(); other transforms move nothing.
func (st *style) translate(value string) {
	for value != "" {
		name, rest, ok := strings.Cut(value, "(")
		args, after, ok2 := strings.Cut(rest, ")")
		if !ok || !ok2 {
			return
		}
		value = after
		parts := strings.Split(args, ",")
		var v [2]float64
		for i := 0; i < len(parts) && i < 2; i++ {
			if l, ok := parseLength(parts[i], st.fontSize); ok {
				v[i], _ = l.pixels(0)
			}
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "translate", "translate3d":
			st.shiftX, st.shiftY = st.shiftX+v[0], st.shiftY+v[1]
		case "translatex":
			st.shiftX += v[0]
		case "translatey":
			st.shiftY += v[0]
		}
	}
}
