package picture

import (
	"bytes"
	"io"
	"path"
	"sort"
	"strings"

	"quishmilter/mime"
)

// A ZIP file is read by code of our own, because of what archive/zip does with hostile ones: it allocates for a million
// entries before the first is looked at, and gives nothing at all when the directory at the end is damaged, which Word
// repairs and phishers use.

// zipEntry is a file in a ZIP file.
type zipEntry struct {
	name         string
	flags        uint16
	method       uint16
	packed, size int64 // as declared; packed is -1 where only the data's end tells
	data         int   // where its bytes begin, 0 for nowhere
}

// zipFile is a ZIP file that is being looked into.
type zipFile struct {
	bytes   []byte
	entries []zipEntry
}

// isZIP also takes a file that is named as one and begins with something else, since the directory at the end counts:
// self-extracting archives, and junk before the first file.
func isZIP(p Part) bool {
	if starts("PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "PK00PK\x03\x04")(p) {
		return true
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".zip", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".dotx", ".odt", ".ods", ".odp":
		return bytes.Contains(p.Data, []byte("PK\x03\x04"))
	}
	return false
}

// openZIP looks into a ZIP file, and into what is one: Office's and OpenDocument's files.
func openZIP(v *view) {
	z := &zipFile{bytes: v.part.Data}
	cut := z.list()
	if len(z.entries) == 0 && !bytes.Contains(v.part.Data[:min(len(v.part.Data), 64)], []byte("PK\x05\x06")) {
		v.problem(mime.Broken, "", "the ZIP file holds no file that can be found")
		return
	}
	if cut {
		v.problem(mime.OverLimit, "", "more than %d files in one archive", maxMembers)
	}
	office := officeKind(z)
	if office != "" {
		v = v.carriedBy("office")
		v.words = z.officeWords
	}
	m := &members{view: v, carrier: v.carrier}
	if office == "opendocument" && z.lockedODF(m) {
		v.problem(mime.Encrypted, "", "the document needs a password")
		return
	}
	z.likelyFirst()
	for _, e := range z.entries {
		if office != "" {
			m.officeText(z, e)
		}
		if !m.look(member{e.name, e.size, func() (io.Reader, error) { return z.open(e) }}) {
			break
		}
	}
	m.end()
}

// likelyFirst puts the files first that are named like pictures and documents, so that the budgets go to them.
func (z *zipFile) likelyFirst() {
	sort.SliceStable(z.entries, func(a, b int) bool {
		return claim("", z.entries[a].name) != "" && claim("", z.entries[b].name) == ""
	})
}

// open unpacks an entry. Its checksum is not verified: programs show what is there.
func (z *zipFile) open(e zipEntry) (io.Reader, error) {
	if e.flags&1 != 0 {
		return nil, errEncrypted
	}
	if e.data <= 0 || e.data > len(z.bytes) {
		return nil, io.ErrUnexpectedEOF
	}
	packed := z.bytes[e.data:]
	if e.packed >= 0 && e.packed < int64(len(packed)) {
		packed = packed[:e.packed]
	}
	if e.packed < 0 {
		e.size = -1 // both stand behind the data
	}
	return unzip(e.method, packed, e.size)
}

// read unpacks a whole entry of at most limit bytes; what is longer or damaged is cut there.
func (z *zipFile) read(e zipEntry, limit int64) []byte {
	r, err := z.open(e)
	if err != nil {
		return nil
	}
	data, _ := io.ReadAll(io.LimitReader(r, limit)) // the text before a defect is what a program repairs the file to
	return data
}
