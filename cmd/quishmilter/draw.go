package main

import (
	"context"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"quishmilter/journal"
	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/qr"
)

// artist draws what the reader of codes saw onto each picture of a message, for whoever has to find out why a code was
// missed. It decodes in this very process, without a worker's limits: for an admin's own eyes, not for the daemon.
type artist struct {
	folder string
	opener *picture.Opener
	limits picture.Limits
	drawn  int
}

func newArtist(folder, cache string, limits picture.Limits) (*artist, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return &artist{folder: folder, opener: picture.NewOpener(cache), limits: limits}, nil
}

// message draws every picture of a message and names the files.
func (a *artist) message(ctx context.Context, header []mime.Field, body []byte, limits mime.Limits, out io.Writer) error {
	a.opener.Begin()
	var failed error
	for _, p := range mime.Walk(header, body, limits).Parts {
		content, err := io.ReadAll(p.Reader())
		if err != nil {
			return err
		}
		part := picture.Part{Path: p.Path, Name: p.Name, Type: p.Type, Charset: p.Charset, CID: p.ContentID, Data: content}
		a.opener.Open(ctx, part, a.limits, func(shown picture.Picture) {
			if shown.Image != nil && failed == nil {
				failed = a.draw(ctx, p.Path, shown, out)
			}
		})
	}
	return failed
}

func (a *artist) draw(ctx context.Context, path string, shown picture.Picture, out io.Writer) error {
	result, trace := qr.ReadTraced(ctx, shown.Image)
	a.drawn++
	name := filepath.Join(a.folder, fmt.Sprintf("%03d.png", a.drawn))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := png.Encode(f, trace.Draw(shown.Image)); err != nil {
		f.Close()
		return err
	}
	fmt.Fprintf(out, "  %s: part %s %s, %s\n", oneLine(name), safe(path), safe(shown.Name+" "+shown.At), journal.Several(int64(len(result.Codes)), "code"))
	return f.Close()
}
