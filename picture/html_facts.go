package picture

import (
	"bytes"
	"html"
	"net/url"
	"strings"
)

// factsSize bounds the text that is looked at for facts.
const factsSize = 256 << 10

// ShownText is the text of a document as a reader sees it, roughly: without tags, styles and scripts, character
// references resolved. What is no HTML stays as it is. It looks at the first 256 KB.
func ShownText(text string) string {
	text = text[:min(len(text), factsSize)]
	if strings.IndexByte(text, '<') < 0 {
		return text
	}
	return withoutTags(text)
}

// withoutTags leaves the text of a document, character references resolved.
func withoutTags(s string) string {
	var out strings.Builder
	for s != "" {
		text, rest, found := strings.Cut(s, "<")
		out.WriteString(text)
		if !found {
			break
		}
		low := strings.ToLower(rest[:min(len(rest), 6)])
		end := ">"
		switch {
		case low == "style" || strings.HasPrefix(low, "style") && strings.IndexByte("> \t\r\n", low[5]) >= 0:
			end = "</style>"
		case strings.HasPrefix(low, "script"):
			end = "</script>"
		case strings.HasPrefix(low, "!--"):
			end = "-->"
		}
		_, s, _ = strings.Cut(rest, end)
		if tag := low; strings.HasPrefix(tag, "br") || strings.HasPrefix(tag, "p") || strings.HasPrefix(tag, "/p") || strings.HasPrefix(tag, "td") || strings.HasPrefix(tag, "div") || strings.HasPrefix(tag, "/div") {
			out.WriteByte(' ')
		}
	}
	return html.UnescapeString(out.String())
}

// IsPage knows web pages by what they are declared or named as.
func IsPage(declaredType, name string) bool {
	return declaredPage(Part{Type: declaredType, Name: name})
}

// remotePictures bounds the list of linked pictures.
const remotePictures = 64

// RemotePictures returns the URLs of pictures that a document links and does not contain, in its order. Pictures
// that the document makes a pixel or two in size are left out: they only count readers. It looks at the first
// 256 KB.
func RemotePictures(document []byte) []string {
	document = document[:min(len(document), factsSize)]
	if !bytes.Contains(document, []byte("//")) {
		return nil
	}
	var list []string
	var base *url.URL
	add := func(u string) {
		if u = absolute(base, strings.TrimSpace(u)); u != "" && len(list) < remotePictures && !contains(list, u) {
			list = append(list, u)
		}
	}
	t := growTree(document)
	t.root.walk(func(n *node) bool {
		if n.tag == "base" && base == nil {
			base, _ = url.Parse(absolute(nil, strings.TrimSpace(n.attr("href"))))
		}
		if n.tag == "" || counts(n) {
			return true
		}
		switch n.tag {
		case "img", "input", "image", "embed", "v:imagedata", "v:image", "v:fill", "source":
			add(n.attr("src"))
			add(n.attr("href"))
			add(n.attr("xlink:href"))
			for _, f := range strings.Split(n.attr("srcset"), ", ") {
				add(strings.Split(strings.TrimSpace(f)+" ", " ")[0])
			}
		case "object":
			add(n.attr("data"))
		case "video":
			add(n.attr("poster"))
		}
		add(n.attr("background"))
		for _, u := range cssURLs(n.attr("style")) {
			add(u)
		}
		return true
	})
	for _, sheet := range t.sheets {
		for _, u := range cssURLs(sheet) {
			if !strings.Contains(strings.ToLower(u), "font") && !strings.HasSuffix(strings.ToLower(u), ".css") {
				add(u)
			}
		}
	}
	for _, comment := range t.comments { // those that are conditions are what Outlook shows
		for _, u := range RemotePictures([]byte(comment)) {
			add(u)
		}
	}
	return list
}

// absolute is a URL of the web as it stands, or as it is meant beside the document's base; "" for any other.
func absolute(base *url.URL, u string) string {
	low := strings.ToLower(u[:min(len(u), 8)])
	switch {
	case strings.HasPrefix(low, "//"):
		return "https:" + u
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
		return u
	case base == nil || base.Host == "" || u == "" || strings.Contains(low, ":") || u[0] == '#':
		return ""
	}
	to, err := base.Parse(u)
	if err != nil {
		return ""
	}
	return to.String()
}

// counts tells pictures that nobody sees.
func counts(n *node) bool {
	w, h := n.attr("width"), n.attr("height")
	return (w == "1" || w == "0" || w == "1px") && (h == "1" || h == "0" || h == "1px")
}

// cssURLs returns what stands in url(…).
func cssURLs(css string) []string {
	var list []string
	for len(list) < remotePictures {
		_, rest, ok := strings.Cut(css, "url(")
		if !ok {
			return list
		}
		u, after, _ := strings.Cut(rest, ")")
		list = append(list, strings.Trim(u, `"' `))
		css = after
	}
	return list
}
