package mailmaker

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"strings"
)

// Bomb is a part that costs whoever reads it far more than whoever sent it.
type Bomb struct {
	Name string
	Part Part
}

// PNGBomb is a PNG of side×side black pixels in a few kilobytes.
func PNGBomb(side int) []byte {
	out := bytes.NewBufferString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		binary.Write(out, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		out.Write(body)
		binary.Write(out, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	chunk("IHDR", append(binary.BigEndian.AppendUint32(header, uint32(side)), 1, 0, 0, 0, 0))
	var packed bytes.Buffer
	w, _ := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	row := make([]byte, side/8+1)
	for range side {
		w.Write(row)
	}
	w.Close()
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out.Bytes()
}

// Finders is a picture full of finder patterns.
func Finders(side int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		x, y := i%side%16-8, i/side%16-8
		if ring := max(max(x, -x), max(y, -y)); ring == 5 || ring == 4 || ring > 7 {
			img.Pix[i] = 255
		}
	}
	return img
}

// Noise is a picture in which every pixel is black or white by chance, always the same for one seed.
func Noise(side, cell int, seed uint64) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	per := side/cell + 1
	dark := make([]bool, per*per)
	for i := range dark {
		seed = seed*6364136223846793005 + 1442695040888963407
		dark[i] = seed>>63 == 1
	}
	for i := range img.Pix {
		if !dark[i/side/cell*per+i%side/cell] {
			img.Pix[i] = 255
		}
	}
	return img
}

// GIFBomb has many frames that each fill the screen.
func GIFBomb(frames, side int) []byte {
	g := &gif.GIF{Config: image.Config{Width: side, Height: side}}
	for n := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.Black, color.White})
		for i := n; i < len(frame.Pix); i += 97 {
			frame.Pix[i] = 1
		}
		g.Image, g.Delay = append(g.Image, frame), append(g.Delay, 1)
	}
	var out bytes.Buffer
	_ = gif.EncodeAll(&out, g) // a buffer takes everything
	return out.Bytes()
}

// Claiming gives a picture of HEIF's family another size in its header (ISO/IEC 23008-12, 6.5.3).
func Claiming(picture []byte, width, height uint32) []byte {
	data := bytes.Clone(picture)
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("ispe"))
		if i < 0 {
			return data
		}
		at += i + 8
		binary.BigEndian.PutUint32(data[at:], width)
		binary.BigEndian.PutUint32(data[at+4:], height)
	}
}

// TIFFBomb claims side×side pixels in one strip of packed zeros (TIFF 6.0, section 8).
func TIFFBomb(side uint32) []byte {
	var packed bytes.Buffer
	w, _ := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	row := make([]byte, side)
	for range side {
		w.Write(row)
	}
	w.Close()
	out := binary.LittleEndian.AppendUint32([]byte("II*\x00"), uint32(8+packed.Len()))
	out = append(out, packed.Bytes()...)
	fields := [][3]uint32{{256, 4, side}, {257, 4, side}, {258, 3, 8}, {259, 3, 8}, {262, 3, 1}, {273, 4, 8}, {277, 3, 1}, {278, 4, side}, {279, 4, uint32(packed.Len())}}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(fields)))
	for _, f := range fields {
		out = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(out, uint16(f[0])), uint16(f[1]))
		out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, 1), f[2])
	}
	return binary.LittleEndian.AppendUint32(out, 0)
}

// NestedZip is an archive of archives, each with copies of the one below.
func NestedZip(depth, copies int, bottom []byte) []byte {
	data := bottom
	for range depth {
		var files []File
		for n := range copies {
			files = append(files, File{Name: fmt.Sprintf("%d.zip", n), Data: data})
		}
		data = Zip(files...)
	}
	return data
}

