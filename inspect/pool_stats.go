package inspect

import "sync/atomic"

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
