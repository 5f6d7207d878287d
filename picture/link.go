package picture

import "strings"

// maxLink bounds the URL of a picture that is linked.
const maxLink = 2000

// link tells that a document shows a picture that lies elsewhere. text is the document, which may ask to scan it.
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
	v.show(Picture{Link: Link{URL: url, AsksToScan: TextFacts(string(text[:min(len(text), factsSize)]))}})
}
