package prevalence

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/state"
)

// Sharing histories between hosts, in plain words. Every host writes its records into its own file first, as without
// sharing, and the queue there is what the shared store (Redis 7 or Valkey) is fed from, in order. A script there
// applies a run of changes as a whole and remembers how far this host has come, so that a run that is sent twice is
// applied once. A question goes to the shared store, and to the file at the same time; the answer that knows more
// counts, since either may lag behind and neither ever counts too much.
//
// When the shared store does not answer within awayAfter, it counts as away, and nobody waits for it until a look in
// the background, each probeAgain, found it: the file answers meanwhile, with the last that the shared store said about
// those who wrote here. A store that comes and goes is asked whenever it is there; only its log lines are fewer.

// Limits of sharing.
const (
	awayAfter     = 50 * time.Millisecond  // what a message may wait for the shared store
	probeAgain    = 250 * time.Millisecond // how often a store that is away is looked for, beside all mail
	maxMissed     = 3                      // looks in a row that fail before a new connection is made
	deliverTime   = 5 * time.Second        // for one run of changes
	deliverRun    = 128                    // changes in a run, some 3 ms of the store's time
	keepDelivered = 4096                   // changes kept after delivery, should the shared store lose its newest
	maxSpool      = 1_000_000              // changes that wait, about 150 bytes each; beyond it the oldest are not delivered
	maxBorrowed   = 4096                   // answers that wait to be written to the file
)

// Sharing says where histories are shared, and who wants to hear of it. The functions may be nil.
type Sharing struct {
	URL     string               // see ParseURL
	Away    func(err error)      // once, when the shared store goes
	Back    func(waiting uint64) // once, when it comes back, with the number of changes that are still to be delivered
	Dropped func(n uint64)       // changes that were too many to wait and stay on this host
}

type shared struct {
	store  *Store
	remote *remote
	fetch  func(context.Context, []name, []row) error // remote.fetch, but in tests
	tell   Sharing
	spool  uint64 // maxSpool, but in tests
	wake   chan struct{}

	away   atomic.Bool
	missed atomic.Int32 // looks in a row that failed
	oldest atomic.Int64 // the shared since

	mu       sync.Mutex
	told     bool          // Away was called and Back was not
	steady   time.Duration // how long the store must have answered before Back is called
	up       time.Time     // since when it does; the zero time: it does not
	backlog  uint64        // what waited then
	cameBack time.Time     // when Back was called last
	next     uint64        // the place in the queue of the next change to deliver
	session  uint64        // of the last run, and
	acked    uint64        // the place after it
	lent     map[name]row  // answers of the shared store that are not in the file yet
	keeping  map[name]row  // those that are on their way there
}

func newShared(ctx context.Context, s *Store, tell Sharing) (*shared, error) {
	remote, err := newRemote(tell.URL, s.retention, s.secret != nil)
	if err != nil {
		return nil, err
	}
	sh := &shared{store: s, remote: remote, fetch: remote.fetch, tell: tell, spool: maxSpool, wake: make(chan struct{}, 1), lent: map[name]row{}}
	sh.away.Store(true)
	sh.oldest.Store(math.MaxInt64)
	if err := sh.begin(ctx); err != nil {
		return nil, err
	}
	return sh, nil
}

// begin finds the place to go on from, and marks the file as shared, so that what waits is kept by every store of the
// file. What a file holds from before it was shared stays its own.
func (sh *shared) begin(ctx context.Context) error {
	return sh.store.db.Update(ctx, func(tx *state.Tx) error {
		sh.next = position(tx, deliveredKey)
		return setPosition(tx, deliveredKey, sh.next)
	})
}

// Connect tries to reach the shared store until ctx ends; without one there is nothing to do. A failure is told once
// and is no error: Work goes on trying.
func (s *Store) Connect(ctx context.Context) {
	if s.shared == nil {
		return
	}
	if err := s.shared.reach(ctx); err != nil {
		s.shared.gone(err)
		return
	}
	s.shared.returned(s.shared.waiting())
}

