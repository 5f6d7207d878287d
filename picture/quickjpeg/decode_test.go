package quickjpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"testing"

	"quishmilter/test/mailmaker"
)

var (
	gray   = [][2]int{{2, 1}} // which means nothing for a single component
	yuv444 = [][2]int{{1, 1}, {1, 1}, {1, 1}}
	yuv420 = [][2]int{{2, 2}, {1, 1}, {1, 1}}
)

// kinds are files of all kinds that are decoded.
func kinds() map[string]kind {
	all := map[string]kind{
		"one pixel":        {1, 1, yuv420, 0, 4, nil, false, 1},
		"one block":        {8, 8, yuv444, 0, 4, nil, false, 2},
		"fine":             {64, 48, yuv420, 0, 1, nil, false, 3},
		"coarse":           {64, 48, yuv420, 0, 60, nil, false, 4},
		"a restart an MCU": {90, 50, yuv420, 1, 8, nil, false, 5},
		"colours one by one": {67, 45, yuv420, 0, 8, []scanOf{
			{[]int{2}, 0, 63, 0, 0}, {[]int{0}, 0, 63, 0, 0}, {[]int{1}, 0, 63, 0, 0}}, true, 6},
		"luma alone": {67, 45, yuv420, 5, 8, []scanOf{{[]int{0}, 0, 63, 0, 0}, {[]int{1, 2}, 0, 63, 0, 0}}, true, 7},
		"spectral selection": {67, 45, yuv444, 0, 8, []scanOf{{[]int{0, 1, 2}, 0, 0, 0, 0}, {[]int{0}, 1, 2, 0, 0},
			{[]int{0}, 3, 63, 0, 0}, {[]int{1}, 1, 63, 0, 0}, {[]int{2}, 1, 63, 0, 0}}, false, 8},
		"five bits one by one": {40, 40, gray, 0, 1, []scanOf{{[]int{0}, 0, 0, 0, 2}, {[]int{0}, 1, 63, 0, 5}, {[]int{0}, 0, 0, 2, 1},
			{[]int{0}, 1, 63, 5, 4}, {[]int{0}, 1, 63, 4, 3}, {[]int{0}, 1, 63, 3, 2}, {[]int{0}, 1, 63, 2, 1}, {[]int{0}, 1, 63, 1, 0}, {[]int{0}, 0, 0, 1, 0}}, false, 9},
		"long runs": {1600, 1700, gray, 0, 255, progression(1), false, 10},
	}
	for name, sampling := range map[string][][2]int{"gray": gray, "4:4:4": yuv444, "4:2:0": yuv420, "4:2:2": {{2, 1}, {1, 1}, {1, 1}},
		"4:4:0": {{1, 2}, {1, 1}, {1, 1}}, "4:1:1": {{4, 1}, {1, 1}, {1, 1}}, "4:1:0": {{4, 2}, {1, 1}, {1, 1}}, "4:4:4 of two": {{2, 1}, {2, 1}, {2, 1}}} {
		for i, size := range [][2]int{{97, 61}, {128, 96}, {15, 33}} {
			for _, restart := range []int{0, 3} {
				k := kind{size[0], size[1], sampling, restart, 6, nil, false, uint64(i)}
				all[fmt.Sprint(name, size, restart)] = k
				k.script = progression(len(sampling))
				all[fmt.Sprint(name, size, restart, " progressive")] = k
			}
		}
	}
	return all
}

// What is decoded differs from what image/jpeg decodes by two levels at most, chroma by six.
func TestDecode(t *testing.T) {
	var m Memory // which has traces of other pictures in it
	for name, k := range kinds() {
		data := k.encode()
		k.restart = 0 // image/jpeg counts other things than MCUs where a scan is not interleaved
		want, err := jpeg.Decode(bytes.NewReader(k.encode()))
		if err != nil {
			t.Errorf("%s: image/jpeg: %v", name, err)
			continue
		}
		got, err := m.Decode(context.Background(), data, 1<<22)
		if err != nil || got.Broken || got.Cut {
			t.Errorf("%s: %v, broken %v, cut %v", name, err, got.Broken, got.Cut)
			continue
		}
		if luma, chroma := differences(want, got.Image); luma > 2 || chroma > 6 {
			t.Errorf("%s: luma is off by %d, chroma by %d", name, luma, chroma)
		}
	}
}

