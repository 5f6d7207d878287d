package inspect

import (
	"bytes"
	"slices"
	"strings"

	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/picture"
)

// Text is what the words of a message say, as far as the policy asks.
type Text struct {
	AsksToScan bool     // asks the reader to scan a code with the phone
	Signals    []string // what else is remarkable about the words
	Remote     []string // pictures that are linked and not contained
	RemoteSeen bool     // all of these were fetched and looked at
}

// textSize is how much of each text is looked at.
const textSize = 256 << 10

// textOf reads the texts of a message. Plain mail pays nearly nothing: words are looked at only where pictures are
// linked, or where a code was found. links are those of documents in the message, which may ask by themselves.
func textOf(subject string, parts []mime.Part, links []Link, codes int) Text {
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
	letter := payload.Letter{Subject: subject}
	for n := range parts {
		switch p := &parts[n]; {
		case !strings.HasPrefix(p.Type, "text/") || p.Disposition == "attachment":
			letter.Attachments++
		case len(letter.Texts) < maxTexts:
			letter.Texts = append(letter.Texts, picture.ShownText(decoded(contentOf(p), p.Charset)))
		}
	}
	for _, signal := range letter.Signals() {
		if signal == payload.SignalAsksToScan {
			t.AsksToScan = true
		} else {
			t.Signals = append(t.Signals, signal)
		}
	}
	return t
}

// worthWords tells whether the words of a message are looked at, those of its sender's name too.
func (r *Report) worthWords() bool { return len(r.Codes) > 0 || len(r.Text.Remote) > 0 }

// maxTexts is how many texts of a message are looked at for words: the forms of the body, and what stands around a
// picture in the middle of it.
const maxTexts = 8

// automatic tells a report of a mail server, or a reply that no person wrote (RFC 3834, section 5). The null sender is
// for these (RFC 5321, section 4.5.5).
func automatic(m *Message) bool {
	if m.Envelope.MailFrom == "" && len(m.Envelope.Rcpts) > 0 {
		return true
	}
	kind, _, _ := strings.Cut(mime.Value(m.Header, "Auto-Submitted"), ";")
	kind = strings.TrimSpace(kind)
	return kind != "" && !strings.EqualFold(kind, "no")
}

// contentOf is as much of a text as is looked at.
func contentOf(p *mime.Part) []byte { return p.Head(min(textSize, len(p.Raw)+1)) }

// passwordsOf collects the words of a message with a PDF, or a container that may hold one, that may be its password. Other
// messages have none.
func passwordsOf(parts []mime.Part) []string {
	if !slices.ContainsFunc(parts, func(p mime.Part) bool { return mayHoldPDF(p.Head(headSize)) }) {
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

// containers are the beginnings of files that hold others: ZIP, 7z, RAR, gzip, OLE and TNEF.
var containers = []string{"PK\x03\x04", "7z\xbc\xaf\x27\x1c", "Rar!", "\x1f\x8b", "\xd0\xcf\x11\xe0", "\x78\x9f\x3e\x22"}

func mayHoldPDF(head []byte) bool {
	return bytes.Contains(head, []byte("%PDF-")) ||
		slices.ContainsFunc(containers, func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) })
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
