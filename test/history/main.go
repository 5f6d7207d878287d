// Command history measures the history of many senders: how much room a sender takes that wrote once or twice, and
// how long it takes to look one up.
//
//	go run ./test/history [-senders 10000000] [-dir FOLDER]
//
// It runs the daemon on them too (the program that QUISHMILTER_BIN names, or else one that it builds), to see what its
// process holds. It begins with 10,000 senders, so that one sees what grows. It writes about 110 bytes per sender into a folder that it removes, twice that while it works, and nearly as much
// memory per sender of a batch (500,000).
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/test/daemon"
	"quishmilter/test/proc"
)

const (
	batch   = 500_000 // senders in one commit, at most
	lookups = 200_000
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func main() {
	senders := flag.Int("senders", 10_000_000, "how many senders")
	dir := flag.String("dir", os.TempDir(), "where the file is made")
	flag.Parse()
	if err := run(*senders, *dir); err != nil {
		log.Fatal(err)
	}
}

// run measures a small store first, to show what grows with it.
func run(senders int, dir string) error {
	folder, err := os.MkdirTemp(dir, "history-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	program, err := daemon.Program(folder)
	if err != nil {
		return err
	}
	for _, n := range []int{min(senders, 10_000), senders} {
		state := filepath.Join(folder, fmt.Sprint(n))
		if err := measure(n, filepath.Join(state, "state.db")); err != nil {
			return err
		}
		if err := printDaemon(program, state, n); err != nil {
			return err
		}
	}
	return printDisk(filepath.Join(folder, "disk"))
}

func measure(senders int, path string) error {
	if err := fillAll(path, senders); err != nil {
		return err
	}
	begin := time.Now()
	db, err := state.Open(path, state.Options{}) // as a daemon does that is started with it
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Printf("opened in %v\n", time.Since(begin).Round(time.Millisecond))
	store := prevalence.New(db, 0)
	for range 2 { // the first warms the page cache
		if err := look(store, senders, lookups); err != nil {
			return err
		}
	}
	if err := recordSome(db, store, senders); err != nil {
		return err
	}
	return printMemory()
}

// printDisk prints what the disk itself takes to make a page durable; a commit waits for it twice.
func printDisk(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	took := make([]time.Duration, 500)
	for i := range took {
		begin := time.Now()
		if _, err := file.WriteAt(make([]byte, 4096), int64(i%16)*4096); err != nil {
			return err
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return err
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	fmt.Printf("the disk alone, a page made durable: p50 %v, p99 %v\n", took[len(took)/2], took[len(took)*99/100])
	return nil
}

// recordSome records one message after the other, each in a commit of its own, and prints how long that took.
func recordSome(db *state.DB, store *prevalence.Store, senders int) error {
	const times = 500
	took := make([]time.Duration, times)
	for i := range took {
		r := prevalence.Record{Time: now, From: address(i * max(senders/times, 1)), Recipients: 1}
		begin := time.Now()
		if err := db.Update(context.Background(), func(tx *state.Tx) error { return store.Add(tx, r) }); err != nil {
			return err
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	fmt.Printf("a record in a commit of its own: p50 %v, p99 %v; %d MB of the file are free pages\n", took[times/2], took[times*99/100], db.Free()>>20)
	return nil
}

// fillAll makes a file with the histories of many senders, and says how large it is.
func fillAll(path string, senders int) error {
	db, err := state.Open(path, state.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	store := prevalence.New(db, 0)
	begin := time.Now()
	for first, end := 0, 0; first < senders; first = end {
		end = min(first+min(max(first/4, 10_000), batch), senders) // pages are split at commits only
		if err := fill(db, store, first, end); err != nil {
			return err
		}
	}
	took := time.Since(begin)
	size, err := db.Size()
	if err != nil {
		return err
	}
	used := size - db.Free()
	fmt.Printf("%d senders with one or two messages in %v\n", senders, took.Round(time.Second))
	fmt.Printf("file: %d MB, of which in use %d MB: %.0f bytes per sender\n", size>>20, used>>20, float64(used)/float64(senders))
	return nil
}

// printMemory says what the program holds itself; pages of the file are the system's, which takes them back at need.
func printMemory() error {
	var m runtime.MemStats
	runtime.GC()
	debug.FreeOSMemory() // what pools hold outlives the first
	runtime.ReadMemStats(&m)
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	var resident int
	if _, err := fmt.Sscan(rest, &resident); err != nil {
		return err
	}
	fmt.Printf("memory of the program, without the file's pages: %.1f MB resident, of which %.1f MB in use\n", float64(resident)/1024, float64(m.HeapAlloc)/1e6)
	return nil
}

// asked is how many senders the daemon is asked for.
const asked = 100

// printDaemon runs the daemon with a state and says what its process holds, once it has answered some questions: pages of
// the file are not its own.
func printDaemon(program, state string, senders int) error {
	d, err := daemon.Start(context.Background(), daemon.Config{Program: program, TCP: true, State: state})
	if err != nil {
		return err
	}
	defer d.Stop()
	for i := range asked {
		said, err := exec.Command(program, "-c", d.ConfigFile(), "sender", address(i*max(senders/asked, 1))).CombinedOutput()
		if err != nil {
			return fmt.Errorf("sender: %w: %s", err, said)
		}
	}
	own, err := proc.Anonymous(d.PID)
	if err != nil {
		return err
	}
	fmt.Printf("memory of the daemon with %d senders, without the file's pages: %.1f MB resident\n", senders, float64(own)/1e6)
	return d.Drain()
}

// address is the n-th sender's, in an order that has nothing to do with the order of keys.
func address(n int) string {
	mixed := uint64(n) * 0x9e3779b97f4a7c15
	return fmt.Sprintf("%c%x@mail%d.example", 'a'+mixed>>60, mixed>>32, mixed%100_003)
}

// fill records one message of each sender, and a second one of every other.
func fill(db *state.DB, store *prevalence.Store, first, end int) error {
	return db.Update(context.Background(), func(tx *state.Tx) error {
		for n := first; n < end; n++ {
			r := prevalence.Record{Time: now.Add(-time.Duration(n%(14*86400)) * time.Second), From: address(n), Recipients: 1}
			for range 1 + n%2 {
				if err := store.Add(tx, r); err != nil {
					return err
				}
				r.Time = r.Time.Add(-36 * time.Hour)
			}
		}
		return nil
	})
}

// look asks for senders of which nine in ten are known, and prints how long that took.
func look(store *prevalence.Store, senders, times int) error {
	rng := rand.New(rand.NewPCG(1, 2))
	took := make([]time.Duration, times)
	for i := range took {
		from := address(rng.IntN(senders + senders/9))
		begin := time.Now()
		if _, err := store.Count(from, now, prevalence.Default()); err != nil {
			return err
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	fmt.Printf("lookup: p50 %v, p99 %v, p99.9 %v, most %v\n", took[times/2], took[times*99/100], took[times*999/1000], took[times-1])
	return nil
}
