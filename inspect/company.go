package inspect

import "quishmilter/qr"

// company says of each code of a picture what the others make of it: "decoy" where another QR code says something else, so
// that a phone may read either, and "nested" where one stands inside of the other, as attackers hide them.
func company(codes []qr.Code) [][]string {
	tricks := make([][]string, len(codes))
	for i, a := range codes {
		decoy, nested := false, false
		for j, b := range codes {
			if i == j || a.Text == b.Text || a.Symbology != "qr" || b.Symbology != "qr" {
				continue
			}
			decoy = true
			nested = nested || inside(codeBox(a.Corners), codeBox(b.Corners)) || inside(codeBox(b.Corners), codeBox(a.Corners))
		}
		if decoy {
			tricks[i] = append(tricks[i], "decoy")
		}
		if nested {
			tricks[i] = append(tricks[i], "nested")
		}
	}
	return tricks
}

// inside tells whether a box lies in another one, of at least twice its size.
func inside(inner, outer [4]int) bool {
	area := func(b [4]int) int { return (b[2] - b[0]) * (b[3] - b[1]) }
	return inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3] && area(inner) > 0 && 2*area(inner) <= area(outer)
}
