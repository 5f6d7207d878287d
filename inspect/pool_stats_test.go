package inspect

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

func TestPoolStats(t *testing.T) {
	var waits atomic.Int64
	p := newPool(t, func(c *PoolConfig) { c.Waited = func(time.Duration) { waits.Add(1) } })
	l := lease(t, p)
	if _, problems := l.Read(within(t, 10*time.Second), partOf("a.txt", []byte("hello"))); len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := p.Stats(); got != (PoolStats{Workers: 1, Busy: 1, Ready: 1}) {
		t.Errorf("with one on lease: %+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan error)
	go func() {
		_, err := p.Lease(ctx, "")
		waited <- err
	}()
	for p.Stats().Waiting != 1 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-waited; err == nil || p.Stats().Waiting != 0 {
		t.Errorf("%v, %+v", err, p.Stats())
	}
	l.Release()
	if got := p.Stats(); got != (PoolStats{Workers: 1, Ready: 1}) || waits.Load() != 2 {
		t.Errorf("after: %+v, %d waits", got, waits.Load())
	}
}

// A worker that dies is counted; it is given back before another is ready.
func TestPoolStatsOfADeath(t *testing.T) {
	p := newPool(t, func(c *PoolConfig) { c.Env = []string{workerMode + "=exit"} })
	l := lease(t, p)
	if _, problems := l.Read(within(t, 10*time.Second), partOf("a.txt", []byte("hello"))); len(problems) != 1 {
		t.Fatal(problems)
	}
	if got := p.Stats(); got.Replaced != 1 || got.Failed != 0 {
		t.Errorf("%+v", got)
	}
}
