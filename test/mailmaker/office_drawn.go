package mailmaker

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf16"
)

// Codes that Office documents draw with their own means. Colours in them have no "#".

func officeColor(css string) string { return strings.TrimPrefix(css, "#") }

// WordLines is a Word document with a text, one paragraph a line.
func WordLines(text string) []byte {
	var body strings.Builder
	for line := range strings.Lines(text) {
		fmt.Fprintf(&body, `<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, html.EscapeString(strings.TrimSuffix(line, "\n")))
	}
	return DOCX(body.String())
}

// WordTable is a Word document with a table whose cells are shaded.
func WordTable(rows [][]bool, ink Ink) []byte {
	width := 15 * ink.Module
	return DOCX("<w:tbl>" + each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:shd w:val="clear" w:color="auto" w:fill="%s"/></w:tcPr><w:p/></w:tc>`, width, officeColor(ink.of(dark)))
	}, fmt.Sprintf(`<w:tr><w:trPr><w:trHeight w:val="%d" w:hRule="exact"/></w:trPr>`, width), "</w:tr>") + "</w:tbl>")
}

// boxes draws each module as a shape of DrawingML, under the names that the kind of document gives it.
func boxes(rows [][]bool, ink Ink, shape, properties string) string {
	side := 9525 * ink.Module
	return each(rows, func(out *strings.Builder, x, y int, dark bool) {
		fmt.Fprintf(out, `<%s><%s><a:xfrm><a:off x="%d" y="%d"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"/><a:solidFill><a:srgbClr val="%s"/></a:solidFill></%s></%s>`,
			shape, properties, x*side, y*side, side, side, officeColor(ink.of(dark)), properties, shape)
	}, "", "")
}

// WordShapes is a Word document with a group of shapes.
func WordShapes(rows [][]bool, ink Ink) []byte {
	size := len(rows) * 9525 * ink.Module
	return DOCX(fmt.Sprintf(`<w:p><w:r><w:drawing><wp:anchor><wp:positionH><wp:posOffset>914400</wp:posOffset></wp:positionH><wp:positionV><wp:posOffset>95250</wp:posOffset></wp:positionV>`+
		`<a:graphic><a:graphicData><wpg:wgp><wpg:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/><a:chOff x="0" y="0"/><a:chExt cx="%d" cy="%d"/></a:xfrm></wpg:grpSpPr>`, 2*size, 2*size, size, size) +
		boxes(rows, ink, "wps:wsp", "wps:spPr") + `</wpg:wgp></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r></w:p>`)
}

// WordBoxes is a Word document with boxes in VML.
func WordBoxes(rows [][]bool, ink Ink) []byte {
	return DOCX("<w:p><w:r><w:pict>" + each(rows, func(out *strings.Builder, x, y int, dark bool) {
		fmt.Fprintf(out, `<v:rect style="position:absolute;margin-left:%dpx;margin-top:%dpx;width:%[3]dpx;height:%[3]dpx" fillcolor="%s" stroked="f"/>`,
			x*ink.Module, y*ink.Module, ink.Module, ink.of(dark))
	}, "", "") + "</w:pict></w:r></w:p>")
}

// Slide is a presentation with one slide.
func Slide(content string) []byte {
	return Zip(File{"[Content_Types].xml", []byte(contentTypes)}, File{"ppt/presentation.xml", []byte("<p/>")},
		File{"ppt/slides/slide1.xml", []byte(`<?xml version="1.0" encoding="UTF-8"?><p:sld><p:cSld><p:spTree>` + content + `</p:spTree></p:cSld></p:sld>`)})
}

// SlideShapes draws each module as a shape.
func SlideShapes(rows [][]bool, ink Ink) []byte { return Slide(boxes(rows, ink, "p:sp", "p:spPr")) }

