package picture

import (
	"strings"
)

// references opens the data: URIs of all elements and style sheets, and documents inside the document.
func (d *page) references(t *tree) {
	t.root.walk(func(n *node) bool {
		for _, a := range n.attrs {
			switch {
			case a.name == "srcdoc":
				d.inside(Part{Name: "frame", Type: "text/html", Data: []byte(a.value)}, d.carrier)
			case a.name == "srcset":
				d.srcset(a.value)
			case hasData(a.value):
				d.anyData(a.value)
			}
		}
		return true
	})
	for _, sheet := range t.sheets {
		if hasData(sheet) {
			d.anyData(sheet)
		}
	}
}

func hasData(s string) bool {
	for i := 0; ; {
		k := strings.IndexByte(s[i:], ':')
		if k < 0 {
			return false
		}
		i += k + 1
		if i >= 5 && strings.EqualFold(s[i-5:i], "data:") {
			return true
		}
	}
}

// srcset opens each picture of a set; the commas of data: URIs stay.
func (d *page) srcset(value string) {
	for _, f := range strings.Fields(value) {
		if f = strings.TrimRight(f, ","); hasData(f) {
			d.anyData(f)
		}
	}
}

// anyData opens each data: URI in a value: the whole of it, or what stands in url(…), as in a style sheet or a
// refresh.
func (d *page) anyData(value string) {
	trimmed := strings.TrimSpace(value)
	if len(trimmed) > 5 && strings.EqualFold(trimmed[:5], "data:") {
		d.readData(&d.cutter, trimmed, d.seen)
		return
	}
	for from := 0; from < len(value); {
		i := dataIndex(value[from:])
		if i < 0 {
			return
		}
		start := from + i
		end := start + uriEnd(value[start:], value[:start])
		d.readData(&d.cutter, value[start:end], d.seen)
		from = max(end, start+5)
	}
}

func dataIndex(s string) int {
	for i := 0; ; {
		k := strings.IndexByte(s[i:], ':')
		if k < 0 {
			return -1
		}
		i += k + 1
		if i >= 5 && strings.EqualFold(s[i-5:i], "data:") {
			return i - 5
		}
	}
}

// uriEnd finds the end of a URI by what stands before it: a quote, a parenthesis, or nothing.
func uriEnd(s, before string) int {
	stops := " )\"'"
	if before != "" {
		switch before[len(before)-1] {
		case '"':
			stops = "\""
		case '\'':
			stops = "'"
		case '(':
			stops = ")"
		case '=':
			return len(s)
		}
	}
	if end := strings.IndexAny(s, stops); end >= 0 {
		return end
	}
	return len(s)
}
