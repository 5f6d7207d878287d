// Command journalbench measures the journal at the size of a busy month: what an event costs to write and on the disk,
// how long hunts take, and how much memory they need.
//
//	go run ./test/journalbench [-events 1000000] [-codes 200] [-full] [-dir FOLDER]
//
// One event in so many (-codes) has a code and a picture of it; mail comes evenly over 30 days from 200,000 senders.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"quishmilter/journal"
	"quishmilter/journal/table"
	"quishmilter/prevalence"
	"quishmilter/state"
)

const (
	sessions = 64
	single   = 50_000 // events that are written one by one, as mail comes
	batch    = 2000   // of the others in a commit
	senders  = 200_000
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// load is what is measured.
type load struct {
	events, codes int
	full          bool
}

func main() {
	var l load
	flag.IntVar(&l.events, "events", 1_000_000, "how many events")
	flag.IntVar(&l.codes, "codes", 200, "one event in so many has a code")
	flag.BoolVar(&l.full, "full", false, "keep plain mail whole")
	dir := flag.String("dir", os.TempDir(), "where the file is made")
	flag.Parse()
	if err := l.run(*dir); err != nil {
		log.Fatal(err)
	}
}

func (l load) run(dir string) error {
	folder, err := os.MkdirTemp(dir, "journalbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "state.db")
	if err := l.fill(path); err != nil {
		return err
	}
	db, err := state.Open(path, state.Options{}) // as a daemon that was just started
	if err != nil {
		return err
	}
	defer db.Close()
	return l.hunts(journal.New(db), folder)
}

// event is the n-th, in the order of time.
func (l load) event(n int) journal.Event {
	at := now.Add(-30 * 24 * time.Hour / time.Duration(l.events) * time.Duration(l.events-n))
	sender := uint64(n) * 0x9e3779b97f4a7c15 % senders
	e := journal.Event{Time: at, ID: journal.NewID(at), QueueID: fmt.Sprintf("4jW%05XzTdM%03X", n, n%4096), MessageID: fmt.Sprintf("<%08x.%d@mail.sender%d.example>", n*7919, n, sender%5000),
		HeaderFrom: fmt.Sprintf("somebody%d@sender%d.example", sender, sender%5000), MailFrom: fmt.Sprintf("bounce+%d@sender%d.example", n, sender%5000),
		Rcpts: []string{fmt.Sprintf("reader%d@b.example", n%3000)}, NRcpt: 1, Direction: "inbound", ClientAddr: fmt.Sprintf("198.51.%d.%d", n%100, n%250),
		ClientName: fmt.Sprintf("mx%d.sender%d.example", n%4, sender%5000), HELO: "mx.example", Auth: "pass", Subject: fmt.Sprintf("Your order %d has been shipped", n),
		Verdict: "accept", Where: journal.Delivered, Scan: "complete", Size: 5000, MS: 1.23, Sender: journal.SenderEvent{Messages: 3, Recipients: 3, Window: "14d-1d"}}
	if n%l.codes == 0 {
		host := fmt.Sprintf("host%d.example", n%977)
		e.HeaderFrom = fmt.Sprintf("stranger%d@new%d.example", n, n)
		e.Verdict, e.Reasons, e.NCodes = "tag", []string{"qr-link-from-new-sender"}, 1
		e.Codes = []journal.CodeEvent{{Symbology: "qr", Payload: "https://" + host + "/pay/" + fmt.Sprint(n), Kind: "url", URL: "https://" + host + "/pay/" + fmt.Sprint(n),
			Host: host, Carrier: "pdf", Part: "2", Name: "invoice.pdf", At: "page 1", Box: &[4]int{100, 100, 300, 300}, Shown: []byte(strings.Repeat("p", 1200))}}
	}
	return e
}

// fill writes most events in large commits, and the last ones as mail comes: one by one, from many sessions, each
// waiting for the disk.
func (l load) fill(path string) error {
	db, err := state.Open(path, state.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	j := journal.New(db)
	j.KeepAll(l.full)
	bulk := max(l.events-single, 0)
	for first := 0; first < bulk; first += batch {
		err := db.Update(context.Background(), func(tx *state.Tx) error {
			for n := first; n < min(first+batch, bulk); n++ {
				if err := j.Add(tx, l.event(n)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	before, err := inUse(db)
	if err != nil {
		return err
	}
	sizeAfterBulk, err := j.Size()
	if err != nil {
		return err
	}
	begin, busy := time.Now(), cpu()
	if err := l.sessions(db, j, bulk); err != nil {
		return err
	}
	took, used := time.Since(begin), cpu()-busy
	fmt.Printf("%d events, one in %d with a code and a picture, plain mail kept whole: %v\n", l.events, l.codes, l.full)
	fmt.Printf("%d bytes on the disk per event (the journal says %d)\n", before/int64(max(bulk, 1)), sizeAfterBulk/int64(max(bulk, 1)))
	fmt.Printf("the last %d with the sender's history, by %d sessions that each wait for the disk: %.0f a second, %.2f s of processor per 1,000\n",
		l.events-bulk, sessions, float64(l.events-bulk)/took.Seconds(), used.Seconds()*1000/float64(l.events-bulk))
	return nil
}

// inUse is the size of the file without its free pages.
func inUse(db *state.DB) (int64, error) {
	size, err := db.Size()
	return size - db.Free(), err
}

func (l load) sessions(db *state.DB, j *journal.Journal, from int) error {
	history := prevalence.New(db, 0)
	var next atomic.Int64
	next.Store(int64(from))
	failed := make(chan error, sessions)
	var all sync.WaitGroup
	for range sessions {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < l.events; n = int(next.Add(1)) - 1 {
				e := l.event(n)
				err := db.Update(context.Background(), func(tx *state.Tx) error {
					return errors.Join(history.Add(tx, recordOf(e)), j.Add(tx, e))
				})
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// recordOf is what the sender's history keeps of an event, in the same commit.
func recordOf(e journal.Event) prevalence.Record {
	return prevalence.Record{Time: e.Time, From: prevalence.Key(e.HeaderFrom), Recipients: e.NRcpt,
		ID: prevalence.NewFingerprint(e.MessageID, e.HeaderFrom, e.Rcpts)}
}

// hunts asks what people ask, each thing three times: the first time the file may have to come from the disk.
func (l load) hunts(j *journal.Journal, folder string) error {
	fmt.Printf("memory before: %s\nseconds, and of these the processor's:\n", memory())
	for _, h := range []struct {
		name string
		run  func() (int, error)
	}{
		{"--preset hunt", func() (int, error) { return presets(j, table.Hunt) }},
		{"--preset rule", func() (int, error) { return presets(j, table.Rule) }},
		{"--host", func() (int, error) { return find(j, journal.Filter{Host: "host7.example"}) }},
		{"--url", func() (int, error) { return find(j, journal.Filter{URL: "/pay/2000"}) }},
		{"--sender", func() (int, error) { return find(j, journal.Filter{Sender: l.event(4321).HeaderFrom}) }},
		{"--domain", func() (int, error) { return find(j, journal.Filter{Domain: "sender7.example"}) }},
		{"--client", func() (int, error) { return find(j, journal.Filter{Client: netip.MustParsePrefix("198.51.7.0/24")}) }},
		{"--rcpt", func() (int, error) { return find(j, journal.Filter{Recipient: "reader7@b.example"}) }},
		{"--reason", func() (int, error) { return find(j, journal.Filter{Reason: "qr-link-from-new-sender"}) }},
		{"export", func() (int, error) { return export(j, folder) }},
		{"over tables", func() (int, error) { return overTables(folder) }},
		{"everything", func() (int, error) { return find(j, journal.Filter{}) }},
	} {
		fmt.Printf("%-14s", h.name)
		found := 0
		for range 3 {
			begin, busy := time.Now(), cpu()
			n, err := h.run()
			if err != nil {
				return err
			}
			found = n
			fmt.Printf(" %6.2f (%.2f)", time.Since(begin).Seconds(), (cpu() - busy).Seconds())
		}
		fmt.Printf("  %d found\n", found)
	}
	fmt.Printf("memory after: %s\n", memory())
	return nil
}

func presets(j *journal.Journal, p table.Preset) (n int, err error) {
	for next, first := "", true; first || next != ""; first = false {
		answer, err := j.Preset(context.Background(), p, now, next)
		if err != nil {
			return n, err
		}
		n, next = n+len(answer.Rows), answer.Next
	}
	return n, nil
}

func find(j *journal.Journal, f journal.Filter) (n int, err error) {
	for next, first := "", true; first || next != ""; first = false {
		found, err := j.Find(context.Background(), f, next)
		if err != nil {
			return n, err
		}
		n, next = n+len(found.Events), found.Next
	}
	return n, nil
}

// export writes both tables, as the command does.
func export(j *journal.Journal, folder string) (n int, err error) {
	events, err := newTable(folder, table.EmailEvents)
	if err != nil {
		return 0, err
	}
	urls, err := newTable(folder, table.EmailUrlInfo)
	if err != nil {
		return 0, err
	}
	for next, first := "", true; first || next != ""; first = false {
		found, err := j.Find(context.Background(), journal.Filter{}, next)
		if err != nil {
			return n, err
		}
		for _, e := range found.Events {
			for _, row := range e.EventRows() {
				n++
				err = errors.Join(err, events.Write(row.Cells()))
			}
			for _, row := range e.URLRows() {
				err = errors.Join(err, urls.Write(row.Cells()))
			}
		}
		if err != nil {
			return n, err
		}
		next = found.Next
	}
	return n, errors.Join(events.Flush(), urls.Flush(), events.file.Close(), urls.file.Close())
}

type tableFile struct {
	*table.Writer
	file *os.File
}

func newTable(folder, name string) (*tableFile, error) {
	file, err := os.Create(filepath.Join(folder, name+".csv"))
	if err != nil {
		return nil, err
	}
	w, err := table.NewWriter(file, table.CSV, table.Columns(name))
	return &tableFile{w, file}, err
}

// overTables searches what export wrote.
func overTables(folder string) (int, error) {
	s := table.NewSearch(table.Rule, now)
	urls, err := os.Open(filepath.Join(folder, table.EmailUrlInfo+".csv"))
	if err != nil {
		return 0, err
	}
	defer urls.Close()
	events, err := os.Open(filepath.Join(folder, table.EmailEvents+".csv"))
	if err != nil {
		return 0, err
	}
	defer events.Close()
	needEvents, needURLs := table.Rule.Needs()
	if err := table.ReadURLs(urls, needURLs, s.Link); err != nil {
		return 0, err
	}
	err = table.ReadEvents(events, needEvents, s.Event)
	return len(s.Rows()), err
}

// cpu is how much of the processors the process has used.
func cpu() time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// memory is what the process holds of its own, and at most held; the file's pages are the kernel's.
func memory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err.Error()
	}
	var out []string
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "RssAnon") {
			out = append(out, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(out, ", ")
}
