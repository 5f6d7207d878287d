package inspect

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Lease is one message's hold on a worker, and on the memory that it may use. It is used by one goroutine.
type Lease struct {
	slot    *slot
	queueID string // of the message, for the log
	memory  uint64 // bytes that the worker may allocate for this message
	kept    bool   // of the last part that was read: it may become one with what is in other parts
	links   []Link
	last    *child // the worker that has seen parts of this message; another one would know none of its pictures
}

// ErrQueue says that too many messages wait for a worker already.
var ErrQueue = errors.New("too many messages wait for a worker")

// Lease gives a message its worker. An error means that none was free before ctx ended, or that the queue is full
// (ErrQueue): overload.
func (p *Pool) Lease(ctx context.Context, queueID string) (*Lease, error) {
	select {
	case s := <-p.free:
		return p.lend(ctx, s, queueID, time.Now())
	default:
	}
	waiting := p.counts.waiting.Add(1)
	defer p.counts.waiting.Add(-1)
	if p.config.Queue > 0 && waiting > int64(p.config.Queue) {
		return nil, ErrQueue
	}
	since := time.Now()
	select {
	case s := <-p.free:
		return p.lend(ctx, s, queueID, since)
	case <-ctx.Done():
		p.waited(since)
		return nil, fmt.Errorf("no worker was free in time: %w", ctx.Err())
	case <-p.ctx.Done():
		return nil, errors.New("the workers are shut down")
	}
}

// lend gives a slot to a message once there is memory for it.
func (p *Pool) lend(ctx context.Context, s *slot, queueID string, since time.Time) (*Lease, error) {
	err := p.room.take(ctx, p.room.usual)
	p.waited(since)
	if err != nil {
		p.free <- s
		return nil, fmt.Errorf("no memory was free in time: %w", err)
	}
	return &Lease{slot: s, queueID: queueID, memory: p.room.usual}, nil
}

func (p *Pool) waited(since time.Time) {
	if p.config.Waited != nil {
		p.config.Waited(time.Since(since))
	}
}

// Release gives the worker back. It may be called twice. One that was given more memory than usual ends.
func (l *Lease) Release() {
	s := l.slot
	if l.slot = nil; s == nil {
		return
	}
	if usual := s.pool.room.usual; s.child != nil && s.child.memory > usual {
		s.replace(usual)
	}
	s.pool.room.give(l.memory)
	s.pool.free <- s
	if s.pool.ctx.Err() != nil {
		s.pool.drain()
	}
}

// grow gives the message as much memory as one may ever have, when there is that much, and a new worker. While it waits
// it holds none, so that two that grow do not wait for each other.
func (l *Lease) grow(ctx context.Context) error {
	r := l.slot.pool.room
	if l.memory >= r.most {
		return errors.New("there is no more")
	}
	r.give(l.memory)
	if err := r.take(ctx, r.most); err != nil {
		l.memory = 0 // nothing is held; the parts that follow have no worker
		return err
	}
	l.memory = r.most
	return l.slot.enlarge(ctx, r.most)
}
