package main

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

// tally is what was counted over some pictures.
type tally struct {
	expected, read, wrong, invented int
	codes, codesRead                int                   // single codes of those pictures
	live                            map[string]*liveTally // peers that ran beside
	peers                           map[string]int        // pictures that each stored peer read
	with, without, unknown          []float64             // milliseconds of pictures with a code, without, and unlabelled
	pixels, emptyPixels             int                   // of all pictures, and of those without a code
	prepare                         time.Duration         // conversion to gray layers
	notes                           []string
}

// liveTally is what a peer that ran beside read: pictures, single codes, and its time.
type liveTally struct {
	read, codes int
	ms          []float64
}

func (t *tally) note(kind, path, what string) {
	t.notes = append(t.notes, fmt.Sprintf("%-10s %s  %s", kind, path, what))
}

func (t *tally) add(o tally) {
	t.expected += o.expected
	t.read += o.read
	t.codes += o.codes
	t.codesRead += o.codesRead
	t.wrong += o.wrong
	t.invented += o.invented
	t.with = append(t.with, o.with...)
	t.without = append(t.without, o.without...)
	t.unknown = append(t.unknown, o.unknown...)
	t.pixels += o.pixels
	t.emptyPixels += o.emptyPixels
	t.prepare += o.prepare
	t.notes = append(t.notes, o.notes...)
	if t.peers == nil {
		t.peers = map[string]int{}
	}
	for peer, n := range o.peers {
		t.peers[peer] += n
	}
	for peer, l := range o.live {
		if t.live == nil {
			t.live = map[string]*liveTally{}
		}
		if t.live[peer] == nil {
			t.live[peer] = &liveTally{}
		}
		have := t.live[peer]
		have.read, have.codes, have.ms = have.read+l.read, have.codes+l.codes, append(have.ms, l.ms...)
	}
}

func printHeader() {
	fmt.Printf("%-26s %9s %11s %5s %5s  %8s %8s %9s   %s\n", "set", "read", "codes", "wrong", "false", "median", "p95", "total ms", "peers")
}

func (t *tally) print(name string) {
	all := append(append(append([]float64{}, t.with...), t.without...), t.unknown...)
	fmt.Printf("%-26s %4d/%-4d %5d/%-5d %5d %5d  %8.2f %8.2f %9.1f   %s\n", name, t.read, t.expected, t.codesRead, t.codes, t.wrong, t.invented,
		percentile(all, 0.5), percentile(all, 0.95), sum(all), t.livePeers()+t.bestPeers())
}

// printTimes prints the times of pictures with and without a code apart, the cost per megapixel and that of the conversion.
func (t *tally) printTimes() {
	for _, part := range []struct {
		name string
		ms   []float64
	}{{"with a code", t.with}, {"without a code", t.without}, {"unlabelled", t.unknown}} {
		fmt.Printf("%-15s %4d pictures: median %.2f, p95 %.2f, most %.1f, total %.1f ms\n",
			part.name, len(part.ms), percentile(part.ms, 0.5), percentile(part.ms, 0.95), percentile(part.ms, 1), sum(part.ms))
	}
	if t.emptyPixels > 0 {
		fmt.Printf("without a code: %.2f ms per megapixel (%.1f megapixels)\n", sum(t.without)/float64(t.emptyPixels)*1e6, float64(t.emptyPixels)/1e6)
	}
	for _, name := range slices.Sorted(maps.Keys(t.live)) {
		ms := t.live[name].ms
		fmt.Printf("peer %-6s %5d layers: median %.2f, p95 %.2f, total %.1f ms\n", name, len(ms), percentile(ms, 0.5), percentile(ms, 0.95), sum(ms))
	}
	fmt.Printf("%.1f megapixels in all, conversion to gray %.1f ms in all (not counted above)\n", float64(t.pixels)/1e6, t.prepare.Seconds()*1e3)
}

// livePeers tells what the peers that ran beside read, pictures and single codes, and their total milliseconds.
func (t *tally) livePeers() string {
	text := ""
	for _, name := range slices.Sorted(maps.Keys(t.live)) {
		l := t.live[name]
		text += fmt.Sprintf(" %s %d (%d codes) %.0f ms", name, l.read, l.codes, sum(l.ms))
	}
	return text
}

// bestPeers names the three stored peers that read most.
func (t *tally) bestPeers() string {
	var names []string
	for peer := range t.peers {
		names = append(names, peer)
	}
	sort.Slice(names, func(i, j int) bool {
		if a, b := t.peers[names[i]], t.peers[names[j]]; a != b {
			return a > b
		}
		return names[i] < names[j]
	})
	text := ""
	for _, name := range names[:min(3, len(names))] {
		text += fmt.Sprintf(" %s %d", name, t.peers[name])
	}
	return text
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// percentile gives the value below which the share p of the values lies; 0 for none.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := append([]float64{}, values...)
	sort.Float64s(sorted)
	return sorted[int(p*float64(len(sorted)-1))]
}
