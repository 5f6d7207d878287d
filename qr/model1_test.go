package qr

import (
	"strings"
	"testing"
)

// model1Grid encodes text as bytes in a model 1 symbol.
func model1Grid(version, level, mask int, text string) *grid {
	n := sideOf(version)
	blocks := model1Blocks(n)
	size := model1Levels[version-1][level]
	var b bitWriter
	b.put(0, 4)
	b.put(4, 4)
	b.put(len(text), qrCoding(version).counts[modeByte])
	for _, c := range []byte(text) {
		b.put(int(c), 8)
	}
	b.put(0, 4)
	words := make([]byte, len(blocks)) // those left over are zero
	data := b.fill(size.blocks * size.data)
	for k := range size.blocks {
		block := check(data[k*size.data:][:size.data], size.check)
		copy(words[k*size.data:], block[:size.data])
		copy(words[size.blocks*size.data+k*size.check:], block[size.data:])
	}
	g := newGrid(n, n)
	p := patternOf(version)
	for _, cells := range append(append([][]cell{}, p.finders...), p.timing) {
		for _, c := range cells {
			if c.dark {
				g.dark[int(c.y)*n+int(c.x)] = 1
			}
		}
	}
	for i, block := range blocks {
		for k := range 8 {
			x, y := block.x-k%block.wide, block.y-k/block.wide
			bit := words[i] >> (7 - k) & 1
			if masked(mask, x, y) {
				bit ^= 1
			}
			g.dark[y*n+x] = bit
		}
	}
	format := bch(level<<3|mask, formatPoly, 10) ^ model1Mask
	g.write(formatFirst(), format)
	g.write(formatSecond(n), format)
	return g
}

func TestModel1(t *testing.T) {
	for version := 1; version <= model1Most; version++ {
		for level, size := range model1Levels[version-1] {
			total := size.blocks * (size.data + size.check)
			if left := len(model1Blocks(sideOf(version))) - total; left < 0 || left > 4 {
				t.Errorf("version %d, level %s: %d of its codewords belong to no block", version, levels[level], left)
			}
		}
		for level := range 4 {
			for mask := range 8 {
				d, err := decodeQR(model1Grid(version, level, mask, "Model"), patternOf(version))
				if err != nil {
					t.Errorf("%d, level %s, mask %d: %v", version, levels[level], mask, err)
				} else if _, text := d.payload(); text != "Model" {
					t.Errorf("%d, level %s, mask %d: %q", version, levels[level], mask, text)
				}
			}
		}
	}
	for _, version := range []int{3, 7, 11, 14} {
		wants(t, render(model1Grid(version, 0, 5, "https://a.example/"), plain(4)), "https://a.example/")
	}
}

// model1Sample is a symbol of version 5 with two blocks that another maker drew (zxing-cpp's issue 940).
const model1Sample = `
#######..##.#.##..#.###...##..#######
#.....#...#.#..#.###.##...#...#.....#
#.###.#.###..#..##.#######..#.#.###.#
#.###.#.#.###...##..#.#.#..#..#.###.#
#.###.#...#..#..#.#.#.#..####.#.###.#
#.....#..####...###...####..#.#.....#
#######.#.#.#.#.#.#.#.#.#.#.#.#######
.........#.#.#.#.......#.#.##........
###.#.#..#..#.###.##.###.#..#....##..
..##....#..#...#.####..#.#..##.#.##.#
..#.#.#####..#.##.###.#..#.##..###...
.#.##..##........##..##...##....#####
..#..#####.....#.##....#.##.###......
#....#..#...###..##.#.#......#.#.###.
...#.##...#.........##....##..#...###
###.##.###..##.##...#####..#.#...#..#
....####.#..#.###...#..#..#...###....
..#..#...##..#....#..#.####.#...#...#
...#..##..####.#.....#..#..#.....#..#
..#.##..#.#.#.##..#.#...#..##....#..#
.##.#.######.#####.#.......#..#...#.#
#..#.#..#.####...#...#...#..#.####.#.
..######.#.#....##....##.##.#.##..#.#
.##.....#.######..##...#.####..###...
..#.#.#.###..##..##.###.##.#.#.....#.
...###..#.##.###...##...##.#..#####.#
..##..#.###.##.##..##....#####.##...#
#.#..#.##.##..###..#...#.#...#.#....#
..#.#####..###...##..#.#.#..#.####..#
........##.#...#.#.####....##.##.#...
#######...##....##..######.#...#.##.#
#.....#..###.#..#.###.##...##...###..
#.###.#.#...##.###.######.##....#..##
#.###.#..##..#.##....#..##.#.#.##..##
#.###.#.#.#.###..##...#..##.#.##.##.#
#.....#.#.#.##..#............#.#..#..
#######.#...#...#######.######....#.#`

func TestModel1OfAnotherMaker(t *testing.T) {
	rows := strings.Fields(model1Sample)
	g := newGrid(len(rows), len(rows))
	for y, row := range rows {
		for x, c := range row {
			if c == '#' {
				g.dark[y*g.w+x] = 1
			}
		}
	}
	const want = "N023X-3431800-V034PG03X-3436010-A1125032918310706"
	d, err := decodeQR(g, patternOf(5))
	if err != nil {
		t.Fatal(err)
	}
	if _, text := d.payload(); text != want || d.level != "H" {
		t.Errorf("%q, level %s", text, d.level)
	}
	wants(t, render(g, plain(4)), want)
}
