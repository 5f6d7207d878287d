package inspect

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// PoolStats say how the workers are doing; the last two count since the start.
type PoolStats struct {
	Workers  int
	Busy     int   // on lease to a message
	Ready    int   // processes that wait for work, or do it
	Waiting  int   // messages that wait for one
	Replaced int64 // were killed, or died
	Failed   int64 // starts that failed
}

type poolCounts struct {
	waiting          atomic.Int64
	ready            atomic.Int64
	replaced, failed atomic.Int64
}

// Stats counts.
func (p *Pool) Stats() PoolStats {
	return PoolStats{Workers: len(p.slots), Busy: len(p.slots) - len(p.free), Ready: int(p.counts.ready.Load()), Waiting: int(p.counts.waiting.Load()),
		Replaced: p.counts.replaced.Load(), Failed: p.counts.failed.Load()}
}

// Lease gives a message its worker. An error means that none was free before ctx ended: overload.
func (p *Pool) Lease(ctx context.Context, queueID string) (*Lease, error) {
	p.counts.waiting.Add(1)
	defer p.counts.waiting.Add(-1)
	if told := p.config.Waited; told != nil {
		defer func(since time.Time) { told(time.Since(since)) }(time.Now())
	}
	select {
	case s := <-p.free:
		return &Lease{slot: s, queueID: queueID}, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for a worker: %w", ctx.Err())
	case <-p.ctx.Done():
		return nil, errors.New("the workers are shut down")
	}
}
