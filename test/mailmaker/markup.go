package mailmaker

import (
	"fmt"
	"strings"
)

// Ink is how a code is drawn in markup: two colours, and the size of a module.
type Ink struct {
	Dark, Light string // CSS colours with six digits
	Module      int    // pixels
}

// Black is a plain code, White an inverted one, Tiny one of two pixels a module.
func Black() Ink { return Ink{"#000000", "#ffffff", 6} }

// White is Black with its colours exchanged.
func White() Ink { return Ink{"#ffffff", "#000000", 6} }

// Tiny has two pixels a module.
func Tiny() Ink { return Ink{"#000000", "#ffffff", 2} }

func (i Ink) of(dark bool) string {
	if dark {
		return i.Dark
	}
	return i.Light
}

// Framed is a code with a quiet zone of four modules.
func Framed(rows [][]bool) [][]bool {
	const quiet = 4
	framed := make([][]bool, len(rows)+2*quiet)
	for y := range framed {
		framed[y] = make([]bool, len(rows)+2*quiet)
		if y >= quiet && y < len(rows)+quiet {
			copy(framed[y][quiet:], rows[y-quiet])
		}
	}
	return framed
}

// each writes every module.
func each(rows [][]bool, write func(out *strings.Builder, x, y int, dark bool), rowStart, rowEnd string) string {
	var out strings.Builder
	for y, row := range rows {
		out.WriteString(rowStart)
		for x, dark := range row {
			write(&out, x, y, dark)
		}
		out.WriteString(rowEnd)
	}
	return out.String()
}

// TableHTML draws a code with one table cell a module.
func TableHTML(rows [][]bool, ink Ink) string {
	return `<p>Scan this:</p><table cellspacing="0" cellpadding="0" bgcolor="` + ink.Light + `">` + each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<td width="%d" height="%d" bgcolor="%s"></td>`, ink.Module, ink.Module, ink.of(dark))
	}, "<tr>", "</tr>") + "</table>"
}

// TableRunsHTML draws a code with cells that cover runs of modules, coloured by classes.
func TableRunsHTML(rows [][]bool, ink Ink) string {
	var out strings.Builder
	fmt.Fprintf(&out, `<style>.d{background:%s} .code .l{background-color:%s}</style><table class=code style="border-collapse:collapse">`, ink.Dark, ink.Light)
	for _, row := range rows {
		fmt.Fprintf(&out, `<tr style="height:%dpx">`, ink.Module)
		for x := 0; x < len(row); {
			end := x
			for end < len(row) && row[end] == row[x] {
				end++
			}
			class := "l"
			if row[x] {
				class = "d"
			}
			fmt.Fprintf(&out, `<td class=%s colspan=%d style="width:%dpx">`, class, end-x, (end-x)*ink.Module)
			x = end
		}
	}
	return out.String() + "</table>"
}

// AbsoluteHTML draws a code with boxes that each have a place of their own.
func AbsoluteHTML(rows [][]bool, ink Ink) string {
	return fmt.Sprintf(`<div style="position:relative;width:%dpx;height:%dpx;background:%s">`, len(rows)*ink.Module, len(rows)*ink.Module, ink.Light) + each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, `<b style="position:absolute;left:%dpx;top:%dpx;width:%[3]dpx;height:%[3]dpx;background:%[4]s"></b>`, x*ink.Module, y*ink.Module, ink.Module, ink.Dark)
		}
	}, "", "") + "</div>"
}

// VariablesHTML draws a code with boxes whose sizes are calculated, and colours that are variables.
func VariablesHTML(rows [][]bool, ink Ink) string {
	return fmt.Sprintf(`<style>:root{--m:%dpx;--dark:%s;--light:%s}.c{position:relative;width:calc(var(--m)*%d);height:calc(var(--m) * %d);background:var(--light)}</style><div class=c>`,
		ink.Module, ink.Dark, ink.Light, len(rows), len(rows)) + each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, `<i style="position:absolute;left:calc(var(--m)*%d);top:calc(%d * (var(--m) + 0px));width:var(--m);height:var(--n, var(--m));background:var(--dark)"></i>`, x, y)
		}
	}, "", "") + "</div>"
}

// FloatHTML draws a code with floating boxes, row by row.
func FloatHTML(rows [][]bool, ink Ink) string {
	return fmt.Sprintf(`<style>i{float:left;width:%[1]dpx;height:%[1]dpx}i.a{background:%[2]s}i.b{background:%[3]s}div{clear:both}</style>`, ink.Module, ink.Dark, ink.Light) + each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		class := "b"
		if dark {
			class = "a"
		}
		fmt.Fprintf(out, `<i class=%s></i>`, class)
	}, "<div>", "</div>")
}

// InlineBlockHTML draws a code with boxes on lines.
func InlineBlockHTML(rows [][]bool, ink Ink) string {
	return `<div style="font-size:0;line-height:0">` + each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<span style="display:inline-block;width:%dpx;height:%[1]dpx;background:%[2]s"></span>`, ink.Module, ink.of(dark))
	}, "", "<br>") + "</div>"
}

// ShadowHTML draws a code with the shadows of a single box.
func ShadowHTML(rows [][]bool, ink Ink) string {
	var list []string
	for y, row := range rows {
		for x, dark := range row {
			list = append(list, fmt.Sprintf("%dpx %dpx %s", (x+1)*ink.Module, (y+1)*ink.Module, ink.of(dark)))
		}
	}
	return fmt.Sprintf(`<div style="width:%[1]dpx;height:%[1]dpx;box-shadow:%[2]s"></div>`, ink.Module, strings.Join(list, ","))
}

