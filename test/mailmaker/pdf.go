package mailmaker

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"strings"
)

// A4 in points, and the square on it where codes stand.
const (
	pageWidth, pageHeight = 595, 842
	codeLeft, codeBottom  = 200, 420
	codeSide              = 180
)

// PDFWithImage is a PDF of one A4 page with a line of text and the picture on it, 180 points wide and high.
func PDFWithImage(img image.Image) []byte {
	bounds := img.Bounds()
	picture := fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB "+
		"/BitsPerComponent 8 /Filter /FlateDecode /Length %%d >>", bounds.Dx(), bounds.Dy())
	content := fmt.Sprintf("q %d 0 0 %d %d %d cm /Im0 Do Q\n", codeSide, codeSide, codeLeft, codeBottom)
	return pdf(content, "/XObject << /Im0 6 0 R >>", stream(picture, deflate(rgb(img))))
}

// PDFDrawn is a PDF of one A4 page that draws a code as filled squares, one per dark module, with a quiet zone of
// four modules.
func PDFDrawn(modules [][]bool) []byte {
	const quiet = 4
	var content strings.Builder
	side := float64(codeSide) / float64(len(modules)+2*quiet)
	content.WriteString("0 g\n")
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&content, "%.3f %.3f %.3f %.3f re\n",
					codeLeft+float64(x+quiet)*side, codeBottom+codeSide-float64(y+1+quiet)*side, side, side)
			}
		}
	}
	content.WriteString("f\n")
	return pdf(content.String(), "")
}

// pdf writes a document of one page (ISO 32000-1, 7.5). Objects 1 to 5 are the catalogue, the page tree, the page,
// its content and a font; further ones follow.
func pdf(content, resources string, more ...string) []byte {
	content = "BT /F0 14 Tf 72 720 Td (Please scan the code below.) Tj ET\n" + content
	objects := append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << /Font << /F0 5 0 R >> %s >> >>",
			pageWidth, pageHeight, resources),
		stream("<< /Filter /FlateDecode /Length %d >>", deflate([]byte(content))),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}, more...)

	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	xref := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, object := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref, len(objects)+1, start)
	return out.Bytes()
}

// stream puts data behind its dictionary, whose %d takes the length.
func stream(dictionary string, data []byte) string {
	return fmt.Sprintf(dictionary, len(data)) + "\nstream\n" + string(data) + "\nendstream"
}

func deflate(data []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// rgb is the picture as rows of three octets per pixel.
func rgb(img image.Image) []byte {
	bounds := img.Bounds()
	data := make([]byte, 0, 3*bounds.Dx()*bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
			data = append(data, c.R, c.G, c.B)
		}
	}
	return data
}
