package picture

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"

	"quishmilter/mime"
)

// maxProblems bounds the evidence about one part; a hostile document could give one for each of its objects.
const maxProblems = 32

// run is one call of Open: its budgets, and what went wrong so far. Everything inside the part shares it.
type run struct {
	ctx      context.Context
	opener   *Opener
	limits   Limits
	spent    *Budget // on the whole message
	show     func(Picture)
	shown    int
	embedded int
	unpacked int64
	problems []mime.Problem

	links       map[string]bool // of pictures elsewhere that were told
	payloads    map[string]bool // that were shown, by carrier and text
	payloadsCut bool            // there were too many
}

// view is one thing that is looked at: the part itself, or something inside it.
type view struct {
	*run
	part    Part
	place   string // where it is inside the part, "word/media/image1.png"; "" for the part itself
	name    string // file name of the outermost part
	carrier string // what pictures in it are carried by, where that is not the picture itself: "office"
	depth   int
	shelf   *shelf        // pictures of the same message, by which HTML may refer to them
	words   func() string // of the document that this is in; nil outside documents
}

// open shows what is in the part, whatever of the known formats its content is.
func (v *view) open() {
	if len(v.part.Data) == 0 {
		return // nothing to see, whatever it is called
	}
	known, shown, noted := false, v.shown, len(v.problems)
	for _, f := range formats() {
		if f.magic(v.part) {
			known = true
			f.open(v)
		}
	}
	if v.openText(known) && looksLikeHTML(v.part.head()) {
		known = true // whatever it is called
	}
	if want := claim(v.part.Type, v.part.Name); !known && foreign(want) {
		v.problem(mime.Unsupported, "", "pictures of the kind %q are not read", want)
	} else if !known && (want != "" || damagedDocument(v.part)) {
		v.problem(mime.Broken, "", "declared or named as a picture or document, but its content is none that is known")
	}
	v.trailing()
	if v.shown == shown && v.depth <= carveDepth && len(v.part.Data) > 0 && v.brokenSince(noted) {
		v.carve(v.part.Data[1:], "", v.carrier, fileMagics())
	}
}

// foreign tells a declared kind of picture that we know nothing of from one that is read and damaged here.
func foreign(kind string) bool {
	return kind != "" && !slices.Contains([]string{"png", "apng", "jpg", "jpeg", "pjpeg", "jfif", "jpe", "gif", "bmp", "dib", "x-ms-bmp", "x-bmp", "tif", "tiff",
		"webp", "pdf", "ico", "x-icon", "vnd.microsoft.icon", "heic", "heif", "avif", "jxl", "svg", "svg+xml", "psd", "emf", "wmf", "x-emf", "x-wmf", "pnm"}, kind)
}

// carveDepth is how deep in other files a damaged one is searched for pictures in its raw bytes.
const carveDepth = 2

// brokenSince reports whether one of the problems noted since then is that something is broken.
func (v *view) brokenSince(noted int) bool {
	return slices.ContainsFunc(v.problems[noted:], func(p mime.Problem) bool { return p.Kind == mime.Broken })
}

// inside looks at a file inside the part. name is its name or path there; the budgets are those of the part.
func (v *view) inside(part Part, carrier string) { v.within(part, part.Name, carrier) }

// within is inside for a file that has another place than its name, or no name.
func (v *view) within(part Part, at, carrier string) {
	if v.depth+1 > v.limits.Depth {
		v.problem(mime.OverLimit, at, "files inside files deeper than %d", v.limits.Depth)
		return
	}
	if v.embedded++; v.embedded > v.limits.Embedded {
		if v.embedded == v.limits.Embedded+1 {
			v.problem(mime.OverLimit, at, "more than %d files inside", v.limits.Embedded)
		}
		return
	}
	part.Path, part.Passwords = v.part.Path, v.part.Passwords
	child := &view{run: v.run, part: part, place: join(v.place, at), name: v.name, carrier: carrier, depth: v.depth + 1, shelf: v.shelf, words: v.words}
	if child.name == "" {
		child.name = v.part.Name
	}
	child.open()
}

// carriedBy is the same view, with everything in it carried by something else. Of a file that is of two formats each
// says its own.
func (v *view) carriedBy(carrier string) *view {
	other := *v
	other.carrier = carrier
	return &other
}

// spend takes bytes that came out of compression off the budget; false means that there are not so many left.
func (v *view) spend(n int64) bool {
	v.unpacked += n
	v.spent.Unpacked += n
	return v.unpacked <= v.limits.Unpacked && v.spent.Unpacked <= v.limits.Message.Unpacked
}

// room is how many bytes may still come out of compression.
func (v *view) room() int64 {
	return max(min(v.limits.Unpacked-v.unpacked, v.limits.Message.Unpacked-v.spent.Unpacked), 0)
}

func join(place, at string) string { return strings.TrimSpace(place + " " + at) }

// problem notes what could not be shown.
func (v *view) problem(kind mime.Kind, at, format string, args ...any) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, mime.Problem{Part: v.part.Path, At: join(v.place, at), Kind: kind, Detail: fmt.Sprintf(format, args...)})
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
	if all := v.limits.Message; v.spent.Pictures >= all.Pictures {
		v.problem(mime.OverLimit, at, "more than %d pictures in one message", all.Pictures)
		return true
	}
	return v.tooMany(0, at)
}

// tooMany reports whether further pixels are more than the message may have, and notes it.
func (v *view) tooMany(pixels int64, at string) bool {
	most := v.limits.Message.Pixels
	if v.spent.Pixels+pixels <= most {
		return false
	}
	v.problem(mime.OverLimit, at, "more than %d megapixels in one message", most/1_000_000)
	return true
}

// picture shows one picture, and keeps a small one for the HTML that may refer to it.
func (v *view) picture(img image.Image, at, carrier string, tricks ...string) {
	v.shown++
	v.spent.Pictures++
	v.spent.Pixels += int64(img.Bounds().Dx()) * int64(img.Bounds().Dy())
	if at == "" && v.shelf.put(v.part, img) {
		defer v.guess()
	}
	p := v.framed(at, carrier, tricks)
	p.Image = img
	v.show(p)
}

// framed is a picture without its content: where it is, and what carries it.
func (v *view) framed(at, carrier string, tricks []string) Picture {
	name := v.name
	if name == "" {
		name = v.part.Name
	}
	if v.carrier != "" {
		carrier = v.carrier
	}
	return Picture{At: join(v.place, at), Name: name, Carrier: carrier, Tricks: tricks, Words: v.words}
}
