package picture

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// Outlook's .msg files ([MS-OXMSG]): a storage for the message, one for each attachment, and a stream for each
// property of some length, whose name holds its number and type: "__substg1.0_37010102".

const (
	outlookProperty   = "__substg1.0_"
	outlookAttachment = "__attach_version1.0_"
	outlookFixed      = "__properties_version1.0" // the properties of fixed length
)

// property reads the number and type in a stream's name.
func (s stream) property() (prop, kind int, ok bool) {
	hex, ok := strings.CutPrefix(s.name, outlookProperty)
	if !ok || len(hex) < 8 {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(hex[:8], 16, 32)
	return int(n >> 16), int(n & 0xffff), err == nil
}

// outlook looks into the message in a storage.
func (f *oleFile) outlook(storage []string) {
	item := &outlookItem{}
	for _, s := range f.streams {
		if slices.Equal(s.path, storage) {
			f.messageProperty(item, s)
		}
	}
	for _, attachment := range f.attachments(storage) {
		item.files = append(item.files, f.attachment(attachment))
	}
	f.showOutlook(item)
}

func (f *oleFile) messageProperty(item *outlookItem, s stream) {
	if s.name == outlookFixed {
		item.charset = charsetOf(codepageIn(f.read(s), len(s.path) == 0))
		return
	}
	prop, kind, _ := s.property()
	switch prop {
	case propBody:
		item.text = f.readText(s, kind)
	case propHTML:
		item.html = f.read(s)
		if kind == typeUnicode {
			item.html = utf8Of(item.html, "utf-16le")
		}
	case propRTF:
		item.rtf = f.read(s)
	}
}

// readText reads a text as UTF-8.
func (f *oleFile) readText(s stream, kind int) []byte {
	data := f.read(s)
	if kind == typeUnicode {
		return utf8Of(data, "utf-16le")
	}
	return data
}

// codepageIn finds the code page among properties of fixed length: 16 bytes each, behind a header that depends on
// whether the message is the outermost one ([MS-OXMSG], sections 2.4.1.1 and 2.4.1.2).
func codepageIn(data []byte, outermost bool) uint32 {
	head := 24
	if outermost {
		head = 32
	}
	for ; head+16 <= len(data); head += 16 {
		if binary.LittleEndian.Uint32(data[head:]) == propCodepage<<16|typeInt32 {
			return binary.LittleEndian.Uint32(data[head+8:])
		}
	}
	return 0
}

// attachments are the storages of a message's attachments, in the order of the file.
func (f *oleFile) attachments(storage []string) [][]string {
	var all [][]string
	depth := len(storage)
	seen := map[string]bool{}
	for _, s := range f.streams {
		if len(s.path) > depth && slices.Equal(s.path[:depth], storage) && strings.HasPrefix(s.path[depth], outlookAttachment) && !seen[s.path[depth]] {
			seen[s.path[depth]] = true
			all = append(all, s.path[:depth+1])
		}
	}
	return all
}

// attachment reads one attachment: a file, a message, or an OLE object.
func (f *oleFile) attachment(storage []string) outlookFile {
	file := outlookFile{}
	object := slices.Concat(storage, []string{outlookProperty + "3701000D"})
	for _, s := range f.streams {
		if len(s.path) >= len(object) && slices.Equal(s.path[:len(object)], object) && file.open == nil {
			file.open = func(v *view) { (&oleFile{view: v, streams: f.streams}).object(object) }
		}
		if !slices.Equal(s.path, storage) {
			continue
		}
		switch prop, kind, _ := s.property(); {
		case prop == propAttachData && kind == typeBinary:
			file.data = f.read(s)
		case kind == typeUnicode || kind == typeString8:
			file.set(prop, string(f.readText(s, kind)))
		}
	}
	return file
}

// object looks into what is attached as a storage: a message, or a document that was put into this one.
func (f *oleFile) object(storage []string) {
	for _, s := range f.streams {
		if s.name == outlookFixed && slices.Equal(s.path, storage) {
			f.outlook(storage)
			return
		}
	}
	f.carrier = "office"
	for _, s := range f.streams {
		if len(s.path) >= len(storage) && slices.Equal(s.path[:len(storage)], storage) {
			f.look(s)
		}
	}
}
