package main

import (
	"image/color"
	"math"
)

// bowed codes lie on a narrow cylinder, so that their middle is off by a tenth to a fifth of the side.
func (m *maker) bowed() *scene {
	look := plain()
	p := m.page(m.newCode(1+m.IntN(6), m.level(), 0.4), look)
	s := m.onCylinder(p, 0.45, 0.75)
	if s.view.axis > 1 {
		s.view.yaw = m.sign() * m.between(0.5, 0.8)
	} else {
		s.view.pitch = m.sign() * m.between(0.5, 0.8)
	}
	return s
}

func (m *maker) largeCurved() *scene {
	c := m.newCode(12+m.IntN(20), m.level(), 0.6)
	s := m.onCylinder(m.page(c, plain()), 0.9, 1.8)
	s.view.scale = m.between(4, 5.5) / s.paper.codes[0].module
	m.enlarge(s, 1.25*float64(c.n)*s.view.scale*s.paper.codes[0].module)
	return s
}

func (m *maker) crumpled() *scene {
	p := m.common()
	s := m.scene(p, m.between(5, 9))
	c := p.codes[0]
	s.view.crumple = newTexture(m.Rand, float64(c.n)*c.module*m.between(0.5, 1.1), 2)
	s.view.creases = c.module * m.between(0.5, 1.6)
	return s
}

// torn sheets lack a corner of the code with the finder on it.
func (m *maker) torn() *scene {
	for {
		c := m.newCode(2+m.IntN(6), []string{"M", "Q", "H"}[m.IntN(3)], 0.4)
		p := m.page(c, plain())
		f := p.codes[0]
		side := float64(c.n) * f.module
		corner := [3][2]float64{{0, 0}, {side, 0}, {0, side}}[m.IntN(3)]
		reach, wave := f.module*m.between(5, 10), m.between(5, 15)
		ground := m.gray(40, 200)
		for y := range p.Rect.Dy() {
			for x := range p.Rect.Dx() {
				dx, dy := math.Abs(float64(x)-f.x-corner[0]), math.Abs(float64(y)-f.y-corner[1])
				if dx+dy+wave*math.Sin((dx-dy)/17) < reach*1.4 {
					p.Set(x, y, ground)
				}
			}
		}
		if p.readable() {
			return m.scene(p, m.between(5, 9))
		}
	}
}

// spoil scratches, stains and cuts a sheet's code.
func (m *maker) spoil(p *sheet) {
	c := p.codes[0]
	side := float64(c.n) * c.module
	inside := func() (float64, float64) { return c.x + side*m.between(0, 1), c.y + side*m.between(0, 1) }
	for range 1 + m.IntN(4) {
		x, y := inside()
		u, v := inside()
		shade, wide := m.gray(0, 255), c.module*m.between(0.2, 1)
		switch m.IntN(3) {
		case 0: // a scratch
			for t := 0.0; t < 1; t += 0.5 / side {
				p.fill(x+t*(u-x), y+t*(v-y), wide, wide, shade)
			}
		case 1: // a stain
			r := c.module * m.between(1, 4)
			for j := -r; j < r; j++ {
				for i := -r; i < r; i++ {
					if math.Hypot(i, j) < r*(0.8+0.2*math.Sin(5*math.Atan2(i, j))) {
						p.Set(int(x+i), int(y+j), shade)
					}
				}
			}
		default: // a sticker
			p.fill(x, y, c.module*m.between(2, 6), c.module*m.between(2, 6), shade)
		}
	}
}

func (m *maker) pale() *scene {
	light := 120 + m.IntN(120)
	look := plain()
	look.paper, look.ink = color.Gray{uint8(light)}, color.Gray{uint8(light - 18 - m.IntN(25))}
	s := m.scene(m.page(m.newCode(1+m.IntN(6), m.level(), 0.4), look), m.between(5, 9))
	s.noise, s.quality = m.between(0.5, 2), 75+m.IntN(20)
	return s
}

func (m *maker) coloured() *scene {
	hues := [][2]color.RGBA{
		{{20, 40, 120, 255}, {250, 220, 40, 255}}, {{120, 10, 20, 255}, {240, 180, 190, 255}}, {{0, 70, 30, 255}, {150, 220, 160, 255}},
		{{60, 20, 90, 255}, {255, 140, 40, 255}}, {{0, 0, 0, 255}, {200, 40, 40, 255}},
	}
	hue := hues[m.i%len(hues)]
	look := plain()
	look.ink, look.paper = hue[0], hue[1]
	s := m.scene(m.page(m.newCode(1+m.IntN(8), m.level(), 0.4), look), m.between(4, 8))
	s.gain = m.between(0.5, 1)
	return s
}

// far codes are small in a large picture.
func (m *maker) far() *scene {
	s := m.scene(m.common(), m.between(2.2, 3.2))
	s.w, s.h = 2000, 1500
	s.view.x, s.view.y = m.between(300, 1700), m.between(300, 1200)
	s.blur, s.quality = m.between(0.3, 0.6), 75+m.IntN(20)
	return s
}

// grayCard is a code on a gray card that lies on a white page.
func (m *maker) grayCard() *scene {
	c := m.newCode(1+m.IntN(6), m.level(), 0.4)
	look := plain()
	dark := 70 + m.IntN(60)
	look.ink, look.paper, look.quiet = color.Gray{uint8(dark)}, color.Gray{uint8(dark + 25 + m.IntN(40))}, m.between(0.5, 3)
	p := m.page(c, plain())
	f := p.codes[0]
	p.codes = nil
	p.print(c, f.x, f.y, f.module, look)
	s := m.scene(p, m.between(4, 8))
	s.noise = m.between(1, 3)
	return s
}

// dots are codes whose finders are broken into dots, as the other modules are.
func (m *maker) dots() *scene {
	look := plain()
	look.dot, look.finders = m.between(0.36, 0.48), -1
	s := m.scene(m.page(m.newCode(1+m.IntN(6), m.level(), 0.4), look), m.between(5, 10))
	s.samples = 3
	return s
}
