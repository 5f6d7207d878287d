package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/postfix"
)

// program is the binary under test.
var program string

func TestMain(m *testing.M) {
	postfix.AsRoot()
	os.Exit(daemon.Main(m, &program))
}

// The first 60 messages fill no cache and wake not every worker, so that memory has room; what each message might leave
// behind (a connection, a goroutine, a file) has none for a leak of one in twenty.
var short = bounds{
	private:     bound{0.25, 100e6},
	heap:        bound{0.25, 10e6},
	descriptors: bound{0, 24},
	goroutines:  bound{0, 24},
}

func TestShortSoak(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var out strings.Builder
	err := run{program: program, example: "../../postfix-example.cf", messages: 600, sessions: 4, bounds: short, out: &out}.soak(ctx)
	if err != nil || strings.Count(out.String(), "\n") != 12 {
		t.Errorf("%v\n%s", err, &out)
	}
	t.Log("\n" + out.String())
}

// What grows beyond its bound is named, each thing by itself, and nothing at the bound.
func TestGrown(t *testing.T) {
	first := sample{private: 100e6, heap: 10e6, descriptors: 50, goroutines: 40, files: 3}
	most := sample{private: 189e6, heap: 28.5e6, descriptors: 66, goroutines: 56}
	if grown := long.grown(first, most); len(grown) > 0 {
		t.Errorf("at the bound: %q", grown)
	}
	for what, more := range map[string]func(*sample){
		"private memory":  func(s *sample) { s.private++ },
		"the heap":        func(s *sample) { s.heap++ },
		"descriptors":     func(s *sample) { s.descriptors++ },
		"goroutines":      func(s *sample) { s.goroutines++ },
		"temporary files": func(s *sample) { s.files++ },
	} {
		last := most
		more(&last)
		if grown := long.grown(first, last); len(grown) != 1 || !strings.HasPrefix(grown[0], what) {
			t.Errorf("%s: %q", what, grown)
		}
	}
}
