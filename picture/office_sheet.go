package picture

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"strings"
)

// Bounds of a worksheet (ECMA-376-1, section 18.3): what lies further right or down is no code by itself.
const (
	sheetColumns  = 600
	sheetRows     = 2000
	sheetMarkup   = 8 << 20
	fewestPainted = 200 // cells, of 441 modules; a code may be drawn by its dark ones alone
	fewestWritten = 6   // cells: of braille, each line four modules high
)

// workbook is what the sheets of a workbook refer to.
type workbook struct {
	fills   []string // CSS by the number of a cell's format
	strings []string
}

// sheet shows what a worksheet draws with painted cells, or with characters in them.
func (m *members) sheet(z *zipFile, text []byte, name string) {
	if bytes.Count(text, []byte("<c ")) < fewestWritten || m.ctx.Err() != nil {
		return
	}
	if m.book == nil {
		m.book = m.workbook(z)
	}
	if markup := m.book.markup(growXML(text)); markup != nil {
		m.within(Part{Type: "text/html", Charset: "utf-8", Data: markup}, name, m.carrier)
	}
}

func (v *view) workbook(z *zipFile) *workbook {
	book := &workbook{}
	for _, e := range z.entries {
		switch low := strings.ToLower(e.name); low {
		case "xl/styles.xml", "xl/sharedstrings.xml":
			content := z.read(e, min(maxOfficeText, v.room()))
			v.spend(int64(len(content)))
			if low == "xl/styles.xml" {
				book.formats(growXML(content))
			} else {
				book.shared(growXML(content))
			}
		}
	}
	return book
}

// formats reads how cells may be painted: cellXfs refer to fills by their numbers.
func (b *workbook) formats(t *tree) {
	var fills []string
	root := t.root.child("stylesheet")
	if list := root.child("fills"); list != nil {
		for _, f := range list.children {
			if f.tag != "" {
				fills = append(fills, fillColor(f.child("patternfill")))
			}
		}
	}
	if list := root.child("cellxfs"); list != nil {
		for _, xf := range list.children {
			if xf.tag == "" {
				continue
			}
			fill := ""
			if n := listIndex(xf.value("fillid")); n < len(fills) {
				fill = fills[n]
			}
			b.fills = append(b.fills, fill)
		}
	}
}

// fillColor is the colour of a solid fill; those of the theme are about black, white, and something between.
func fillColor(pattern *node) string {
	color := pattern.child("fgcolor")
	if pattern.value("patterntype") != "solid" {
		return ""
	}
	if color == nil {
		return "#000000"
	}
	if rgb := rgbWord(color.value("rgb")); rgb != "" {
		return rgb
	}
	if theme := color.value("theme"); theme != "" {
		return map[string]string{"0": "#ffffff", "1": "#000000", "2": "#e7e6e6"}[theme] + map[bool]string{true: "#44546a"}[theme > "2"]
	}
	switch color.value("indexed") {
	case "1", "9", "65":
		return "#ffffff"
	case "0", "8", "64":
		return "#000000"
	}
	return "#44546a"
}

// shared reads the texts of cells, which stand in a list of their own.
func (b *workbook) shared(t *tree) {
	list := t.root.child("sst")
	if list == nil {
		return
	}
	for _, item := range list.children {
		if item.tag == "" {
			continue
		}
		var text strings.Builder
		item.walk(func(n *node) bool {
			if n.tag == "" && localName(n.parent.tag) == "t" {
				text.WriteString(n.text)
			}
			return localName(n.tag) != "rph"
		})
		b.strings = append(b.strings, text.String())
	}
}

// markup is a sheet as HTML: painted cells as a table, and what is written as lines. nil when it has neither.
func (b *workbook) markup(t *tree) []byte {
	data := t.root.child("worksheet", "sheetdata")
	if data == nil {
		return nil
	}
	var table, lines bytes.Buffer
	painted, last := 0, 0
	for _, row := range data.children {
		at := listIndex(row.value("r"))
		if row.tag == "" || at > sheetRows || table.Len() > sheetMarkup {
			continue
		}
		for ; last+1 < at; last++ {
			table.WriteString(`<tr style="height:10px"><td></td></tr>`)
			lines.WriteString("<div> </div>")
		}
		last = max(last, at)
		painted += b.row(row, &table, &lines)
	}
	low := lines.Bytes()
	c := counter{}
	c.markup(low, low)
	c.endLine()
	var out []byte
	if painted >= fewestPainted {
		out = fmt.Appendf(out, `<table cellspacing="0" cellpadding="0">%s</table>`, table.Bytes())
	}
	if c.blocks >= ordinaryBlocks || c.art >= fewestArtLines {
		out = fmt.Appendf(out, `<div style="white-space:pre">%s</div>`, low)
	}
	return out
}

// row writes one row and returns how many of its cells are painted.
func (b *workbook) row(row *node, table, lines *bytes.Buffer) (painted int) {
	table.WriteString(`<tr style="height:10px">`)
	lines.WriteString("<div>")
	column := 0
	for _, c := range row.children {
		at := sheetColumn(c.value("r"))
		if at == 0 {
			at = column + 1
		}
		if c.tag == "" || at > sheetColumns {
			continue
		}
		for ; column+1 < at; column++ {
			table.WriteString(`<td style="width:10px"></td>`)
			lines.WriteByte(' ')
		}
		column = max(column, at)
		fill := ""
		if n := listIndex(c.value("s")); n < len(b.fills) {
			fill = b.fills[n]
		}
		if fill != "" && fill != "#ffffff" {
			painted++
		}
		fmt.Fprintf(table, `<td style="width:10px;background:%s"></td>`, fill)
		text := b.text(c)
		if text == "" {
			text = " "
		}
		lines.WriteString(html.EscapeString(text))
	}
	table.WriteString("</tr>")
	lines.WriteString("</div>")
	return painted
}

// text is what a cell shows, cut to a line of a code.
func (b *workbook) text(c *node) string {
	value := ""
	if v := c.child("v"); v != nil && len(v.children) > 0 {
		value = v.children[0].text
	}
	switch c.value("t") {
	case "s":
		if n := listIndex(value); n < len(b.strings) {
			value = b.strings[n]
		}
	case "inlineStr":
		if t := c.child("is", "t"); t != nil && len(t.children) > 0 {
			value = t.children[0].text
		}
	}
	return value[:min(len(value), 4*mostColumns)]
}

// listIndex is a number that counts from 0 in a list, and 0 where there is none, as the format says.
func listIndex(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// sheetColumn is 28 of "AB12", 0 of what is no reference.
func sheetColumn(reference string) int {
	n := 0
	for i := 0; i < len(reference) && i < 4 && reference[i] >= 'A' && reference[i] <= 'Z'; i++ {
		n = n*26 + int(reference[i]-'A') + 1
	}
	return n
}
