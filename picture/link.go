package picture

import "strings"

// maxLink bounds the URL of a picture that is linked.
const maxLink = 2000

// linkWords bounds the text beside it.
const linkWords = 16 << 10

// link tells that a document shows a picture that lies elsewhere. text is the document, whose words may ask to scan it.
func (v *view) link(url string, text []byte) {
	url = strings.TrimSpace(url)
	low := strings.ToLower(url[:min(len(url), 8)])
	if len(url) > maxLink || v.links[url] || len(v.links) >= remotePictures || !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		return
	}
	if v.links == nil {
		v.links = map[string]bool{}
	}
	v.links[url] = true
	words := ShownText(string(text[:min(len(text), factsSize)]))
	v.show(Picture{Link: Link{URL: url, Words: strings.ToValidUTF8(words[:min(len(words), linkWords)], "")}})
}
