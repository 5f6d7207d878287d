package main

import (
	"image"
	"math"
)

// scene is one photograph: a sheet in front of a background, a camera, light and a lens.
type scene struct {
	w, h    int
	paper   *sheet
	texts   []string
	view    view
	ground  *texture
	light   []func(x, y float64) float64 // factors at places of the picture
	add     []spot                       // light in the lens, in pixels of the picture
	samples int                          // rays per pixel along either axis
	gain    float64                      // exposure
	blur    float64                      // sigma in pixels
	shake   [2]float64                   // motion during exposure, in pixels
	noise   float64
	quality int // of JPEG
	seed    uint64
}

// view is where the sheet lies: the camera looks down the z axis from above, the sheet is turned by roll, then pitch, then
// yaw, and its middle lies at (x, y) of the picture; scale is pixels of the picture per pixel of the sheet there.
type view struct {
	x, y, scale      float64
	roll, pitch, yaw float64 // radians
	focal            float64 // in widths of the picture
	radius           float64 // of the cylinder that the sheet lies on, in its pixels; 0: flat
	axis             float64 // of the cylinder, against the sheet's y axis
	crumple          *texture
	creases          float64 // how far crumpling pushes, in the sheet's pixels
}

// frame is a view made ready: the ray through a pixel is o + k·d in the sheet's coordinates.
type frame struct {
	*view
	turn   [3][3]float64
	eye    [3]float64
	focus  float64
	cx, cy float64 // middle of the picture
	mx, my float64 // middle of the sheet
}

func (s *scene) frame() *frame {
	v := &s.view
	f := &frame{view: v, focus: v.focal * float64(s.w), cx: float64(s.w) / 2, cy: float64(s.h) / 2}
	f.mx, f.my = float64(s.paper.Rect.Dx())/2, float64(s.paper.Rect.Dy())/2
	sr, cr := math.Sincos(v.roll)
	sp, cp := math.Sincos(v.pitch)
	sy, cy := math.Sincos(v.yaw)
	// World = yaw · pitch · roll · sheet; its transpose leads back.
	f.turn = [3][3]float64{
		{cy*cr + sy*sp*sr, cp * sr, -sy*cr + cy*sp*sr},
		{-cy*sr + sy*sp*cr, cp * cr, sy*sr + cy*sp*cr},
		{sy * cp, -sp, cy * cp},
	}
	depth := f.focus / v.scale
	f.eye = f.back([3]float64{-(v.x - f.cx) / v.scale, -(v.y - f.cy) / v.scale, depth})
	return f
}

func (f *frame) back(p [3]float64) (q [3]float64) {
	for i := range q {
		for j := range p {
			q[i] += f.turn[i][j] * p[j]
		}
	}
	return q
}

// hit gives the place of the sheet that is seen at a place of the picture, and how steeply: 1 is from above.
func (f *frame) hit(x, y float64) (u, v, slope float64, ok bool) {
	d := f.back([3]float64{(x - f.cx) / f.focus, (y - f.cy) / f.focus, -1})
	if f.radius == 0 {
		if d[2] > -1e-3 {
			return 0, 0, 0, false
		}
		k := -f.eye[2] / d[2]
		u, v, slope = f.eye[0]+k*d[0], f.eye[1]+k*d[1], 1
	} else if u, v, slope, ok = f.hitRound(d); !ok {
		return 0, 0, 0, false
	}
	u, v = u+f.mx, v+f.my
	if f.crumple != nil {
		a, b := f.crumple.at(u, v), f.crumple.at(v+1e4, u)
		u, v = u+f.creases*a, v+f.creases*b
		slope *= 1 - 0.25*math.Abs(f.crumple.at(u*2.3, v*2.3))
	}
	r := f.size()
	return u, v, slope, u >= 0 && v >= 0 && u < r[0] && v < r[1]
}

func (f *frame) size() [2]float64 { return [2]float64{2 * f.mx, 2 * f.my} }

// hitRound is hit for a cylinder that touches the sheet's plane along its axis.
func (f *frame) hitRound(d [3]float64) (u, v, slope float64, ok bool) {
	s, c := math.Sincos(f.axis)
	across := func(p [3]float64) (float64, float64) { return p[0]*c + p[1]*s, p[1]*c - p[0]*s }
	ex, ey := across(f.eye)
	dx, dy := across(d)
	ez, dz := f.eye[2]+f.radius, d[2]
	a, b, g := dx*dx+dz*dz, ex*dx+ez*dz, ex*ex+ez*ez-f.radius*f.radius
	root := b*b - a*g
	if root < 0 {
		return 0, 0, 0, false
	}
	k := (-b - math.Sqrt(root)) / a
	angle := math.Atan2(ex+k*dx, ez+k*dz)
	along := ey + k*dy
	arc := f.radius * angle
	slope = 0.35 + 0.65*math.Cos(angle-0.3)
	return arc*c - along*s, arc*s + along*c, slope, math.Abs(angle) < 1.5
}

// shoot takes the photograph.
func (s *scene) shoot() image.Image {
	f := s.frame()
	pix := make([]float32, 3*s.w*s.h)
	n := max(s.samples, 1)
	for y := range s.h {
		for x := range s.w {
			var sum [3]float64
			for k := range n * n {
				px, py := float64(x)+(float64(k%n)+0.5)/float64(n), float64(y)+(float64(k/n)+0.5)/float64(n)
				c, sheet := s.ray(f, px, py)
				for i := range sum {
					sum[i] += c[i] / float64(n*n)
				}
				if k == 0 && !sheet { // the background needs one ray only
					sum = c
					break
				}
			}
			light := s.gain
			for _, l := range s.light {
				light *= l(float64(x), float64(y))
			}
			for i := range sum {
				pix[3*(y*s.w+x)+i] = float32(sum[i] * light)
			}
		}
	}
	return s.develop(pix)
}

// ray gives what is seen at a place of the picture, and whether it is the sheet.
func (s *scene) ray(f *frame, x, y float64) ([3]float64, bool) {
	u, v, slope, ok := f.hit(x, y)
	if !ok {
		return s.ground.colour(x, y), false
	}
	c := s.paper.level(u, v)
	for i := range c {
		c[i] *= slope
	}
	return c, true
}
