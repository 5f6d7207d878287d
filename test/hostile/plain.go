package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/milter"
)

// plainEvery is the pace of plain mail: 100 messages a second.
const plainEvery = 10 * time.Millisecond

// plainFor sends plain mail at its pace for a time, or until done is closed, and says how long each message took.
func plainFor(ctx context.Context, d *daemon.Daemon, most time.Duration, done <-chan struct{}) (took []time.Duration, err error) {
	c, err := milter.Dial(d.Address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	end := time.NewTimer(most)
	defer end.Stop()
	tick := time.NewTicker(plainEvery)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return took, ctx.Err()
		case <-done:
			return took, nil
		case <-end.C:
			return took, nil
		case <-tick.C:
		}
		l := mailmaker.Plain5KB()
		l.ID = fmt.Sprintf("%d.%d@example.net", time.Now().UnixNano(), n)
		a, err := c.Send(l.From, l.To, l.Bytes())
		if err != nil {
			return took, err
		}
		if a.Code != 'c' {
			return took, fmt.Errorf("plain mail was answered %q %s", a.Code, a.Reply)
		}
		took = append(took, a.Took)
	}
}

// quantile is the time that such a share of all stay below.
func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
