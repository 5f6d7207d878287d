package prevalence

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// How Work paces itself: an entry waits gather for company, and is looked for every lookAgain even when nobody called.
const (
	gather    = 50 * time.Millisecond
	lookAgain = time.Second
)

// Work derives histories from the queue, and delivers them where they are shared, until ctx ends. One call at a time
// serves all stores of a file.
func (s *Store) Work(ctx context.Context) {
	var wg sync.WaitGroup
	if s.shared != nil {
		wg.Go(func() { s.shared.work(ctx) })
	}
	s.forever(ctx, s.wake, s.deriveAll, func() time.Duration { return lookAgain })
	wg.Wait()
}

// forever runs step whenever it is called for, and now and then.
func (s *Store) forever(ctx context.Context, wake <-chan struct{}, step func(context.Context) error, again func() time.Duration) {
	for ctx.Err() == nil {
		if err := safely(ctx, step); err != nil && ctx.Err() == nil {
			s.failed(err)
			pause(ctx, nil, lookAgain)
		}
		pause(ctx, wake, again())
		pause(ctx, nil, gather)
	}
}

// deriveSlice is how many entries one commit works off: messages wait for it meanwhile, some 5 ms.
const deriveSlice = 200

// deriveAll works off the queue. Where histories are shared, what this host derives is for when the shared store is
// away: it takes a third of the time at most, and may lag behind.
func (s *Store) deriveAll(ctx context.Context) error {
	for more := true; more && ctx.Err() == nil; {
		begin := time.Now()
		var err error
		if more, err = s.Derive(ctx, deriveSlice); err != nil {
			return err
		}
		if s.shared != nil && more {
			pause(ctx, nil, 2*time.Since(begin))
		}
	}
	if s.shared != nil {
		s.shared.poke()
	}
	return nil
}

// safely makes a panic an error: work in the background must not take the mail with it.
func safely(ctx context.Context, step func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("prevalence: a defect: %v\n%s", p, debug.Stack())
		}
	}()
	return step(ctx)
}

func pause(ctx context.Context, wake <-chan struct{}, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}
