package inspect

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"quishmilter/picture"
)

// PoolConfig says how workers are run.
type PoolConfig struct {
	Command     []string       // the worker's program and arguments: our own binary and "worker"
	Env         []string       // its whole environment beside what the pool sets; none of ours is inherited
	Size        int            // worker processes; 0: one per core, at most 4
	MemoryLimit uint64         // bytes each may allocate (RLIMIT_DATA); 0: 512 MiB
	CacheDir    string         // where the compiled PDF renderer is kept; "": nowhere
	Limits      picture.Limits // for each part; zero fields mean their defaults
	Log         *slog.Logger   // nil: slog.Default()

	Waited func(time.Duration) // is told how long each message waited for its worker; nil: nobody is
}

func (c PoolConfig) orDefault() PoolConfig {
	if c.Size <= 0 {
		c.Size = min(runtime.NumCPU(), 4)
	}
	if c.MemoryLimit == 0 {
		c.MemoryLimit = 512 << 20
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Pool keeps worker processes ready, and replaces those that were killed or died. A message leases one worker for
// all of its parts.
//
// The decoders behind it cannot be cancelled and out of memory ends a Go process, so a process is what can be given
// up: for each part that takes one down there is one problem, and the codes read before it are kept.
type Pool struct {
	config PoolConfig
	free   chan *slot
	starts chan startRequest
	ctx    context.Context // ends with Close
	close  context.CancelFunc
	slots  []*slot
	warmed chan struct{} // closed when the PDF renderer is compiled, or will not be
	work   sync.WaitGroup
	counts poolCounts
}

// slot is a place for one worker; its owner (a lease, or the pool's free list) is alone with it.
type slot struct {
	pool  *Pool
	ready chan *child // capacity 1: the next worker, once it is ready
	child *child      // nil while one is being started
}

// NewPool starts the workers and returns at once; a lease waits for the first that is ready.
func NewPool(config PoolConfig) (*Pool, error) {
	config = config.orDefault()
	if len(config.Command) == 0 {
		return nil, errors.New("a pool of workers without a command to start them")
	}
	p := &Pool{config: config, free: make(chan *slot, config.Size), starts: make(chan startRequest), warmed: make(chan struct{})}
	p.ctx, p.close = context.WithCancel(context.Background())
	p.work.Go(p.starter)
	for range config.Size {
		s := &slot{pool: p, ready: make(chan *child, 1)}
		p.slots = append(p.slots, s)
		p.free <- s
		s.refill()
	}
	if config.CacheDir == "" {
		close(p.warmed)
	} else {
		p.work.Go(p.warm)
	}
	return p, nil
}

// Warmed waits until the PDF renderer is compiled. At the very first start that takes a second of an idle core, and a PDF
// that came before would wait for it within its own time limit, and might pass unread.
func (p *Pool) Warmed(ctx context.Context) {
	select {
	case <-p.warmed:
	case <-ctx.Done():
	}
}

// Close ends all workers. Leases that are still out get an overload problem for their next part.
func (p *Pool) Close() {
	p.close()
	p.work.Wait()
	for _, s := range p.slots {
		select {
		case c := <-s.ready:
			c.kill()
		default:
		}
	}
	p.drain()
}

// drain kills the workers that are not on lease; those that are follow in Release.
func (p *Pool) drain() {
	for {
		select {
		case s := <-p.free:
			s.drop()
		default:
			return
		}
	}
}

// Lease is one message's hold on a worker. It is used by one goroutine.
type Lease struct {
	slot    *slot
	queueID string // of the message, for the log
	kept    bool   // of the last part that was read: it may become one with what is in other parts
	links   []Link
	last    *child // the worker that has seen parts of this message; another one would know none of its pictures
}

// Release gives the worker back. It may be called twice.
func (l *Lease) Release() {
	s := l.slot
	if l.slot = nil; s == nil {
		return
	}
	s.pool.free <- s
	if s.pool.ctx.Err() != nil {
		s.pool.drain()
	}
}
