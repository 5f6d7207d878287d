package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"quishmilter/journal"
)

// findings counts what detections found since the start, and blocks what a finding names. The zero value blocks
// nothing.
type findings struct {
	mu      sync.Mutex
	byName  map[string]int64
	blocked int64

	// block makes a block entry of a kind ("host", "client", "picture") that ends by itself; nil: there are none.
	block func(ctx context.Context, kind, value string, until time.Time, comment string) error
}

// Counted is how many findings each detection made since the start, and how many block entries came of them; for
// metrics.
func (f *findings) Counted() (byName map[string]int64, blocked int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	byName = make(map[string]int64, len(f.byName))
	for name, n := range f.byName {
		byName[name] = n
	}
	return byName, f.blocked
}

func (f *findings) count(name string, blocked int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byName == nil {
		f.byName = map[string]int64{}
	}
	f.byName[name]++
	f.blocked += int64(blocked)
}

// lookForDue is how often detections are looked through for those whose time has come.
const lookForDue = time.Second

// detect runs the configuration's hunts, each when its time comes, one after the other, until ctx ends. The first run is
// at the start: what came while the daemon was off is found too.
func (f *filter) detect(ctx context.Context) {
	ran := map[string]time.Time{}
	tick := time.NewTicker(lookForDue)
	defer tick.Stop()
	for {
		for _, d := range f.rules.Load().detections {
			if now := time.Now(); ctx.Err() == nil && now.Sub(ran[d.name]) >= d.every {
				ran[d.name] = now
				if err := f.detectOnce(ctx, d, now); err != nil && ctx.Err() == nil {
					f.log.DetectionFailed(d.name, err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// maxGroups is how many findings one run makes at most.
const maxGroups = 100

// detectOnce runs a hunt and keeps what it finds.
func (f *filter) detectOnce(ctx context.Context, d detection, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			f.log.Panicked("detection "+d.name, p, debug.Stack())
			err = fmt.Errorf("a defect: %v", p)
		}
	}()
	groups := newGroups(d)
	if d.preset != nil {
		err = f.presetEvents(ctx, d, now, groups.add)
	} else {
		err = f.filterEvents(ctx, d, now, groups.add)
	}
	if err != nil {
		return err
	}
	enough := groups.enough(d.least)
	if len(enough) > maxGroups {
		f.log.DetectionCut(d.name, len(enough), maxGroups)
		enough = enough[:maxGroups]
	}
	for _, finding := range enough {
		if err := f.keepFinding(ctx, d, finding, now); err != nil {
			return err
		}
	}
	return nil
}

// filterEvents calls add with the events that the filter of a detection wants, newest first.
func (f *filter) filterEvents(ctx context.Context, d detection, now time.Time, add func(*journal.Event)) error {
	filter := d.filter
	filter.Since = now.Add(-d.window)
	for next, first := "", true; first || next != ""; first = false {
		found, err := f.events.Find(ctx, filter, next)
		if err != nil {
			return err
		}
		for i := range found.Events {
			add(&found.Events[i])
		}
		next = found.Next
	}
	return nil
}

// presetEvents does so with the messages that a preset finds.
func (f *filter) presetEvents(ctx context.Context, d detection, now time.Time, add func(*journal.Event)) error {
	last := ""
	for next, first := "", true; first || next != ""; first = false {
		answer, err := f.events.Preset(ctx, *d.preset, now, next)
		if err != nil {
			return err
		}
		for _, row := range answer.Rows {
			if row.NetworkMessageID == last {
				continue // another row of the same message
			}
			last = row.NetworkMessageID
			if e, err := f.events.Get(last); err == nil {
				add(&e)
			}
		}
		next = answer.Next
	}
	return nil
}

// groups put events together that are of one sender and link to one host.
type groups struct {
	detection detection
	order     []string
	byKey     map[string]*journal.Finding
}

func newGroups(d detection) *groups {
	return &groups{detection: d, byKey: map[string]*journal.Finding{}}
}

// add takes an event, once for each host that a code of it links to.
func (g *groups) add(e *journal.Event) {
	links := map[string]string{}
	for _, c := range e.Codes {
		if _, known := links[c.Host]; !known {
			links[c.Host] = c.URL
		}
	}
	if len(links) > 1 {
		delete(links, "") // a code without a link beside one with a link
	}
	if len(links) == 0 {
		links[""] = ""
	}
	for host, link := range links {
		key := e.HeaderFrom + "\x00" + host
		finding, known := g.byKey[key]
		if !known {
			finding = &journal.Finding{Detection: g.detection.name}
			g.byKey[key] = finding
			g.order = append(g.order, key)
		}
		finding.Add(e, host, link)
	}
}

func (g *groups) enough(least int) (all []journal.Finding) {
	for _, key := range g.order {
		if f := g.byKey[key]; f.Messages >= least {
			all = append(all, *f)
		}
	}
	return all
}

// keepFinding makes an event of a finding, once, and the block entries that the detection asks for; more of the same
// prolongs them.
func (f *filter) keepFinding(ctx context.Context, d detection, finding journal.Finding, now time.Time) error {
	kept, known, news, err := f.events.KeepFinding(ctx, finding, now, d.window)
	if err != nil || !news {
		return err
	}
	if err := f.raiseFinding(ctx, d, kept); err != nil {
		return err
	}
	blocked := f.blockFinding(ctx, d, kept, now)
	if len(blocked) > 0 {
		if err := f.events.NoteBlocked(ctx, kept, blocked); err != nil {
			return err
		}
	}
	if !known {
		f.found.count(d.name, len(blocked))
		f.log.Found(kept)
		f.lines.Found(kept)
	}
	return nil
}

// blockFinding makes the entries and returns those that were made.
func (f *filter) blockFinding(ctx context.Context, d detection, finding journal.Finding, now time.Time) (made []string) {
	values := map[string][]string{"host": {finding.Host}, "client": finding.Clients, "picture": finding.Pictures}
	for _, kind := range d.block {
		for _, value := range values[kind] {
			if value == "" {
				continue
			}
			entry := kind + " " + value
			err := errNoEntries
			if f.found.block != nil {
				err = f.found.block(ctx, kind, value, now.Add(d.blockFor), "finding "+finding.ID+" of "+strings.ToValidUTF8(d.name, "?"))
			}
			if err != nil {
				f.log.BlockFailed(finding, entry, err)
				continue
			}
			made = append(made, entry)
		}
	}
	slices.Sort(made)
	return made
}

var errNoEntries = fmt.Errorf("there is no block list")
