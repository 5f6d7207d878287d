package inspect

import (
	"bufio"
	"bytes"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"quishmilter/qr"
)

func TestBodyThereAndBack(t *testing.T) {
	for _, size := range []int{0, 1, frameSize - 1, frameSize, frameSize + 1, 3*frameSize + 7} {
		data := bytes.Repeat([]byte("abc"), size/3+1)[:size]
		var wire bytes.Buffer
		cut, reading, sending := writeBody(&wire, iotest.HalfReader(bytes.NewReader(data)))
		if cut || reading != nil || sending != nil {
			t.Fatalf("size %d: %v, %v, %v", size, cut, reading, sending)
		}
		got, err := readBody(&wire, 0)
		if err != nil || !bytes.Equal(got, data) || wire.Len() != 0 {
			t.Errorf("size %d: got %d bytes, %v, %d left", size, len(got), err, wire.Len())
		}
	}
}

func TestBodyThatEndsEarly(t *testing.T) {
	for _, wire := range []string{"", "\x00", "\x00\x00\x00\x05abc", "\x00\x00\x00\x01a", "\xff\xff\xff\xff"} {
		if _, err := readBody(strings.NewReader(wire), 0); err == nil {
			t.Errorf("%q is taken for a body", wire)
		}
	}
}

func TestCutPlace(t *testing.T) {
	for _, s := range []string{"", "page 1", "a\r\nX-Quish-Verdict: clean", "\xff\xfe", strings.Repeat("ü", 200), strings.Repeat("\x00", 500)} {
		if got := cutPlace(s); !place(got) || !utf8.ValidString(got) {
			t.Errorf("cutPlace(%q) = %q", s, got)
		}
	}
}

func TestCodeBoxStaysInBounds(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		corners [4]qr.Point
		want    [4]int
	}{
		{[4]qr.Point{{X: 1.5, Y: 2.5}, {X: 9.2, Y: 2}, {X: 9, Y: 8.1}, {X: 2, Y: 8}}, [4]int{1, 2, 10, 9}},
		{[4]qr.Point{{X: nan, Y: nan}, {X: nan, Y: nan}, {X: nan, Y: nan}, {X: nan, Y: nan}}, [4]int{0, 0, 0, 0}},
		{[4]qr.Point{{X: -1e300, Y: 0}, {X: 1e300, Y: math.Inf(1)}}, [4]int{-maxCoordinate, 0, maxCoordinate, maxCoordinate}},
	} {
		if got := codeBox(c.corners); got != c.want {
			t.Errorf("codeBox(%v) = %v, want %v", c.corners, got, c.want)
		}
	}
}

// FuzzAnswer reads lines as a worker that was taken over might write them.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"found":{"Symbology":"qr","Text":"x","Carrier":"image","Box":[0,0,1,1]}}` + "\n"))
	f.Add([]byte(`{"problem":{"kind":"broken","detail":"x"}}` + "\n"))
	f.Add([]byte(`{"done":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := readAnswer(bufio.NewReaderSize(bytes.NewReader(data), maxLine))
		if err != nil {
			return
		}
		if a.Found != nil && (!place(a.Found.At) || !place(a.Found.Name) || !token(a.Found.Carrier) || len(a.Found.Tricks) > maxTricks) {
			t.Errorf("taken: %+v", a.Found)
		}
	})
}
