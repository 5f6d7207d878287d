package inspect

import (
	"bytes"
	"slices"
	"strings"

	"quishmilter/mime"
	"quishmilter/picture"
)

// Text is what the words of a message say, as far as the policy asks.
type Text struct {
	AsksToScan bool     // asks the reader to scan a code with the phone
	Remote     []string // pictures that are linked and not contained
	RemoteSeen bool     // all of these were fetched and looked at
}

// textSize is how much of each text is looked at.
const textSize = 256 << 10

// textOf reads the texts of a message. Plain mail pays nearly nothing: words are looked at only where pictures are
// linked, or where a code was found. links are those of documents in the message, which may ask by themselves.
func textOf(parts []mime.Part, links []picture.Link, codes int) Text {
	var t Text
	for _, l := range links {
		t.Remote = append(t.Remote, l.URL)
		t.AsksToScan = t.AsksToScan || l.AsksToScan
	}
	for n := range parts {
		if p := &parts[n]; picture.IsPage(p.Type, p.Name) {
			t.Remote = append(t.Remote, picture.RemotePictures(contentOf(p))...)
		}
	}
	if len(t.Remote) == 0 && codes == 0 {
		return t
	}
	for n := range parts {
		if p := &parts[n]; strings.HasPrefix(p.Type, "text/") {
			t.AsksToScan = t.AsksToScan || picture.TextFacts(decoded(contentOf(p), p.Charset))
		}
	}
	return t
}

// contentOf is as much of a text as is looked at.
func contentOf(p *mime.Part) []byte { return p.Head(min(textSize, len(p.Raw)+1)) }

// passwordsOf collects the words of a message with a PDF that may be its password. Other messages have none.
func passwordsOf(parts []mime.Part) []string {
	if !slices.ContainsFunc(parts, func(p mime.Part) bool { return bytes.Contains(p.Head(headSize), []byte("%PDF-")) }) {
		return nil
	}
	var words []string
	for n := range parts {
		if p := &parts[n]; strings.HasPrefix(p.Type, "text/") {
			words = append(words, picture.PasswordCandidates(decoded(contentOf(p), p.Charset))...)
		}
	}
	return words[:min(len(words), picture.MaxPasswords)]
}

// decoded is a text in UTF-8; of an unknown charset the bytes have to do.
func decoded(content []byte, charset string) string {
	if charset == "" || charset == "utf-8" || charset == "us-ascii" {
		return string(content)
	}
	if text, err := mime.Text(content, charset); err == nil {
		return text
	}
	return string(content)
}
