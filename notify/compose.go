package notify

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
	"unicode"
)

// What every message says of itself. The text goes as quoted-printable, so that no host on the way has a reason to
// change it, and no line of it is too long (RFC 2045, 6.7).
const (
	contentType = "text/plain; charset=utf-8"
	encoding    = "quoted-printable"
)

// compose writes the message with lines that end with CRLF.
func (m Mail) compose(key Key, now time.Time) []byte {
	_, domain, ok := strings.Cut(m.From, "@")
	if !ok {
		domain = "quishmilter.invalid"
	}
	id := "<" + rand.Text() + "@" + domain + ">"
	body := encoded(m.Body)
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	field("From", "quishmilter <"+m.From+">")
	field("To", "<"+strings.Join(m.To, ">,\r\n <")+">")
	field("Subject", subject(m.Subject))
	field("Date", now.Format(time.RFC1123Z))
	field("Message-ID", id)
	field("Auto-Submitted", "auto-generated") // RFC 3834: no vacation notice answers
	field("MIME-Version", "1.0")
	field("Content-Type", contentType)
	field("Content-Transfer-Encoding", encoding)
	if key != nil {
		field(MarkName, key.mark(id, body, now))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// subject is one line of printable characters, encoded where it is not ASCII (RFC 2047).
func subject(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	if runes := []rune(text); len(runes) > maxSubject {
		text = string(runes[:maxSubject-1]) + "…"
	}
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "=?", "= ?") // no encoded word of somebody else's
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?")
}

// encoded is the text as it goes over the wire, with an end of line at its end.
func encoded(text string) []byte {
	if len(text) > maxBody {
		text = text[:maxBody] + "\n[the rest was left out]"
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r", "")
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(strings.TrimRight(text, "\n"))) // a buffer takes everything
	_ = w.Close()
	b.WriteString("\r\n")
	return b.Bytes()
}
