package state

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// hold keeps the committer busy until the returned function is called, so that what comes meanwhile is one batch.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	running, gate := make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		_ = db.Update(context.Background(), func(*Tx) error {
			once.Do(func() { close(running) })
			<-gate
			return nil
		})
	}()
	<-running
	return func() { close(gate) }
}

func waitQueued(db *DB, n int) {
	for {
		db.mu.Lock()
		queued := len(db.queue)
		db.mu.Unlock()
		if queued == n {
			return
		}
		runtime.Gosched()
	}
}

// together runs the functions in one batch and returns their errors.
func together(t *testing.T, db *DB, fns ...func(*Tx) error) []error {
	t.Helper()
	release := hold(t, db)
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errs[i] = db.Update(context.Background(), fn) })
		waitQueued(db, i+1)
	}
	release()
	wg.Wait()
	return errs
}

func TestOneChangesErrorIsItsOwn(t *testing.T) {
	bad := errors.New("bad")
	failures := map[string]func(*Tx) error{
		"before writing": func(*Tx) error { return bad },
		"after writing": func(tx *Tx) error {
			return errors.Join(put("spoilt", "1")(tx), bad)
		},
		"after deleting": func(tx *Tx) error {
			return errors.Join(tx.Bucket("a", "b").Delete([]byte("kept")), bad)
		},
	}
	for name, failing := range failures {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			if err := db.Update(context.Background(), put("kept", "1")); err != nil {
				t.Fatal(err)
			}
			fns := []func(*Tx) error{put("first", "1")}
			for range maxRollbacks + 2 {
				fns = append(fns, failing)
			}
			fns = append(fns, put("last", "1"))
			for i, err := range together(t, db, fns...) {
				if wantErr := i > 0 && i < len(fns)-1; errors.Is(err, bad) != wantErr {
					t.Errorf("change %d: %v", i, err)
				}
			}
			for key, want := range map[string]string{"first": "1", "last": "1", "kept": "1", "spoilt": ""} {
				if got := get(t, db, key); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestAPanicIsItsCallersAlone(t *testing.T) {
	db := open(t)
	errs := together(t, db, put("first", "1"), func(tx *Tx) error {
		_ = put("spoilt", "1")(tx)
		panic("oops")
	}, put("last", "1"))
	var panicked *PanicError
	if errs[0] != nil || errs[2] != nil || !errors.As(errs[1], &panicked) || len(panicked.Stack) == 0 {
		t.Errorf("got %v", errs)
	}
	if get(t, db, "first")+get(t, db, "last") != "11" || get(t, db, "spoilt") != "" {
		t.Error("the wrong changes are in the file")
	}
	if err := db.View(func(*Tx) error { panic("oops") }); !errors.As(err, &panicked) {
		t.Errorf("View returned %v", err)
	}
	if err := db.View(func(*Tx) error { panic("oops") }); errors.Is(err, ErrDamaged) {
		t.Errorf("a panic of our own is said to be damage: %v", err)
	}
}

func TestADeadlineInTheQueueMeansThatNothingIsWritten(t *testing.T) {
	db := open(t)
	release := hold(t, db)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() { result <- db.Update(ctx, put("k", "v")) }()
	waitQueued(db, 1)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) || errors.Is(err, ErrInDoubt) {
		t.Errorf("got %v", err)
	}
	release()
	if err := db.Update(context.Background(), put("other", "v")); err != nil {
		t.Fatal(err)
	}
	if get(t, db, "k") != "" {
		t.Error("a change that was given up is in the file")
	}
	if err := db.Update(ctx, put("k", "v")); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that had ended gave %v", err)
	}
}

func TestADeadlineDuringTheRunWaitsForTheFunction(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	var calls int // unguarded on purpose: the race detector sees it when Update returns too early
	err := db.Update(ctx, func(tx *Tx) error {
		cancel()
		runtime.Gosched()
		calls++
		return put("k", "v")(tx)
	})
	calls++
	if err != nil && !errors.Is(err, ErrInDoubt) || calls != 2 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	if err := db.Update(context.Background(), put("other", "v")); err != nil {
		t.Fatal(err)
	}
	if get(t, db, "k") != "v" {
		t.Error("the change is not in the file")
	}
}

func TestCloseDrains(t *testing.T) {
	db, err := Open(t.TempDir()+"/state.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	var wg sync.WaitGroup
	const changes = maxBatch + 10 // more than one batch
	for i := range changes {
		wg.Go(func() {
			if err := db.Update(context.Background(), put(fmt.Sprint(i), "v")); err != nil {
				t.Errorf("a change that was queued before Close: %v", err)
			}
		})
	}
	waitQueued(db, changes)
	closed := make(chan error)
	go func() { closed <- db.Close() }()
	release()
	wg.Wait()
	if err := errors.Join(<-closed, db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(context.Background(), put("late", "v")); !errors.Is(err, ErrClosed) {
		t.Errorf("Update after Close: %v", err)
	}
	if err := db.View(func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("View after Close: %v", err)
	}
	again, err := Open(db.Path(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for i := range changes {
		if get(t, again, fmt.Sprint(i)) != "v" {
			t.Fatalf("change %d is lost", i)
		}
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	db := open(t)
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 50 {
				key := fmt.Sprintf("%d/%d", w, i)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				if err := db.Update(ctx, put(key, "v")); err != nil {
					t.Error(err)
				}
				cancel()
				if get(t, db, key) != "v" {
					t.Errorf("%s cannot be read after it was answered", key)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkUpdate: one lonely writer, the latency that a message on a quiet host pays.
func BenchmarkUpdate(b *testing.B) {
	db := open(b)
	value := make([]byte, 100)
	for i := 0; b.Loop(); i++ {
		key := fmt.Appendf(nil, "%016x", uint64(i)*0x9e3779b97f4a7c15)
		if err := db.Update(context.Background(), func(tx *Tx) error { return tx.Bucket("b").Put(key, value) }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdate64: 64 sessions at once.
func BenchmarkUpdate64(b *testing.B) {
	db := open(b)
	value := make([]byte, 100)
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	var n sync.Mutex
	var next uint64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.Lock()
			next++
			key := fmt.Appendf(nil, "%016x", next*0x9e3779b97f4a7c15)
			n.Unlock()
			if err := db.Update(context.Background(), func(tx *Tx) error { return tx.Bucket("b").Put(key, value) }); err != nil {
				b.Error(err)
			}
		}
	})
}