// SlideOutline draws all dark modules as one shape, on a shape in the other colour.
func SlideOutline(rows [][]bool, ink Ink) []byte {
	size := len(rows) * 9525 * ink.Module
	shape := func(color, geometry string) string {
		return fmt.Sprintf(`<p:sp><p:spPr><a:xfrm><a:off x="914400" y="914400"/><a:ext cx="%d" cy="%d"/></a:xfrm>%s<a:solidFill><a:srgbClr val="%s"/></a:solidFill></p:spPr></p:sp>`,
			size, size, geometry, officeColor(color))
	}
	path := each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, `<a:moveTo><a:pt x="%[1]d" y="%[2]d"/></a:moveTo><a:lnTo><a:pt x="%[3]d" y="%[2]d"/></a:lnTo><a:lnTo><a:pt x="%[3]d" y="%[4]d"/></a:lnTo><a:lnTo><a:pt x="%[1]d" y="%[4]d"/></a:lnTo><a:close/>`,
				x, y, x+1, y+1)
		}
	}, "", "")
	return Slide(shape(ink.Light, `<a:prstGeom prst="rect"/>`) +
		shape(ink.Dark, fmt.Sprintf(`<a:custGeom><a:pathLst><a:path w="%[1]d" h="%[1]d">%[2]s</a:path></a:pathLst></a:custGeom>`, len(rows), path)))
}

// SlideTable draws each module as a cell.
func SlideTable(rows [][]bool, ink Ink) []byte {
	side := 9525 * ink.Module
	return Slide("<p:graphicFrame><a:tbl><a:tblGrid>" + strings.Repeat(fmt.Sprintf(`<a:gridCol w="%d"/>`, side), len(rows)) + "</a:tblGrid>" +
		each(rows, func(out *strings.Builder, _, _ int, dark bool) {
			fmt.Fprintf(out, `<a:tc><a:txBody><a:p/></a:txBody><a:tcPr><a:solidFill><a:srgbClr val="%s"/></a:solidFill></a:tcPr></a:tc>`, officeColor(ink.of(dark)))
		}, fmt.Sprintf(`<a:tr h="%d">`, side), "</a:tr>") + "</a:tbl></p:graphicFrame>")
}

// SlideLines is a presentation with a text, one paragraph a line.
func SlideLines(text string) []byte {
	var body strings.Builder
	for line := range strings.Lines(text) {
		fmt.Fprintf(&body, `<a:p><a:r><a:t>%s</a:t></a:r></a:p>`, html.EscapeString(strings.TrimSuffix(line, "\n")))
	}
	return Slide("<p:sp><p:txBody>" + body.String() + "</p:txBody></p:sp>")
}

// Sheet is a workbook with one sheet, two formats of cells, and shared texts.
func Sheet(ink Ink, rows string, texts ...string) []byte {
	shared := ""
	for _, text := range texts {
		shared += "<si><t>" + html.EscapeString(text) + "</t></si>"
	}
	fill := func(css string) string {
		return fmt.Sprintf(`<fill><patternFill patternType="solid"><fgColor rgb="FF%s"/></patternFill></fill>`, officeColor(css))
	}
	return Zip(File{"[Content_Types].xml", []byte(contentTypes)}, File{"xl/workbook.xml", []byte("<workbook/>")},
		File{"xl/styles.xml", []byte(`<styleSheet><fills><fill><patternFill patternType="none"/></fill>` + fill(ink.Light) + fill(ink.Dark) +
			`</fills><cellXfs><xf fillId="0"/><xf fillId="1"/><xf fillId="2"/></cellXfs></styleSheet>`)},
		File{"xl/sharedStrings.xml", []byte("<sst>" + shared + "</sst>")},
		File{"xl/worksheets/sheet1.xml", []byte("<worksheet><sheetData>" + rows + "</sheetData></worksheet>")})
}

// SheetCells paints a cell for each module.
func SheetCells(rows [][]bool, ink Ink) []byte {
	return Sheet(ink, each(rows, func(out *strings.Builder, x, y int, dark bool) {
		format := 1
		if dark {
			format = 2
		}
		fmt.Fprintf(out, `<c r="%s%d" s="%d"/>`, columnName(x+1), y+3, format)
	}, "<row>", "</row>"))
}

// SheetLines writes a line of a text into each row.
func SheetLines(text string) []byte {
	var rows strings.Builder
	var texts []string
	for line := range strings.Lines(text) {
		texts = append(texts, strings.TrimSuffix(line, "\n"))
		fmt.Fprintf(&rows, `<row r="%[1]d"><c r="A%[1]d" t="s"><v>%[2]d</v></c></row>`, len(texts), len(texts)-1)
	}
	return Sheet(Black(), rows.String(), texts...)
}

func columnName(n int) string {
	if n > 26 {
		return columnName((n-1)/26) + columnName((n-1)%26+1)
	}
	return string(rune('A' + n - 1))
}

