package picture_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz/lzma"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// packer packs all at once at the end, since some libraries write before ZIP has written its own header.
type packer struct {
	bytes.Buffer
	out  io.Writer
	pack func([]byte) []byte
}

func (p *packer) Close() error {
	_, err := p.out.Write(p.pack(p.Bytes()))
	return err
}

// zipLZMA is what ZIP stores of LZMA: a version, the length of the properties, these, and the stream.
func zipLZMA(t *testing.T, data []byte) []byte {
	file := packed(t, data, func(w io.Writer) (io.WriteCloser, error) { return lzma.WriterConfig{EOSMarker: true}.NewWriter(w) })
	const properties, size = 5, 8
	return append(append([]byte{9, 20, properties, 0}, file[:properties]...), file[properties+size:]...)
}

func packed(t *testing.T, data []byte, pack func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pack(&out)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestZipMethods packs a picture by every method that is read, and by one that is not.
func TestZipMethods(t *testing.T) {
	code := mailmaker.PNG(mailmaker.CodeImage(link, 4))
	zstandard := func(data []byte) []byte {
		return packed(t, data, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	}
	for name, c := range map[string]struct {
		method uint16
		pack   func([]byte) []byte
	}{
		"lzma": {14, func(data []byte) []byte { return zipLZMA(t, data) }},
		"zstd": {93, zstandard},
		"xz":   {95, mailmaker.XZ},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, picture.Part{Name: "a.zip", Data: zipBy(t, c.method, c.pack, code)}, picture.Limits{})
			if len(r.texts) != 1 || r.texts[0] != link || r.problems != nil {
				t.Errorf("read %q, problems %+v", r.texts, r.problems)
			}
		})
	}
	if r := read(t, picture.Part{Name: "a.zip", Data: zipBy(t, 9, zstandard, code)}, picture.Limits{}); len(r.problems) != 1 || r.problems[0].Kind != mime.Unsupported {
		t.Errorf("deflate64: %+v", r.problems)
	}
	tar := zstandard(mailmaker.Tar(mailmaker.File{Name: "a.png", Data: code}))
	if r := read(t, picture.Part{Name: "a.tar.zst", Data: tar}, picture.Limits{}); len(r.texts) != 1 || r.at[0] != "a.tar a.png" {
		t.Errorf("tar.zst: read %q at %q, problems %+v", r.texts, r.at, r.problems)
	}
}

func zipBy(t *testing.T, method uint16, pack func([]byte) []byte, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(method, func(w io.Writer) (io.WriteCloser, error) { return &packer{out: w, pack: pack}, nil })
	f, err := w.CreateHeader(&zip.FileHeader{Name: "a.png", Method: method})
	if err == nil {
		_, err = f.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
