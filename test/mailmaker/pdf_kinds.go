package mailmaker

import (
	"bytes"
	"fmt"
	"image"
	"strings"
)

// onPage is an A4 page with what it draws.
func onPage(content, resources, extra string) Page {
	return Page{Width: a4Width, Height: a4Height, Content: content, Resources: resources, Extra: extra}
}

// PDFSmall is a page of that many points square with the modules drawn small in its middle: size points each.
func PDFSmall(modules [][]bool, side, size float64) []byte {
	return NewPDF().Pages(Page{Width: side, Height: side, Content: DrawModules(modules, side/2, side/2, size)}).Bytes()
}

// PDFPath draws all modules as one path, size points each.
func PDFPath(modules [][]bool, size float64) []byte {
	content := strings.ReplaceAll(DrawModules(modules, 100, 700, size), "re f", "re")
	return NewPDF().Pages(onPage(content+"f", "", "")).Bytes()
}

// PDFStrips has the picture cut into n pictures below or beside each other, all of it points wide.
func PDFStrips(img *image.Gray, n int, beside bool, points float64) []byte {
	p := NewPDF()
	var content, names strings.Builder
	side := img.Rect.Dx()
	for i := range n {
		from, to := i*side/n, (i+1)*side/n
		at, size := points*float64(from)/float64(side), points*float64(to-from)/float64(side)
		cut := image.Rect(0, from, side, to)
		w, h, x, y := points, size, 100.0, 600-at-size
		if beside {
			cut = image.Rect(from, 0, to, side)
			w, h, x, y = size, points, 100+at, 600-points
		}
		fmt.Fprintf(&names, "/I%d %d 0 R ", i, p.Image(img.SubImage(cut)))
		fmt.Fprintf(&content, "q %g 0 0 %g %g %g cm /I%d Do Q\n", w, h, x, y, i)
	}
	return p.Pages(onPage(content.String(), "/XObject << "+names.String()+">>", "")).Bytes()
}

// PDFInlineImage has the picture inside the page's content, in hexadecimal.
func PDFInlineImage(img *image.Gray) []byte {
	content := fmt.Sprintf("q 150 0 0 150 100 500 cm BI /W %d /H %d /CS /G /BPC 8 /F /AHx ID %x> EI Q", img.Rect.Dx(), img.Rect.Dy(), img.Pix)
	return NewPDF().Pages(onPage(content, "", "")).Bytes()
}

// PDFType3 writes the code as text in a Type 3 font whose letters are a dark and a light module, size points each.
func PDFType3(modules [][]bool, size float64) []byte { return PDFType3Among(1, 1, modules, size) }

// PDFType3Among is PDFType3 on one of n pages, of which the others are blank.
func PDFType3Among(n, at int, modules [][]bool, size float64) []byte {
	p := NewPDF()
	dark := p.Stream("", []byte("1 0 0 0 1 1 d1 0 0 1 1 re f"))
	light := p.Stream("", []byte("1 0 0 0 0 0 d1"))
	font := p.Add("<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /CharProcs << /d %d 0 R /l %d 0 R >>"+
		" /Encoding << /Type /Encoding /Differences [97 /d /l] >> /FirstChar 97 /LastChar 98 /Widths [1 1] /Resources << >> >>", dark, light)
	var content strings.Builder
	fmt.Fprintf(&content, "BT /F %g Tf %g TL 100 700 Td\n", size, size)
	for _, row := range modules {
		content.WriteString("(")
		for _, dark := range row {
			content.WriteByte("ba"[one(dark)])
		}
		content.WriteString(") Tj T*\n")
	}
	content.WriteString("ET")
	pages := make([]Page, n)
	for i := range pages {
		pages[i] = onPage("", "", "")
	}
	pages[at-1] = onPage(content.String(), fmt.Sprintf("/Font << /F %d 0 R >>", font), "")
	return p.Pages(pages...).Bytes()
}

