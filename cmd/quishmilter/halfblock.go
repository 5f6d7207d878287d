package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/sys/unix"
)

// A code's picture in a terminal: each character is two pixels, one above the other. On a terminal with colours they are
// gray, dark on light whatever the terminal's own colours are; elsewhere light pixels are blocks, which is right on a
// dark screen.
const (
	maxDrawnSide = 4096 // pixels of a picture that is drawn; those of the journal have at most 448
	drawnColumns = 80   // where the terminal does not say how wide it is
	mostColumns  = 160
)

// drawBlocks draws a PNG of the journal.
func (t terminal) drawBlocks(picture []byte) error {
	config, err := png.DecodeConfig(bytes.NewReader(picture))
	if err == nil && max(config.Width, config.Height) > maxDrawnSide {
		err = fmt.Errorf("it has %d by %d pixels", config.Width, config.Height)
	}
	var img image.Image
	if err == nil {
		img, err = png.Decode(bytes.NewReader(picture))
	}
	if err != nil {
		return fmt.Errorf("the picture cannot be drawn: %w", err)
	}
	_, err = io.WriteString(t.out, blocks(img, t.columns(), t.colour))
	return err
}

// columns is how wide the terminal is.
func (t terminal) columns() int {
	if file, ok := t.out.(*os.File); ok {
		if size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ); err == nil && size.Col > 0 {
			return min(int(size.Col), mostColumns)
		}
	}
	return drawnColumns
}

// blocks draws a picture at most so many characters wide, and never larger than it is.
func blocks(img image.Image, columns int, colour bool) string {
	size := img.Bounds().Size()
	if size.X > columns {
		size = image.Pt(columns, max(1, size.Y*columns/size.X))
	}
	gray := image.NewGray(image.Rect(0, 0, size.X, size.Y+size.Y%2))
	draw.Draw(gray, gray.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(gray, image.Rectangle{Max: size}, img, img.Bounds(), draw.Over, nil)
	var b strings.Builder
	middle := middleOf(gray)
	for y := 0; y < gray.Rect.Dy(); y += 2 {
		last := ""
		for x := range gray.Rect.Dx() {
			above, below := gray.GrayAt(x, y), gray.GrayAt(x, y+1)
			if !colour {
				b.WriteString(halves[above.Y > middle][below.Y > middle])
				continue
			}
			if now := fmt.Sprintf("\x1b[38;5;%d;48;5;%dm", shade(above), shade(below)); now != last {
				b.WriteString(now)
				last = now
			}
			b.WriteString("▀")
		}
		if colour {
			b.WriteString("\x1b[0m")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// halves are the characters, by whether the upper and the lower pixel are light.
var halves = map[bool]map[bool]string{false: {false: " ", true: "▄"}, true: {false: "▀", true: "█"}}

// middleOf is halfway between the picture's darkest and lightest pixel.
func middleOf(g *image.Gray) uint8 {
	least, most := uint8(255), uint8(0)
	for _, v := range g.Pix {
		least, most = min(least, v), max(most, v)
	}
	return least + (most-least)/2
}

// shade is the nearest of the 24 grays between black and white that terminals with 256 colours have.
func shade(c color.Gray) int {
	switch step := (int(c.Y) - 3) / 10; {
	case c.Y < 4:
		return 16
	case step >= 24:
		return 231
	default:
		return 232 + step
	}
}
