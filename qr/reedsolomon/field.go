// Package reedsolomon corrects errors and erasures in words over small finite fields: the fields of two elements'
// powers that Aztec and Data Matrix use, and the prime field of 929 that PDF417 uses.
//
// In go the received words, first the data, last the check words; out come the corrected words in place and the number
// of corrections. A correction is accepted only when all syndromes of the corrected word are zero again.
//
// # Limits
//
// The generator's roots are the powers 1, 2, … of the field's primitive element, as in all three standards. Words are
// at most as many as the field has elements without zero.
package reedsolomon

// Field is a finite field of at most 4,096 elements, held as tables of powers and logarithms.
type Field struct {
	size  int
	prime bool // arithmetic modulo size; otherwise addition is exclusive or
	exp   []int
	log   []int
}

// Binary returns the field of 2^bits elements modulo the polynomial, in which x (2) is primitive.
func Binary(bits, polynomial int) *Field {
	size := 1 << bits
	return tables(&Field{size: size}, func(e int) int {
		e <<= 1
		if e >= size {
			e ^= polynomial
		}
		return e
	})
}

// Prime returns the field of integers modulo a prime, with a primitive root.
func Prime(modulus, root int) *Field {
	return tables(&Field{size: modulus, prime: true}, func(e int) int { return e * root % modulus })
}

func tables(f *Field, next func(int) int) *Field {
	order := f.size - 1
	f.exp, f.log = make([]int, 2*order), make([]int, f.size)
	for i, e := 0, 1; i < order; i, e = i+1, next(e) {
		f.exp[i], f.exp[i+order] = e, e
		f.log[e] = i
	}
	return f
}

func (f *Field) add(a, b int) int {
	if !f.prime {
		return a ^ b
	}
	if a += b; a >= f.size {
		a -= f.size
	}
	return a
}

func (f *Field) negate(a int) int {
	if !f.prime || a == 0 {
		return a
	}
	return f.size - a
}

func (f *Field) sub(a, b int) int { return f.add(a, f.negate(b)) }

func (f *Field) mul(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	return f.exp[f.log[a]+f.log[b]]
}

// div divides by b, which must not be zero.
func (f *Field) div(a, b int) int {
	if a == 0 {
		return 0
	}
	return f.exp[f.log[a]+f.size-1-f.log[b]]
}

// power is the primitive element to the n, for any n.
func (f *Field) power(n int) int {
	order := f.size - 1
	return f.exp[(n%order+order)%order]
}

// value evaluates a polynomial, lowest coefficient first.
func (f *Field) value(poly []int, x int) int {
	sum := 0
	for i := len(poly) - 1; i >= 0; i-- {
		sum = f.add(f.mul(sum, x), poly[i])
	}
	return sum
}
