package inspect

import (
	"slices"
	"testing"

	"quishmilter/qr"
)

func TestCompany(t *testing.T) {
	at := func(text, symbology string, x, y, side float64) qr.Code {
		return qr.Code{Text: text, Symbology: symbology, Corners: [4]qr.Point{{X: x, Y: y}, {X: x + side, Y: y}, {X: x + side, Y: y + side}, {X: x, Y: y + side}}}
	}
	for name, c := range map[string]struct {
		codes []qr.Code
		want  []string // of the first
	}{
		"alone":                 {[]qr.Code{at("a", "qr", 0, 0, 100)}, nil},
		"the same twice":        {[]qr.Code{at("a", "qr", 0, 0, 100), at("a", "qr", 200, 0, 100)}, nil},
		"beside another":        {[]qr.Code{at("a", "qr", 0, 0, 100), at("b", "qr", 200, 0, 100)}, []string{"decoy"}},
		"around another":        {[]qr.Code{at("a", "qr", 0, 0, 100), at("b", "qr", 40, 40, 20)}, []string{"decoy", "nested"}},
		"inside another":        {[]qr.Code{at("a", "qr", 40, 40, 20), at("b", "qr", 0, 0, 100)}, []string{"decoy", "nested"}},
		"over another":          {[]qr.Code{at("a", "qr", 0, 0, 100), at("b", "qr", 2, 2, 96)}, []string{"decoy"}},
		"beside a parcel label": {[]qr.Code{at("a", "qr", 0, 0, 100), at("b", "datamatrix", 200, 0, 100)}, nil},
	} {
		if got := company(c.codes)[0]; !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
