package qr

import "math/bits"

// Format information: 5 bits in a (15,5) BCH code, masked (ISO/IEC 18004, 7.9 and annex C).
const (
	formatPoly  = 0x537
	formatMask  = 0x5412
	formatReach = 3 // bits that the code repairs
)

// readFormat gives the five format bits of the copy that is nearest to a valid word under a mask; false where neither is
// near enough.
func (g *grid) readFormat(mask int) (int, bool) {
	format, off := nearestFormat(g.readAt(formatFirst()), mask)
	if other, off2 := nearestFormat(g.readAt(formatSecond(g.w)), mask); off2 < off {
		format, off = other, off2
	}
	return format, off <= formatReach
}

// formatFirst and formatSecond are the modules of the two copies of the format information in a symbol of n modules, the
// highest bit first.
func formatFirst() []place {
	var places []place
	for x := range 9 {
		if x != 6 {
			places = append(places, place{uint8(x), 8})
		}
	}
	for y := 7; y >= 0; y-- {
		if y != 6 {
			places = append(places, place{8, uint8(y)})
		}
	}
	return places
}

func formatSecond(n int) []place {
	var places []place
	for y := n - 1; y >= n-7; y-- {
		places = append(places, place{8, uint8(y)})
	}
	for x := n - 8; x < n; x++ {
		places = append(places, place{uint8(x), 8})
	}
	return places
}

// bch appends the check bits of a polynomial of the given degree to a value.
func bch(v, poly, degree int) int {
	rest := v << degree
	for l := bits.Len(uint(rest)); l > degree; l = bits.Len(uint(rest)) {
		rest ^= poly << (l - degree - 1)
	}
	return v<<degree | rest
}

// nearestFormat gives the five format bits whose masked code word differs least from what was read, and by how many bits.
func nearestFormat(word, mask int) (format, off int) {
	off = 16
	for v := range 32 {
		if d := bits.OnesCount(uint(bch(v, formatPoly, 10) ^ mask ^ word)); d < off {
			format, off = v, d
		}
	}
	return format, off
}
