// Package faults breaks things in the middle of real traffic through Postfix, and then counts: every message that was
// answered with 250 is delivered or on hold exactly once, and is in the journal exactly once.
//
// `make test` sends a few dozen messages through each fault, `make faults` some thousand.
package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// program is the binary under test.
var program string

func TestMain(m *testing.M) {
	postfix.AsRoot()
	os.Exit(daemon.Main(m, &program))
}

// sessions is how many SMTP clients send at once.
const sessions = 4

// messages is how many messages must be taken in each fault.
func messages(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("QUISHMILTER_FAULT_MESSAGES"))
	if err != nil && os.Getenv("QUISHMILTER_FAULT_MESSAGES") != "" {
		t.Fatal(err)
	}
	return max(n, 60)
}

// traffic is a daemon behind Postfix, and the clients that send through it.
type traffic struct {
	t      *testing.T
	ctx    context.Context
	filter *daemon.Daemon
	mta    *postfix.Instance

	want     int
	taken    sync.Map     // queue id to nothing: answered with 250
	accepted atomic.Int64 // how many
	putOff   atomic.Int64 // answered with 4xx, and sent again
	lost     atomic.Int64 // the connection ended before an answer, and the message was sent again
	over     atomic.Bool  // the fault is over: the clients end when enough is taken
	all      sync.WaitGroup
}

// start takes parameters of Postfix, names and values by turns, beside the configuration of the daemon.
func start(t *testing.T, config daemon.Config, parameters ...string) *traffic {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	config.Program = program
	config.TOML = "failure = \"tempfail\"\n" + config.TOML
	filter, err := daemon.Start(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(filter.Log())
		}
		if err := filter.Stop(); err != nil {
			t.Error(err)
		}
	})
	params := map[string]string{"smtpd_client_connection_count_limit": "0", "smtpd_error_sleep_time": "0"}
	for pair := range slices.Chunk(parameters, 2) {
		params[pair[0]] = pair[1]
	}
	mta, err := postfix.Start(ctx, postfix.Config{Milter: filter.Address, Example: "../../postfix-example.cf", Params: params})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mta.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &traffic{t: t, ctx: ctx, filter: filter, mta: mta, want: messages(t)}
}

// send lets the clients begin. Each sends a message until it is taken, as an MTA would, and goes on until the fault is over
// and enough is taken.
func (tr *traffic) send() {
	var next atomic.Int64
	for range sessions {
		tr.all.Go(func() {
			var c *postfix.Client
			for sent := 1; tr.ctx.Err() == nil && !(tr.over.Load() && int(tr.accepted.Load()) >= tr.want); sent++ {
				for m := letter(int(next.Add(1))); tr.ctx.Err() == nil && !tr.try(&c, m); {
					time.Sleep(20 * time.Millisecond)
				}
				if c != nil && sent%5 == 0 { // a new connection to Postfix is one of Postfix to the filter
					_ = c.Quit()
					c = nil
				}
			}
			if c != nil {
				_ = c.Quit()
			}
		})
	}
}

// try sends one message, over the connection that there is.
func (tr *traffic) try(c **postfix.Client, m postfix.Mail) (taken bool) {
	if *c == nil {
		fresh, err := postfix.Dial(tr.mta.Addr)
		if err != nil {
			return false
		}
		*c = fresh
	}
	reply, err := (*c).Send(m)
	switch {
	case err != nil:
		tr.lost.Add(1)
	case reply.Code == 250:
		if _, twice := tr.taken.LoadOrStore(reply.QueueID, nil); twice || reply.QueueID == "" {
			tr.t.Errorf("queue id %q a second time", reply.QueueID)
		}
		tr.accepted.Add(1)
		return true
	case reply.Code/100 == 4:
		tr.putOff.Add(1)
	default:
		tr.t.Errorf("%d %s", reply.Code, reply.Text)
	}
	_ = (*c).Close()
	*c = nil
	return false
}

// more waits until so many per cent more of the messages are taken.
func (tr *traffic) more(percent int) {
	tr.t.Helper()
	enough := int(tr.accepted.Load()) + tr.want*percent/100
	tr.until("too few messages are taken", func() bool { return int(tr.accepted.Load()) >= enough })
}

// refused waits until a message is put off or a connection is lost.
func (tr *traffic) refused() {
	tr.t.Helper()
	before := tr.putOff.Load() + tr.lost.Load()
	tr.until("everything is taken", func() bool { return tr.putOff.Load()+tr.lost.Load() > before })
}

