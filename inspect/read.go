package inspect

import (
	"context"
	"time"

	"quishmilter/mime"
	"quishmilter/picture"
)

// headSize is how much of a part is looked at to see whether it may hold pictures.
const headSize = 1 << 10

// read has every part that may hold pictures looked into, by one worker. A message without such parts asks for none.
// looked is the number of parts that were given to a worker.
func (i *Inspector) read(ctx context.Context, parts []mime.Part) (found []Found, looked int, problems []mime.Problem) {
	wanted := wantedOf(parts)
	if len(wanted) == 0 {
		return nil, 0, nil
	}
	lease, err := i.Pool.Lease(ctx)
	if err != nil {
		return nil, len(wanted), []mime.Problem{{Part: wanted[0].Path, Kind: mime.Overload, Detail: "no worker was free in time"}}
	}
	defer lease.Release()
	for n, p := range wanted {
		codes, trouble := i.readOne(ctx, lease, p, len(wanted)-n-1)
		found = append(found, codes...)
		problems = append(problems, trouble...)
	}
	return found, len(wanted), problems
}

// readOne gives a part at most half of the time that is left while others wait behind it, so that one slow part
// cannot hide the rest.
func (i *Inspector) readOne(ctx context.Context, lease *Lease, p *mime.Part, waiting int) ([]Found, []mime.Problem) {
	if deadline, ok := ctx.Deadline(); ok && waiting > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return lease.Read(ctx, Part{Path: p.Path, Name: p.Name, Type: p.Type, Charset: p.Charset, CID: p.ContentID, Size: int64(len(p.Raw)), Reader: p.Reader()})
}

func wantedOf(parts []mime.Part) []*mime.Part {
	var wanted []*mime.Part
	for n := range parts {
		if p := &parts[n]; picture.Wanted(p.Type, p.Name, p.Head(headSize)) {
			wanted = append(wanted, p)
		}
	}
	return wanted
}
