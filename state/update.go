package state

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// change is one call of Update on its way through the committer.
type change struct {
	fn    func(*Tx) error
	taken atomic.Bool   // the committer or the caller's deadline took it, whichever came first
	ran   chan struct{} // closed when fn will not be called again
	done  chan error    // gets the outcome; holds one, so that the committer never waits
}

// View runs fn on what is committed now. It waits for nobody, and nobody waits for it.
func (db *DB) View(fn func(*Tx) error) error {
	bolt, err := db.bolt.Begin(false)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	if err != nil {
		return fmt.Errorf("state: reading %s: %w", db.path, err)
	}
	defer rollback(bolt)
	return guard(func() error { return fn(&Tx{bolt: bolt}) })
}

// Update runs fn and returns nil when its changes are on the disk. They share a commit with those of other
// callers, so fn may run more than once, each time on a fresh transaction, in another goroutine: it must be quick
// and leave nothing behind but its changes and plain assignments. Its error comes back to its caller alone and
// undoes its changes alone.
//
// When ctx ends before fn was begun, fn never runs and the context's error comes back. When it ends later, the
// change may yet become durable, and the error is ErrInDoubt as well.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	c := &change{fn: fn, ran: make(chan struct{}), done: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if !db.enqueue(c) {
		return ErrClosed
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
	}
	if c.taken.CompareAndSwap(false, true) {
		return fmt.Errorf("state: nothing was written: %w", ctx.Err())
	}
	// fn may be running: returning now would let it race with its caller.
	select {
	case err := <-c.done:
		return err
	case <-c.ran:
		return fmt.Errorf("state: %w: %w", ErrInDoubt, ctx.Err())
	}
}

func (db *DB) enqueue(c *change) bool {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return false
	}
	db.queue = append(db.queue, c)
	db.mu.Unlock()
	db.signal()
	return true
}

func (db *DB) signal() {
	select {
	case db.wake <- struct{}{}:
	default:
	}
}

// guard turns a panic, and a fault in the mapped file, into an error.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return fn()
}

// rollback ends a transaction that is not to be committed. Rolling back can itself meet a damaged page; there is
// nothing left to be done about it then.
func rollback(tx *bbolt.Tx) {
	_ = guard(tx.Rollback)
}
