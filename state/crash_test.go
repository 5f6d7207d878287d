package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// childEnv makes the test binary be a child that these tests kill or starve: it names what to be and the file.
const childEnv = "QUISHMILTER_STATE_CHILD"

func TestMain(m *testing.M) {
	switch what, path, _ := cutChild(os.Getenv(childEnv)); what {
	case "writer":
		writeForever(path)
	case "starved":
		starve(path)
	default:
		os.Exit(m.Run())
	}
}

func cutChild(env string) (what, path string, ok bool) {
	for i := range env {
		if env[i] == ' ' {
			return env[:i], env[i+1:], true
		}
	}
	return "", "", false
}

func child(what, path string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+what+" "+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// writeForever writes from 16 goroutines and prints each key once it is durable.
func writeForever(path string) {
	db, err := Open(path, Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var out sync.Mutex
	for w := range 16 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				if err := db.Update(context.Background(), put(key, key)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println(key)
				out.Unlock()
			}
		}()
	}
	select {}
}

func TestKillUnderLoadLosesNothingThatWasAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var answered []string
	for round := range 5 {
		answered = append(answered, killAfter(t, path, 200+round*50)...)
		db, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range answered {
			if get(t, db, key) != key {
				t.Fatalf("round %d: %s was answered and is lost", round, key)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		checkPages(t, path)
	}
}

// killAfter starts a writer, kills it after n answers, and returns every answer that it gave.
func killAfter(t *testing.T, path string, n int) (answered []string) {
	t.Helper()
	cmd := child("writer", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a last line without its end was not answered
		}
		answered = append(answered, line[:len(line)-1])
		if len(answered) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if len(answered) < n {
		t.Fatalf("the writer gave %d answers only", len(answered))
	}
	return answered
}

func TestAFullDiskIsAnErrorAndPasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if out, err := child("starved", path).Output(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkPages(t, path)
}

// starve fills the file until the limit on file sizes is reached (as a full disk would end it), lifts the limit
// and goes on. It exits with 0 when everything went as promised.
func starve(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	var was syscall.Rlimit
	db, err := Open(path, Options{})
	must(err)
	if fillBatch(db, 0) != 0 { // it makes the file longer than the limit to come, so that page writes meet it
		must(errors.New("the first batch failed"))
	}
	must(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 200_000, Max: was.Max}))
	written, failed := 1, 0
	for ; written < 1000; written++ {
		if failed = fillBatch(db, written); failed > 0 {
			break
		}
	}
	if failed != 8 || written < 5 {
		must(fmt.Errorf("%d of the batch's 8 changes failed, after %d batches", failed, written))
	}
	must(db.View(func(tx *Tx) error {
		if tx.Bucket("a", "b").Get(fmt.Appendf(nil, "%d/0", written)) != nil {
			return errors.New("a change that was answered with an error can be read")
		}
		return nil
	}))
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was))
	if failed := fillBatch(db, written); failed != 0 {
		must(fmt.Errorf("%d changes failed with room on the disk", failed))
	}
	must(db.View(func(tx *Tx) error {
		for i := range (written + 1) * 8 {
			if tx.Bucket("a", "b").Get(fmt.Appendf(nil, "%d/%d", i/8, i%8)) == nil {
				return fmt.Errorf("change %d is lost", i)
			}
		}
		return nil
	}))
	must(db.Close())
	os.Exit(0)
}

// fillBatch writes 8 changes in one batch and returns how many failed.
func fillBatch(db *DB, number int) (failed int) {
	batch := make([]*change, 8)
	for i := range batch {
		key := fmt.Appendf(nil, "%d/%d", number, i)
		batch[i] = &change{ran: make(chan struct{}), done: make(chan error, 1), fn: func(tx *Tx) error {
			return tx.Bucket("a", "b").Put(key, make([]byte, 1000))
		}}
	}
	db.commit(batch)
	for _, c := range batch {
		if err := <-c.done; err != nil {
			failed++
		}
	}
	return failed
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
