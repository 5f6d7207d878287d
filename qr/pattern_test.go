package qr

import (
	"testing"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// TestDataModules counts: the modules left by the function patterns must hold the codewords of the standard's table,
// with at most seven bits over.
func TestDataModules(t *testing.T) {
	for version := 1; version <= 40; version++ {
		v, err := decoder.Version_GetVersionForNumber(version)
		if err != nil {
			t.Fatal(err)
		}
		if p, want := patternOf(version), v.GetTotalCodewords(); len(p.data)/8 != want {
			t.Errorf("version %d: %d data modules, want %d codewords", version, len(p.data), want)
		}
	}
	for _, s := range microSymbols {
		p := microPatterns()[s.version]
		if want := microBits(s) + 8*s.check; len(p.data) != want {
			t.Errorf("M%d-%s: %d data modules, want %d", s.version, s.level, len(p.data), want)
		}
	}
	for i, s := range rmqrSymbols {
		p := rmqrPatterns()[i]
		for _, b := range []rmqrBlocks{s.m, s.h} {
			want := (b.blocks+b.longer)*(b.data+b.check) + b.longer
			if len(p.data)/8 != want {
				t.Errorf("R%dx%d: %d data modules, want %d codewords", s.rows, s.cols, len(p.data), want)
			}
		}
	}
}

// TestFunctionPatternsAgree compares with what gozxing's encoder draws.
func TestFunctionPatternsAgree(t *testing.T) {
	for _, version := range []int{1, 2, 6, 7, 14, 22, 32, 36, 40} {
		g := encode(t, "HTTPS://A.TEST", "L", version)
		p := patternOf(version)
		for _, cells := range append(append([][]cell{}, p.finders...), p.timing, p.align) {
			for _, c := range cells {
				if (g.dark[int(c.y)*g.w+int(c.x)] == 1) != c.dark {
					t.Fatalf("version %d: module %d,%d should be dark: %t", version, c.x, c.y, c.dark)
				}
			}
		}
	}
}
