package mailmaker

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// MSG is an Outlook message with an HTML body and attachments.
func MSG(html string, files ...File) []byte { return Compound(msgEntries(html, 32, files)...) }

// MSGWithMessage is an Outlook message in which another is attached.
func MSGWithMessage(html string, files ...File) []byte {
	inner := Entry{Name: "__substg1.0_3701000D", Entries: msgEntries(html, 24, files)}
	return Compound(
		Entry{Name: "__properties_version1.0", Data: make([]byte, 32)},
		Entry{Name: "__attach_version1.0_#00000000", Entries: []Entry{inner}},
	)
}

func msgEntries(html string, head int, files []File) []Entry {
	entries := []Entry{{Name: "__properties_version1.0", Data: make([]byte, head)}}
	if html != "" {
		entries = append(entries, Entry{Name: "__substg1.0_10130102", Data: []byte(html)})
	}
	for i, f := range files {
		entries = append(entries, Entry{Name: fmt.Sprintf("__attach_version1.0_#%08X", i), Entries: []Entry{
			{Name: "__substg1.0_3707001F", Data: wide(f.Name)},
			{Name: "__substg1.0_37010102", Data: f.Data},
		}})
	}
	return entries
}

func wide(text string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// TNEF is a winmail.dat with attachments.
func TNEF(files ...File) []byte {
	out := []byte("\x78\x9f\x3e\x22\x01\x00")
	for _, f := range files {
		out = tnefAttribute(out, 2, 0x00069002, make([]byte, 14))
		out = tnefAttribute(out, 2, 0x00018010, append([]byte(f.Name), 0))
		out = tnefAttribute(out, 2, 0x0006800F, f.Data)
	}
	return out
}

// TNEFWithHTML is a winmail.dat whose text is HTML, with attachments that have properties as Exchange writes them.
func TNEFWithHTML(html string, cid string, picture []byte) []byte {
	out := []byte("\x78\x9f\x3e\x22\x01\x00")
	out = tnefAttribute(out, 1, 0x00069003, tnefBinary(0x1013, []byte(html)))
	out = tnefAttribute(out, 2, 0x00069002, make([]byte, 14))
	out = tnefAttribute(out, 2, 0x0006800F, picture)
	return tnefAttribute(out, 2, 0x00069005, tnefBinary(0x3712, wide(cid)))
}

// tnefBinary is a list of one property.
func tnefBinary(number uint32, data []byte) []byte {
	kind := uint32(0x0102)
	if number == 0x3712 {
		kind = 0x001F
	}
	out := binary.LittleEndian.AppendUint32(nil, 1)
	out = binary.LittleEndian.AppendUint32(out, number<<16|kind)
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	return append(out, padded(data, 4)...)
}

func tnefAttribute(out []byte, level byte, id uint32, data []byte) []byte {
	out = append(out, level)
	out = binary.LittleEndian.AppendUint32(out, id)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	sum := uint16(0)
	for _, c := range data {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(append(out, data...), sum)
}
