package picture

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"io"
	"path"
	"strings"

	"quishmilter/mime"
)

// openGzip looks into a gzip file (RFC 1952): a compressed drawing of Office, a packed tar archive.
func openGzip(v *view) {
	m := &members{view: v, carrier: v.carrier}
	m.look(member{v.unpackedName(), 0, func() (io.Reader, error) {
		return gzip.NewReader(bytes.NewReader(v.part.Data))
	}})
	m.end()
}

// openBzip2 looks into a bzip2 file.
func openBzip2(v *view) {
	m := &members{view: v, carrier: v.carrier}
	m.look(member{v.unpackedName(), 0, func() (io.Reader, error) { return bzip2.NewReader(bytes.NewReader(v.part.Data)), nil }})
	m.end()
}

// unpackedName is the name of the file in a compressed one: "a.tar" in "a.tgz".
func (v *view) unpackedName() string {
	name := path.Base(v.part.Name)
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst":
		return strings.TrimSuffix(name, path.Ext(name)) + ".tar"
	case ".gz", ".bz2", ".xz", ".zst":
		return strings.TrimSuffix(name, path.Ext(name))
	case ".svgz", ".emz", ".wmz":
		return strings.TrimSuffix(name, path.Ext(name)) + map[string]string{".svgz": ".svg", ".emz": ".emf", ".wmz": ".wmf"}[ext]
	}
	return "content"
}

// isBzip2 wants the magic of a block or of the end behind the header.
func isBzip2(p Part) bool {
	d := p.Data
	return len(d) >= 10 && string(d[:3]) == "BZh" && (string(d[4:10]) == "1AY&SY" || string(d[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// isTar wants the checksum of the first header to be right: old archives have no magic (POSIX.1-1988).
func isTar(p Part) bool {
	const size, sumAt, sumSize = 512, 148, 8
	if len(p.Data) < size || p.Data[0] == 0 {
		return false
	}
	said := int64(0)
	for _, c := range bytes.Trim(p.Data[sumAt:sumAt+sumSize], " \x00") {
		if c < '0' || c > '7' {
			return false
		}
		said = said<<3 | int64(c-'0')
	}
	sum := int64(0)
	for i, c := range p.Data[:size] {
		if i >= sumAt && i < sumAt+sumSize {
			c = ' '
		}
		sum += int64(c)
	}
	return said == sum && sum > 0
}

// openTar looks into a tar archive.
func openTar(v *view) {
	m := &members{view: v, carrier: v.carrier}
	files := tar.NewReader(bytes.NewReader(v.part.Data))
	for {
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			v.problem(mime.Broken, "", "the tar archive is damaged")
			break
		}
		if !m.look(member{header.Name, header.Size, func() (io.Reader, error) { return files, nil }}) {
			break
		}
	}
	m.end()
}
