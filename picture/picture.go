// Package picture finds the pictures in a part: raster pictures, PDF pages and what is embedded in them.
// It runs in worker processes, since its input is hostile.
//
// In goes a part's decoded bytes; out come pictures, one at a time, and evidence of what could not be shown.
// Content decides what a part is, since mail clients and phones' users go by what opens: the declared type and the
// name only tell whether something that opens nowhere was meant to be a picture.
//
// # Limits
//
// The size in a header is checked before pixels are allocated: Limits.Pixels, and six bytes of decoder memory for
// each of these (so 16-bit and progressive pictures may be refused earlier). Of an animation or a document with more
// frames or pages than the limits allow, the first, the last and evenly spread ones between are shown, and the
// rest is an over-limit problem. At most 32 problems are kept for a part. No time limit is exact: decoders cannot be
// interrupted, so Open looks at its context between pictures and the caller must be ready to kill the process.
//
// Transparency is passed on as it is: a picture's alpha channel is not flattened here, since what lies behind it
// (white paper, a dark mail client) is for the reader of codes to try.
package picture

import (
	"context"
	"fmt"
	"image"

	"github.com/klippa-app/go-pdfium"

	"quishmilter/mime"
)

// Part is what is looked into: a leaf of the MIME tree with its decoded bytes.
type Part struct {
	Path string // "2.1"
	Name string // file name, "" without one
	Type string // declared media type, lower case; only a hint, content decides
	Data []byte
}

// Picture is something that a person could hold a phone to. Its bounds begin at (0, 0). The image is valid only
// until show returns: its pixels may be memory that the next picture is drawn into.
type Picture struct {
	Image   image.Image
	At      string   // place inside the part: "page 1", "frame 2"; "" for the part itself
	Name    string   // file name of the part or of the embedded file
	Carrier string   // "image", "pdf", …
	Tricks  []string // how the carrier hides it: "split", …
}

// Limits bound the work on one message's parts. A zero field means its default.
type Limits struct {
	Pixels   int64 `json:"pixels"`   // per picture, decoded
	Pictures int   `json:"pictures"` // per part
	Pages    int   `json:"pages"`    // per document
}

// DefaultLimits are for a worker with 512 MiB: 40 megapixels hold an A4 page scanned at 600 dpi and most phones'
// photos, and cost at most 240 MB while they are decoded.
func DefaultLimits() Limits { return Limits{Pixels: 40_000_000, Pictures: 64, Pages: 20} }

func (l Limits) orDefault() Limits {
	def := DefaultLimits()
	if l.Pixels <= 0 {
		l.Pixels = def.Pixels
	}
	if l.Pictures <= 0 {
		l.Pictures = def.Pictures
	}
	if l.Pages <= 0 {
		l.Pages = def.Pages
	}
	return l
}

// Opener opens parts, one at a time. It holds what is dear to set up, so a process has one.
type Opener struct {
	cacheDir string
	pool     pdfium.Pool // the PDF renderer, nil before the first PDF
}

// NewOpener makes an opener. cacheDir is where the compiled PDF renderer is kept between processes ("": nowhere,
// and the first PDF costs a second more); it is read and written at the first PDF or at Warm.
func NewOpener(cacheDir string) *Opener { return &Opener{cacheDir: cacheDir} }

// Open shows every picture in the part, one at a time, and returns what could not be shown.
// A part that is no picture and was not meant to be one gives neither.
func (o *Opener) Open(ctx context.Context, part Part, limits Limits, show func(Picture)) []mime.Problem {
	v := &view{ctx: ctx, opener: o, limits: limits.orDefault(), part: part, show: show}
	known := false
	for _, f := range formats() {
		if f.magic(part) {
			known = true
			f.open(v)
		}
	}
	if want := claim(part.Type, part.Name); !known && want != "" {
		v.problem(mime.Broken, "", "declared or named as a picture or document, but its content is none that is known")
	}
	return v.problems
}

// maxProblems bounds the evidence about one part; a hostile document could give one for each of its objects.
const maxProblems = 32

// view is one run of Open: what is looked at, how far, and what went wrong so far.
type view struct {
	ctx      context.Context
	opener   *Opener
	limits   Limits
	part     Part
	show     func(Picture)
	shown    int
	problems []mime.Problem
}

// problem notes what could not be shown.
func (v *view) problem(kind mime.Kind, at, format string, args ...any) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, mime.Problem{Part: v.part.Path, At: at, Kind: kind, Detail: fmt.Sprintf(format, args...)})
	}
}

// ended reports whether there is no time or no budget for a further picture, and notes why.
func (v *view) ended(at string) bool {
	if v.ctx.Err() != nil {
		v.problem(mime.Timeout, at, "the time was up before this was looked at")
		return true
	}
	if v.shown >= v.limits.Pictures {
		v.problem(mime.OverLimit, at, "more than %d pictures in one part", v.limits.Pictures)
		return true
	}
	return false
}

// picture shows one picture of the part.
func (v *view) picture(img image.Image, at, carrier string) {
	v.shown++
	v.show(Picture{Image: img, At: at, Name: v.part.Name, Carrier: carrier})
}
