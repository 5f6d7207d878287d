package reedsolomon

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func fields() map[string]*Field {
	return map[string]*Field{
		"16": Binary(4, 0x13), "64": Binary(6, 0x43), "256 aztec": Binary(8, 0x12d),
		"1024": Binary(10, 0x409), "4096": Binary(12, 0x1069), "929": Prime(929, 3),
	}
}

// Any mixture of errors and erasures within the check words' reach is repaired, and none beyond is called repaired
// unless the words are a code word again.
func TestCorrectsUpToTheLimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, f := range fields() {
		for round := 0; round < 150; round++ {
			n := 6 + random.IntN(min(f.size-7, 120))
			check := 2 + random.IntN(n-3)
			data := make([]int, n-check)
			for i := range data {
				data[i] = random.IntN(f.size)
			}
			word := append(slices.Clone(data), f.Check(data, check)...)
			if _, err := f.Correct(slices.Clone(word), check, nil); err != nil {
				t.Fatalf("%s: clean word: %v", name, err)
			}
			erasures := random.IntN(check + 1)
			errors := random.IntN((check-erasures)/2 + 1)
			places := random.Perm(n)[:erasures+errors]
			bad := slices.Clone(word)
			for _, at := range places {
				bad[at] = (bad[at] + 1 + random.IntN(f.size-1)) % f.size
			}
			if _, err := f.Correct(bad, check, places[:erasures]); err != nil || !slices.Equal(bad, word) {
				t.Fatalf("%s: n %d check %d erasures %d errors %d: %v", name, n, check, erasures, errors, err)
			}
		}
	}
}

func TestBeyondTheLimitIsAnErrorAndLeavesTheWords(t *testing.T) {
	f := Prime(929, 3)
	data := []int{5, 4, 3, 2, 1, 900, 17, 400}
	word := append(slices.Clone(data), f.Check(data, 8)...)
	for i := 0; i < 6; i++ {
		word[i*2] = (word[i*2] + 111*(i+1)) % 929
	}
	before := slices.Clone(word)
	if _, err := f.Correct(word, 8, nil); err == nil || !slices.Equal(word, before) {
		t.Fatalf("six errors with eight check words: %v, words %v", err, word)
	}
	for _, check := range []int{0, -1, 16, 17} {
		if _, err := f.Correct(word, check, nil); err == nil {
			t.Errorf("check %d of 16 words was accepted", check)
		}
	}
}
