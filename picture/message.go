package picture

import (
	"bytes"
	"io"
	"path"
	"strings"

	"quishmilter/mime"
)

// A message inside a part is one that the daemon's walk could not go into: encoded in base64 against RFC 2046, section
// 5.2.1, under another type, or in an archive.

// maxMessageNest bounds the multiparts of a message inside a part; the walk costs nothing for depth.
const maxMessageNest = 100

// isMessage knows messages by what they are declared or named as, and others by how they begin, unless they are
// declared as text, which a mail client shows as it is. Word and browsers open web pages that are stored as a message
// (MHTML, RFC 2557) under any of their names.
func isMessage(p Part) bool {
	switch strings.ToLower(p.Type) {
	case "message/rfc822", "message/global", "message/news":
		return true
	case "multipart/signed": // how Outlook keeps a signed message: the whole of it as one attachment
		return starts("Content-Type:", "MIME-Version:")(p)
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".eml", ".mht", ".mhtml", ".mim", ".nws":
		return !starts("PK\x03\x04", "\xd0\xcf\x11\xe0", "%PDF-")(p)
	}
	return !strings.HasPrefix(strings.ToLower(p.Type), "text/") && beginsAsMessage(p.head())
}

// beginsAsMessage looks for two fields of a message among the first ones, the first of them on the first line.
func beginsAsMessage(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(head, []byte("From ")) {
		_, head, _ = bytes.Cut(head, []byte("\n"))
	}
	fields := 0
	for n := range 40 {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		head = rest
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && messageField(string(name)) {
			fields++
		} else if n == 0 || len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	return fields >= 2
}

func messageField(name string) bool {
	switch strings.ToLower(name) {
	case "received", "return-path", "delivered-to", "from", "to", "subject", "date", "message-id", "mime-version", "reply-to",
		"content-type", "content-transfer-encoding", "x-mailer", "sender", "arc-seal", "dkim-signature", "authentication-results":
		return true
	}
	return false
}

// openMessage looks into each part of the message. Its pictures are no others' to refer to, so it has a shelf of its
// own; and its HTML comes last, when they are all on it.
func openMessage(v *view) {
	header, body := mime.ParseMessage(v.part.Data)
	v.walkMessage(header, body)
}

// walkMessage is openMessage for a message whose header is known.
func (v *view) walkMessage(header []mime.Field, body []byte) {
	tree := mime.Walk(header, body, mime.Limits{Parts: v.limits.Embedded, Depth: maxMessageNest})
	for _, p := range tree.Problems {
		v.problem(p.Kind, p.Part, "%s", p.Detail)
	}
	inner := *v
	inner.shelf = newShelf()
	for _, html := range []bool{false, true} {
		for n := range tree.Parts {
			if p := &tree.Parts[n]; (p.Type == "text/html") == html {
				inner.messagePart(p)
			}
		}
	}
}

func (v *view) messagePart(p *mime.Part) {
	if !mayHold(Part{Type: p.Type, Name: p.Name, Data: p.Head(headSize)}) {
		return
	}
	limit := min(v.room(), maxMember)
	data, _ := io.ReadAll(io.LimitReader(p.Reader(), limit+1)) // a part's reader does not fail
	at := p.Path
	if p.Name != "" {
		at += " " + p.Name
	}
	if int64(len(data)) > limit {
		v.problem(mime.OverLimit, at, "more than %d MB unpacked", min(v.limits.Unpacked, maxMember)>>20)
		return
	}
	v.spend(int64(len(data)))
	v.within(Part{Name: p.Name, Type: p.Type, Charset: p.Charset, CID: p.ContentID, Data: data}, at, v.carrier)
}
