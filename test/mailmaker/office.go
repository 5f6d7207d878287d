package mailmaker

import (
	"fmt"
	"html"
)

const contentTypes = `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`

// DOCX is a Word document with files in its media folder, and body in its text, which refers to them as rId1, rId2 ….
func DOCX(body string, media ...File) []byte {
	document := `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` +
		body + `</w:body></w:document>`
	files := []File{{"[Content_Types].xml", []byte(contentTypes)}, {"word/document.xml", []byte(document)}}
	relations := ""
	for i, m := range media {
		files = append(files, File{"word/media/" + m.Name, m.Data})
		relations += Relation(i+1, "media/"+m.Name, "")
	}
	return Zip(append(files, File{"word/_rels/document.xml.rels", []byte("<Relationships>" + relations + "</Relationships>")})...)
}

// Relation is one that names a picture, in the document or elsewhere.
func Relation(n int, target, more string) string {
	return fmt.Sprintf(`<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="%s" %s/>`, n, html.EscapeString(target), more)
}

// LinkingDOCX is a Word document with a text, that shows a picture from elsewhere.
func LinkingDOCX(text, url string) []byte {
	return Zip(File{"[Content_Types].xml", []byte(contentTypes)}, File{"word/document.xml", []byte("<w:document><w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" + WordPicture(1, 200, 200) + "</w:document>")},
		File{"word/_rels/document.xml.rels", []byte("<Relationships>" + Relation(1, url, `TargetMode="External"`) + "</Relationships>")})
}

// WordPicture is a picture in the line, of a size in pixels.
func WordPicture(relation, width, height int) string {
	return fmt.Sprintf(`<w:r><w:drawing><wp:inline><wp:extent cx="%d" cy="%d"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="rId%d"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`,
		9525*width, 9525*height, relation)
}

// WordPictureAt is a picture that stands at a place of the page, in pixels.
func WordPictureAt(relation, x, y, width, height int) string {
	return fmt.Sprintf(`<w:r><w:drawing><wp:anchor><wp:positionH><wp:posOffset>%d</wp:posOffset></wp:positionH><wp:positionV><wp:posOffset>%d</wp:posOffset></wp:positionV><a:graphic><a:graphicData>`+
		`<pic:pic><pic:blipFill><a:blip r:embed="rId%d"/></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>`,
		9525*x, 9525*y, relation, 9525*width, 9525*height)
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
