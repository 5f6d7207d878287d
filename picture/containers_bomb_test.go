package picture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// crowded is a ZIP file whose directory names its only file n times.
func crowded(n int, file mailmaker.File) []byte {
	data := mailmaker.Zip(file)
	start, end := bytes.Index(data, []byte("PK\x01\x02")), bytes.LastIndex(data, []byte("PK\x05\x06"))
	entry, tail := data[start:end], slices.Clone(data[end:])
	size := n * len(entry)
	binary.LittleEndian.PutUint32(tail[12:], uint32(size))
	return slices.Concat(data[:start], bytes.Repeat(entry, n), tail)
}

// nested puts an archive into itself, so to say.
func nested(depth int) []byte {
	data := mailmaker.Zip(mailmaker.File{Name: "a.txt", Data: []byte("text")})
	for range depth {
		data = mailmaker.Zip(mailmaker.File{Name: "a.zip", Data: data})
	}
	return data
}

// looped is a compound file whose sectors all follow themselves.
func looped() []byte {
	data := mailmaker.DOC(mailmaker.PNG(mailmaker.Photo(100, 100, 1)))
	fat := data[512*(1+int(binary.LittleEndian.Uint32(data[76:]))):]
	for i := range 100 {
		binary.LittleEndian.PutUint32(fat[4*i:], uint32(i))
	}
	return data
}

// Hostile containers end soon, and what was left out is said.
func TestContainerBombs(t *testing.T) {
	zeros := make([]byte, 3<<20)
	emf := mailmaker.EMF(mailmaker.CodeImage("x", 1))
	binary.LittleEndian.PutUint32(emf[88+48:], 0xFFFFFFF0)
	var photos strings.Builder
	for range 1000 {
		photos.WriteString("PHOTO;ENCODING=b:AAAA\r\n")
	}
	small := picture.Limits{Unpacked: 2 << 20}
	for name, c := range map[string]struct {
		data   []byte
		limits picture.Limits
		want   []mime.Kind
	}{
		"zip of zeros":            {mailmaker.Zip(mailmaker.File{Name: "a.txt", Data: zeros}), small, nil},
		"zip of zeros as picture": {mailmaker.Zip(mailmaker.File{Name: "a.png", Data: zeros}), small, []mime.Kind{mime.OverLimit}},
		"zip that names one often": {crowded(500, mailmaker.File{Name: "a.bmp", Data: append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00"), zeros[:1<<20]...)}),
			small, []mime.Kind{mime.Broken, mime.OverLimit}},
		"zip of 20,000 texts":   {crowded(20_000, mailmaker.File{Name: "a", Data: []byte("x")}), picture.Limits{}, nil},
		"zip of 20,001 texts":   {crowded(20_001, mailmaker.File{Name: "a", Data: []byte("x")}), picture.Limits{}, []mime.Kind{mime.OverLimit}},
		"zip in 7 zips":         {nested(7), picture.Limits{}, nil},
		"zip in 8 zips":         {nested(8), picture.Limits{}, []mime.Kind{mime.OverLimit}}, // the text in the last may draw a code
		"zip in 9 zips":         {nested(9), picture.Limits{}, []mime.Kind{mime.OverLimit}},
		"gzip of zeros":         {mailmaker.Gzip(append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00"), zeros...)), small, []mime.Kind{mime.OverLimit}},
		"7z of zeros":           {mailmaker.SevenZip(mailmaker.File{Name: "a.txt", Data: zeros}, mailmaker.File{Name: "b.png", Data: smallPNG()}), small, []mime.Kind{mime.OverLimit}},
		"xz of zeros":           {mailmaker.XZ(append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00"), zeros...)), small, []mime.Kind{mime.OverLimit}},
		"rtf of braces":         {[]byte(`{\rtf1` + strings.Repeat("{", 10<<20)), picture.Limits{}, nil},
		"rtf with a huge \\bin": {[]byte(`{\rtf1{\pict\pngblip\bin2000000000 abc}}`), picture.Limits{}, []mime.Kind{mime.Broken}},
		"emf outside itself":    {emf, picture.Limits{}, nil},
		"emf of a huge record":  {append(emf[:88:88], 81, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f), picture.Limits{}, []mime.Kind{mime.Broken}},
		"ole of loops":          {looped(), picture.Limits{}, []mime.Kind{mime.Broken}},
		"photos":                {[]byte("BEGIN:VCARD\r\n" + photos.String()), picture.Limits{}, []mime.Kind{mime.Unsupported}},
		"tnef of properties":    {append([]byte("\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00\x08\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 10)...), picture.Limits{}, nil},
		"cms of sets":           {append(mailmaker.Signed(2, nil)[:20], bytes.Repeat([]byte{0x31, 0x80}, 1<<20)...), picture.Limits{}, nil},
	} {
		start := worked(t)
		r := read(t, picture.Part{Data: c.data}, c.limits)
		var kinds []mime.Kind
		for _, p := range r.problems {
			if !slices.Contains(kinds, p.Kind) {
				kinds = append(kinds, p.Kind)
			}
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, c.want) {
			t.Errorf("%s: %v (%d problems), want %v", name, kinds, len(r.problems), c.want)
		}
		if took := worked(t) - start; took > hang {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// More files than the budget allows: the pictures are looked at first.
func TestPicturesComeFirst(t *testing.T) {
	var files []mailmaker.File
	for i := range 20 {
		files = append(files, mailmaker.File{Name: fmt.Sprintf("%d.zip", i), Data: mailmaker.Zip()})
	}
	files = append(files, mailmaker.File{Name: "a.png", Data: mailmaker.PNG(mailmaker.CodeImage(link, 4))})
	r := read(t, picture.Part{Data: mailmaker.Zip(files...)}, picture.Limits{Embedded: 3})
	if len(r.texts) != 1 || len(r.problems) != 1 || r.problems[0].Kind != mime.OverLimit {
		t.Errorf("%+v", r)
	}
}