// GradientHTML draws each row as a gradient with hard stops.
func GradientHTML(rows [][]bool, ink Ink) string {
	return `<div style="width:400px">` + each(rows, func(out *strings.Builder, x, _ int, dark bool) {
		fmt.Fprintf(out, ",%s %dpx %dpx", ink.of(dark), x*ink.Module, (x+1)*ink.Module)
	}, fmt.Sprintf(`<div style="width:%dpx;height:%dpx;background:linear-gradient(90deg`, len(rows)*ink.Module, ink.Module), `)"></div>`) + "</div>"
}

// GridHTML draws a code in the cells of a CSS grid.
func GridHTML(rows [][]bool, ink Ink) string {
	return fmt.Sprintf(`<div style="display:grid;grid-template-columns:repeat(%d,%dpx);grid-auto-rows:%[2]dpx">`, len(rows), ink.Module) + each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<u style="background:%s"></u>`, ink.of(dark))
	}, "", "") + "</div>"
}

// FlexHTML draws a code in flex rows.
func FlexHTML(rows [][]bool, ink Ink) string {
	return each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<div style="width:%dpx;height:%[1]dpx;background:%[2]s"></div>`, ink.Module, ink.of(dark))
	}, `<div style="display:flex">`, "</div>")
}

// FlexInlineHTML draws a code in flex rows whose items are inline elements.
func FlexInlineHTML(rows [][]bool, ink Ink) string {
	return each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<i style="width:%dpx;height:%[1]dpx;background:%[2]s"></i>`, ink.Module, ink.of(dark))
	}, `<div style="display:flex">`, "</div>")
}

// NthChildHTML colours cells by their place alone.
func NthChildHTML(rows [][]bool, ink Ink) string {
	var rules strings.Builder
	fmt.Fprintf(&rules, "<style>td{width:%dpx;height:%[1]dpx;background:%[2]s}", ink.Module, ink.Light)
	table := "<table cellspacing=0 cellpadding=0>" + each(rows, func(out *strings.Builder, x, y int, dark bool) {
		out.WriteString("<td></td>")
		if dark {
			fmt.Fprintf(&rules, "tr:nth-child(%d)>td:nth-child(%d){background:%s}", y+1, x+1, ink.Dark)
		}
	}, "<tr>", "</tr>") + "</table>"
	return rules.String() + "</style>" + table
}

// BorderHTML draws modules as boxes without content that have a border only.
func BorderHTML(rows [][]bool, ink Ink) string {
	return "<table cellspacing=0 cellpadding=0>" + each(rows, func(out *strings.Builder, _, _ int, dark bool) {
		fmt.Fprintf(out, `<td><div style="width:0;height:0;border:%dpx solid %s"></div></td>`, ink.Module/2, ink.of(dark))
	}, "<tr>", "</tr>") + "</table>"
}

// SVGRects draws a code with one rectangle a module.
func SVGRects(rows [][]bool, ink Ink) string {
	return svg(rows, ink, each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, `<rect x="%d" y="%d" width="1" height="1"/>`, x, y)
		}
	}, "", ""))
}

func svg(rows [][]bool, ink Ink, content string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" width="%[2]d" height="%[2]d"><rect width="100%%" height="100%%" fill="%[3]s"/><g fill="%[4]s" stroke="none">%[5]s</g></svg>`,
		len(rows), len(rows)*ink.Module, ink.Light, ink.Dark, content)
}

// SVGPath draws a code as one path with relative commands.
func SVGPath(rows [][]bool, ink Ink) string {
	return svg(rows, ink, `<path fill-rule="evenodd" d="`+each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, "M%d %dh1v1h-1z", x, y)
		}
	}, "", "")+`"/>`)
}

// SVGStrokes draws each row as a thick line with gaps, as many generators do.
func SVGStrokes(rows [][]bool, ink Ink) string {
	var d strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			if row[x] {
				fmt.Fprintf(&d, "M%d %d.5h1", x, y)
			}
		}
	}
	return svg(rows, ink, fmt.Sprintf(`<path stroke="%s" d="%s"/>`, ink.Dark, d.String()))
}

// SVGUses draws modules as copies of one symbol, in groups that are moved.
func SVGUses(rows [][]bool, ink Ink) string {
	return svg(rows, ink, `<defs><rect id="m" width="1" height="1"/></defs>`+each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, `<g transform="translate(%d,%d)"><use xlink:href="#m"/></g>`, x, y)
		}
	}, "", ""))
}

// SVGDots draws round modules.
func SVGDots(rows [][]bool, ink Ink) string {
	return svg(rows, ink, each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, `<circle cx="%d.5" cy="%d.5" r=".5"/>`, x, y)
		}
	}, "", ""))
}

// SVGClip shows a black box through a clip path that is the code.
func SVGClip(rows [][]bool, ink Ink) string {
	return svg(rows, ink, `<clipPath id="c"><path d="`+each(rows, func(out *strings.Builder, x, y int, dark bool) {
		if dark {
			fmt.Fprintf(out, "M%d,%dh1v1h-1z", x, y)
		}
	}, "", "")+`"/></clipPath><rect width="100%" height="100%" clip-path="url(#c)"/>`)
}
