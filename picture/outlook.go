package picture

import (
	"strconv"
	"strings"

	"quishmilter/mime"
)

// outlookItem is a message as Outlook stores it, in a .msg file or in winmail.dat: properties instead of MIME
// ([MS-OXPROPS] names them).
type outlookItem struct {
	html, text []byte // text is UTF-8
	rtf        []byte // compressed
	charset    string // of the HTML
	files      []outlookFile
}

// outlookFile is an attachment.
type outlookFile struct {
	name, cid, mediaType string
	data                 []byte
	open                 func(*view) // for a message or object inside: opens it; nil otherwise
}

// Numbers of MAPI properties.
const (
	propBody        = 0x1000
	propRTF         = 0x1009
	propHTML        = 0x1013
	propCodepage    = 0x3FDE // PidTagInternetCodepage
	propDisplayName = 0x3001
	propAttachData  = 0x3701
	propShortName   = 0x3704
	propLongName    = 0x3707
	propMimeTag     = 0x370E
	propContentID   = 0x3712
)

// Types of MAPI properties.
const (
	typeInt32   = 0x0003
	typeObject  = 0x000D
	typeString8 = 0x001E
	typeUnicode = 0x001F
	typeBinary  = 0x0102
)

// set takes a property of a text from one of the names that an attachment has; the long one counts.
func (f *outlookFile) set(prop int, text string) {
	text = strings.TrimRight(text, "\x00")
	switch prop {
	case propLongName:
		f.name = text
	case propShortName, propDisplayName:
		if f.name == "" {
			f.name = text
		}
	case propMimeTag:
		f.mediaType = strings.ToLower(text)
	case propContentID:
		f.cid = strings.Trim(text, "<>")
	}
}

// show looks into an item: the attachments first, its HTML last, with a shelf of its own.
func (v *view) showOutlook(item *outlookItem) {
	inner := *v
	inner.shelf = newShelf()
	for _, f := range item.files {
		inner.outlookFile(f)
	}
	if len(item.rtf) > 0 && len(item.html) == 0 {
		rtf := decompressRTF(item.rtf, min(v.room(), maxMember))
		v.spend(int64(len(rtf)))
		inner.within(Part{Type: "text/rtf", Data: rtf}, "text", v.carrier)
	}
	inner.body("text/plain", "utf-8", item.text)
	inner.body("text/html", item.charset, item.html)
}

func (v *view) body(mediaType, charset string, data []byte) {
	if len(data) > 0 && mayHold(Part{Type: mediaType, Data: data[:min(len(data), headSize)]}) {
		v.within(Part{Type: mediaType, Charset: charset, Data: data}, "text", v.carrier)
	}
}

func (v *view) outlookFile(f outlookFile) {
	if f.open != nil {
		v.deeper(f.name, f.open)
		return
	}
	if f.mediaType == "" {
		f.mediaType = typeByName(f.name)
	}
	if len(f.data) > 0 && mayHold(Part{Type: f.mediaType, Name: f.name, Data: f.data[:min(len(f.data), headSize)]}) {
		v.inside(Part{Name: f.name, Type: f.mediaType, CID: f.cid, Data: f.data}, v.carrier)
	}
}

// deeper opens something inside that has no bytes of its own, within the budgets of files inside.
func (v *view) deeper(at string, open func(*view)) {
	if v.depth+1 > v.limits.Depth || v.embedded >= v.limits.Embedded {
		v.problem(mime.OverLimit, at, "files inside files deeper than %d, or more than %d", v.limits.Depth, v.limits.Embedded)
		return
	}
	v.embedded++
	child := *v
	child.place, child.depth = join(v.place, at), v.depth+1
	open(&child)
}

// charsetOf names the charset of a Windows code page, as far as mail uses them.
func charsetOf(codepage uint32) string {
	switch {
	case codepage == 65001:
		return "utf-8"
	case codepage == 20127:
		return "us-ascii"
	case codepage >= 1250 && codepage <= 1258:
		return "windows-" + strconv.Itoa(int(codepage))
	case codepage >= 28591 && codepage <= 28605:
		return "iso-8859-" + strconv.Itoa(int(codepage-28590))
	case codepage == 932:
		return "shift_jis"
	case codepage == 936:
		return "gbk"
	case codepage == 949:
		return "euc-kr"
	case codepage == 950:
		return "big5"
	}
	return ""
}

// utf8Of turns a text of Outlook's into UTF-8.
func utf8Of(text []byte, charset string) []byte {
	converted, err := mime.Text(text, charset)
	if err != nil {
		return text
	}
	return []byte(converted)
}
