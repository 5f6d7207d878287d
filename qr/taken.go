package qr

// takeRead takes the finders of codes that were read in another pass out of the search: forty codes would be read again
// at half the size because one more seems to be there. Finders elsewhere inside a code stay: another may lie in it.
func (p *pass) takeRead(finders []finder) {
	for i := range p.codes {
		c := &p.codes[i]
		if c.Symbology != "qr" {
			continue
		}
		for _, at := range finderCentres(&c.Code) {
			for j := range finders {
				f := &finders[j]
				place := Point{f.x*p.scale + p.origin.X, f.y*p.scale + p.origin.Y}
				if dist(place, at) < 0.3*max(f.w, f.h)*p.scale {
					f.taken = true
				}
			}
		}
	}
}

// finderCentres gives the middles of a code's finders, about where it is not flat.
func finderCentres(c *Code) (centres [3]Point) {
	near := 3.5 / float64(sideOf(c.Version))
	for i, at := range [3][2]float64{{near, near}, {1 - near, near}, {near, 1 - near}} {
		u, v := at[0], at[1]
		q := c.Corners
		centres[i] = Point{
			(q[0].X*(1-u)+q[1].X*u)*(1-v) + (q[3].X*(1-u)+q[2].X*u)*v,
			(q[0].Y*(1-u)+q[1].Y*u)*(1-v) + (q[3].Y*(1-u)+q[2].Y*u)*v,
		}
	}
	return centres
}
