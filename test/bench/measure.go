package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
	"quishmilter/test/proc"
)

// kinds are the messages that are sent, in this order; the first with a PDF comes after those without.
var kinds = []kind{
	{"i", "plain 5 KB", mailmaker.Plain5KB},
	{"ii", "HTML with a logo and a 300 KB photo", mailmaker.HTMLWithLogoAndPhoto},
	{"iii", "PNG code", mailmaker.PNGCode},
	{"iv", "PDF with a code as picture", mailmaker.PDFImageCode},
	{"v", "PDF with a drawn code", mailmaker.PDFDrawnCode},
}

// firstPDF is the index of the first kind with a PDF in it.
const firstPDF = 3

// kind is a sort of message.
type kind struct {
	number, name string
	letter       func() mailmaker.Letter
}

// warmUp messages of each kind go first and are not counted: processes start, and the PDF renderer is loaded.
const warmUp = 5

// result is what was measured of one filter.
type result struct {
	latencies [][]time.Duration // per kind, from the final dot to the reply
	cpu       []time.Duration   // per kind, of the filter's processes, for all messages of the kind
	before    proc.Memory       // before the first PDF
	after     proc.Memory       // after everything
	took      time.Duration     // for the throughput's messages
}

// counter makes every message different, as mail is.
var counter atomic.Int64

// measure takes all filters through all kinds, by turns.
func measure(ctx context.Context, rigs []*rig, o options) ([]result, error) {
	if err := settle(ctx, rigs); err != nil {
		return nil, err
	}
	results := make([]result, len(rigs))
	for k, kind := range kinds {
		progress("kind %s, %s: %d messages for each of %d filters", kind.number, kind.name, o.messages, len(rigs))
		if k == firstPDF {
			if err := eachFilter(rigs, func(i int, m proc.Memory) { results[i].before = m }); err != nil {
				return nil, err
			}
		}
		if err := measureKind(ctx, rigs, results, kind, o); err != nil {
			return nil, fmt.Errorf("kind %s: %w", kind.number, err)
		}
	}
	if err := eachFilter(rigs, func(i int, m proc.Memory) { results[i].after = m }); err != nil {
		return nil, err
	}
	progress("plain mail over %d sessions: %d messages for each of %d filters", o.sessions, o.throughput, len(rigs))
	for range o.rounds {
		for i, r := range rigs {
			took, err := flood(ctx, r, o.sessions, o.throughput/o.rounds)
			if err != nil {
				return nil, fmt.Errorf("%s, %d sessions: %w", r.name, o.sessions, err)
			}
			results[i].took += took
		}
	}
	return results, nil
}

// settle waits until no filter works: a fresh quishmilter compiles its PDF renderer, which is nobody's mail's cost.
func settle(ctx context.Context, rigs []*rig) error {
	const calm = time.Second
	progress("waiting until the filters are idle")
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(calm / 5)
	defer tick.Stop()
	since, last := time.Now(), time.Duration(-1)
	for time.Since(since) < calm {
		sum := time.Duration(0)
		for _, r := range rigs {
			used, err := r.cpu()
			if err != nil {
				return err
			}
			sum += used
		}
		if sum != last {
			since, last = time.Now(), sum
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the filters do not come to rest: %w", ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// eachFilter hands on the memory of every filter that is a process.
func eachFilter(rigs []*rig, note func(int, proc.Memory)) error {
	for i, r := range rigs {
		if r.pid == 0 {
			continue
		}
		m, err := proc.MemoryOf(r.pid)
		if err != nil {
			return fmt.Errorf("memory of %s: %w", r.name, err)
		}
		note(i, m)
	}
	return nil
}

// measureKind sends one message at a time, each over a connection of its own.
func measureKind(ctx context.Context, rigs []*rig, results []result, kind kind, o options) error {
	started := make([]time.Duration, len(rigs))
	for i, r := range rigs {
		if _, err := sendMany(ctx, r, kind, warmUp); err != nil {
			return err
		}
		var err error
		if started[i], err = r.cpu(); err != nil {
			return err
		}
		results[i].latencies = append(results[i].latencies, nil)
	}
	for range o.rounds {
		for i, r := range rigs {
			took, err := sendMany(ctx, r, kind, o.messages/o.rounds)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			last := len(results[i].latencies) - 1
			results[i].latencies[last] = append(results[i].latencies[last], took...)
		}
	}
	for i, r := range rigs {
		now, err := r.cpu()
		if err != nil {
			return err
		}
		results[i].cpu = append(results[i].cpu, now-started[i])
	}
	return nil
}

// cpu is what the filter has used up to now, 0 without one.
func (r *rig) cpu() (time.Duration, error) {
	if r.pid == 0 {
		return 0, nil
	}
	return proc.CPUTime(r.pid)
}

func sendMany(ctx context.Context, r *rig, kind kind, n int) ([]time.Duration, error) {
	letter := kind.letter()
	var latencies []time.Duration
	for range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		took, err := sendOne(r, letter)
		if err != nil {
			return nil, err
		}
		latencies = append(latencies, took)
	}
	return latencies, nil
}

// sendOne sends the letter as a new message from a sender who has not written before.
func sendOne(r *rig, letter mailmaker.Letter) (took time.Duration, err error) {
	number := counter.Add(1)
	letter.From = fmt.Sprintf("sender-%d@example.net", number)
	letter.ID = fmt.Sprintf("%d@bench.example", number)
	letter.Date = time.Now()
	letter.Body = letter.Body.Renamed(number)
	data := letter.Bytes()
	client, err := postfix.Dial(r.mta.Addr)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, client.Quit()) }()
	reply, err := client.Send(postfix.Mail{From: letter.From, Rcpts: []string{letter.To}, Data: data})
	if err == nil && reply.Code != 250 {
		err = fmt.Errorf("%d %s", reply.Code, reply.Text)
	}
	return reply.Took, err
}

// flood sends n plain messages over many sessions at once and says how long that took.
func flood(ctx context.Context, r *rig, sessions, n int) (time.Duration, error) {
	letter := mailmaker.Plain5KB()
	var left atomic.Int64
	left.Store(int64(n))
	errs := make([]error, sessions)
	var all sync.WaitGroup
	start := time.Now()
	for s := range sessions {
		all.Go(func() {
			for left.Add(-1) >= 0 && errs[s] == nil && ctx.Err() == nil {
				_, errs[s] = sendOne(r, letter)
			}
		})
	}
	all.Wait()
	return time.Since(start), errors.Join(append(errs, ctx.Err())...)
}

// percentile of the sorted values: the smallest that p % of them do not exceed.
func percentile(values []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}
