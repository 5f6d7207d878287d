package qr

import (
	"context"
	"image"
	"image/draw"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"quishmilter/test/mailmaker"
)

// slow is the processor time that no hostile picture of this size may cost, with room for the race detector: an uncapped
// search takes minutes.
const slow = 20 * time.Second

// worked is the processor time that a function takes, which other programs do not change.
func worked(t *testing.T, f func()) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &before); err != nil {
		t.Fatal(err)
	}
	f()
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &after); err != nil {
		t.Fatal(err)
	}
	return time.Duration(after.Nano() - before.Nano())
}

// finderPage is full of finders, every one of which could be a corner of many codes.
func finderPage(size int, module float64) *image.Gray {
	page := image.NewGray(image.Rect(0, 0, size, size))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	l := plain(module)
	l.quiet = 0
	mark := render(finderGrid(), l)
	step := mark.Rect.Dx() - int(module)
	for y := 0; y < size; y += step {
		for x := 0; x < size; x += step {
			paste(page, mark, x, y)
		}
	}
	return page
}

func TestHostilePicturesEnd(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	noise := image.NewGray(image.Rect(0, 0, 500, 500))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.IntN(256))
	}
	for name, img := range map[string]*image.Gray{
		"finders of 1 pixel": finderPage(500, 1), "of 2": finderPage(500, 2), "of 3": finderPage(500, 3), "of 5": finderPage(500, 5),
		"noise": noise, "coarse noise": render(noiseGrid(random, 166), plain(3)),
	} {
		var result Result
		if took := worked(t, func() { result = Read(context.Background(), img) }); took > slow {
			t.Errorf("%s: %v", name, took)
		}
		if len(result.Codes) > 0 {
			t.Errorf("%s: invented %q", name, result.Codes[0].Text)
		}
	}
	if result := Read(context.Background(), finderPage(500, 3)); len(result.Cut) == 0 {
		t.Error("a page full of finders was searched to the end, or it was not said that it was not")
	}
}

func noiseGrid(random *rand.Rand, n int) *grid {
	g := newGrid(n, n)
	for i := range g.dark {
		g.dark[i] = uint8(random.IntN(2))
	}
	return g
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	result := Read(ctx, finderPage(800, 3))
	if len(result.Cut) == 0 || len(result.Codes) > 0 {
		t.Errorf("%+v after the context ended", result)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	page := finderPage(1500, 3)
	if took := worked(t, func() { Read(ctx, page) }); took > slow/4 {
		t.Errorf("%v after a deadline of 5 ms", took)
	}
}

func TestTraceIsDrawn(t *testing.T) {
	img := render(encode(t, "traced", "M", 0), plain(5))
	result, trace := ReadTraced(context.Background(), img)
	if len(result.Codes) != 1 || len(trace.Finders) < 3 || len(trace.Frames) == 0 || !trace.Frames[0].Read {
		t.Fatalf("%d codes, trace %+v", len(result.Codes), trace)
	}
	if trace.Frames[0].String() == "" {
		t.Error("a frame without words")
	}
	drawn := trace.Draw(img)
	if drawn.Bounds() != img.Bounds() {
		t.Fatalf("drawn %v, picture %v", drawn.Bounds(), img.Bounds())
	}
	c := result.Codes[0].Corners
	r, g, b, _ := drawn.At(int(c[0].X), int(c[0].Y)).RGBA()
	if r == g && g == b {
		t.Error("no coloured corner")
	}
}

func FuzzPixels(f *testing.F) {
	f.Add(uint16(40), []byte{0, 255, 3, 7})
	small := render(encode(f, "seed", "L", 1), plain(2))
	f.Add(uint16(small.Rect.Dx()), small.Pix)
	f.Fuzz(func(_ *testing.T, width uint16, pix []byte) {
		w := 1 + int(width)%300
		h := min(len(pix)/w, 300)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		Read(ctx, &image.Gray{Pix: pix[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)})
	})
}

// A photograph full of small things that look a little like finders is searched whole as far as anybody would care:
// it must not be said that something was left out, or every mail with a photograph is unscanned.
func TestPhotographIsNotCut(t *testing.T) {
	if result := Read(context.Background(), mailmaker.Photo(1600, 1200, 7)); len(result.Cut) != 0 || len(result.Codes) != 0 {
		t.Errorf("%v, %d codes", result.Cut, len(result.Codes))
	}
}
