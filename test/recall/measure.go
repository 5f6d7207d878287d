package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"quishmilter/qr"
)

// set reads all pictures of one set.
func (r *run) set(name string) (tally, error) {
	labels, err := readLabels(filepath.Join(r.corpus, name, "labels.tsv"))
	if err != nil {
		return tally{}, err
	}
	t := tally{peers: map[string]int{}}
	for _, l := range labels {
		r.picture(name, l, &t)
	}
	if r.live != nil {
		t.countPeers(name, labels, r.live.run())
	}
	return t, nil
}

// slow is from when on a picture is listed.
const slow = 8 * time.Millisecond

// picture reads one picture and counts the outcome.
func (r *run) picture(set string, l label, t *tally) {
	path := set + "/" + l.path
	frames, err := load(filepath.Join(r.corpus, path))
	if err != nil {
		t.note("unreadable", path, err.Error())
		return
	}
	var got []qr.Code
	var cut []string
	var took time.Duration
	for _, frame := range frames {
		start := r.now()
		layers := qr.Prepare(frame)
		t.prepare += r.now() - start
		pixels := frame.Bounds().Dx() * frame.Bounds().Dy()
		t.pixels += pixels
		if l.negative() {
			t.emptyPixels += pixels * len(layers.Gray)
		}
		result, d := r.timed(layers)
		took += d
		got = append(got, result.Codes...)
		cut = append(cut, result.Cut...)
		if r.live != nil {
			for _, gray := range layers.Gray {
				r.live.add(path, gray)
			}
		}
	}
	if len(cut) > 0 {
		t.note("cut", path, fmt.Sprint(cut))
	}
	if took > slow {
		t.note("slow", path, took.String())
	}
	for peer, outcome := range r.stored[path] {
		if outcome == "ok" || outcome == "ok+wrong" {
			t.peers[peer]++
		}
	}
	t.count(path, l, got, took)
	if r.draw != "" && len(missing(l.want, got)) > 0 {
		r.explain(path, frames, t)
	}
}

// timed reads the picture and gives the fastest of the rounds.
func (r *run) timed(layers *qr.Layers) (qr.Result, time.Duration) {
	var result qr.Result
	var fastest time.Duration
	for i := range r.rounds {
		start := r.now()
		result = qr.Read(context.Background(), layers)
		if d := r.now() - start; i == 0 || d < fastest {
			fastest = d
		}
	}
	return result, fastest
}

// count files one picture's outcome.
func (t *tally) count(path string, l label, got []qr.Code, took time.Duration) {
	ms := took.Seconds() * 1e3
	if l.negative() {
		t.without = append(t.without, ms)
		if len(got) > 0 {
			t.invented++
			t.note("INVENTED", path, fmt.Sprintf("%s %q", got[0].Symbology, got[0].Text))
		}
		return
	}
	if len(l.want) == 0 {
		t.unknown = append(t.unknown, ms)
		return
	}
	t.with = append(t.with, ms)
	t.expected++
	missed := missing(l.want, got)
	t.codes += len(l.want)
	t.codesRead += len(l.want) - len(missed)
	if len(missed) == 0 {
		t.read++
	} else {
		t.note("missed", path, fmt.Sprintf("%d of %d, %.1f ms: %.60q", len(missed), len(l.want), ms, missed[0]))
	}
	if l.unknown {
		return
	}
	for _, code := range got {
		if !slices.ContainsFunc(l.want, func(w string) bool { return same(w, code.Text) }) {
			t.wrong++
			t.note("WRONG", path, fmt.Sprintf("%s %.60q, not %.60q", code.Symbology, code.Text, l.want[0]))
		}
	}
}

// countPeers counts what the peers read of a set.
func (t *tally) countPeers(set string, labels []label, results map[string]peerResult) {
	t.live = map[string]*liveTally{}
	for name, result := range results {
		count := &liveTally{ms: result.ms}
		for _, l := range labels {
			if len(l.want) == 0 {
				continue
			}
			missed := len(lacking(l.want, result.texts[set+"/"+l.path]))
			count.codes += len(l.want) - missed
			if missed == 0 {
				count.read++
			}
		}
		t.live[name] = count
	}
}

func missing(want []string, got []qr.Code) []string {
	var texts []string
	for _, c := range got {
		texts = append(texts, c.Text)
	}
	return lacking(want, texts)
}

// lacking lists what is wanted and not there.
func lacking(want, got []string) []string {
	var missed []string
	for _, w := range want {
		if !slices.ContainsFunc(got, func(text string) bool { return same(w, text) }) {
			missed = append(missed, w)
		}
	}
	return missed
}
