package postfix

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Outcome is what became of a released message.
type Outcome struct {
	Left  bool   // it left the queue: delivered to all recipients, or returned to its sender
	NewID string // under which it was seen, of a requeued message
	Delay string // why the last try did not deliver it
}

// watchEvery is how often the queue is looked at.
const watchEvery = 200 * time.Millisecond

// Watch looks at the queue until a released message has left it, is deferred, or ctx ends, which is no error: the
// outcome then says that it is still there. mark is a line of the message's header that no other message has, by which
// a requeued message is found under its new queue id.
func (q Queue) Watch(ctx context.Context, m Message, requeued bool, mark []byte) (Outcome, error) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var o Outcome
	known := map[string]bool{}
	for n := 0; ; n++ {
		seen, err := q.look(ctx, m, requeued, mark, known, &o)
		if ctx.Err() != nil {
			return o, nil
		}
		if err != nil {
			return o, err
		}
		if !seen || o.Delay != "" {
			o.Left = !seen
			return o, nil
		}
		select {
		case <-ctx.Done():
			return o, nil
		case <-tick.C:
		}
	}
}

// look says whether the message is in the queue, under its id or a new one.
func (q Queue) look(ctx context.Context, m Message, requeued bool, mark []byte, known map[string]bool, o *Outcome) (seen bool, err error) {
	var others []string
	err = q.List(ctx, func(entry Message) bool {
		switch {
		case entry.ID == m.ID || entry.ID == o.NewID:
			seen = true
			for _, r := range entry.Rcpts {
				o.Delay = cmp.Or(o.Delay, r.Delay)
			}
		case requeued && entry.Sender == m.Sender && entry.Queue != Hold && !known[entry.ID]:
			others = append(others, entry.ID)
		}
		return true
	})
	for _, id := range slices.Compact(others) {
		if known[id] = true; len(mark) == 0 || o.NewID != "" {
			continue
		}
		if header, err := q.Header(ctx, id); err == nil && bytes.Contains(header, mark) {
			o.NewID, seen = id, true
		}
	}
	if err != nil {
		return seen, fmt.Errorf("watching %s: %w", m.ID, err)
	}
	return seen, nil
}
