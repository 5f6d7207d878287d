package inspect

import (
	"context"
	"errors"
	"time"
)

// take waits for the slot's worker.
func (s *slot) take(ctx context.Context) (*child, error) {
	if s.child != nil {
		return s.child, nil
	}
	select {
	case s.child = <-s.ready:
		return s.child, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.pool.ctx.Done():
		return nil, errors.New("the workers are shut down")
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

// replace kills the slot's worker and has another one started in the background.
func (s *slot) replace() {
	s.drop()
	s.refill()
}

// Back-off between attempts to start a worker. It only slows starts that fail: a worker that dies of a part is
// replaced at once, since whoever sends such parts must not make other mail wait.
const (
	firstBackOff = 50 * time.Millisecond
	lastBackOff  = 30 * time.Second
)

// refill starts a worker in the background, again and again until one is ready.
func (s *slot) refill() {
	p := s.pool
	p.work.Go(func() {
		for wait := firstBackOff; p.ctx.Err() == nil; wait = min(2*wait, lastBackOff) {
			c, err := p.start()
			if err == nil {
				p.counts.ready.Add(1)
				s.ready <- c
				return
			}
			if p.ctx.Err() != nil {
				return
			}
			p.counts.failed.Add(1)
			p.config.Log.Error("cannot start a worker", "err", err, "retry_in", wait)
			select {
			case <-time.After(wait):
			case <-p.ctx.Done():
			}
		}
	})
}
