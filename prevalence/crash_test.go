package prevalence

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"quishmilter/state"
)

// childEnv makes the test binary be a filter that a test kills; it names the state file.
const childEnv = "QUISHMILTER_PREVALENCE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		recordForever(path)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// recordForever records from 16 goroutines while histories are derived, and prints the sender of each record that is
// durable. Every record comes twice, as a retry would.
func recordForever(path string) {
	db, err := state.Open(path, state.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	s := New(db, 0)
	go s.Work(context.Background())
	var out sync.Mutex
	for w := range 16 {
		go func() {
			for i := 0; ; i++ {
				sender := fmt.Sprintf("s%d@a.example", w)
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				r := Record{Time: now.Add(-time.Duration(48*3600+i) * time.Second), From: sender, Recipients: 1, Domain: "a.example", ID: NewFingerprint(id, sender, nil)}
				for range 2 {
					if err := db.Update(context.Background(), func(tx *state.Tx) error { return s.Add(tx, r) }); err != nil {
						fmt.Fprintln(os.Stderr, err)
						os.Exit(1)
					}
				}
				out.Lock()
				fmt.Println(id)
				out.Unlock()
			}
		}()
	}
	select {}
}

// TestKillUnderLoad: nothing that was answered is lost, nothing counts twice, and the derived histories agree with the
// addresses'. QUISHMILTER_KILLS sets how often.
func TestKillUnderLoad(t *testing.T) {
	kills := 5
	if text := os.Getenv("QUISHMILTER_KILLS"); text != "" {
		if _, err := fmt.Sscan(text, &kills); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "state.db")
	answered := 0
	for round := range kills {
		answered += killAfter(t, path, 150+round*37)
		db, err := state.Open(path, state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := New(db, 0)
		deriveAll(t, s)
		most := answered + (round+1)*16 // one of each goroutine may be durable without its answer
		total := 0
		for w := range 16 {
			total += count(t, s, fmt.Sprintf("s%d@a.example", w), now, Default()).Messages
		}
		domain, err := s.CountOf(Domain, "a.example", now, Default())
		if err != nil || total < answered || total > most || domain.Messages != total {
			t.Fatalf("round %d: %d answered, %d in addresses, %d in the domain, %v", round, answered, total, domain.Messages, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter starts a filter, kills it after n answers, and returns how many it gave.
func killAfter(t *testing.T, path string, n int) (answered int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil || !strings.HasSuffix(line, "\n") {
			break
		}
		if answered++; answered == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if answered < n {
		t.Fatalf("the filter gave %d answers only", answered)
	}
	return answered
}
