package picture

import (
	"strconv"
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
			case strings.ContainsAny(a.value, "\t\r\n\\"):
				if whole := unbroken(a.value); hasData(whole) {
					d.anyData(whole)
				}
			}
		}
		return true
	})
	for _, sheet := range t.sheets {
		if strings.Contains(sheet, "\\") {
			sheet = unbroken(sheet)
		}
		if hasData(sheet) {
			d.anyData(sheet)
		}
	}
}

// unbroken is a value without what browsers take out of URLs (URL standard, section 4.4: tabs and line breaks), and with the
// characters for which escapes stand in CSS (CSS Syntax 3, section 4.3.7).
func unbroken(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\t' || c == '\r' || c == '\n':
		case c != '\\':
			out.WriteByte(c)
		default:
			end := i + 1
			for end < len(s) && end < i+7 && hexValue(s[end]) >= 0 {
				end++
			}
			if end == i+1 {
				continue // of any other character the escape is that character
			}
			n, _ := strconv.ParseUint(s[i+1:end], 16, 32) // at most six digits
			out.WriteRune(rune(n))
			if i = end - 1; end < len(s) && s[end] == ' ' {
				i = end
			}
		}
	}
	return out.String()
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
