package qr

import (
	"quishmilter/qr/aztec"
	"quishmilter/qr/datamatrix"
	"quishmilter/qr/pdf417"
)

// others looks for the codes of other symbologies in the same bits. What is rare is looked for at half the size, which is
// a quarter of the cost, and at once in pictures that are small or too narrow to be halved: inverted codes, and all in
// the colour planes.
func (p *pass) others() {
	rare := p.trick != ""
	switch w, h := p.bits.W, p.bits.H; p.scale {
	case 1:
		p.flipped = w*h <= smallPicture || min(w, h) < leastHalved
		p.look(p.flipped || !rare, p.flipped)
	case 2:
		p.look(!p.flipped && rare, !p.flipped)
	}
}

// look runs the other readers over the bits as they are, and inverted.
func (p *pass) look(plain, inverted bool) {
	if plain {
		p.sense(false)
	}
	if inverted {
		p.inverted()
	}
}

func (p *pass) inverted() {
	p.bits.Flip()
	p.turned.Flip()
	p.sense(true)
	p.bits.Flip()
	p.turned.Flip()
}

// sense runs the other readers over the bits.
func (p *pass) sense(inverted bool) {
	trick := ""
	if inverted {
		trick = "inverted"
	}
	view := p.view()
	view.Inverted = inverted
	for _, f := range datamatrix.Read(p.ctx, view) {
		p.addOther(Code{Symbology: "datamatrix", Bytes: f.Bytes, Text: f.Text}, f.Corners, f.Mirrored, trick)
	}
	for _, f := range aztec.Read(p.ctx, view) {
		p.addOther(Code{Symbology: "aztec", Bytes: f.Bytes, Text: f.Text}, f.Corners, f.Mirrored, trick)
	}
	for _, f := range pdf417.Read(p.ctx, view) {
		p.addOther(Code{Symbology: "pdf417", Bytes: f.Bytes, Text: f.Text}, f.Corners, f.Mirrored, trick)
	}
}

func (p *pass) addOther(c Code, corners [4][2]float64, mirrored bool, trick string) {
	for i, k := range corners {
		c.Corners[i] = Point{k[0]*p.scale + p.origin.X, k[1]*p.scale + p.origin.Y}
	}
	if trick != "" {
		c.Tricks = append(c.Tricks, trick)
	}
	if mirrored {
		c.Tricks = append(c.Tricks, "mirrored")
	}
	p.add(c, decoded{})
}