// until waits for something, and fails when the time of the test is over.
func (tr *traffic) until(otherwise string, is func() bool) {
	tr.t.Helper()
	for !is() {
		if tr.ctx.Err() != nil {
			log, _ := tr.mta.Log()
			tr.t.Fatalf("%s: %d of %d taken, %d put off, %d lost\n%s", otherwise, tr.accepted.Load(), tr.want, tr.putOff.Load(), tr.lost.Load(), log[max(0, len(log)-3000):])
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// says waits until the daemon's log has this text.
func (tr *traffic) says(text string) {
	tr.t.Helper()
	tr.until(fmt.Sprintf("the log never says %q", text), func() bool { return strings.Contains(tr.filter.Log(), text) })
}

// letter is one of three kinds: plain, with a code that is tagged, with one that is held.
func letter(n int) postfix.Mail {
	l := mailmaker.Plain5KB()
	switch n % 5 {
	case 3:
		l = mailmaker.PNGCode()
	case 4:
		l = mailmaker.SOC251()
	}
	l.ID = fmt.Sprintf("%d@faults.example.net", n)
	return postfix.Mail{Client: "203.0.113.7", ClientName: "mx.example.net", From: l.From, Rcpts: []string{l.To}, Data: l.Bytes()}
}

// count ends the traffic and holds what was answered against mailboxes, queue and journal.
func (tr *traffic) count() {
	tr.t.Helper()
	tr.over.Store(true)
	tr.until("too few messages are taken", func() bool { return int(tr.accepted.Load()) >= tr.want })
	tr.all.Wait()
	places := tr.places()
	events := tr.events()
	tr.taken.Range(func(id, _ any) bool {
		if n := places[id.(string)]; n != 1 {
			tr.t.Errorf("%s was answered with 250 and is delivered or on hold %d times", id, n)
		}
		if n := events[id.(string)]; n != 1 {
			tr.t.Errorf("%s was answered with 250 and is in the journal %d times", id, n)
		}
		return true
	})
	for id, n := range events {
		if n > 1 {
			tr.t.Errorf("%s is in the journal %d times", id, n)
		}
	}
	tr.t.Logf("%d taken, %d put off, %d connections lost; every one of the %d is delivered or held once and journalled once",
		tr.accepted.Load(), tr.putOff.Load(), tr.lost.Load(), tr.accepted.Load())
}

// received is Postfix's field that names the queue id.
var received = regexp.MustCompile(`\bid (\w+)\b`)

// places counts where each queue id ended, once nothing is left in the queue but what is on hold.
func (tr *traffic) places() map[string]int {
	tr.t.Helper()
	var queue []postfix.QueueEntry
	tr.until("the queue is not emptied", func() (empty bool) {
		var err error
		if queue, err = tr.mta.Queue(); err != nil {
			tr.t.Fatal(err)
		}
		for _, entry := range queue {
			if entry.QueueName == "deferred" { // Postfix was restarted while it delivered
				_, _ = tr.mta.Command(tr.ctx, "postqueue", "-f")
			}
			if entry.QueueName != "hold" {
				return false
			}
		}
		return true
	})
	places := map[string]int{}
	for _, entry := range queue {
		places[entry.QueueID]++
	}
	delivered, err := tr.mta.Delivered()
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, d := range delivered {
		field := d.Field("Received")
		if len(field) == 0 {
			tr.t.Fatalf("%s has no Received", d.File)
		}
		if id := received.FindStringSubmatch(field[0]); id != nil {
			places[id[1]]++
		}
	}
	return places
}

// events counts the journal's events of each queue id.
func (tr *traffic) events() map[string]int {
	tr.t.Helper()
	out, err := exec.CommandContext(tr.ctx, program, "-c", tr.filter.ConfigFile(), "hunt",
		"--since", "3d", "--until", time.Now().AddDate(0, 0, 3).Format(time.DateOnly), "--format", "json").Output()
	if err != nil {
		tr.t.Fatalf("hunt: %v: %s", err, out)
	}
	events := map[string]int{}
	for line := range strings.Lines(string(out)) {
		var event struct {
			QueueID string `json:"queue_id"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.QueueID == "" {
			tr.t.Fatalf("%v: %s", err, line)
		}
		events[event.QueueID]++
	}
	return events
}

// workers are the process ids of the daemon's children.
func (tr *traffic) workers() (pids []int) {
	tr.t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", tr.filter.PID))
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, file := range tasks {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for _, word := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(word)
			if err != nil {
				tr.t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}
