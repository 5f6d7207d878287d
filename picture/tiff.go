package picture

import (
	"encoding/binary"
	"fmt"

	"quishmilter/mime"
)

// maxTIFFPages bounds the walk over a TIFF's pages, which form a linked list that may have a loop.
const maxTIFFPages = 1024

// openTIFF shows the pages of a TIFF. The library reads the first page only, so a copy's header is pointed at each
// page in turn (TIFF 6.0, section 2: bytes 4–7 are the offset of the first directory).
func openTIFF(v *view) {
	data := append([]byte(nil), v.part.Data...)
	if len(data) < 8 {
		v.problem(mime.Broken, "", "the picture ends early")
		return
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 'M' {
		order = binary.BigEndian
	}
	pages := tiffPages(data, order)
	pick := spread(len(pages), max(0, min(v.limits.Pages, v.limits.Message.Pages-v.spent.Pages)))
	v.spent.Pages += len(pick)
	if len(pick) < len(pages) {
		v.problem(mime.OverLimit, "pages", "only %d of %d pages were looked at", len(pick), len(pages))
	}
	for _, i := range pick {
		at := ""
		if len(pages) > 1 {
			at = fmt.Sprintf("page %d", i+1)
		}
		order.PutUint32(data[4:], pages[i])
		if img := v.decode(tiffDecoder(), data, at); img != nil {
			v.picture(img, at, "image")
		}
	}
}

// tiffPages lists the offsets of the directories: the first one in any case, further ones as far as they can be
// followed.
func tiffPages(data []byte, order binary.ByteOrder) []uint32 {
	next := order.Uint32(data[4:])
	pages := []uint32{next}
	seen := map[uint32]bool{0: true, next: true}
	for len(pages) < maxTIFFPages {
		if int64(next)+2 > int64(len(data)) {
			break
		}
		link := int64(next) + 2 + 12*int64(order.Uint16(data[next:]))
		if link+4 > int64(len(data)) {
			break
		}
		if next = order.Uint32(data[link:]); seen[next] {
			break
		}
		seen[next] = true
		pages = append(pages, next)
	}
	return pages
}
