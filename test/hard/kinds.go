package main

import (
	"image/color"
	"math"
	"math/rand/v2"
)

// maker makes one picture; i is its number among its kind.
type maker struct {
	*rand.Rand
	i int
}

func (m *maker) between(a, b float64) float64 { return a + (b-a)*m.Float64() }
func (m *maker) sign() float64                { return float64(2*m.IntN(2) - 1) }
func (m *maker) level() string                { return []string{"L", "M", "Q", "H"}[m.IntN(4)] }
func (m *maker) gray(a, b int) color.Color    { return color.Gray{uint8(a + m.IntN(b-a+1))} }

// kind is one hardship. The names are those of BoofCV's set of photographs where it has such pictures (Abeles, "Study of
// QR Code Scanning Performance in Different Environments", 2018); the rest follows in kinds_more.go.
type kind struct {
	name string
	make func(*maker) *scene
}

var kinds = []kind{
	{"nominal", (*maker).nominal}, {"blurred", (*maker).blurred}, {"bright-spots", (*maker).brightSpots},
	{"brightness", (*maker).brightness}, {"close", (*maker).close}, {"curved", (*maker).curved}, {"damaged", (*maker).damaged},
	{"glare", (*maker).glare}, {"high-version", (*maker).highVersion}, {"lots", (*maker).lots}, {"monitor", (*maker).monitor},
	{"noncompliant", (*maker).noncompliant}, {"pathological", (*maker).pathological}, {"perspective", (*maker).perspective},
	{"rotations", (*maker).rotations}, {"shadows", (*maker).shadows},
	{"bowed", (*maker).bowed}, {"crumpled", (*maker).crumpled}, {"torn", (*maker).torn}, {"pale", (*maker).pale},
	{"coloured", (*maker).coloured}, {"far", (*maker).far}, {"gray-card", (*maker).grayCard}, {"dots", (*maker).dots},
	{"large-curved", (*maker).largeCurved},
}

// scene puts a sheet before a camera, turned a little, a module of its first code being so many pixels of the picture.
func (m *maker) scene(s *sheet, pixels float64) *scene {
	w := 1280 + 160*m.IntN(5)
	h := w * 3 / 4
	if m.IntN(3) == 0 {
		w, h = h, w
	}
	return &scene{
		w: w, h: h, paper: s, texts: s.texts(), samples: 2, gain: 1, blur: m.between(0.4, 0.8), noise: m.between(2, 5),
		quality: 50 + m.IntN(40), seed: m.Uint64(), ground: newTexture(m.Rand, m.between(30, 300), 5),
		view: view{
			x: float64(w) * m.between(0.4, 0.6), y: float64(h) * m.between(0.4, 0.6), scale: pixels / s.codes[0].module,
			roll: m.between(-0.3, 0.3), pitch: m.between(-0.2, 0.2), yaw: m.between(-0.2, 0.2), focal: 1.1,
		},
	}
}

// page is a white sheet with one code in the middle and text around it.
func (m *maker) page(c *code, look style) *sheet {
	module := 8.0
	if c.n > 100 {
		module = 6
	}
	side := (float64(c.n) + 10) * module
	s := newSheet(int(side*m.between(1.1, 1.5)), int(side*m.between(1.2, 1.7)), look.paper)
	w, h := s.Rect.Dx(), s.Rect.Dy()
	s.words(m, 10, 5, w-20, h-10, m.gray(0, 90))
	s.print(c, (float64(w)-float64(c.n)*module)/2, (float64(h)-float64(c.n)*module)/2, module, look)
	return s
}

// common is a page with a code of a usual size.
func (m *maker) common() *sheet {
	look := plain()
	look.ink, look.paper = m.gray(0, 40), m.gray(225, 255)
	return m.page(m.newCode(1+m.IntN(10), m.level(), m.between(0.1, 0.7)), look)
}

func (m *maker) nominal() *scene { return m.scene(m.common(), m.between(3, 7)) }

func (m *maker) blurred() *scene {
	pixels := m.between(5, 9)
	s := m.scene(m.common(), pixels)
	if m.i%2 == 0 {
		s.blur = m.between(0.35, 0.75) * pixels
		return s
	}
	angle, length := m.between(0, math.Pi), m.between(0.7, 1.8)*pixels
	s.shake = [2]float64{length * math.Cos(angle), length * math.Sin(angle)}
	return s
}

