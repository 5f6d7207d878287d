package inspect

import (
	"context"
	"errors"
	"sync"
	"time"
)

// take waits for the slot's worker. One that was started with more memory than a message has now is left over from
// another, and ends.
func (s *slot) take(ctx context.Context, memory uint64) (*child, error) {
	for {
		if s.child != nil && s.child.memory <= memory {
			return s.child, nil
		}
		if s.child != nil {
			s.replace(memory)
		}
		select {
		case s.child = <-s.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.pool.ctx.Done():
			return nil, errors.New("the workers are shut down")
		}
	}
}

// drop kills the slot's worker, if it has one.
func (s *slot) drop() {
	if s.child != nil {
		s.pool.counts.ready.Add(-1)
		s.child.kill()
		s.child = nil
	}
}

// replace kills the slot's worker and has another one started in the background, which may allocate so many bytes. A slot
// whose worker is being started already gets that one.
func (s *slot) replace(memory uint64) {
	if s.child == nil {
		return
	}
	s.drop()
	s.refill(memory, nil)
}

// enlarge has the slot's worker give way to one that may allocate so many bytes.
func (s *slot) enlarge(ctx context.Context, memory uint64) error {
	for {
		c, err := s.take(ctx, memory)
		if err != nil || c.memory == memory {
			return err
		}
		s.replace(memory)
	}
}

// Back-off between attempts to start a worker. It only slows starts that fail: a worker that dies of a part is
// replaced at once, since whoever sends such parts must not make other mail wait.
const (
	firstBackOff = 50 * time.Millisecond
	lastBackOff  = 30 * time.Second
)

// refill starts a worker in the background, again and again until one is ready. When the first attempt is over,
// tried is called, if it is not nil.
func (s *slot) refill(memory uint64, tried func()) {
	p := s.pool
	once := sync.OnceFunc(func() {
		if tried != nil {
			tried()
		}
	})
	p.work.Go(func() {
		defer once()
		for wait := firstBackOff; p.ctx.Err() == nil; wait = min(2*wait, lastBackOff) {
			c, err := p.start(memory)
			if err == nil {
				p.counts.ready.Add(1)
				s.ready <- c
				return
			}
			if p.ctx.Err() != nil {
				return
			}
			once()
			p.counts.failed.Add(1)
			p.config.Log.Error("cannot start a worker", "err", err, "retry_in", wait)
			select {
			case <-time.After(wait):
			case <-p.ctx.Done():
			}
		}
	})
}
