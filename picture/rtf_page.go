package picture

import (
	"bytes"
	"fmt"
)

// rtfPage is what an RTF file shows by itself: its text in lines, and the painted cells of its tables.
type rtfPage struct {
	lines   bytes.Buffer
	table   bytes.Buffer
	painted int

	colors  []string // of the colour table
	rgb     [3]int   // of its entry that is being read
	cells   []rtfCell
	pattern int // the colour of the cell that is being defined
	height  int // of the row, in twips
}

// rtfCell is a cell of the row that is being defined: its right edge in twips, and its colour.
type rtfCell struct{ right, color int }

// Bounds of a page.
const (
	rtfText  = 4 << 20
	rtfCells = 600 // of one row
)

// text takes a text that is shown.
func (p *rtfPage) text(text string) {
	if p.lines.Len()+len(text) < rtfText {
		p.lines.WriteString(text)
	}
}

// control takes a control word that concerns lines, tables or colours.
func (p *rtfPage) control(t rtfToken) {
	switch t.word {
	case "par", "line", "row":
		p.text("\n")
	case "tab":
		p.text("\t")
	case "red", "green", "blue":
		p.rgb[map[string]int{"red": 0, "green": 1, "blue": 2}[t.word]] = min(max(t.arg, 0), 255)
	case "trowd":
		p.cells, p.pattern, p.height = p.cells[:0], 0, 0
	case "trrh":
		p.height = max(t.arg, -t.arg)
	case "clcbpat", "clcfpat":
		p.pattern = t.arg
	case "cellx":
		if len(p.cells) < rtfCells {
			p.cells = append(p.cells, rtfCell{t.arg, p.pattern})
		}
		p.pattern = 0
	}
	if t.word == "row" {
		p.row()
	}
}

// color ends an entry of the colour table.
func (p *rtfPage) color() {
	if len(p.colors) < 4096 {
		p.colors = append(p.colors, fmt.Sprintf("#%02x%02x%02x", p.rgb[0], p.rgb[1], p.rgb[2]))
	}
	p.rgb = [3]int{}
}

// row writes the row whose cells are defined.
func (p *rtfPage) row() {
	if p.table.Len() > officeMarkup {
		return
	}
	fmt.Fprintf(&p.table, `<tr style="height:%.1fpx">`, max(1, float64(p.height)/pixelTwips))
	left := 0
	for _, c := range p.cells {
		color := ""
		if c.color > 0 && c.color < len(p.colors) {
			color = p.colors[c.color]
			p.painted++
		}
		fmt.Fprintf(&p.table, `<td style="width:%.1fpx;background:%s"></td>`, float64(c.right-left)/pixelTwips, color)
		left = c.right
	}
	p.table.WriteString("</tr>")
}

// showPage looks into the text and the tables.
func (r *rtfReader) showPage() {
	r.writtenText(r.page.lines.String(), "text")
	if r.page.painted >= fewestPainted {
		markup := fmt.Appendf(nil, `<table cellspacing="0" cellpadding="0">%s</table>`, r.page.table.Bytes())
		r.within(Part{Type: "text/html", Data: markup}, "tables", r.carrier)
	}
}

// writtenText draws the codes that stand in a document's text as characters.
func (v *view) writtenText(text, at string) {
	if signsOf([]byte(text), false).written() {
		v.within(Part{Type: "text/plain", Charset: "utf-8", Data: []byte(text)}, at, v.carrier)
	}
}
