package picture

import (
	"html"
	"path"
	"strings"

	"github.com/klippa-app/go-pdfium/requests"
)

// The words of a document tell a page that holds nothing but a code from an invoice. They are read where a code was
// found, which is seldom.

// Bounds of what is read for words. A document that holds nothing but a code is short.
const (
	wordPages = 3
	wordText  = 64 << 10  // bytes of text
	wordXML   = 512 << 10 // bytes of the XML that holds it
)

// longText stands for the words of a document that is longer than what is read.
var longText = strings.Repeat("more ", wordText/8)

// words are those of a PDF.
func (d *document) words() string {
	if d.text == nil {
		text := d.pageTexts()
		d.text = &text
	}
	return *d.text
}

func (d *document) pageTexts() string {
	pages := pageCount(d.pdf, d.ref)
	if pages > wordPages {
		return longText
	}
	var all strings.Builder
	for index := range pages {
		page := requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: index}}
		got, err := d.pdf.GetPageText(&requests.GetPageText{Page: page})
		if err != nil {
			continue
		}
		all.WriteString(got.Text[:min(len(got.Text), wordText)] + "\n")
	}
	return all.String()
}

// officeWords are those of Word, PowerPoint, Excel and OpenDocument files.
func (z *zipFile) officeWords() string {
	var all strings.Builder
	for _, e := range z.entries {
		if all.Len() > wordText {
			break
		}
		if holdsWords(strings.TrimPrefix(e.name, "/")) {
			all.WriteString(xmlWords(string(z.read(e, wordXML))))
		}
	}
	return all.String()
}

func holdsWords(name string) bool {
	switch name = strings.ToLower(name); name {
	case "word/document.xml", "xl/sharedstrings.xml", "content.xml":
		return true
	}
	slide, _ := path.Match("ppt/slides/slide*.xml", name)
	return slide
}

// xmlWords is the text between tags; the ends of paragraphs, cells and lines part words.
func xmlWords(xml string) string {
	var out strings.Builder
	for xml != "" {
		text, rest, found := strings.Cut(xml, "<")
		out.WriteString(text)
		if !found {
			break
		}
		tag, after, _ := strings.Cut(rest, ">")
		for _, end := range []string{"/w:p", "/a:p", "/text:p", "/text:h", "w:br", "a:br", "w:tab", "/si", "text:s"} {
			if strings.HasPrefix(tag, end) {
				out.WriteByte(' ')
				break
			}
		}
		xml = after
	}
	return html.UnescapeString(out.String())
}