func (m *maker) brightSpots() *scene {
	s := m.scene(m.common(), m.between(4, 8))
	s.gain = m.between(0.1, 0.5)
	for range 1 + m.IntN(3) {
		x, y := s.view.x+m.between(-200, 200), s.view.y+m.between(-200, 200)
		r, gain := m.between(50, 250), m.between(1.5, 8)
		s.light = append(s.light, func(px, py float64) float64 {
			return 1 + gain*math.Exp(-((px-x)*(px-x)+(py-y)*(py-y))/(r*r))
		})
	}
	return s
}

func (m *maker) brightness() *scene {
	s := m.scene(m.common(), m.between(3.5, 7))
	s.gain = m.between(0.06, 0.2)
	if m.i%2 == 0 {
		s.gain = m.between(2, 4)
		s.add = []spot{{x: s.view.x, y: s.view.y, a: 1e5, b: 1e5, soft: 1, add: m.between(20, 130)}}
	}
	return s
}

func (m *maker) close() *scene {
	c := m.newCode(1+m.IntN(6), m.level(), 0.4)
	look := plain()
	look.quiet = m.between(0.5, 3)
	s := m.scene(m.page(c, look), 1)
	s.view.scale = m.between(0.75, 0.97) * float64(min(s.w, s.h)) / (float64(c.n) * 8)
	s.view.x, s.view.y = float64(s.w)/2, float64(s.h)/2
	s.view.roll = m.between(-0.05, 0.05) + math.Pi/2*float64(m.IntN(4))
	s.blur = m.between(0.5, 5)
	return s
}

func (m *maker) curved() *scene { return m.onCylinder(m.common(), 0.55, 1.4) }

// onCylinder rolls a sheet around a cylinder whose radius is between two shares of the code's side.
func (m *maker) onCylinder(p *sheet, tight, loose float64) *scene {
	s := m.scene(p, m.between(4.5, 8))
	side := float64(p.codes[0].n) * p.codes[0].module
	s.view.radius = m.between(tight, loose) * side
	s.view.axis = m.between(-0.15, 0.15) + math.Pi/2*float64(m.IntN(2))
	s.view.pitch, s.view.yaw = m.between(-0.4, 0.4), m.between(-0.4, 0.4)
	return s
}

func (m *maker) damaged() *scene {
	for {
		p := m.common()
		for range 1 + m.IntN(3) {
			m.spoil(p)
		}
		if p.readable() {
			return m.scene(p, m.between(4, 8))
		}
	}
}

func (m *maker) glare() *scene {
	for {
		p := m.common()
		c := p.codes[0]
		side := float64(c.n) * c.module
		for range 1 + m.IntN(2) {
			p.spots = append(p.spots, spot{c.x + side*m.between(-0.1, 1.1), c.y + side*m.between(-0.1, 1.1), side * m.between(0.15, 0.7),
				side * m.between(0.1, 0.35), m.between(0, math.Pi), m.between(0.3, 1), m.between(150, 400)})
		}
		if p.readable() {
			s := m.scene(p, m.between(4, 8))
			s.gain = m.between(0.6, 1)
			return s
		}
	}
}

func (m *maker) highVersion() *scene {
	c := m.newCode(20+m.IntN(21), m.level(), m.between(0.5, 1))
	s := m.scene(m.page(c, plain()), m.between(2.7, 5))
	m.wavy(s)
	m.enlarge(s, 1.25*float64(c.n)*s.view.scale*s.paper.codes[0].module)
	s.view.pitch, s.view.yaw = m.between(-0.3, 0.3), m.between(-0.3, 0.3)
	s.quality = 70 + m.IntN(25)
	return s
}

// wavy bends a sheet a little, as all paper is that is not glued to a board.
func (m *maker) wavy(s *scene) {
	c := s.paper.codes[0]
	s.view.radius = float64(c.n) * c.module * m.between(2, 8)
	s.view.axis = m.between(-1, 2)
	s.view.crumple = newTexture(m.Rand, float64(c.n)*c.module*m.between(0.6, 1.5), 1)
	s.view.creases = c.module * m.between(0, 1)
}

// enlarge makes the picture large enough for a code of so many pixels.
func (m *maker) enlarge(s *scene, pixels float64) {
	if k := pixels / float64(min(s.w, s.h)); k > 1 {
		s.w, s.h = int(k*float64(s.w)), int(k*float64(s.h))
	}
	s.view.x, s.view.y = float64(s.w)/2, float64(s.h)/2
}

