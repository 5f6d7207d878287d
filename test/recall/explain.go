package main

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quishmilter/qr"
)

// explain draws what the reader saw in each frame of a missed picture, and notes its best guesses.
func (r *run) explain(path string, frames []image.Image, t *tally) {
	for i, img := range frames {
		_, trace := qr.ReadTraced(context.Background(), img)
		slices.SortStableFunc(trace.Frames, func(a, b qr.TracedFrame) int { return cmp.Compare(b.Score, a.Score) })
		t.note("saw", path, fmt.Sprintf("%d finders, %d frames", len(trace.Finders), len(trace.Frames)))
		for _, f := range trace.Frames[:min(3, len(trace.Frames))] {
			t.note("saw", path, "    "+f.String())
		}
		name := fmt.Sprintf("%s-%d.png", strings.ReplaceAll(path, "/", "_"), i)
		if err := write(filepath.Join(r.draw, name), trace.Draw(img)); err != nil {
			t.note("saw", path, err.Error())
		}
	}
}

func write(name string, img image.Image) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return png.Encode(f, img)
}
