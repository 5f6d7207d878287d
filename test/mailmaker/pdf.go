package mailmaker

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"strings"
)

// PDF is a document in the making: objects in the order of their numbers, the first being the catalogue.
type PDF struct{ objects [][]byte }

// Add appends an object and returns its number.
func (p *PDF) Add(format string, args ...any) int {
	p.objects = append(p.objects, fmt.Appendf(nil, format, args...))
	return len(p.objects)
}

// Stream appends a stream object, compressed, with further entries for its dictionary.
func (p *PDF) Stream(entries string, data []byte) int {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(data)
	w.Close()
	return p.Add("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", entries, b.Len(), b.Bytes())
}

// Bytes writes the document with a cross-reference table (ISO 32000-1, 7.5).
func (p *PDF) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(p.objects))
	for i, object := range p.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(p.objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(p.objects)+1, start)
	return b.Bytes()
}

// Page is one page: its size in points, what it draws, and its resources dictionary (which may name objects that
// were added before).
type Page struct {
	Width, Height float64
	Content       string
	Resources     string
	Extra         string // further entries of the page's dictionary
}

// A4 is the size of most pages, in points.
const (
	a4Width  = 595
	a4Height = 842
)

// NewPDF begins a document: the catalogue is object 1, the page tree object 2.
func NewPDF() *PDF {
	p := &PDF{}
	p.Add("<< /Type /Catalog /Pages 2 0 R >>")
	p.Add("")
	return p
}

// Pages adds the pages; it is called once, last.
func (p *PDF) Pages(pages ...Page) *PDF {
	var kids []string
	for _, page := range pages {
		content := p.Stream("", []byte(page.Content))
		kids = append(kids, fmt.Sprintf("%d 0 R", p.Add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Contents %d 0 R /Resources << %s >> %s >>",
			page.Width, page.Height, content, page.Resources, page.Extra)))
	}
	p.objects[1] = fmt.Appendf(nil, "<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " "))
	return p
}

// Image adds an image XObject of eight bits a sample, and returns its number.
func (p *PDF) Image(img image.Image) int {
	b := img.Bounds()
	data := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			data = append(data, c.R, c.G, c.B)
		}
	}
	return p.Stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", b.Dx(), b.Dy()), data)
}

// PDFWithImage is an A4 page with the picture on it, 200 points (7 cm) wide.
func PDFWithImage(img image.Image) []byte { return PDFWithImageSized(img, 200) }

// PDFWithImageSized is an A4 page with the picture on it, so many points wide and high.
func PDFWithImageSized(img image.Image, points float64) []byte {
	p := NewPDF()
	i := p.Image(img)
	return p.Pages(Page{Width: a4Width, Height: a4Height, Content: fmt.Sprintf("q %g 0 0 %g 100 500 cm /I Do Q", points, points),
		Resources: fmt.Sprintf("/XObject << /I %d 0 R >>", i)}).Bytes()
}

// PDFDrawn is an A4 page with the modules drawn as filled rectangles, four points (1.4 mm) each.
func PDFDrawn(modules [][]bool) []byte {
	return NewPDF().Pages(Page{Width: a4Width, Height: a4Height, Content: DrawModules(modules, 100, 700, 4)}).Bytes()
}

// DrawModules is a page's content that draws the modules with their top left corner at x, y, size points each.
func DrawModules(modules [][]bool, x, y, size float64) string {
	var b strings.Builder
	b.WriteString("0 g\n")
	for row := range modules {
		for column, dark := range modules[row] {
			if dark {
				fmt.Fprintf(&b, "%g %g %g %g re f\n", x+float64(column)*size, y-float64(row+1)*size, size, size)
			}
		}
	}
	return b.String()
}

// PDFMany is a document of n pages that are all alike.
func PDFMany(n int, content string) []byte {
	pages := make([]Page, n)
	for i := range pages {
		pages[i] = Page{Width: a4Width, Height: a4Height, Content: content}
	}
	return NewPDF().Pages(pages...).Bytes()
}

// PDFPages is a document of n pages, with the modules on the page of the given number, counted from 1.
func PDFPages(n, at int, modules [][]bool) []byte {
	pages := make([]Page, n)
	for i := range pages {
		pages[i] = Page{Width: a4Width, Height: a4Height, Content: "0 g 50 50 20 20 re f"}
	}
	pages[at-1].Content = DrawModules(modules, 100, 700, 4)
	return NewPDF().Pages(pages...).Bytes()
}

// PDFNested is a page that draws a form that draws the next one twice, depth levels deep: 2^depth drawings of a
// picture in the end.
func PDFNested(depth int) []byte {
	p := NewPDF()
	inner := p.Stream("/Type /XObject /Subtype /Form /BBox [0 0 595 842]", []byte("0 g 10 10 50 50 re f"))
	for range depth {
		inner = p.Stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Group << /S /Transparency >> /Resources << /XObject << /F %d 0 R >> >>", inner),
			[]byte("/F Do /F Do"))
	}
	return p.Pages(Page{Width: a4Width, Height: a4Height, Content: "/F Do", Resources: fmt.Sprintf("/XObject << /F %d 0 R >>", inner)}).Bytes()
}
