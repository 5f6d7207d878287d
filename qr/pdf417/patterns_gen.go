//go:build ignore

// Command patterns_gen prints the constant inUse of patterns.go. It needs Debian's zint, lets it draw symbols of random
// digits, computes the codewords that they must hold (numeric compaction and Reed-Solomon, both simple arithmetic), and
// so learns which pattern stands for which value. It checks that within a cluster the values rise with the order that
// patterns.go describes, and prints one bit for each possible pattern: whether it is in use.
//
//	apt-get install zint && go run patterns_gen.go
package main

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"log"
	"math/big"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"quishmilter/qr/reedsolomon"
)

type pattern [8]int

func main() {
	random := rand.New(rand.NewPCG(4, 17))
	var seen [3]map[pattern]int
	for k := range seen {
		seen[k] = map[pattern]int{}
	}
	for len(seen[0]) < 929 || len(seen[1]) < 929 || len(seen[2]) < 929 {
		learn(random, &seen)
	}
	var bits []bool
	for cluster, values := range seen {
		next := 0
		for _, p := range possible(cluster * 3) {
			value, used := values[p]
			if used && value != next {
				log.Fatalf("cluster %d: pattern %v is %d, not %d", cluster*3, p, value, next)
			}
			if used {
				next++
			}
			bits = append(bits, used)
		}
	}
	packed := make([]byte, (len(bits)+7)/8)
	for i, b := range bits {
		if b {
			packed[i/8] |= 1 << (i % 8)
		}
	}
	fmt.Println(base64.StdEncoding.EncodeToString(packed))
}

// learn draws one symbol and notes what its patterns stand for.
func learn(random *rand.Rand, seen *[3]map[pattern]int) {
	groups, level, cols := 8+random.IntN(12), 5+random.IntN(3), 8+random.IntN(12)
	var digits strings.Builder
	words := []int{0, 902}
	for range groups {
		group := make([]byte, 44)
		for i := range group {
			group[i] = '0' + byte(random.IntN(10))
		}
		digits.Write(group)
		words = append(words, base900("1"+string(group))...)
	}
	out, err := exec.Command("zint", "-b", "55", "--secure="+strconv.Itoa(level), "--cols="+strconv.Itoa(cols), "--dump", "-d", digits.String()).Output()
	if err != nil {
		log.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(out)), "\n")
	check := 2 << level
	for len(words) < len(rows)*cols-check {
		words = append(words, 900)
	}
	words[0] = len(words)
	words = append(words, reedsolomon.Prime(929, 3).Check(words, check)...)
	for r, row := range rows {
		bits := unhex(row)
		for c := range cols {
			p, value := widths(bits[17*(c+2):17*(c+3)]), words[r*cols+c]
			if old, ok := seen[r%3][p]; ok && old != value {
				log.Fatalf("pattern %v stands for %d and %d", p, old, value)
			}
			seen[r%3][p] = value
		}
	}
}

func base900(digits string) []int {
	n, _ := new(big.Int).SetString(digits, 10)
	var words []int
	for rest := new(big.Int); n.Sign() > 0; {
		n.DivMod(n, big.NewInt(900), rest)
		words = append(words, int(rest.Int64()))
	}
	slices.Reverse(words)
	return words
}

func unhex(row string) string {
	var bits strings.Builder
	for _, h := range strings.Fields(row) {
		n, err := strconv.ParseUint(h, 16, 8)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(&bits, "%08b", n)
	}
	return bits.String()
}

func widths(bits string) (p pattern) {
	at := 0
	for i := range bits {
		if i > 0 && bits[i] != bits[i-1] {
			at++
		}
		p[at]++
	}
	return p
}

// possible lists a cluster's patterns in order: the same rule as in patterns.go, written independently.
func possible(cluster int) []pattern {
	var all []pattern
	var p pattern
	var fill func(i, left int)
	fill = func(i, left int) {
		if i == 8 {
			if left == 0 && (p[0]-p[2]+p[4]-p[6]+18)%9 == cluster {
				all = append(all, p)
			}
			return
		}
		for p[i] = 1; p[i] <= 6 && p[i] <= left; p[i]++ {
			fill(i+1, left-p[i])
		}
	}
	fill(0, 17)
	slices.SortStableFunc(all, func(a, b pattern) int {
		for i := 1; i < 6; i++ {
			if c := cmp.Compare(a[i]+a[i+1], b[i]+b[i+1]); c != 0 {
				return c
			}
		}
		return 0
	})
	return all
}
