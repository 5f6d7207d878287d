package pdf417

import (
	"cmp"
	"encoding/base64"
	"slices"
	"sync"
)

// A symbol character is four bars and four spaces of one to six modules each, 17 together. The difference of its bars'
// alternate widths modulo 9 is its cluster, of which 0, 3 and 6 are used, in turn from row to row (ISO/IEC 15438, 5.3.1).
// The 929 values of a cluster go to its patterns in the order of the distances from the leading edge of an element to
// that of the next but one, leaving out the first and the last: sorted by second and third element together, then by
// third and fourth, and so on. Some possible patterns are not used, so that the distances alone tell the others apart.
// Which ones is a choice that the standard makes in a table; inUse holds it as one bit for each possible pattern in that
// order, cluster by cluster. It was printed by
//
//	go run patterns_gen.go
//
// which reads it off what Debian's zint draws, and checks the order while doing so.
const inUse = "/7L8C/zDo/++/o8/7//qv77+v//q/yqqgv8L/8qv+//zVV1L8LVO8Db//96aV8tXT+/+/9e6zdvr/6/eSlGVFAB8X/3X9/93a24T" +
	"n728/X+f61ZfJ8sz8c7W9/+z969pW71d/7d/Z19VpZICAMj+/v/v+1y3erv/v9X75rSt3u7/3b+z/8658//3b393r6qqCiCr6vOv" +
	"VX9/Xfft2v1df/d3d9//fwAAAAAAAAAAAAAAAAAAAAAAAADw////////+/f//////3////////////////fz///////3/7+fvX/1" +
	"/tX7V2/v/7/927/92/9//37//v////z////////2b//2b///3//13/7t3/7///////////////39/f3////////////3////////" +
	"/////Pz////v/8D/+b/////93//////////f///+/////3/1/vf/////9v////v/////////2/////+r97f//7/9///9/////v/v" +
	"//+7////V+9v////9v//9///8/////7/f/v//1fvb///2////h////+//3/v/7+//f//////3/////8/AA=="

const (
	characterModules = 17
	values           = 929 // of a cluster
	clusters         = 3
)

// character is a pattern's widths in modules, bars and spaces in turn.
type character [8]int

// symbolCharacter is what a pattern stands for.
type symbolCharacter struct {
	cluster int // 0, 1, 2 for the standard's 0, 3, 6
	value   int
}

// distances is a character as its edges tell it: the sums of neighbouring widths, which ink gain does not change, packed
// four bits each. The six are different for all characters (ISO/IEC 15438, 5.11).
type distances uint32

func (c character) distances() distances {
	var d distances
	for i := 0; i < 6; i++ {
		d = d<<4 | distances(c[i]+c[i+1])
	}
	return d
}

// characters maps distances to what they stand for.
var characters = sync.OnceValue(func() map[distances]symbolCharacter {
	used, err := base64.StdEncoding.DecodeString(inUse)
	if err != nil {
		panic("pdf417: " + err.Error()) // the constant above is broken
	}
	all, bit := make(map[distances]symbolCharacter, clusters*values), 0
	for cluster := range clusters {
		value := 0
		for _, c := range possible(cluster) {
			if used[bit/8]>>(bit%8)&1 != 0 {
				all[c.distances()] = symbolCharacter{cluster, value}
				value++
			}
			bit++
		}
	}
	return all
})

// possible lists the patterns of a cluster in the order of their values.
func possible(cluster int) []character {
	var all []character
	for _, c := range compositions(nil, character{}, 0, characterModules) {
		if (c[0]-c[2]+c[4]-c[6]+9*2)%9 == 3*cluster {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b character) int {
		for i := 1; i < 6; i++ {
			if order := cmp.Compare(a[i]+a[i+1], b[i]+b[i+1]); order != 0 {
				return order
			}
		}
		return 0
	})
	return all
}

// compositions appends all ways to fill the elements from at on with widths of one to six that sum up to left.
func compositions(all []character, c character, at, left int) []character {
	if at == len(c) {
		if left == 0 {
			all = append(all, c)
		}
		return all
	}
	for w := 1; w <= min(6, left); w++ {
		c[at] = w
		all = compositions(all, c, at+1, left-w)
	}
	return all
}
