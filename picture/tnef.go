package picture

import (
	"encoding/binary"
	"strings"

	"quishmilter/mime"
)

// TNEF is what Outlook sends instead of MIME when it thinks that the recipient has Outlook too: winmail.dat
// ([MS-OXTNEF]). It is a list of attributes: level, number and type, length, data, checksum.

const (
	tnefMark       = "\x78\x9f\x3e\x22"
	maxAttachments = 1000 // of one item
)

// The attributes that matter (section 2.1.3.3).
const (
	tnefAttachData  = 0x800F
	tnefAttachTitle = 0x8010
	tnefBody        = 0x800C
	tnefRenderData  = 0x9002 // begins an attachment
	tnefMessage     = 0x9003 // properties of the message
	tnefAttachment  = 0x9005 // properties of the attachment

)

func openTNEF(v *view) {
	item, whole := v.readTNEF(v.part.Data)
	if !whole {
		v.problem(mime.Broken, "", "the TNEF file ends early")
	}
	v.showOutlook(item)
}

// readTNEF reads the attributes as far as they go.
func (v *view) readTNEF(data []byte) (item *outlookItem, whole bool) {
	item = &outlookItem{}
	current := &outlookFile{} // what comes before the first attachment goes nowhere
	for rest := data[min(6, len(data)):]; len(rest) > 0; {
		if len(rest) < 11 {
			return item, strings.Trim(string(rest), "\x00\r\n") == ""
		}
		attribute, size := binary.LittleEndian.Uint16(rest[1:]), int64(binary.LittleEndian.Uint32(rest[5:]))
		content := rest[9:]
		cut := size > int64(len(content))
		if cut {
			size = int64(len(content))
		}
		content = content[:size]
		switch attribute {
		case tnefRenderData:
			if len(item.files) >= maxAttachments {
				v.problem(mime.OverLimit, "", "more than %d attachments", maxAttachments)
				return item, true
			}
			item.files = append(item.files, outlookFile{})
			current = &item.files[len(item.files)-1]
		case tnefAttachTitle:
			current.set(propShortName, string(content))
		case tnefAttachData:
			current.data = content
		case tnefAttachment:
			current.properties(content)
		case tnefMessage:
			item.properties(content)
		case tnefBody:
			item.text = content
		}
		if cut {
			return item, false
		}
		rest = rest[min(len(rest), 9+int(size)+2):]
	}
	return item, true
}

// properties takes the attachment's properties. A message inside is TNEF of its own, behind the class's 16 bytes
// ([MS-OXTNEF], section 2.1.3.4.2).
func (f *outlookFile) properties(data []byte) {
	for p := range tnefProperties(data) {
		switch {
		case p.number == propAttachData && p.kind == typeObject && len(p.value) > 16:
			f.data = p.value[16:]
		case p.number == propAttachData && len(p.value) > 0:
			f.data = p.value
		case p.kind == typeUnicode:
			f.set(p.number, string(utf8Of(p.value, "utf-16le")))
		case p.kind == typeString8:
			f.set(p.number, string(p.value))
		}
	}
}

// properties takes the message's properties.
func (item *outlookItem) properties(data []byte) {
	for p := range tnefProperties(data) {
		switch p.number {
		case propHTML:
			item.html = p.value
			if p.kind == typeUnicode {
				item.html = utf8Of(p.value, "utf-16le")
			}
		case propRTF:
			item.rtf = p.value
		case propBody:
			if item.text = p.value; p.kind == typeUnicode {
				item.text = utf8Of(p.value, "utf-16le")
			}
		case propCodepage:
			if len(p.value) >= 4 {
				item.charset = charsetOf(binary.LittleEndian.Uint32(p.value))
			}
		}
	}
}

// tnefProperty is a property of a message or an attachment.
type tnefProperty struct {
	number, kind int
	value        []byte
}

// fixedSize is the size of the types of fixed length, padded to four bytes ([MS-OXCDATA], section 2.11.1).
func fixedSize(kind int) int {
	switch kind {
	case 0x0002, 0x0003, 0x0004, 0x000A, 0x000B:
		return 4
	case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
		return 8
	case 0x0048:
		return 16
	}
	return 0
}

// tnefProperties goes over a list of properties (section 2.1.3.4). Of one with several values each comes.
func tnefProperties(data []byte) func(yield func(tnefProperty) bool) {
	return func(yield func(tnefProperty) bool) {
		r := &tnefReader{rest: data}
		for count := r.number(); count > 0 && !r.failed; count-- {
			tag := r.number()
			p := tnefProperty{number: int(tag >> 16), kind: int(tag & 0xffff)}
			if p.number >= 0x8000 {
				r.named()
			}
			several := p.kind&0x1000 != 0
			p.kind &^= 0x1000
			fixed := fixedSize(p.kind)
			values := uint32(1)
			if several || fixed == 0 {
				values = r.number()
			}
			for ; values > 0 && !r.failed; values-- {
				size := fixed
				if fixed == 0 {
					size = int(r.number())
				}
				if p.value = r.bytes(size); !r.failed && !yield(p) {
					return
				}
			}
		}
	}
}

// tnefReader reads numbers and padded bytes; once something does not fit, all that follows is empty.
type tnefReader struct {
	rest   []byte
	failed bool
}

func (r *tnefReader) number() uint32 {
	b := r.bytes(4)
	if r.failed {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

func (r *tnefReader) bytes(n int) []byte {
	if r.failed || n < 0 || n > len(r.rest) {
		r.failed = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[min(len(r.rest), (n+3)&^3):]
	return b
}

// named skips a property's name: 16 bytes of a class, and a number or a text.
func (r *tnefReader) named() {
	r.bytes(16)
	if r.number() == 0 {
		r.bytes(4)
		return
	}
	r.bytes(int(r.number()))
}
