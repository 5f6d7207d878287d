package mailmaker

import "fmt"

const contentTypes = `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`

// DOCX is a Word document with files in its media folder, and body in its text.
func DOCX(body string, media ...File) []byte {
	document := `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` +
		body + `</w:body></w:document>`
	files := []File{{"[Content_Types].xml", []byte(contentTypes)}, {"word/document.xml", []byte(document)}}
	for _, m := range media {
		files = append(files, File{"word/media/" + m.Name, m.Data})
	}
	return Zip(files...)
}

// WordField is a field of Word's whose instruction is cut into runs.
func WordField(runs ...string) string {
	field := `<w:r><w:fldChar w:fldCharType="begin"/></w:r>`
	for _, run := range runs {
		field += fmt.Sprintf(`<w:r><w:instrText xml:space="preserve">%s</w:instrText></w:r>`, run)
	}
	return field + `<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>code</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

// XLSX and PPTX are a workbook and slides with a picture.
func XLSX(picture []byte) []byte {
	return Zip(File{"[Content_Types].xml", []byte(contentTypes)}, File{"xl/workbook.xml", []byte("<workbook/>")}, File{"xl/media/image1.png", picture})
}

func PPTX(picture []byte) []byte {
	return Zip(File{"[Content_Types].xml", []byte(contentTypes)}, File{"ppt/presentation.xml", []byte("<p/>")}, File{"ppt/media/image1.png", picture})
}

// ODT is an OpenDocument text with a picture. manifest stands in its list of files.
func ODT(manifest string, picture []byte) []byte {
	return Zip(File{"mimetype", []byte("application/vnd.oasis.opendocument.text")}, File{"content.xml", []byte("<office:document-content/>")},
		File{"Pictures/100.png", picture}, File{"META-INF/manifest.xml", []byte("<manifest:manifest>" + manifest + "</manifest:manifest>")})
}
