package inspect

import (
	"context"
	"slices"
	"time"

	"quishmilter/mime"
	"quishmilter/picture"
)

// headSize is how much of a part is looked at to see whether it may hold pictures.
const headSize = 1 << 10

// read has every part that may hold pictures looked into, by one worker. A message without such parts asks for none.
// looked is the number of parts that were given to a worker, links are pictures that documents show from elsewhere.
func (i *Inspector) read(ctx context.Context, m *Message, queueID string, parts []mime.Part) (found []Found, links []Link, looked int, problems []mime.Problem) {
	wanted := wantedOf(parts)
	if len(wanted) == 0 {
		return nil, nil, 0, nil
	}
	reader := partReader{Inspector: i, message: m, queueID: queueID, alone: len(wanted) == 1, passwords: passwordsOf(parts)}
	defer reader.release()
	for n, p := range wanted {
		codes, trouble := reader.read(ctx, p, len(wanted)-n-1)
		found = append(found, codes...)
		problems = append(problems, trouble...)
	}
	return found, reader.links, len(wanted), problems
}

// Link is a picture that a document inside a message shows and does not contain.
type Link struct {
	URL        string
	AsksToScan bool // the document asks to scan a code
}

// partReader reads the parts of one message. It leases a worker when the first part comes that is not known.
type partReader struct {
	*Inspector
	message *Message
	queueID string
	alone   bool // the message has one part to look into
	lease   *Lease

	links     []Link   // pictures that the parts show from elsewhere
	passwords []string // words of the message that may open an encrypted document
}

func (r *partReader) release() {
	if r.lease != nil {
		r.lease.Release()
	}
}

// read looks into one part, or remembers what was in the same one before.
func (r *partReader) read(ctx context.Context, p *mime.Part, waiting int) ([]Found, []mime.Problem) {
	done, err := r.Bodies.take(ctx, r.message) // telling whether a part is known reads it whole
	if err != nil {
		return nil, []mime.Problem{{Part: p.Path, Kind: mime.Overload, Detail: "there was no memory for the message in time"}}
	}
	key := keyOf(p, r.passwords)
	done()
	if found, problems, ok := r.Known.get(key, p.Path, r.alone); ok {
		return found, problems
	}
	if r.lease == nil {
		lease, err := r.Pool.Lease(ctx, r.queueID)
		if err != nil {
			return nil, []mime.Problem{{Part: p.Path, Kind: mime.Overload, Detail: err.Error()}}
		}
		r.lease = lease
	}
	found, problems := r.readOne(ctx, p, waiting)
	r.links = append(r.links, r.lease.links...)
	if len(r.lease.links) > 0 {
		return found, problems // the cache knows no links
	}
	if isText, _ := picture.Text(p.Type, p.Name, p.Head(headSize)); !isText { // what a text shows depends on the other parts
		r.Known.put(key, found, problems, r.lease.kept)
	}
	return found, problems
}

// readOne gives a part at most half of the time that is left while others wait behind it, so that one slow part
// cannot hide the rest.
func (r *partReader) readOne(ctx context.Context, p *mime.Part, waiting int) ([]Found, []mime.Problem) {
	if deadline, ok := ctx.Deadline(); ok && waiting > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return r.lease.Read(ctx, Part{Path: p.Path, Name: p.Name, Type: p.Type, Charset: p.Charset, CID: p.ContentID, Passwords: r.passwords,
		Size: int64(len(p.Raw)), Reader: p.Reader(), Again: p.Reader})
}

// wantedOf returns the parts that a worker has to look into, those first that most codes come in, so that the budgets go to
// them; pictures before the text that may put them together: HTML that shows two halves of a code finds them read.
func wantedOf(parts []mime.Part) []*mime.Part {
	var wanted, texts []*mime.Part
	for n := range parts {
		p := &parts[n]
		head := p.Head(headSize)
		switch {
		case picture.Wanted(p.Type, p.Name, head):
			wanted = append(wanted, p)
		case wantedText(p, head):
			texts = append(texts, p)
		}
	}
	slices.SortStableFunc(wanted, func(a, b *mime.Part) int { return likelihood(a) - likelihood(b) })
	return append(wanted, texts...)
}

// likelihood is the order in which parts are looked into: 70 % of codes in phishing come in PDF, 24 to 31 % in Office
// documents, most others in pictures of the body.
func likelihood(p *mime.Part) int {
	kind := picture.Kind(p.Type, p.Name, p.Head(headSize))
	switch {
	case kind == picture.Document:
		return 0
	case kind == picture.Raster && (p.ContentID != "" || p.Disposition == "inline"):
		return 1
	case kind == picture.Raster:
		return 2
	}
	return 3
}

// wantedText looks a text over here, in the daemon, since most texts have nothing to see and must not wait for a
// worker.
func wantedText(p *mime.Part, head []byte) bool {
	isText, most := picture.Text(p.Type, p.Name, head)
	if !isText || len(p.Raw) == 0 {
		return false
	}
	return picture.WantedText(p.Type, p.Name, p.Charset, p.Head(min(most, len(p.Raw)+1))) // decoding makes nothing longer
}
