package qr

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// curled is how a large code looks on a sheet that is held by one edge: the middle is a twentieth of the side off.
func curled(version int) look {
	l := plain(3)
	l.light, l.dark, l.noise, l.tilt, l.angle = 200, 50, 5, 0.1, 8
	l.bend = 0.05 * float64(sideOf(version))
	return l
}

func TestCurledSheets(t *testing.T) {
	for _, version := range []int{7, 14, 20, 27, 40} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			text := strings.Repeat("curled ", version*version/4)
			wants(t, render(encode(t, text, "L", version), curled(version)), text)
		})
	}
}

func TestVersionInformation(t *testing.T) {
	for version := meshVersion; version <= 40; version++ {
		bits := binarised(render(encode(t, "v", "L", version), plain(3)))
		far := 3*float64(4+sideOf(version)) - 10.5
		corner := local{x: 22.5, y: 22.5, e1: Point{3, 0}, e2: Point{0, 3}, dark: true}
		right, lower := corner, corner
		right.x, lower.y = far, far
		n := float64(sideOf(version))
		if got, ok := versionAt(&[3]local{corner, right, lower}, 1.1*n, bits); !ok || got != version {
			t.Errorf("version %d read as %d, %t", version, got, ok)
		}
		if got, ok := versionAt(&[3]local{corner, right, lower}, 1.6*n, bits); ok {
			t.Errorf("version %d, far from the size, was believed to be %d", version, got)
		}
	}
}

func TestMeshNeedsAlignmentPatterns(t *testing.T) {
	m := newMesh([]int{6, 22, 38}, &[3]local{
		{x: 22.5, y: 22.5, e1: Point{3, 0}, e2: Point{0, 3}, dark: true},
		{x: 136.5, y: 22.5, e1: Point{3, 0}, e2: Point{0, 3}, dark: true},
		{x: 22.5, y: 136.5, e1: Point{3, 0}, e2: Point{0, 3}, dark: true},
	})
	f := frame{pattern: patternOf(7), dark: true}
	if m.walk(context.Background(), &f, binarised(board(200, 200, 255, 255, 0))) {
		t.Error("a mesh was seen on white paper")
	}
}
