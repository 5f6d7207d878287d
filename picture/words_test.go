package picture_test

import (
	"strings"
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// wordsOf are the words of the document that the pictures of a part stand in; none outside documents.
func wordsOf(t *testing.T, name string, data []byte) (text string, document bool) {
	t.Helper()
	shown := 0
	problems := opener().Open(t.Context(), picture.Part{Path: "1", Name: name, Data: data}, picture.Limits{}, func(p picture.Picture) {
		if shown++; p.Words != nil {
			text, document = strings.Join(strings.Fields(p.Words()), " "), true
		}
	})
	if shown == 0 || len(problems) > 0 {
		t.Errorf("%s: %d pictures, %+v", name, shown, problems)
	}
	return text, document
}

func TestWordsOfDocuments(t *testing.T) {
	code := mailmaker.PNG(mailmaker.CodeImage(drawnURL, 4))
	file := func(name string, data []byte) mailmaker.File { return mailmaker.File{Name: name, Data: data} }
	office := func(files ...mailmaker.File) []byte {
		return mailmaker.Zip(append([]mailmaker.File{file("[Content_Types].xml", []byte("<Types/>"))}, files...)...)
	}
	pptx := office(file("ppt/presentation.xml", []byte("<p/>")), file("ppt/slides/slide1.xml", []byte("<a:p><a:t>Scan</a:t></a:p><a:p><a:t>me</a:t></a:p>")), file("ppt/media/image1.png", code))
	odt := mailmaker.Zip(file("mimetype", []byte("application/vnd.oasis.opendocument.text")), file("content.xml", []byte("<text:p>Scan &amp; pay</text:p>")), file("Pictures/1.png", code))
	docx := mailmaker.DOCX("<w:p><w:r><w:t>Scan</w:t></w:r></w:p><w:p><w:r><w:t>the </w:t></w:r><w:r><w:t>code</w:t></w:r></w:p>", file("image1.png", code))
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"a.pdf":    {pdfOf(1, "Scan the code"), "Scan the code"},
		"b.pdf":    {mailmaker.PDFDrawn(mailmaker.Modules(drawnURL)), ""},
		"a.docx":   {docx, "Scan the code"},
		"a.pptx":   {pptx, "Scan me"},
		"a.odt":    {odt, "Scan & pay"},
		"docx.zip": {mailmaker.Zip(file("a.docx", docx)), "Scan the code"},
	} {
		if got, document := wordsOf(t, name, test.data); got != test.want || !document {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if text, document := wordsOf(t, "a.png", code); document {
		t.Errorf("a picture is a document: %q", text)
	}
	if text, document := wordsOf(t, "a.zip", mailmaker.Zip(file("a.png", code))); document {
		t.Errorf("an archive is a document: %q", text)
	}
	if got, _ := wordsOf(t, "long.pdf", pdfOf(4, "x")); len(got) < 16<<10 {
		t.Errorf("a long document says little: %d", len(got))
	}
}

// pdfOf has a line and a drawing on each page.
func pdfOf(pages int, line string) []byte {
	var all []mailmaker.Page
	for range pages {
		all = append(all, mailmaker.Page{Width: 595, Height: 842, Resources: "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>",
			Content: "BT /F 11 Tf 72 780 Td (" + line + ") Tj ET\n" + mailmaker.DrawModules(mailmaker.Modules(drawnURL), 100, 700, 4)})
	}
	return mailmaker.NewPDF().Pages(all...).Bytes()
}
