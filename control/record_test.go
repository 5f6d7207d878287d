package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
)

// childEnv makes the test binary record messages into the state file that it names, until it is killed.
const childEnv = "QUISHMILTER_CONTROL_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		recordForever(path)
	}
	if path := os.Getenv(peerEnv); path != "" {
		askAll(path)
	}
	os.Exit(m.Run())
}

func openDaemon(path string) (*daemon, error) {
	db, err := state.Open(path, state.Options{})
	if err != nil {
		return nil, err
	}
	return &daemon{db: db, history: prevalence.New(db, 0), events: journal.New(db), lists: journal.NewEntries(db)}, nil
}

// record is what the daemon does with the n-th answered message: history and event in one commit.
func (d *daemon) record(n int64) error {
	from := senderOf(n)
	at := noon.Add(-48*time.Hour + time.Duration(n)*time.Millisecond)
	messageID := fmt.Sprintf("<%d@a.example>", n)
	rcpts := []string{"claire@letsdefend.io"}
	r := prevalence.Record{Time: at, From: from, Recipients: 1, ID: prevalence.NewFingerprint(messageID, from, rcpts)}
	e := journal.Event{
		Time: at, ID: journal.NewID(at), QueueID: fmt.Sprintf("4Szm0h%07d", n), MessageID: messageID, HeaderFrom: from,
		NRcpt: 1, Direction: "inbound", Auth: "none", Verdict: "accept", Scan: "complete", Size: 5000, MS: 2,
	}
	return d.db.Update(context.Background(), func(tx *state.Tx) error {
		return errors.Join(d.history.Add(tx, r), d.events.Add(tx, e))
	})
}

func senderOf(n int64) string { return fmt.Sprintf("sender.%d@example.com", n) }

// recordForever records from 16 goroutines, beginning with the number on standard input, and prints each number
// that is durable.
func recordForever(path string) {
	var first int64
	_, err := fmt.Scan(&first)
	d, err2 := openDaemon(path)
	if err := errors.Join(err, err2); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var next atomic.Int64
	next.Store(first)
	for range 16 {
		go func() {
			for {
				n := next.Add(1)
				if err := d.record(n); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				os.Stdout.WriteString(strconv.FormatInt(n, 10) + "\n") // one write, so lines stay whole
			}
		}()
	}
	select {}
}

func TestKillUnderLoadLosesAndDoublesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var last int64
	for round := range 4 {
		first := last
		answered := killAfter(t, path, first, 150+60*round)
		d, err := openDaemon(path)
		if err != nil {
			t.Fatal(err)
		}
		for n := range answered {
			last = max(last, n)
			if d.known(t, n) != 1 {
				t.Fatalf("message %d was answered, and its history has %d messages", n, d.known(t, n))
			}
			if events, err := d.events.ByQueueID(fmt.Sprintf("4Szm0h%07d", n)); err != nil || len(events) != 1 {
				t.Fatalf("message %d was answered, and the journal has %v, %v", n, events, err)
			}
		}
		last += 100 // some were begun and not answered
		for n := first + 1; n <= last; n++ {
			before := d.known(t, n)
			if events, err := d.events.ByQueueID(fmt.Sprintf("4Szm0h%07d", n)); err != nil || len(events) != before {
				t.Fatalf("message %d: history and journal disagree", n)
			}
			if n%10 > 0 {
				continue
			}
			if err := d.record(n); err != nil || d.known(t, n) != 1 { // the client tries again
				t.Fatalf("message %d came again and counts %d, %v", n, d.known(t, n), err)
			}
		}
		if err := d.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *daemon) known(t *testing.T, n int64) int {
	t.Helper()
	counts, err := d.history.Count(senderOf(n), noon, prevalence.Default())
	if err != nil {
		t.Fatal(err)
	}
	return counts.Messages
}

// killAfter lets a child record messages from a number on, kills it after some answers, and returns all answers.
func killAfter(t *testing.T, path string, first int64, answers int) map[int64]bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	cmd.Stderr = os.Stderr
	cmd.Stdin = strings.NewReader(strconv.FormatInt(first, 10) + "\n")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answered := make(map[int64]bool)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		answered[n] = true
		if len(answered) == answers {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if len(answered) < answers {
		t.Fatalf("%d answers only", len(answered))
	}
	return answered
}

// BenchmarkRecord: history and event of one plain message, one after the other.
func BenchmarkRecord(b *testing.B) {
	d, err := openDaemon(filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer d.db.Close()
	for n := int64(0); b.Loop(); n++ {
		if err := d.record(n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord64: the same with 64 sessions.
func BenchmarkRecord64(b *testing.B) {
	d, err := openDaemon(filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer d.db.Close()
	var next atomic.Int64
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := d.record(next.Add(1)); err != nil {
				b.Error(err)
			}
		}
	})
	size, _ := d.db.Size()
	b.ReportMetric(float64(size)/float64(b.N), "file-bytes/op")
}
