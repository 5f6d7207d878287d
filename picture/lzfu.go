package picture

import "encoding/binary"

// Compressed RTF, in which Outlook keeps the text of a message ([MS-OXRTFCP]).
const (
	lzfuMark   = 0x75465A4C // "LZFu"
	lzfuPlain  = 0x414C454D // "MELA": not compressed
	lzfuHeader = 16
	lzfuWindow = 4096
)

// lzfuStart fills the window before the first byte (section 2.1.3.1.1, the initial dictionary).
const lzfuStart = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArial" +
	"Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

// decompressRTF unpacks at most limit bytes; what is damaged ends there. One byte makes at most 17/2.
func decompressRTF(data []byte, limit int64) []byte {
	if len(data) < lzfuHeader {
		return nil
	}
	mark := binary.LittleEndian.Uint32(data[8:])
	size := min(int64(binary.LittleEndian.Uint32(data[4:])), limit)
	packed := data[lzfuHeader:]
	if mark == lzfuPlain {
		return packed[:min(size, int64(len(packed)))]
	}
	if mark != lzfuMark {
		return nil
	}
	var window [lzfuWindow]byte
	at := copy(window[:], lzfuStart)
	out := make([]byte, 0, min(size, int64(len(packed))*9))
	put := func(c byte) {
		window[at] = c
		at = (at + 1) % lzfuWindow
		out = append(out, c)
	}
	for len(packed) > 0 && int64(len(out)) < size {
		control := packed[0]
		packed = packed[1:]
		for bit := range 8 {
			if control>>bit&1 == 0 {
				if len(packed) == 0 {
					return out
				}
				put(packed[0])
				packed = packed[1:]
				continue
			}
			if len(packed) < 2 {
				return out
			}
			reference := binary.BigEndian.Uint16(packed)
			packed = packed[2:]
			from, length := int(reference>>4), int(reference&15)+2
			if from == at { // the end (section 2.1.3.2.2)
				return out
			}
			for k := range length {
				put(window[(from+k)%lzfuWindow])
			}
		}
	}
	return out
}
