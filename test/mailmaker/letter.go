package mailmaker

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
)

// Letter is a message to be written. What is left out gets a plausible value.
type Letter struct {
	From    string    // header From; also the envelope's sender in tests, so a bare address is best
	To      string    // header To
	Subject string    // any text; it is encoded where needed
	Date    time.Time // the zero time gives no Date field
	ID      string    // Message-ID without angle brackets; "" derives one from the other fields
	Fields  []string  // more header fields, each "Name: value", written on top as they are
	Body    Part
}

// Part is one part of the MIME tree: a leaf with Data, or a multipart with Parts.
type Part struct {
	Type        string // media type with parameters, without boundary: "text/plain; charset=utf-8"
	Name        string // file name
	CID         string // Content-ID without angle brackets
	Disposition string // "inline", "attachment" or ""
	Data        []byte
	Parts       []Part
}

// Text is a plain text part.
func Text(text string) Part { return Part{Type: "text/plain; charset=utf-8", Data: []byte(text)} }

// HTML is an HTML part.
func HTML(html string) Part { return Part{Type: "text/html; charset=utf-8", Data: []byte(html)} }

// Inline is a picture that HTML shows as cid:CID.
func Inline(cid, mediaType, name string, data []byte) Part {
	return Part{Type: mediaType, Name: name, CID: cid, Disposition: "inline", Data: data}
}

// Attached is an attachment.
func Attached(mediaType, name string, data []byte) Part {
	return Part{Type: mediaType, Name: name, Disposition: "attachment", Data: data}
}

// Mixed, Related and Alternative are the multiparts that mail clients write (RFC 2046, RFC 2387).
func Mixed(parts ...Part) Part       { return Part{Type: "multipart/mixed", Parts: parts} }
func Related(parts ...Part) Part     { return Part{Type: "multipart/related", Parts: parts} }
func Alternative(parts ...Part) Part { return Part{Type: "multipart/alternative", Parts: parts} }

// Renamed is the part with other file names, or the filter would know its files from the message before and read nothing.
func (p Part) Renamed(number int64) Part {
	if p.Name != "" {
		p.Name = fmt.Sprintf("%d-%s", number, p.Name)
	}
	parts := p.Parts
	p.Parts = nil
	for _, inner := range parts {
		p.Parts = append(p.Parts, inner.Renamed(number))
	}
	return p
}

// Bytes writes the message, lines ending with CRLF. The same letter gives the same bytes.
func (l Letter) Bytes() []byte {
	var out bytes.Buffer
	for _, field := range l.Fields {
		fmt.Fprintf(&out, "%s\r\n", field)
	}
	fmt.Fprintf(&out, "From: %s\r\nTo: %s\r\nSubject: %s\r\n", l.From, l.To, mime.QEncoding.Encode("utf-8", l.Subject))
	if !l.Date.IsZero() {
		fmt.Fprintf(&out, "Date: %s\r\n", l.Date.Format(time.RFC1123Z))
	}
	fmt.Fprintf(&out, "Message-ID: <%s>\r\nMIME-Version: 1.0\r\n", l.id())
	l.Body.write(&out, "1")
	return out.Bytes()
}

func (l Letter) id() string {
	if l.ID != "" {
		return l.ID
	}
	sum := sha256.Sum256([]byte(l.From + "\n" + l.To + "\n" + l.Subject + "\n" + l.Date.String()))
	return fmt.Sprintf("%x@mailmaker.example", sum[:8])
}

// write writes the part's own header and its body. The place in the tree, "1.2", makes boundaries differ.
func (p Part) write(out *bytes.Buffer, place string) {
	if len(p.Parts) > 0 {
		boundary := "=_part_" + place
		fmt.Fprintf(out, "Content-Type: %s; boundary=\"%s\"\r\n\r\n", p.Type, boundary)
		for i, child := range p.Parts {
			fmt.Fprintf(out, "--%s\r\n", boundary)
			child.write(out, fmt.Sprintf("%s.%d", place, i+1))
		}
		fmt.Fprintf(out, "--%s--\r\n", boundary)
		return
	}
	out.WriteString("Content-Type: " + p.Type)
	if p.Name != "" {
		fmt.Fprintf(out, "; name=%q", p.Name)
	}
	out.WriteString("\r\n")
	if p.CID != "" {
		fmt.Fprintf(out, "Content-ID: <%s>\r\n", p.CID)
	}
	if p.Disposition != "" {
		out.WriteString("Content-Disposition: " + p.Disposition)
		if p.Name != "" {
			fmt.Fprintf(out, "; filename=%q", p.Name)
		}
		out.WriteString("\r\n")
	}
	p.writeData(out)
}

// writeData writes text as quoted-printable and all else as base64 in lines of 76 (RFC 2045, 6.7 and 6.8).
func (p Part) writeData(out *bytes.Buffer) {
	if strings.HasPrefix(p.Type, "text/") {
		out.WriteString("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		w := quotedprintable.NewWriter(out)
		_, _ = w.Write(p.Data) // a bytes.Buffer takes everything
		_ = w.Close()
		out.WriteString("\r\n")
		return
	}
	out.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	const line = 57 // octets that make 76 characters
	for rest := p.Data; len(rest) > 0; {
		n := min(line, len(rest))
		out.WriteString(base64.StdEncoding.EncodeToString(rest[:n]) + "\r\n")
		rest = rest[n:]
	}
}
