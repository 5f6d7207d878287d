package bitmap

// Turn writes the picture with rows and columns exchanged into out, whose memory is used again where it suffices. Columns
// can then be followed 64 pixels at a time as rows are.
func (b *Bitmap) Turn(out *Bitmap) {
	stride := (b.H + 63) / 64
	if n := stride * b.W; cap(out.Words) < n {
		out.Words = make([]uint64, n)
	}
	*out = Bitmap{W: b.H, H: b.W, Stride: stride, Words: out.Words[:stride*b.W]}
	var block [64]uint64
	for y := 0; y < b.H; y += 64 {
		for x := range b.Stride {
			any := uint64(0)
			for k := range block {
				block[k] = 0
				if y+k < b.H {
					block[k] = b.Words[(y+k)*b.Stride+x]
					any |= block[k]
				}
			}
			if any != 0 {
				transpose(&block)
			}
			for k := 0; k < 64 && x*64+k < b.W; k++ {
				out.Words[(x*64+k)*stride+y/64] = block[k]
			}
		}
	}
}

// transpose exchanges rows and columns of 64×64 bits, by exchanging halves, quarters and so on (Warren, Hacker's Delight,
// section 7-3), two of these steps at a time.
func transpose(a *[64]uint64) {
	exchange(a, 32, 0x00000000ffffffff, 0x0000ffff0000ffff)
	exchange(a, 8, 0x00ff00ff00ff00ff, 0x0f0f0f0f0f0f0f0f)
	exchange(a, 2, 0x3333333333333333, 0x5555555555555555)
}

// exchange swaps the upper right and the lower left of each 2n×2n bits, and then of each n×n.
func exchange(a *[64]uint64, n uint, mask, half uint64) {
	h := n / 2
	for from := uint(0); from < 64; from += 2 * n {
		for k := from; k < from+h; k++ {
			a0, a1, a2, a3 := &a[k&63], &a[(k+h)&63], &a[(k+n)&63], &a[(k+n+h)&63]
			p, r := swap(*a0, *a2, n, mask)
			q, s := swap(*a1, *a3, n, mask)
			*a0, *a1 = swap(p, q, h, half)
			*a2, *a3 = swap(r, s, h, half)
		}
	}
}

// swap exchanges what the mask selects n bits on in one word with what it selects in the other.
func swap(p, q uint64, n uint, mask uint64) (uint64, uint64) {
	t := (p>>(n&63) ^ q) & mask
	return p ^ t<<(n&63), q ^ t
}

// Flip turns dark to light within the picture.
func (b *Bitmap) Flip() {
	last := ^uint64(0)
	if b.W&63 != 0 {
		last = 1<<(b.W&63) - 1
	}
	for y := range b.H {
		row := b.Row(y)
		for i := range row {
			row[i] = ^row[i]
		}
		row[len(row)-1] &= last
	}
}
