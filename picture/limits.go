package picture

// Limits bound the work on one message's parts. A zero field means its default.
type Limits struct {
	Pixels   int64  `json:"pixels"`   // per picture, decoded
	Pictures int    `json:"pictures"` // per part
	Pages    int    `json:"pages"`    // per document
	Embedded int    `json:"embedded"` // files inside files, per part
	Depth    int    `json:"depth"`    // of files inside files
	Unpacked int64  `json:"unpacked"` // bytes that come out of compression, per part
	Ratio    int64  `json:"ratio"`    // bytes that come out of compression for each of the part, above what a small part may have
	Message  Budget `json:"message"`  // for all parts together
}

// Budget is what all parts of a message may have together.
type Budget struct {
	Pictures int   `json:"pictures"`
	Pixels   int64 `json:"pixels"`
	Pages    int   `json:"pages"`
	Unpacked int64 `json:"unpacked"`
}

// unpackedFloor is what comes out of the smallest part: a document of a few KB may hold a large bitmap, or a long text.
const unpackedFloor = 64 << 20

// DefaultLimits are for a worker with 512 MiB: 51 megapixels hold an A4 page scanned at 600 dpi and what phones with
// 50-megapixel cameras send, and cost at most 306 MB while they are decoded. A message's pixels cost some 8 ms a million.
func DefaultLimits() Limits {
	return Limits{Pixels: 51_000_000, Pictures: 64, Pages: 20, Embedded: 1000, Depth: 8, Unpacked: 200 << 20, Ratio: 100,
		Message: Budget{Pictures: 400, Pixels: 600_000_000, Pages: 100, Unpacked: 400 << 20}}
}

// defaulted is a limit, or its default where it is not given.
func defaulted[N int | int64](limit, otherwise N) N {
	if limit <= 0 {
		return otherwise
	}
	return limit
}

func (l Limits) orDefault() Limits {
	def := DefaultLimits()
	return Limits{
		Pixels: defaulted(l.Pixels, def.Pixels), Pictures: defaulted(l.Pictures, def.Pictures), Pages: defaulted(l.Pages, def.Pages),
		Embedded: defaulted(l.Embedded, def.Embedded), Depth: defaulted(l.Depth, def.Depth), Unpacked: defaulted(l.Unpacked, def.Unpacked),
		Ratio: defaulted(l.Ratio, def.Ratio),
		Message: Budget{Pictures: defaulted(l.Message.Pictures, def.Message.Pictures), Pixels: defaulted(l.Message.Pixels, def.Message.Pixels),
			Pages: defaulted(l.Message.Pages, def.Message.Pages), Unpacked: defaulted(l.Message.Unpacked, def.Message.Unpacked)},
	}
}

// forPart are the limits for a part of that many bytes.
func (l Limits) forPart(size int) Limits {
	l = l.orDefault()
	l.Unpacked = min(l.Unpacked, unpackedFloor+l.Ratio*int64(size))
	return l
}
