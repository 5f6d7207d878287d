package picture

import (
	"bytes"
	"path"
	"strings"

	"quishmilter/mime"
)

// A message that is signed and not readable beside its signature ("opaque", RFC 8551, section 3.5.2) stands inside a
// CMS structure (RFC 5652), which mail clients open by themselves. So do files that are signed with what is in them
// ("contract.pdf.p7m").

// maxBERDepth bounds elements inside each other.
const maxBERDepth = 32

// The content types of CMS: the end of their object identifiers.
var (
	oidSigned     = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
	oidEnveloped  = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03")
	oidEncrypted  = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06")
	oidAuthEnv    = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17")
	oidCompressed = []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09")
)

// isCMS leaves out signatures that stand beside what they sign: there is one in every signed mail, with nothing in it.
func isCMS(p Part) bool {
	if t := strings.ToLower(p.Type); strings.HasSuffix(t, "pkcs7-signature") || len(p.Data) < 12 || p.Data[0] != 0x30 {
		return false
	}
	head := p.Data[:min(len(p.Data), 32)]
	for _, oid := range [][]byte{oidSigned, oidEnveloped, oidEncrypted, oidAuthEnv, oidCompressed} {
		if bytes.Contains(head, oid) {
			return true
		}
	}
	return false
}

// openCMS looks into what is signed or compressed.
func openCMS(v *view) {
	b := &ber{data: v.part.Data}
	b.header() // ContentInfo
	kind := b.take(0x06)
	if b.header(); b.failed {
		v.problem(mime.Broken, "", "the signed content does not parse")
		return
	}
	switch {
	case bytes.Equal(kind, oidSigned), bytes.Equal(kind, oidCompressed):
	default:
		v.problem(mime.Encrypted, "", "the message is encrypted for its recipient")
		return
	}
	content := b.encapsulated()
	if bytes.Equal(kind, oidCompressed) && len(content) > 0 {
		content = v.inflated(content, "")
	}
	part := Part{Name: strings.TrimSuffix(v.part.Name, path.Ext(v.part.Name)), Data: content}
	if hasMailField(content) {
		part.Name, part.Type = "", "message/rfc822"
	}
	if len(content) > 0 && mayHold(Part{Type: part.Type, Name: part.Name, Data: content[:min(len(content), headSize)]}) {
		v.within(part, "signed content", v.carrier)
	}
}

// hasMailField reports whether content begins with a field of a message or a part.
func hasMailField(content []byte) bool {
	line, _, _ := bytes.Cut(content[:min(len(content), headSize)], []byte("\n"))
	name, _, ok := bytes.Cut(line, []byte(":"))
	return ok && (messageField(string(name)) || strings.HasPrefix(strings.ToLower(string(name)), "content-"))
}

// ber reads ASN.1 in the basic encoding (ITU-T X.690), indefinite lengths and strings in pieces included, since that
// is how programs write what they sign as they go. Lengths that go beyond the end are cut, as after a mailer that
// lost some bytes.
type ber struct {
	data   []byte
	at     int
	failed bool
}

// header reads the tag and length of the next element and stands at its content; length is -1 where a mark ends it.
func (b *ber) header() (tag byte, length int) {
	if b.failed || b.at+2 > len(b.data) {
		b.failed = true
		return 0, 0
	}
	tag, first := b.data[b.at], b.data[b.at+1]
	b.at += 2
	switch {
	case tag&0x1f == 0x1f: // tags of several bytes have no place here
		b.failed = true
		return 0, 0
	case first == 0x80:
		return tag, -1
	case first < 0x80:
		length = int(first)
	default:
		n := int(first & 0x7f)
		if n > 4 || b.at+n > len(b.data) {
			b.failed = true
			return 0, 0
		}
		for _, c := range b.data[b.at:][:n] {
			length = length<<8 | int(c)
		}
		b.at += n
	}
	return tag, min(length, len(b.data)-b.at)
}

// take reads an element of the given tag whose content is plain.
func (b *ber) take(want byte) []byte {
	tag, length := b.header()
	if b.failed || tag != want || length < 0 {
		b.failed = true
		return nil
	}
	content := b.data[b.at:][:length]
	b.at += length
	return content
}

// skip passes over an element.
func (b *ber) skip(depth int) {
	_, length := b.header()
	if b.failed || depth > maxBERDepth {
		b.failed = true
		return
	}
	if length >= 0 {
		b.at += length
		return
	}
	for !b.failed && !b.ended() {
		b.skip(depth + 1)
	}
}

// ended passes over the mark that ends an indefinite length.
func (b *ber) ended() bool {
	if bytes.HasPrefix(b.data[b.at:], []byte{0, 0}) {
		b.at += 2
		return true
	}
	return false
}

// encapsulated is the content of a SignedData or CompressedData, at whose start b stands: version, algorithms, and a
// sequence of type and content. nil is no content.
func (b *ber) encapsulated() []byte {
	b.header()
	b.skip(0)
	b.skip(0)
	_, length := b.header()
	end := len(b.data)
	if length >= 0 {
		end = b.at + length
	}
	b.skip(0)
	if b.failed || b.at >= end || b.data[b.at] != 0xa0 {
		return nil
	}
	b.header()
	var content []byte
	b.octets(&content, 0)
	return content
}

// octets collects an octet string, which may be made of pieces.
func (b *ber) octets(content *[]byte, depth int) {
	tag, length := b.header()
	if b.failed || depth > maxBERDepth {
		return
	}
	switch {
	case tag == 0x04 && length >= 0:
		*content = append(*content, b.data[b.at:][:length]...)
		b.at += length
	case tag == 0x24:
		end := len(b.data)
		if length >= 0 {
			end = b.at + length
		}
		for !b.failed && b.at < end && !b.ended() {
			b.octets(content, depth+1)
		}
	default:
		b.failed = true
	}
}
