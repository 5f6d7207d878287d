package quickjpeg

import (
	"bytes"
	"context"
	"image"
	"slices"
	"testing"
)

// rows decodes a file and returns its luma, row by row.
func rows(t *testing.T, data []byte, broken bool) (luma [][]uint8) {
	t.Helper()
	p, err := new(Memory).Decode(context.Background(), data, 1<<22)
	if err != nil {
		t.Fatal(err)
	}
	if p.Broken != broken {
		t.Errorf("broken %v, not %v", p.Broken, broken)
	}
	img := p.Image.(*image.YCbCr)
	for y := range img.Rect.Dy() {
		luma = append(luma, img.Y[y*img.YStride:][:img.Rect.Dx()])
	}
	return luma
}

// lines is a picture whose rows of MCUs, of 8 rows of 16 blocks, are stretches of their own.
func lines() kind { return kind{128, 96, yuv444, 16, 6, nil, false, 3} }

// like compares rows.
func like(a, b [][]uint8) bool { return slices.EqualFunc(a, b, slices.Equal) }

// marker is where a restart marker stands.
func marker(data []byte, n byte) int { return bytes.Index(data, []byte{0xff, mRST0 + n}) }

func TestTruncated(t *testing.T) {
	whole := kind{128, 96, yuv420, 0, 6, nil, false, 3}.encode()
	want := rows(t, whole, false)
	if got := rows(t, whole[:len(whole)-2], false); !like(got, want) {
		t.Error("without its end mark it is another picture")
	}
	got := rows(t, whole[:len(whole)*3/4], true)
	if !like(got[:48], want[:48]) {
		t.Error("the upper half is not what it was")
	}
	if last := got[95][120]; last != 128 {
		t.Errorf("what is missing is %d, not gray", last)
	}
	scan := bytes.Index(whole, []byte{0xff, mSOS})
	if got := rows(t, whole[:scan+14], true); got[0][100] != 128 { // zeros are read for the first MCU
		t.Errorf("a picture without data is %d, not gray", got[0][100])
	}
}

// Of a progressive picture that ends early there is at least what the scans before told.
func TestTruncatedProgressive(t *testing.T) {
	k := kind{128, 96, yuv420, 0, 6, progression(3), false, 3}
	whole := k.encode()
	last := bytes.LastIndex(whole, []byte{0xff, mSOS})
	want, got := rows(t, whole, false), rows(t, whole[:last-200], true)
	sum := 0
	for y := range want {
		for x := range want[y] {
			sum += max(int(want[y][x])-int(got[y][x]), int(got[y][x])-int(want[y][x]))
		}
	}
	if mean := float64(sum) / (128 * 96); mean > 6 {
		t.Errorf("it is off by %.1f levels in the mean", mean)
	}
}

// A stretch that is damaged costs what is in it, and no more.
func TestRestart(t *testing.T) {
	whole := lines().encode()
	want := rows(t, whole, false)
	from, to := marker(whole, 2), marker(whole, 3) // the fourth row of MCUs
	for name, data := range map[string][]byte{
		"cut":            slices.Delete(bytes.Clone(whole), from+20, to),
		"empty":          slices.Delete(bytes.Clone(whole), from+2, to),
		"lost":           slices.Delete(bytes.Clone(whole), from, to),
		"two lost":       slices.Delete(bytes.Clone(whole), marker(whole, 1), to),
		"another marker": slices.Replace(bytes.Clone(whole), from, from+2, 0xff, mRST0+6),
		"twice":          slices.Insert(bytes.Clone(whole), from, whole[marker(whole, 1):from]...),
	} {
		got := rows(t, data, true)
		if !like(got[:16], want[:16]) || !like(got[32:], want[32:]) {
			t.Errorf("%s: other rows are not what they were", name)
		}
		if name == "another marker" || name == "twice" {
			continue
		}
		if like(got[24:32], want[24:32]) {
			t.Errorf("%s: the row is whole", name)
		}
	}
}

// A code that the table does not have is passed over, as libjpeg does: else one wrong bit would hide a picture.
func TestBadCode(t *testing.T) {
	whole := lines().encode()
	want := rows(t, whole, false)
	at := marker(whole, 4) + 2
	data := slices.Replace(bytes.Clone(whole), at, at+3, 0xff, 0, 0xff, 0, 0xff, 0)
	got := rows(t, data, true)
	if !like(got[:40], want[:40]) || !like(got[48:], want[48:]) {
		t.Error("other rows are not what they were")
	}
}

// What follows a sound scan may be damaged as it likes.
func TestBadSegment(t *testing.T) {
	k := kind{128, 96, yuv420, 0, 6, progression(3), false, 3}
	whole := k.encode()
	last := bytes.LastIndex(whole, []byte{0xff, mDHT})
	rows(t, append(bytes.Clone(whole[:last]), 0xff, mDHT, 0, 4, 9, 9), true)
	rows(t, append(bytes.Clone(whole[:last]), 0xff, mDHT, 0xff, 0xff, 9, 9), true)
}

// The scans are counted: a few bytes each may cost a visit to every block.
func TestManyScans(t *testing.T) {
	script := []scanOf{{[]int{0}, 0, 0, 0, 1}}
	for range maxScans - 1 {
		script = append(script, scanOf{[]int{0}, 0, 0, 1, 0})
	}
	for more, cut := range []bool{false, true} {
		k := kind{16, 16, gray, 0, 6, append(script, make([]scanOf, more)...), false, 3}
		if more > 0 {
			k.script[maxScans] = scanOf{[]int{0}, 0, 0, 1, 0}
		}
		p, err := new(Memory).Decode(context.Background(), k.encode(), 1<<22)
		if err != nil || p.Cut != cut || p.Broken {
			t.Errorf("%d scans: %v, cut %v, broken %v", len(k.script), err, p.Cut, p.Broken)
		}
	}
}

// Components that no scan has are gray, and missed; nothing of another picture is in them.
func TestMissingComponents(t *testing.T) {
	var m Memory
	if _, err := m.Decode(context.Background(), kinds()["fine"].encode(), 1<<22); err != nil {
		t.Fatal(err)
	}
	luma := kind{64, 48, yuv420, 0, 6, []scanOf{{[]int{0}, 0, 63, 0, 0}}, true, 3}.encode()
	for _, data := range [][]byte{luma, luma[:len(luma)-300]} {
		p, err := m.Decode(context.Background(), data, 1<<22)
		if err != nil || !p.Broken {
			t.Fatalf("%v, broken %v", err, p.Broken)
		}
		img := p.Image.(*image.YCbCr)
		for i := range img.Cb {
			if img.Cb[i] != 128 || img.Cr[i] != 128 {
				t.Fatalf("sample %d of its chroma is %d and %d", i, img.Cb[i], img.Cr[i])
			}
		}
	}
}

// Whatever the bytes, there is a picture of the size that the header says, or an error.
func FuzzDecode(f *testing.F) {
	for _, k := range kinds() {
		if k.width*k.height < 100*100 {
			f.Add(k.encode())
		}
	}
	for _, n := range []int{200, 700} {
		f.Add(lines().encode()[:n])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := new(Memory).Decode(context.Background(), data, 1<<16)
		if err != nil {
			return
		}
		size := p.Image.Bounds().Size()
		if size.X <= 0 || size.Y <= 0 || size.X*size.Y > 1<<16 {
			t.Errorf("%v", size)
		}
		p.Image.At(size.X-1, size.Y-1)
	})
}