// Close lets go of the shared store; the state file is its owner's to close.
func (s *Store) Close() {
	if s.shared != nil {
		s.shared.remote.close()
	}
}

func (sh *shared) poke() {
	select {
	case sh.wake <- struct{}{}:
	default:
	}
}

func (sh *shared) work(ctx context.Context) { sh.store.forever(ctx, sh.wake, sh.step, sh.lookAgain) }

// lookAgain is how long to wait behind a step: step itself waits while the store is away.
func (sh *shared) lookAgain() time.Duration {
	if sh.away.Load() {
		return 0
	}
	return lookAgain
}

// step delivers what waits, when the store is there.
func (sh *shared) step(ctx context.Context) error {
	if err := sh.exchange(ctx); err != nil {
		sh.gone(err)
		pause(ctx, nil, probeAgain)
		return nil
	}
	return sh.keepBorrowed(ctx)
}

// exchange reaches the store and delivers what waits. The store is back only when it took some of that, or nothing
// waits: one that answers and refuses what is written (out of memory, a replica) would come and go each second.
func (sh *shared) exchange(ctx context.Context) error {
	err := sh.reach(ctx)
	waiting := sh.waiting()
	for err == nil && ctx.Err() == nil {
		var n int
		if n, err = sh.deliver(ctx); err == nil {
			sh.returned(waiting)
		}
		if n == 0 {
			break
		}
	}
	return err
}

// reach makes sure that the store answers as quickly as messages need it.
func (sh *shared) reach(ctx context.Context) error {
	oldest, news, err := sh.remote.reach(ctx, sh.store.forgottenMark())
	if err != nil {
		if sh.missed.Add(1)%maxMissed == 0 {
			sh.remote.reset()
		}
		return err
	}
	sh.missed.Store(0)
	sh.oldest.Store(oldest)
	if bad := sh.applyForgotten(ctx, news); bad != nil {
		sh.store.failed(bad) // it is tried again with the next look
	}
	return nil
}

// gone is told once, however many notice.
func (sh *shared) gone(err error) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.away.Store(true)
	sh.up = time.Time{}
	if sh.told {
		return
	}
	sh.told = true
	sh.steady = min(max(2*sh.steady, time.Second), time.Minute)
	if time.Since(sh.cameBack) > time.Minute {
		sh.steady = 0
	}
	if sh.tell.Away != nil {
		sh.tell.Away(err)
	}
}

// returned is told once: at once, or where the store came and went within a minute when it stays, longer each time, so
// that the log does not suffer from its trouble. It is asked again in any case.
func (sh *shared) returned(waiting uint64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.away.Store(false)
	if !sh.told {
		return
	}
	if sh.up.IsZero() {
		sh.up, sh.backlog = time.Now(), waiting
	}
	if time.Since(sh.up) < sh.steady {
		return
	}
	if sh.tell.Back != nil {
		sh.tell.Back(sh.backlog)
	}
	sh.told = false
	sh.cameBack = time.Now()
}

func (sh *shared) since() int64 { return sh.oldest.Load() }

// Waiting is how many changes the shared store does not have yet.
func (s *Store) Waiting() uint64 {
	if s.shared == nil {
		return 0
	}
	return s.shared.waiting()
}

func (sh *shared) waiting() (n uint64) {
	_ = sh.store.db.View(func(tx *state.Tx) error { // a file that cannot be read is told by those who write
		given := queue(tx).Given()
		n = given + 1 - min(given+1, sh.delivered(given))
		return nil
	})
	return n
}

// forget removes an address's histories from the shared store; what waits here is delivered first.
func (sh *shared) forget(ctx context.Context, f *forgetting) error {
	if err := sh.reach(ctx); err != nil {
		return fmt.Errorf("the shared store is away, ask again when it is back: %w", err)
	}
	for {
		n, err := sh.deliver(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	sh.forgetLent()
	if err := sh.remote.forget(ctx, f); err != nil || f.secret == nil {
		return err
	}
	before := newForgetting(&Store{}, f.plain, f.plain) // what was kept under plain names until there was a secret
	before.there = f.there
	return sh.remote.unhashed().forget(ctx, before)
}
