package picture

import (
	"encoding/binary"
	"image"
)

// walkGIF finds the frames. whole is false when the data ends or goes astray before the trailer.
func walkGIF(data []byte) (screen image.Rectangle, header []byte, frames []gifFrame, whole bool) {
	if len(data) < 13 {
		return screen, nil, nil, false
	}
	screen = image.Rect(0, 0, int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:])))
	at := 13 + gifTable(data[10])
	if at > len(data) {
		return screen, nil, nil, false
	}
	header = data[:at]
	var control []byte
	for at < len(data) {
		if len(frames) == maxGIFFrames {
			return screen, header, frames, true // Limits.Pictures is smaller, so that some were left out is said
		}
		start := at
		switch data[at] {
		case 0x3b:
			return screen, header, frames, true
		case 0x21:
			if at = gifBlocks(data, at+2); at < 0 {
				return screen, header, frames, false
			}
			if data[start+1] == 0xf9 && at-start == 8 {
				control = data[start:at]
			}
		case 0x2c:
			frame, end := readGIFFrame(data, at)
			if end < 0 {
				return screen, header, frames, false
			}
			frame.control, control, at = control, nil, end
			frames = append(frames, frame)
		default:
			return screen, header, frames, false
		}
	}
	return screen, header, frames, false
}

// readGIFFrame reads the image block at data[at]; its end is negative when the data ends before it does.
func readGIFFrame(data []byte, at int) (gifFrame, int) {
	if at+10 > len(data) {
		return gifFrame{}, -1
	}
	x, y := int(binary.LittleEndian.Uint16(data[at+1:])), int(binary.LittleEndian.Uint16(data[at+3:]))
	w, h := int(binary.LittleEndian.Uint16(data[at+5:])), int(binary.LittleEndian.Uint16(data[at+7:]))
	end := gifBlocks(data, at+10+gifTable(data[at+9])+1)
	if end < 0 {
		return gifFrame{}, -1
	}
	return gifFrame{block: data[at:end], bounds: image.Rect(x, y, x+w, y+h)}, end
}

// gifTable is the size in bytes of the colour table that a flag byte announces.
func gifTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// gifBlocks skips data sub-blocks up to and with the terminator; negative when there is none.
func gifBlocks(data []byte, at int) int {
	for at < len(data) {
		size := int(data[at])
		at += 1 + size
		if size == 0 {
			return at
		}
	}
	return -1
}
