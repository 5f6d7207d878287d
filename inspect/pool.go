package inspect

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/picture"
	"quishmilter/sandbox"
)

// PoolConfig says how workers are run.
type PoolConfig struct {
	Command     []string        // the worker's program and arguments: our own binary and "worker"
	Env         []string        // its whole environment beside what the pool sets; none of ours is inherited
	Size        int             // worker processes; 0: one per core, at most 4
	MemoryLimit uint64          // bytes each may allocate (RLIMIT_DATA); 0: 512 MiB
	Room        uint64          // bytes for all of them together; 0: as much as all may allocate
	Queue       int             // messages that may wait for a worker; beyond, a lease is refused at once. 0: any number
	CacheDir    string          // where the compiled PDF renderer is kept; "": nowhere, and each worker compiles at its first PDF
	Limits      picture.Limits  // for each part; zero fields mean their defaults
	Sandbox     *sandbox.Config // what workers give up; nil: nothing
	Log         *slog.Logger    // nil: slog.Default()

	Waited func(time.Duration) // is told how long each message waited for its worker; nil: nobody is
}

// DefaultSize is how many workers there are where nothing is said.
func DefaultSize() int { return min(runtime.NumCPU(), 4) }

func (c PoolConfig) orDefault() PoolConfig {
	if c.Size <= 0 {
		c.Size = DefaultSize()
	}
	if c.MemoryLimit == 0 {
		c.MemoryLimit = 512 << 20
	}
	if c.Room == 0 {
		c.Room = uint64(c.Size) * c.MemoryLimit
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
	warmed chan struct{} // closed when the first worker is ready
	room   *room
	report atomic.Pointer[sandbox.Report] // of the worker that was started last
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
	room, size := newRoom(config)
	config.Size = size
	p := &Pool{config: config, room: room, free: make(chan *slot, size), starts: make(chan startRequest), warmed: make(chan struct{})}
	p.ctx, p.close = context.WithCancel(context.Background())
	p.work.Go(p.starter)
	for range size {
		s := &slot{pool: p, ready: make(chan *child, 1)}
		p.slots = append(p.slots, s)
		p.free <- s
	}
	p.slots[0].refill(room.usual, func() { close(p.warmed) })
	p.work.Go(func() { // the first has filled the compilation cache for the others
		p.Warmed(p.ctx)
		for _, s := range p.slots[1:] {
			s.refill(room.usual, nil)
		}
	})
	return p, nil
}

// Warmed waits until the first worker is ready. At the very first start the PDF renderer is compiled before, which takes
// a second of an idle core; a PDF that came then would wait for it within its own time limit, and might pass unread.
func (p *Pool) Warmed(ctx context.Context) {
	select {
	case <-p.warmed:
	case <-ctx.Done():
	}
}

// Sandbox is what the worker that was started last gave up; nil before the first is ready, or where workers give up
// nothing.
func (p *Pool) Sandbox() *sandbox.Report { return p.report.Load() }

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
