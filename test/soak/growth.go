package main

import "fmt"

// bound is how much more of something may be in use after the last tenth than after the first: a part of it, and so much
// on top.
type bound struct {
	part float64
	more int64
}

// bounds of a run. What has a natural end (buffers, caches, workers that have seen every kind of mail) has mostly reached
// it after a tenth; a run of few messages needs more room for it.
type bounds struct{ private, heap, descriptors, goroutines bound }

// Of 100,000 messages, 90,000 come after the first tenth: 64 MB are 700 octets each.
var long = bounds{
	private:     bound{0.25, 64e6},
	heap:        bound{0.25, 16e6},
	descriptors: bound{0, 16},
	goroutines:  bound{0, 16},
}

// grown says what grew beyond its bound. Temporary files have none: at rest there is not one.
func (b bounds) grown(first, last sample) (list []string) {
	for _, one := range []struct {
		what        string
		first, last int64
		bound       bound
	}{
		{"private memory (octets)", first.private, last.private, b.private},
		{"the heap (octets)", first.heap, last.heap, b.heap},
		{"descriptors", int64(first.descriptors), int64(last.descriptors), b.descriptors},
		{"goroutines", int64(first.goroutines), int64(last.goroutines), b.goroutines},
		{"temporary files", 0, int64(last.files), bound{}},
	} {
		if most := one.first + int64(float64(one.first)*one.bound.part) + one.bound.more; one.last > most {
			list = append(list, fmt.Sprintf("%s: %d after the first tenth, %d after the last, at most %d allowed", one.what, one.first, one.last, most))
		}
	}
	return list
}