// lots is a sheet full of different codes, forty or more.
func (m *maker) lots() *scene {
	columns, rows := 6+m.IntN(3), 7+m.IntN(2)
	version := 1 + m.IntN(5)
	pitch := float64(17+4*version+4+m.IntN(5)) * 6
	p := newSheet(int(pitch*float64(columns))+100, int(pitch*float64(rows))+100, m.gray(230, 255))
	for k := range columns * rows {
		look := plain()
		look.quiet = 2
		p.print(m.newCode(version, m.level(), 0.5), 60+pitch*float64(k%columns), 60+pitch*float64(k/columns), 6, look)
	}
	pixels := m.between(2.5, 4.5)
	s := m.scene(p, pixels)
	m.wavy(s)
	s.view.radius *= float64(columns)
	s.w, s.h = 2000, 1500
	sin, cos := math.Sincos(math.Abs(s.view.roll))
	wide, high := float64(p.Rect.Dx()), float64(p.Rect.Dy())
	s.view.scale = min(s.view.scale, 1350/(high*cos+wide*sin), 1850/(wide*cos+high*sin))
	s.view.x, s.view.y, s.quality = 1000, 750, 75+m.IntN(20)
	return s
}

func (m *maker) monitor() *scene {
	s := m.scene(m.common(), m.between(4, 8))
	s.samples, s.blur = 2, m.between(0.3, 0.7)
	period, depth := m.between(1.3, 4.1), m.between(0.3, 0.7)
	turn := m.between(-0.1, 0.1)
	s.light = append(s.light, func(x, y float64) float64 {
		u, v := x+turn*y, y-turn*x
		return 1 - depth*(0.5+0.5*math.Cos(2*math.Pi*u/period))*(0.5+0.5*math.Cos(2*math.Pi*v/(period*1.07)))
	}, func(_, y float64) float64 { return 0.85 + 0.15*math.Sin(y/90+3) })
	return s
}

func (m *maker) noncompliant() *scene {
	look := plain()
	look.quiet, look.finders = m.between(0, 2), m.between(0, 1)
	switch m.i % 4 {
	case 0:
		look.ink, look.paper = m.gray(210, 255), m.gray(0, 50)
	case 1:
		look.dot = m.between(0.4, 0.5)
	case 2:
		look.ink, look.paper = color.RGBA{150, 30, uint8(m.IntN(90)), 255}, color.RGBA{uint8(200 + m.IntN(50)), 240, 180, 255}
	}
	p := m.page(m.newCode(1+m.IntN(8), "H", 0.4), look)
	if m.i%3 == 0 { // a logo
		c := p.codes[0]
		side := float64(c.n) * c.module
		p.fill(c.x+0.38*side, c.y+0.38*side, 0.24*side, 0.24*side, color.RGBA{30, 120, 200, 255})
	}
	if !p.readable() {
		return m.noncompliant()
	}
	return m.scene(p, m.between(4, 8))
}

// pathological pages are full of squares and rings that look like finders.
func (m *maker) pathological() *scene {
	p := m.common()
	c := p.codes[0]
	w, h := p.Rect.Dx(), p.Rect.Dy()
	far := float64(c.n)*c.module + 2*c.module
	for range 120 {
		x, y, module := m.between(0, float64(w)), m.between(0, float64(h)), c.module*m.between(0.5, 1.5)
		if x+7*module > c.x-2*c.module && x < c.x+far && y+7*module > c.y-2*c.module && y < c.y+far {
			continue
		}
		for k, shade := range []color.Color{color.Black, color.White, color.Black} {
			p.fill(x+float64(k)*module, y+float64(k)*module, float64(7-2*k)*module, float64(7-2*k)*module, shade)
		}
	}
	return m.scene(p, m.between(4, 8))
}

func (m *maker) perspective() *scene {
	s := m.scene(m.common(), m.between(5, 9))
	s.view.pitch, s.view.yaw = m.sign()*m.between(0.6, 1.1), m.sign()*m.between(0.1, 0.8)
	return s
}

func (m *maker) rotations() *scene {
	s := m.scene(m.common(), m.between(3, 6))
	s.view.roll = m.between(0, 2*math.Pi)
	return s
}

func (m *maker) shadows() *scene {
	s := m.scene(m.common(), m.between(4, 8))
	for range 1 + m.IntN(3) {
		m.shade(s)
	}
	return s
}

// shade throws a shadow with an edge across the code.
func (m *maker) shade(s *scene) {
	sin, cos := math.Sincos(m.between(0, 2*math.Pi))
	x, y := s.view.x+m.between(-100, 100), s.view.y+m.between(-100, 100)
	soft, deep, wave := m.between(1, 25), m.between(0.2, 0.5), m.between(0, 20)
	s.light = append(s.light, func(px, py float64) float64 {
		d := (px-x)*cos + (py-y)*sin + wave*math.Sin(((px-x)*sin-(py-y)*cos)/40)
		return deep + (1-deep)*min(max(d/soft, 0), 1)
	})
}
