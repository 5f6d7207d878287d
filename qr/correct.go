package qr

// Reed–Solomon over GF(256) with the polynomial x⁸+x⁴+x³+x²+1 and first root 1, as QR, Micro QR and rMQR use it
// (ISO/IEC 18004, annex A). Unlike gozxing's decoder this one takes erasures: a codeword known to be hidden by glare
// or a sticker costs one check word, one that is wrong without our knowing costs two. (Berlekamp–Massey started from
// the erasure locator, Chien search, Forney's formula; Blahut, Algebraic Codes for Data Transmission, 7.)

const (
	fieldPoly = 0x11d
	// maxCheck is the most check words of a block in any version.
	maxCheck = 68
)

// field holds the logarithms; exponents twice, so that a sum of two needs no remainder.
var field = func() (f struct {
	exp [510]uint8
	log [256]uint8
}) {
	for i, x := 0, 1; i < 255; i++ {
		f.exp[i], f.exp[i+255] = uint8(x), uint8(x)
		f.log[x] = uint8(i)
		if x <<= 1; x > 255 {
			x ^= fieldPoly
		}
	}
	return f
}()

func mul(a, b uint8) uint8 {
	if a == 0 || b == 0 {
		return 0
	}
	return field.exp[int(field.log[a])+int(field.log[b])]
}

// div divides by b, which is not 0.
func div(a, b uint8) uint8 {
	if a == 0 {
		return 0
	}
	return field.exp[int(field.log[a])+255-int(field.log[b])]
}

// syndromes evaluates the block at the roots; clean is true where all are 0.
func syndromes(block []byte, ec int) (s [maxCheck]uint8, clean bool) {
	clean = true
	for i := range ec {
		v := uint8(0)
		for _, c := range block {
			if v != 0 {
				v = field.exp[int(field.log[v])+i]
			}
			v ^= c
		}
		s[i] = v
		clean = clean && v == 0
	}
	return s, clean
}

// poly is a polynomial of small degree, the constant first.
type poly [maxCheck + 1]uint8

// correct repairs a block whose last ec codewords are check words and tells how many codewords it changed. Erased
// lists places not to be trusted. With e of them and t other errors, e + 2t may be at most budget; what is left of ec
// guards against chance. ok is false where that does not suffice; the block is then as it was.
func correct(block []byte, ec, budget int, erased []int) (changed int, ok bool) {
	if ec > maxCheck || len(block) > 255 || len(erased) > budget {
		return 0, false
	}
	s, clean := syndromes(block, ec)
	if clean {
		return 0, true
	}
	locator, degree := errorLocator(&s, ec, block, erased)
	if 2*degree-len(erased) > budget {
		return 0, false
	}
	places := roots(&locator, degree, len(block))
	if len(places) != degree {
		return 0, false
	}
	backup := [255]byte{}
	copy(backup[:], block)
	if repair(block, &s, ec, &locator, degree, places) {
		if _, clean := syndromes(block, ec); clean {
			for i := range block {
				if block[i] != backup[i] {
					changed++
				}
			}
			return changed, true
		}
	}
	copy(block, backup[:])
	return 0, false
}

// errorLocator finds the polynomial whose roots are the inverse places of errors and erasures.
func errorLocator(s *[maxCheck]uint8, ec int, block []byte, erased []int) (lambda poly, degree int) {
	lambda[0] = 1
	for k, place := range erased {
		x := field.exp[len(block)-1-place]
		for i := k + 1; i > 0; i-- {
			lambda[i] ^= mul(lambda[i-1], x)
		}
	}
	degree = len(erased)
	last := lambda
	for r := degree; r < ec; r++ {
		delta := uint8(0)
		for i := 0; i <= degree && i <= r; i++ {
			delta ^= mul(lambda[i], s[r-i])
		}
		copy(last[1:], last[:maxCheck])
		last[0] = 0
		if delta == 0 {
			continue
		}
		next := lambda
		for i := range next {
			next[i] ^= mul(delta, last[i])
		}
		if 2*degree <= r+len(erased) {
			degree = r + 1 + len(erased) - degree
			for i := range last {
				last[i] = div(lambda[i], delta)
			}
		}
		lambda = next
	}
	return lambda, degree
}

// roots lists the places of the block at which the locator vanishes.
func roots(lambda *poly, degree, n int) []int {
	if degree < 1 || degree > maxCheck {
		return nil
	}
	var places []int
	for place := range n {
		// The place's root is the inverse of α to the power of its distance from the end.
		inverse := (255 - (n - 1 - place)) % 255
		v := uint8(0)
		for i := degree; i >= 0; i-- {
			if v != 0 {
				v = field.exp[int(field.log[v])+inverse]
			}
			v ^= lambda[i]
		}
		if v == 0 {
			places = append(places, place)
		}
	}
	return places
}

// repair adds the error values at the places.
func repair(block []byte, s *[maxCheck]uint8, ec int, lambda *poly, degree int, places []int) bool {
	var omega poly
	for i := range ec {
		for k := 0; k <= min(i, degree); k++ {
			omega[i] ^= mul(lambda[k], s[i-k])
		}
	}
	for _, place := range places {
		power := len(block) - 1 - place
		inverse := (255 - power) % 255
		above, below := uint8(0), uint8(0)
		for i := ec - 1; i >= 0; i-- {
			if above != 0 {
				above = field.exp[int(field.log[above])+inverse]
			}
			above ^= omega[i]
		}
		for i := 1; i <= degree; i += 2 {
			below ^= mul(lambda[i], field.exp[inverse*(i-1)%255])
		}
		if below == 0 {
			return false
		}
		block[place] ^= mul(field.exp[power%255], div(above, below))
	}
	return true
}
