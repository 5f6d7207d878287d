package picture

import (
	"bytes"
	"path"
	"strings"
)

// What is special about the ZIP files that are Office's (ECMA-376, OOXML) and OpenDocument's (ISO/IEC 26300): pictures
// are files in them, which the archive's walk finds, but some stand as text in their XML.

// maxOfficeText bounds one XML file of a document that is read for fields and data.
const maxOfficeText = 24 << 20

// officeKind tells Office's documents from archives: "ooxml", "opendocument" (and EPUB, which is built alike), or "".
func officeKind(z *zipFile) string {
	for _, e := range z.entries {
		switch name := strings.ToLower(strings.TrimPrefix(e.name, "/")); {
		case name == "mimetype" && documentType(z.read(e, 100)):
			return "opendocument"
		case name == "[content_types].xml", name == "word/document.xml", name == "xl/workbook.xml", name == "ppt/presentation.xml":
			return "ooxml"
		}
	}
	return ""
}

func documentType(content []byte) bool {
	return bytes.HasPrefix(content, []byte("application/vnd.oasis.opendocument")) || bytes.HasPrefix(content, []byte("application/epub+zip"))
}

// lockedODF looks whether the manifest of an OpenDocument file says that its files are encrypted (ODF 1.3, part 2,
// section 3.4.1): they look like damaged ones otherwise.
func (z *zipFile) lockedODF(m *members) bool {
	for _, e := range z.entries {
		if e.name != "META-INF/manifest.xml" {
			continue
		}
		manifest := z.read(e, min(1<<20, m.room()))
		m.spend(int64(len(manifest)))
		return bytes.Contains(manifest, []byte("encryption-data"))
	}
	return false
}

// officeText looks into one of the document's XML files for codes that stand in it as text.
func (m *members) officeText(z *zipFile, e zipEntry) {
	if ext := strings.ToLower(path.Ext(e.name)); ext != ".xml" && ext != ".rels" || m.ctx.Err() != nil {
		return
	}
	text := z.read(e, min(maxOfficeText, m.room()))
	m.spend(int64(len(text)))
	m.xmlText(text, e.name)
	targets, linked := m.relations(z, e.name)
	for _, url := range linked {
		m.link(url, text)
	}
	m.openLinks(text)
	m.page(text, e.name, targets)
	if strings.HasPrefix(strings.ToLower(e.name), "xl/worksheets/") {
		m.sheet(z, text, e.name)
	}
}

// xmlText shows the codes that Word makes of fields, and pictures that stand in the XML: "data:" links of pictures and
// of relations, and the base64 of flat documents (Word 2003's w:binData, pkg:binaryData, OpenDocument's
// office:binary-data).
func (v *view) xmlText(text []byte, name string) {
	if bytes.Contains(text, []byte("instrText")) || bytes.Contains(text, []byte("fldSimple")) {
		v.wordFields(text, name)
	}
	v.dataLinks(text, name)
	for _, element := range []string{"binData", "binaryData", "binary-data"} {
		v.binaryElements(text, element, name)
	}
}