// Bombs are forty of them: every kind of thing that is read. The pictures of newer formats are given, since nobody writes
// them in pure Go: a HEIC, an AVIF and a JPEG XL.
func Bombs(heic, avif, jxl []byte) []Bomb {
	file := func(name, mediaType string, data []byte) Bomb { return Bomb{name, Attached(mediaType, name, data)} }
	zeros := make([]byte, 64<<20)
	bombs := []Bomb{
		file("zeros.zip", "application/zip", Zip(File{Name: "zeros.png", Data: append([]byte("\x89PNG\r\n\x1a\n"), zeros...)})),
		file("nested.zip", "application/zip", NestedZip(6, 8, PNG(Noise(200, 4, 1)))),
		file("many.zip", "application/zip", Zip(manyFiles(5000)...)),
		file("zeros.gz", "application/gzip", Gzip(append([]byte("\x89PNG\r\n\x1a\n"), zeros...))),
		file("deep.gz", "application/gzip", DeepGzip(200)),
		file("zeros.xz", "application/x-xz", XZ(append([]byte("%PDF-1.7\n"), zeros[:8<<20]...))),
		file("zeros.7z", "application/x-7z-compressed", SevenZip(File{Name: "a.png", Data: append([]byte("\x89PNG\r\n\x1a\n"), zeros[:8<<20]...)})),
		file("many.tar", "application/x-tar", Tar(manyFiles(5000)...)),
		file("pictures.rar", "application/vnd.rar", RAR(manyPictures(60)...)),
		file("forms.pdf", "application/pdf", PDFNested(30)),
		file("paths.pdf", "application/pdf", PDFMany(40, strings.Repeat("0 0 m 500 700 l S\n", 60_000))),
		file("mask.pdf", "application/pdf", PDFGiantMask(Noise(64, 1, 2))),
		file("pattern.pdf", "application/pdf", PDFPatternCycle(Noise(64, 1, 3))),
		file("pages.pdf", "application/pdf", PDFMany(3000, "0 0 m 500 700 l S\n")),
		file("letters.pdf", "application/pdf", PDFLetters(20_000, "x")),
		file("noise.pdf", "application/pdf", []byte("%PDF-1.7\n"+strings.Repeat("\x00\xff<<", 500_000))),
		file("png.pdf", "application/pdf", PDFFiltered(Noise(3000, 3, 5).Pix, 3000, 3000, "/ColorSpace /DeviceGray /BitsPerComponent 8")),
		file("use.svg", "image/svg+xml", []byte(NestedUses(40))),
		file("rects.svg", "image/svg+xml", []byte(manyRects(200_000))),
		file("entities.svg", "image/svg+xml", []byte(entities())),
		{"nested.html", HTML(strings.Repeat("<div style=\"padding:1px\">", 100_000) + "scan this")},
		{"tables.html", HTML(strings.Repeat("<table><tr><td bgcolor=black width=3 height=3>", 20_000))},
		{"cells.html", HTML("<table>" + strings.Repeat("<tr>"+strings.Repeat("<td bgcolor=#000 width=2 height=2></td><td width=2></td>", 300)+"</tr>", 600) + "</table>")},
		{"style.html", HTML("<style>" + strings.Repeat("div div div div div{width:3px;height:3px;background:#000}\n", 20_000) + "</style>" + strings.Repeat("<div>", 300))},
		{"blocks.txt", Text(strings.Repeat(strings.Repeat("█ ▀▄", 100)+"\r\n", 3000))},
		file("bomb.png", "image/png", PNGBomb(30_000)),
		file("finders.png", "image/png", PNG(Finders(3000))),
		file("static.png", "image/png", PNG(Noise(5000, 3, 4))),
		file("frames.gif", "image/gif", GIFBomb(200, 1200)),
		file("static.jpg", "image/jpeg", JPEG(Noise(5000, 4, 7), 95)),
		file("photo.jpg", "image/jpeg", JPEG(Photo(4800, 3600, 3), 90)),
		file("bomb.tiff", "image/tiff", TIFFBomb(6000)),
		file("large.avif", "image/avif", Claiming(avif, 2000, 2400)),
		file("large.heic", "image/heic", Claiming(heic, 2000, 1400)),
		file("broken.jxl", "image/jxl", append(bytes.Clone(jxl[:len(jxl)-20]), zeros[:1<<20]...)),
		{"deep.eml", deepMultipart(1500)},
		{"parts.eml", manyParts(10_000)},
		file("event.ics", "text/calendar", []byte("BEGIN:VCALENDAR\r\n"+strings.Repeat("BEGIN:VEVENT\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:iVBORw0KGgo=\r\n", 50_000))),
		file("media.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", DOCX(strings.Repeat("<w:p><w:r><w:t>█</w:t></w:r></w:p>", 200_000), manyPictures(80)...)),
		{"mixed.eml", Mixed(Attached("image/png", "a.png", PNG(Finders(2000))), Attached("application/pdf", "b.pdf", PDFNested(25)), Attached("image/png", "c.png", PNG(Noise(3000, 2, 9))))},
	}
	return bombs
}

func manyFiles(n int) []File {
	small := PNG(Noise(40, 2, 11))
	files := make([]File, n)
	for i := range files {
		files[i] = File{Name: fmt.Sprintf("%d.png", i), Data: small}
	}
	return files
}

func manyPictures(n int) []File {
	var files []File
	for i := range n {
		files = append(files, File{Name: fmt.Sprintf("word/media/%d.png", i), Data: PNG(Noise(600, 3, uint64(i)))})
	}
	return files
}

// DeepGzip is a picture packed so many times.
func DeepGzip(depth int) []byte {
	data := PNG(Noise(100, 2, 6))
	for range depth {
		data = Gzip(data)
	}
	return data
}

// NestedUses is an SVG in which each group shows the one before it twice: 2^depth squares.
func NestedUses(depth int) string {
	var out strings.Builder
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><defs><rect id="a0" width="5" height="5"/>`)
	for n := 1; n <= depth; n++ {
		fmt.Fprintf(&out, `<g id="a%d"><use href="#a%d"/><use href="#a%d" x="%d"/></g>`, n, n-1, n-1, n)
	}
	fmt.Fprintf(&out, `</defs><use href="#a%d"/></svg>`, depth)
	return out.String()
}

func manyRects(n int) string {
	var out strings.Builder
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="3000">`)
	for i := range n {
		fmt.Fprintf(&out, `<rect x="%d" y="%d" width="9" height="900"/>`, i%2990, i*7%2900)
	}
	return out.String() + "</svg>"
}

// entities is the "billion laughs".
func entities() string {
	var out strings.Builder
	out.WriteString("<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a0 \"ha\">")
	for n := 1; n < 12; n++ {
		fmt.Fprintf(&out, "<!ENTITY a%d \"%s\">", n, strings.Repeat(fmt.Sprintf("&a%d;", n-1), 10))
	}
	return out.String() + `]><svg xmlns="http://www.w3.org/2000/svg"><text>&a11;</text></svg>`
}

func deepMultipart(levels int) Part {
	deep := Text("bottom")
	for range levels {
		deep = Mixed(deep)
	}
	return deep
}

func manyParts(n int) Part {
	parts := make([]Part, n)
	for i := range parts {
		parts[i] = Attached("image/png", "a.png", []byte("\x89PNG\r\n\x1a\n"))
	}
	return Mixed(parts...)
}
