package prevalence

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"quishmilter/state"
)

// BenchmarkAdd: what one record costs inside a transaction of 500.
func BenchmarkAdd(b *testing.B) {
	s, db := newStore(b)
	n := 0
	for b.Loop() {
		err := db.Update(context.Background(), func(tx *state.Tx) error {
			for range 500 {
				n++
				if err := s.Add(tx, benchRecord(n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/record")
}

// BenchmarkRecord64: 64 sessions at once, each waiting until its record is durable.
func BenchmarkRecord64(b *testing.B) {
	s, db := newStore(b)
	var n atomic.Int64
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := benchRecord(int(n.Add(1)))
			if err := db.Update(context.Background(), func(tx *state.Tx) error { return s.Add(tx, r) }); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "records/s")
}

// benchRecord is the n-th message of a stream with 200,000 senders.
func benchRecord(n int) Record {
	sender := uint64(n) * 0x9e3779b97f4a7c15 % 200_000
	from := fmt.Sprintf("somebody%d@sender%d.example", sender, sender%5000)
	return Record{Time: now.Add(time.Duration(n) * time.Millisecond), From: from, Recipients: 1,
		ID: NewFingerprint(fmt.Sprint(n), from, []string{"r@b.example"})}
}
