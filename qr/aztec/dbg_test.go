package aztec

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"testing"

	"quishmilter/qr/bitmap"
	"quishmilter/qr/lattice"
)

func TestDbg(t *testing.T) {
	b, _ := os.ReadFile(os.Getenv("PGM"))
	var w, h int
	parts := bytes.SplitN(b, []byte("\n"), 4)
	fmt.Sscanf(string(parts[1]), "%d %d", &w, &h)
	g := image.NewGray(image.Rect(0, 0, w, h))
	copy(g.Pix, parts[3])
	bits := bitmap.New(w, h)
	for y := 0; y < h; y++ {
		for x := 0; x < w; x++ {
			s, n := 0, 0
			for j := max(0, y-24); j <= min(h-1, y+24); j += 3 {
				for i := max(0, x-24); i <= min(w-1, x+24); i += 3 {
					s += int(g.Pix[j*w+i])
					n++
				}
			}
			if int(g.Pix[y*w+x]) < s/n-5 {
				bits.Set(x, y)
			}
		}
	}
	r := reader{ctx: context.Background(), view: lattice.View{Bits: bits, Gray: g}}
	r.scan()
	fmt.Println("size", w, h, "found", len(r.found), "centres", r.centres, "rings", r.rings, "sampled", r.sampled)
	for _, c := range r.tried {
		cs := r.cores(c)
		fmt.Println(c, len(cs))
		for _, k := range cs {
			fmt.Println(" core", k)
			for _, m := range k.modes(r.view) {
				to, ok := r.grow(m)
				fmt.Println("  mode", m.compact, m.layers, m.words, m.capacity(), m.mirrored, ok, to)
			}
		}
		e := r.trace(c)
		for _, k := range []int{3, 5} {
			p, ok := e.ring(k, c)
			_, ok2 := e.square(k, c)
			fmt.Println("  ring", k, len(p), ok, ok2)
		}
	}
}
