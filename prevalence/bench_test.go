package prevalence

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"quishmilter/state"
	"quishmilter/test/redis"
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

// fullRecord has all that live mail has.
func fullRecord(n int) Record {
	r := benchRecord(n)
	r.Domain = DomainOf(r.From)
	r.Network = fmt.Sprintf("192.0.%d.0/24", n%250)
	r.To = []string{fmt.Sprintf("reader%d@b.example", n%300)}
	return r
}

// BenchmarkSustained64: 64 sessions at once, with every history, until everything is derived.
func BenchmarkSustained64(b *testing.B) {
	s, db := newStore(b)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go s.Work(ctx)
	write64(b, db, s, func() { deriveAll(b, s) })
}

// BenchmarkLearn: stored messages to histories, without the files.
func BenchmarkLearn(b *testing.B) {
	s, _ := newStore(b)
	n, begin := 0, cpu()
	for b.Loop() {
		records := make([]Record, 0, 500)
		for range 500 {
			n++
			text := fmt.Appendf(nil, strings.ReplaceAll(stored, "Some.Body", fmt.Sprintf("Some.Body%d", n%20_000)), fmt.Sprint(n))
			r, err := FromMessage(text, now)
			if err != nil {
				b.Fatal(err)
			}
			records = append(records, r)
		}
		add(b, s, records...)
		if _, err := s.Derive(context.Background(), 1000); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(n), "cpu-µs/message")
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// write64 has 64 sessions write, each waiting until its record is durable, and reports how long they waited.
func write64(b *testing.B, db *state.DB, s *Store, finish func()) {
	var n atomic.Int64
	waits := make([]time.Duration, b.N)
	begin := cpu()
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			r := fullRecord(int(i))
			waits[i-1] = timed(func() {
				if err := db.Update(context.Background(), func(tx *state.Tx) error { return s.Add(tx, r) }); err != nil {
					b.Error(err)
				}
			})
		}
	})
	b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "records/s-answered")
	finish()
	slices.Sort(waits)
	b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(n.Load()), "cpu-µs/record")
	b.ReportMetric(waits[len(waits)*99/100].Seconds()*1000, "ms-p99")
	b.ReportMetric(diskP99(b).Seconds()*1000, "ms-p99-disk")
}

// diskP99 is what the disk itself takes to make a page durable, in the same minute: a commit waits for it twice.
func diskP99(b *testing.B) time.Duration {
	file, err := os.Create(filepath.Join(b.TempDir(), "disk"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	took := make([]time.Duration, 300)
	for i := range took {
		took[i] = timed(func() {
			if _, err := file.WriteAt(make([]byte, 4096), int64(i%16)*4096); err != nil {
				b.Fatal(err)
			}
			if err := syscall.Fdatasync(int(file.Fd())); err != nil {
				b.Fatal(err)
			}
		})
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// BenchmarkDeliver: changes to a real Redis, by one host.
func BenchmarkDeliver(b *testing.B) {
	server := redis.Start(b)
	h := newHost(b, server.URL(), filepath.Join(b.TempDir(), "state.db"))
	h.connect(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		records := make([]Record, 500)
		for i := range records {
			n++
			records[i] = fullRecord(n)
		}
		add(b, h.Store, records...)
		b.StartTimer()
		for {
			sent, err := h.shared.deliver(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			if sent == 0 {
				break
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkShared64: 64 sessions at once where histories are shared, until Redis has everything.
func BenchmarkShared64(b *testing.B) {
	server := redis.Start(b)
	h := newHost(b, server.URL(), filepath.Join(b.TempDir(), "state.db"))
	h.connect(b)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go h.Work(ctx)
	before := server.CPU()
	write64(b, h.db, h.Store, func() {
		for h.Waiting() > 0 {
			time.Sleep(time.Millisecond)
		}
	})
	b.ReportMetric(float64((server.CPU()-before).Microseconds())/float64(b.N), "redis-cpu-µs/record")
}