// differences is how far two pictures of the same kind are apart.
func differences(a, b image.Image) (luma, chroma int) {
	apart := func(p, q []uint8) (most int) {
		for i := range p {
			most = max(most, int(p[i])-int(q[i]), int(q[i])-int(p[i]))
		}
		return most
	}
	if a.Bounds() != b.Bounds() {
		return 1000, 1000
	}
	w, h := a.Bounds().Dx(), a.Bounds().Dy()
	if p, ok := a.(*image.Gray); ok {
		q := b.(*image.Gray)
		for y := range h {
			luma = max(luma, apart(p.Pix[y*p.Stride:][:w], q.Pix[y*q.Stride:][:w]))
		}
		return luma, 0
	}
	p, q := a.(*image.YCbCr), b.(*image.YCbCr)
	if p.SubsampleRatio != q.SubsampleRatio {
		return 1000, 1000
	}
	for y := range h {
		luma = max(luma, apart(p.Y[y*p.YStride:][:w], q.Y[y*q.YStride:][:w]))
		i, n, j := p.COffset(0, y), p.COffset(w-1, y), q.COffset(0, y)
		chroma = max(chroma, apart(p.Cb[i:n+1], q.Cb[j:]), apart(p.Cr[i:n+1], q.Cr[j:]))
	}
	return luma, chroma
}

// A picture as image/jpeg writes it, whose chroma changes within each block and must not be taken for flat.
func TestChroma(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 64, 64), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = 120
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, uint8(116+24*(i/3%2))
	}
	data := mailmaker.JPEG(img, 95)
	want, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := new(Memory).Decode(context.Background(), data, 1<<22)
	if err != nil {
		t.Fatal(err)
	}
	if luma, chroma := differences(want, got.Image); luma > 2 || chroma > 2 {
		t.Errorf("luma is off by %d, chroma by %d", luma, chroma)
	}
}

// Other kinds are left to others.
func TestErrOther(t *testing.T) {
	usual := kinds()["4:2:0[97 61] 0"].encode()
	frame := bytes.Index(usual, []byte{0xff, mSOF1})
	changed := func(at int, to ...byte) []byte {
		data := bytes.Clone(usual)
		copy(data[at:], to)
		return data
	}
	for name, data := range map[string][]byte{
		"nothing":            nil,
		"no JPEG":            []byte("\x89PNG\r\n\x1a\n"),
		"nothing behind":     usual[:2],
		"no scan":            usual[:bytes.Index(usual, []byte{0xff, mSOS})],
		"lossless":           changed(frame+1, 0xc3),
		"arithmetic":         changed(frame+1, 0xc9),
		"12 bits":            changed(frame+4, 12),
		"no rows":            changed(frame+5, 0, 0),
		"chroma above luma":  changed(frame+11, 0x11, 0, 2, 0x22, 0, 3, 0x22),
		"three red":          changed(frame+10, 'R', 0x11, 0, 'G', 0x11, 0, 'B', 0x11),
		"Adobe's RGB":        append([]byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"), usual[2:]...),
		"equal components":   changed(frame+13, 1),
		"more than is asked": kinds()["long runs"].encode(),
	} {
		if p, err := new(Memory).Decode(context.Background(), data, 100*100); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %v, %v", name, err, p.Image != nil)
		}
	}
}

// Who does not want to wait any more does not have to.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"4:2:0[97 61] 0", "4:2:0[97 61] 0 progressive"} {
		if _, err := new(Memory).Decode(ctx, kinds()[name].encode(), 1<<22); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