// OpenDocument is a document of OpenDocument with a content of its own and two styles, "dark" and "light", of cells and
// shapes.
func OpenDocument(kind string, ink Ink, body string) []byte {
	style := func(name, css string) string {
		return fmt.Sprintf(`<style:style style:name="%[1]s" style:family="table-cell"><style:table-cell-properties fo:background-color="%[2]s"/></style:style>`+
			`<style:style style:name="g%[1]s" style:family="graphic"><style:graphic-properties draw:fill="solid" draw:fill-color="%[2]s"/></style:style>`, name, css)
	}
	return Zip(File{"mimetype", []byte("application/vnd.oasis.opendocument." + kind)},
		File{"content.xml", []byte(`<?xml version="1.0" encoding="UTF-8"?><office:document-content><office:automatic-styles>` + style("dark", ink.Dark) + style("light", ink.Light) +
			`</office:automatic-styles><office:body>` + body + `</office:body></office:document-content>`)})
}

func openStyle(dark bool) string {
	if dark {
		return "dark"
	}
	return "light"
}

// OpenTable paints a cell for each module.
func OpenTable(rows [][]bool, ink Ink) []byte {
	return OpenDocument("spreadsheet", ink, "<table:table>"+each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<table:table-cell table:style-name="%s"/>`, openStyle(dark))
	}, "<table:table-row>", "</table:table-row>")+"</table:table>")
}

// OpenShapes draws a rectangle for each module.
func OpenShapes(rows [][]bool, ink Ink) []byte {
	return OpenDocument("graphics", ink, each(rows, func(out *strings.Builder, x, y int, dark bool) {
		fmt.Fprintf(out, `<draw:rect draw:style-name="g%s" svg:x="%dpx" svg:y="%dpx" svg:width="%[4]dpx" svg:height="%[4]dpx"/>`, openStyle(dark), x*ink.Module, y*ink.Module, ink.Module)
	}, "", ""))
}

// OpenLines is a text, one paragraph a line.
func OpenLines(text string) []byte {
	var body strings.Builder
	for line := range strings.Lines(text) {
		fmt.Fprintf(&body, `<text:p>%s</text:p>`, html.EscapeString(strings.TrimSuffix(line, "\n")))
	}
	return OpenDocument("text", Black(), body.String())
}

// RTFLines is an RTF file with a text, one paragraph a line.
func RTFLines(text string) []byte {
	var out strings.Builder
	out.WriteString(`{\rtf1\ansi{\fonttbl{\f0 Courier New;}}\uc1 Scan this:\par `)
	for _, c := range utf16.Encode([]rune(text)) {
		switch {
		case c == '\n':
			out.WriteString("\\par\n")
		case c < 128:
			out.WriteByte(byte(c))
		default:
			fmt.Fprintf(&out, "\\u%d?", int16(c))
		}
	}
	return []byte(out.String() + "}")
}

// RTFTable is an RTF file with a table whose cells are painted.
func RTFTable(rows [][]bool, ink Ink) []byte {
	entry := func(css string) string {
		var r, g, b int
		fmt.Sscanf(css, "#%02x%02x%02x", &r, &g, &b)
		return fmt.Sprintf(`\red%d\green%d\blue%d;`, r, g, b)
	}
	side := 15 * ink.Module
	return []byte(`{\rtf1\ansi{\colortbl;` + entry(ink.Dark) + entry(ink.Light) + `}` + each(rows, func(out *strings.Builder, x, _ int, dark bool) {
		color := 2
		if dark {
			color = 1
		}
		fmt.Fprintf(out, `\clcbpat%d\cellx%d`, color, (x+1)*side)
	}, fmt.Sprintf(`\trowd\trrh-%d`, side), strings.Repeat(`\cell`, len(rows))+"\\row\n") + "}")
}

// DOCLines is an old Word file with a text, one paragraph a line.
func DOCLines(text string) []byte {
	stream := append([]byte("\xec\xa5\xc1\x00"), make([]byte, 1500)...)
	return Compound(Entry{Name: "WordDocument", Data: append(stream, wide("Scan:\r"+strings.ReplaceAll(text, "\n", "\r"))...)})
}

// PPTLines is an old presentation with a text at an odd place, one line a line.
func PPTLines(text string) []byte {
	return Compound(Entry{Name: "PowerPoint Document", Data: append(make([]byte, 1501), wide("\r"+strings.ReplaceAll(text, "\n", "\v"))...)})
}