// PDFLetters is a document of n pages of text with rules; last stands on the page before the last one.
func PDFLetters(n int, last string) []byte {
	p := NewPDF()
	font := p.Add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	pages := make([]Page, n)
	for i := range pages {
		content := "50 790 500 1 re f BT /F 11 Tf 13 TL 50 770 Td\n" + strings.Repeat("(The minutes of the meeting are attached; please read them by Friday.) Tj T*\n", 40) + "ET"
		if i == n-2 {
			content += last
		}
		pages[i] = onPage(content, fmt.Sprintf("/Font << /F %d 0 R >>", font), "")
	}
	return p.Pages(pages...).Bytes()
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// PDFAnnotation has the code as the face of a stamp, or of a button in a form.
func PDFAnnotation(modules [][]bool, button bool) []byte {
	p := NewPDF()
	face := p.Stream("/Type /XObject /Subtype /Form /BBox [0 0 200 200]", []byte(DrawModules(modules, 20, 180, 3)))
	kind := "/Subtype /Stamp"
	if button {
		kind = "/Subtype /Widget /FT /Btn /Ff 65536 /T (b)"
	}
	note := p.Add("<< /Type /Annot %s /F 4 /Rect [100 300 300 500] /AP << /N %d 0 R >> >>", kind, face)
	if button {
		p.objects[0] = fmt.Appendf(nil, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%d 0 R] >> >>", note)
	}
	return p.Pages(onPage("", "", fmt.Sprintf("/Annots [%d 0 R]", note))).Bytes()
}

// PDFTurned is a page turned by a quarter with a crop box around its upper left part; with outside, the code lies
// where that hides it.
func PDFTurned(modules [][]bool, outside bool) []byte {
	x := 60.0
	if outside {
		x = 400
	}
	page := onPage(DrawModules(modules, x, 700, 4), "", "/Rotate 90 /CropBox [40 500 300 800]")
	return NewPDF().Pages(page).Bytes()
}

// PDFPictureOutside has a dense picture of a code outside of what the crop box shows.
func PDFPictureOutside(img image.Image) []byte {
	p := NewPDF()
	i := p.Image(img)
	return p.Pages(onPage("q 60 0 0 60 400 100 cm /I Do Q", fmt.Sprintf("/XObject << /I %d 0 R >>", i), "/CropBox [40 500 300 800]")).Bytes()
}

// PDFLayer has a dense picture of a code on a layer that is on or off.
func PDFLayer(img image.Image, on bool) []byte {
	p := NewPDF()
	i := p.Image(img)
	layer := p.Add("<< /Type /OCG /Name (layer) >>")
	off := fmt.Sprint(layer, " 0 R")
	if on {
		off = ""
	}
	p.objects[0] = fmt.Appendf(nil, "<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [%d 0 R] /D << /OFF [%s] >> >> >>", layer, off)
	return p.Pages(onPage("/OC /L BDC q 60 0 0 60 100 500 cm /I Do Q EMC", fmt.Sprintf("/XObject << /I %d 0 R >> /Properties << /L %d 0 R >>", i, layer), "")).Bytes()
}

// PDFCarrying has a file attached to it; with note, to an annotation on its page.
func PDFCarrying(name string, file []byte, note bool) []byte {
	p := NewPDF()
	data := p.Stream("/Type /EmbeddedFile", file)
	spec := p.Add("<< /Type /Filespec /F (%s) /UF (%s) /EF << /F %d 0 R >> >>", name, name, data)
	extra := ""
	if note {
		extra = fmt.Sprintf("/Annots [%d 0 R]", p.Add("<< /Type /Annot /Subtype /FileAttachment /Rect [10 10 30 30] /FS %d 0 R >>", spec))
	} else {
		p.objects[0] = fmt.Appendf(nil, "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(%s) %d 0 R] >> >> >>", name, spec)
	}
	return p.Pages(onPage("0 g 50 50 20 20 re f", "", extra)).Bytes()
}

// PDFGiantMask has a picture of a code, and one of four pixels behind a mask of 225 megapixels.
func PDFGiantMask(img image.Image) []byte {
	p := NewPDF()
	i := p.Image(img)
	const side = 15_000
	mask := p.Stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 1", side, side), make([]byte, side*side/8))
	small := p.Stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /SMask %d 0 R", mask), []byte("abcd"))
	return p.Pages(onPage("q 200 0 0 200 100 500 cm /I Do Q q 50 0 0 50 10 10 cm /J Do Q", fmt.Sprintf("/XObject << /I %d 0 R /J %d 0 R >>", i, small), "")).Bytes()
}

// PDFPatternCycle has a picture of a code, and a form filled with a pattern that draws the form.
func PDFPatternCycle(img image.Image) []byte {
	p := NewPDF()
	i := p.Image(img)
	pattern := len(p.objects) + 2
	form := p.Stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 200 200] /Resources << /Pattern << /P %d 0 R >> >>", pattern),
		[]byte("/Pattern cs /P scn 0 0 200 200 re f"))
	p.Stream(fmt.Sprintf("/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 100 100] /XStep 100 /YStep 100 /Resources << /XObject << /F %d 0 R >> >>", form),
		[]byte("/F Do"))
	return p.Pages(onPage("q 200 0 0 200 100 500 cm /I Do Q /F Do", fmt.Sprintf("/XObject << /I %d 0 R /F %d 0 R >>", i, form), "")).Bytes()
}

// PDFFiltered has a one-bit picture in an encoding of its own: CCITT, JBIG2, JPX.
func PDFFiltered(data []byte, width, height int, entries string) []byte {
	p := NewPDF()
	i := p.Add("<< /Type /XObject /Subtype /Image /Width %d /Height %d %s /Length %d >>\nstream\n%s\nendstream", width, height, entries, len(data), data)
	return p.Pages(onPage("q 200 0 0 200 100 500 cm /I Do Q", fmt.Sprintf("/XObject << /I %d 0 R >>", i), "")).Bytes()
}

// PDFCompressed puts the catalogue, the page tree and the page into an object stream, as programs write today, and
// leaves out the table of objects, which would be the file's end.
func PDFCompressed(modules [][]bool) []byte {
	p := &PDF{}
	content := p.Stream("", []byte(DrawModules(modules, 100, 700, 4)))
	inner := []string{"<< /Type /Catalog /Pages 12 0 R >>", "<< /Type /Pages /Count 1 /Kids [13 0 R] >>",
		fmt.Sprintf("<< /Type /Page /Parent 12 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << >> >>", content)}
	var places, objects strings.Builder
	for i, o := range inner {
		fmt.Fprintf(&places, "%d %d ", 11+i, objects.Len())
		objects.WriteString(o + " ")
	}
	p.Stream(fmt.Sprintf("/Type /ObjStm /N %d /First %d", len(inner), places.Len()), []byte(places.String()+objects.String()))
	whole := p.Bytes()
	return whole[:bytes.LastIndex(whole, []byte("xref\n0 "))]
}
