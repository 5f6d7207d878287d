package picture

import (
	"fmt"
	"strconv"
)

// Units of documents, in pixels of 1/96 inch: 914,400 EMU and 1,440 twips are an inch.
const (
	pixelEMU   = 9525.0
	pixelTwips = 15.0
)

// table writes a table with the sizes and colours of its cells.
func (o *officePage) table(n *node) {
	fmt.Fprint(&o.out, `<table cellspacing="0" cellpadding="0">`)
	var widths []float64
	if grid := n.child("tblgrid"); grid != nil {
		for _, c := range grid.children {
			if localName(c.tag) == "gridcol" {
				widths = append(widths, gridUnit(c)*decimal(c.value("w")))
			}
		}
	}
	o.rows(n, widths)
	fmt.Fprint(&o.out, "</table>")
}

// gridUnit is the unit of a column's width: twips in Word, EMU in PowerPoint.
func gridUnit(n *node) float64 {
	if n.tag == "a:gridcol" {
		return 1 / pixelEMU
	}
	return 1 / pixelTwips
}

func (o *officePage) rows(n *node, widths []float64) {
	for _, c := range n.children {
		switch localName(c.tag) {
		case "tr", "table-row":
			for range repeated(c, "number-rows-repeated") {
				if o.full() {
					return
				}
				fmt.Fprintf(&o.out, `<tr style="height:%s;%s">`, rowHeight(c), o.styles[c.value("style-name")])
				o.cells(c, widths)
				fmt.Fprint(&o.out, "</tr>")
			}
		case "table-rows", "table-row-group", "table-header-rows", "sdt", "sdtcontent", "ins":
			o.rows(c, widths)
		}
	}
}

func rowHeight(n *node) string {
	if h := decimal(n.child("trpr").child("trheight").value("val")); h > 0 {
		return fmt.Sprintf("%.1fpx", h/pixelTwips)
	}
	if h := decimal(n.value("h")); h > 0 {
		return fmt.Sprintf("%.1fpx", h/pixelEMU)
	}
	return "12px"
}

func (o *officePage) cells(row *node, widths []float64) {
	column := 0
	for _, c := range row.children {
		switch localName(c.tag) {
		case "tc", "table-cell", "covered-table-cell":
		case "sdt", "sdtcontent":
			o.cells(c, widths)
			continue
		default:
			continue
		}
		for range repeated(c, "number-columns-repeated") {
			if o.full() {
				return
			}
			span := cellSpan(c.value("gridspan") + c.value("number-columns-spanned") + c.child("tcpr", "gridspan").value("val"))
			fmt.Fprintf(&o.out, `<td colspan="%d" style="min-width:%.1fpx;%s">`, span, o.cellWidth(c, widths, column, span), o.cellStyle(c))
			o.children(c)
			fmt.Fprint(&o.out, "</td>")
			column += span
		}
	}
}

// cellWidth is the width that the cell says, or that its columns have together.
func (o *officePage) cellWidth(n *node, widths []float64, column, span int) float64 {
	total := 0.0
	for i := column; i < column+span && i < len(widths); i++ {
		total += widths[i]
	}
	if total > 0 {
		return total
	}
	if w := decimal(n.child("tcpr", "tcw").value("w")); w > 0 {
		return w / pixelTwips
	}
	return 12 * float64(span)
}

func (o *officePage) cellStyle(n *node) string {
	if c := rgbWord(n.child("tcpr", "shd").value("fill")); c != "" {
		return "background:" + c
	}
	if c := drawingColor(n.child("tcpr", "solidfill")); c != "" {
		return "background:" + c
	}
	return o.styles[n.value("style-name")]
}

// repeated is how often OpenDocument means an element. Empty rows and columns to the end of a sheet come as one with a
// large number.
func repeated(n *node, name string) int {
	count := number(n.value(name))
	if count < 1 || count > mostColumns {
		return 1
	}
	return count
}

// decimal reads a number, 0 of what is none.
func decimal(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f > -maxLength*pixelEMU && f < maxLength*pixelEMU) {
		return 0
	}
	return f
}
