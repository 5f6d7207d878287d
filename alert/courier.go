package alert

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Courier carries the notices of one queue to another system: in order, each until it is taken. One that was under way
// when the program ended is sent again under the same id.
type Courier struct {
	Store *Store
	Queue string
	Batch int // how many go at once

	// Send hands them over. bodies are made before, and kept, so that a message that is sent again is the same.
	Send func(ctx context.Context, list []Notice) error
	Idle func() bool                                         // nobody is to be told at present; what waits goes on waiting
	Make func(ctx context.Context, n Notice) ([]byte, error) // nil: there is no body
	Rest time.Duration                                       // after something was taken

	Failed  func(n int64, err error) // the n-th time in a row
	Works   func(n int64)            // after n failures
	Dropped func(n uint64, why string)
	Panic   func(value any, stack []byte)

	failures atomic.Int64 // in all
	why      string       // what was dropped last was
	wake     chan struct{}
}

// How long is waited after a failure, doubled each time; and how often one message may be refused.
const (
	firstWait  = time.Second
	mostWait   = 5 * time.Minute
	maxRefused = 10
	lookAgain  = 5 * time.Second
)

// NewCourier makes one whose functions the caller sets.
func NewCourier(s *Store, queue string) *Courier {
	return &Courier{Store: s, Queue: queue, Batch: 1, wake: make(chan struct{}, 1)}
}

// Wake says that there may be something to carry.
func (c *Courier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Failures is how often something was not taken.
func (c *Courier) Failures() int64 { return c.failures.Load() }

// Run carries until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	inRow := int64(0)
	_, lost := c.Store.Waiting(c.Queue)
	for ctx.Err() == nil {
		took, err := c.once(ctx, inRow)
		if _, now := c.Store.Waiting(c.Queue); now > lost {
			c.Dropped(now-lost, orElse(c.why, fmt.Sprintf("more than %d wait, and the oldest went; the alerts are there all the same", c.Store.room)))
			lost, c.why = now, ""
		}
		wait := lookAgain // for what is queued by a command, which wakes nobody
		switch {
		case err != nil && ctx.Err() == nil:
			inRow++
			c.failures.Add(1)
			c.Failed(inRow, err)
			wait = backOff(inRow, err)
		case took:
			if inRow > 0 {
				c.Works(inRow)
			}
			inRow, wait = 0, c.Rest
		}
		c.sleep(ctx, wait, err == nil && !took)
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (c *Courier) sleep(ctx context.Context, wait time.Duration, wakes bool) {
	if wait == 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	wake := c.wake
	if !wakes {
		wake = nil
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

func backOff(n int64, err error) time.Duration {
	wait := firstWait << min(n-1, 20)
	var l later
	if errors.As(err, &l) {
		wait = max(wait, l.wait)
	}
	return min(wait, mostWait)
}

// once hands over what is at the front. Nothing there, or nobody to hand it to, is no error.
func (c *Courier) once(ctx context.Context, inRow int64) (took bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Panic(p, debug.Stack())
			err = fmt.Errorf("a defect: %v", p)
		}
	}()
	if c.Idle() {
		return false, nil
	}
	list, err := c.Store.front(c.Queue, c.Batch)
	if err != nil || len(list) == 0 {
		return false, err
	}
	ready, gone, err := c.bodies(ctx, list)
	if err == nil && len(ready) > 0 {
		err = c.Send(ctx, ready)
	}
	var no Refused
	lost := len(gone)
	switch {
	case errors.As(err, &no) && inRow+1 >= maxRefused:
		lost, c.why = len(list), err.Error()
	case err != nil:
		return false, err
	case lost > 0:
		c.why = "what they are about has expired"
	}
	return true, c.Store.done(ctx, c.Queue, lost, list)
}

// bodies makes what is not made yet. gone are notices whose alert has expired.
func (c *Courier) bodies(ctx context.Context, list []Notice) (ready, gone []Notice, err error) {
	for _, n := range list {
		if len(n.Body) == 0 && c.Make != nil {
			n.Body, err = c.Make(ctx, n)
			if errors.Is(err, ErrNone) || errors.Is(err, errDamaged) || n.Alert == "" {
				gone = append(gone, n)
				continue
			}
			if err == nil {
				err = c.Store.keep(ctx, c.Queue, n)
			}
			if err != nil {
				return nil, nil, err
			}
		}
		ready = append(ready, n)
	}
	return ready, gone, nil
}
