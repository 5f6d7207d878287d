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
	"image"

	"github.com/klippa-app/go-pdfium"

	"quishmilter/mime"
	"quishmilter/picture/quickjpeg"
)

// Part is what is looked into: a leaf of the MIME tree with its decoded bytes, or something that was inside one.
type Part struct {
	Path    string // of the leaf, "2.1"
	Name    string // file name, "" without one
	Type    string // declared media type, lower case; only a hint, content decides
	Charset string // declared charset of a text, lower case
	CID     string // Content-ID without angle brackets, by which HTML shows a picture
	Data    []byte

	Passwords []string // words of the message that may open it if it is encrypted, the likeliest first
}

// Picture is something that a person could hold a phone to. Its bounds begin at (0, 0). The image is valid only
// until show returns: its pixels may be memory that the next picture is drawn into.
type Picture struct {
	Image   image.Image // nil where Payload is set
	Payload string      // the code's content, where that stands in text and needs no reading; else ""
	Link    Link        // a picture that is shown here without being here; nothing else is set
	At      string      // place inside the part: "page 1", "frame 2"; "" for the part itself
	Name    string      // file name of the part or of the embedded file
	Carrier string      // "image", "pdf", …
	Tricks  []string    // how the carrier hides it: "split", …

	Words func() string // of the document that it stands in, as far as one needs to know a short one; nil outside documents
}

// Link is a picture that a document inside a message shows and does not contain.
type Link struct {
	URL   string
	Words string // the document's text as shown, its beginning
}

// Opener opens parts, one at a time. It holds what is dear to set up, so a process has one.
type Opener struct {
	cacheDir string
	pool     pdfium.Pool // the PDF renderer, nil before the first PDF
	message  *shelf      // of the message whose parts are being opened
	jpeg     quickjpeg.Memory
	spent    Budget // on that message
	short    bool   // something in the last part was left out for want of memory
}

// NewOpener makes an opener. cacheDir is where the compiled PDF renderer is kept between processes ("": nowhere,
// and the first PDF costs a second more); it is read and written at the first PDF or at Warm.
func NewOpener(cacheDir string) *Opener { return &Opener{cacheDir: cacheDir, message: newShelf()} }

// Begin says that the parts that follow belong to another message: pictures of the last one are forgotten,
// and so is what was spent on it.
func (o *Opener) Begin() { o.message, o.spent = newShelf(), Budget{} }

// Shelved is how many pictures of the message are kept because HTML may put them together.
func (o *Opener) Shelved() int { return len(o.message.pictures) }

// Short says that something in the last part was left out for want of memory, and may be seen where there is more.
func (o *Opener) Short() bool { return o.short }

// Open shows every picture in the part, one at a time, and returns what could not be shown.
// A part that is no picture and was not meant to be one gives neither.
func (o *Opener) Open(ctx context.Context, part Part, limits Limits, show func(Picture)) []mime.Problem {
	o.short = false
	r := &run{ctx: ctx, opener: o, limits: limits.forPart(len(part.Data)), spent: &o.spent, show: show}
	(&view{run: r, part: part, shelf: o.message}).open()
	return r.problems
}
