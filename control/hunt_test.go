package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
)

// found is an event with a code, n half minutes before noon.
func found(n int) journal.Event {
	at := noon.Add(-time.Duration(n) * 30 * time.Second)
	return journal.Event{Time: at, ID: journal.NewID(at), HeaderFrom: "x@a", Rcpts: []string{"r@b"}, NRcpt: 1, Direction: "inbound", Verdict: "tag", Where: journal.Delivered,
		Scan: "complete", NCodes: 1, Codes: []journal.CodeEvent{{Symbology: "qr", Kind: "url", URL: "https://evil.example/" + fmt.Sprint(n), Host: "evil.example", Shown: []byte("\x89PNG")}}}
}

func keep(t *testing.T, d *daemon, all ...journal.Event) {
	t.Helper()
	err := d.db.Update(context.Background(), func(tx *state.Tx) error {
		for _, e := range all {
			if err := d.events.Add(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A filter says the same behind the socket as in front of it.
func TestFilterThereAndBack(t *testing.T) {
	want := journal.Filter{Since: noon.Add(-time.Millisecond), Until: noon, URL: "a b&c=d", Host: "h", Sender: "s", Domain: "d",
		Client: netip.MustParsePrefix("2001:db8::/32"), Recipient: "r", Kind: "url", Reason: "q", Verdict: "tag", Picture: "0a", AnyCode: true}
	values, err := url.ParseQuery(valuesOf(want).Encode())
	if err != nil {
		t.Fatal(err)
	}
	got, err := filterOf(values)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	for field := range reflect.TypeFor[journal.Filter]().NumField() {
		if reflect.ValueOf(want).Field(field).IsZero() {
			t.Errorf("%s is not tested", reflect.TypeFor[journal.Filter]().Field(field).Name)
		}
	}
}

func TestHuntThroughTheSocket(t *testing.T) {
	d, path, _ := start(t)
	c := connect(t, path)
	ctx := context.Background()
	var all []journal.Event
	for i := range 2100 {
		all = append(all, found(i))
	}
	keep(t, d, all...)
	n := 0
	for next, first := "", true; first || next != ""; first = false {
		page, err := c.Hunt(ctx, journal.Filter{Host: "evil.example"}, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			if e.ID != all[n].ID {
				t.Fatalf("event %d is %s, want %s", n, e.ID, all[n].ID)
			}
			n++
		}
		next = page.Next
	}
	if n != len(all) {
		t.Errorf("%d events, want %d", n, len(all))
	}
	answer, err := c.Preset(ctx, "hunt", noon, "")
	if err != nil || len(answer.Rows) != len(all) || answer.Rows[0].URL != "https://evil.example/0" {
		t.Errorf("%d rows, %v", len(answer.Rows), err)
	}
	if png, err := c.Picture(ctx, all[0].ID, 0); string(png) != "\x89PNG" || err != nil {
		t.Errorf("%q, %v", png, err)
	}
	if _, err := c.Picture(ctx, all[0].ID, 1); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("no such picture: %v", err)
	}
	if all, err := c.Findings(ctx); len(all) != 0 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}

func TestWrongHunts(t *testing.T) {
	_, path, _ := start(t)
	c := connect(t, path)
	for query, want := range map[string]string{
		"/v1/hunt?since=now":            "since is no time",
		"/v1/hunt?client=x":             "client is no network",
		"/v1/hunt?from=x":               "no event id",
		"/v1/preset?name=x":             `there is no preset "x"; write hunt or rule`,
		"/v1/preset?name=hunt&now=soon": "now is no time",
		"/v1/picture?id=x&code=a":       "code is a number",
		"/v1/picture?id=x&code=1":       "no event id",
	} {
		err := c.call(context.Background(), http.MethodGet, query, nil, &struct{}{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
}

// Two thousand hunts at once: few run at a time, the others are told to come again, nobody hangs, and other commands
// are answered meanwhile.
func TestTwoThousandHunts(t *testing.T) {
	d, path, log := start(t)
	keep(t, d, found(1))
	release, running := make(chan struct{}), make(chan struct{}, 2000)
	d.hunting = func(context.Context) {
		running <- struct{}{}
		<-release
	}
	answers := make(chan error, 2000)
	var clients sync.WaitGroup
	for range 2000 {
		clients.Go(func() {
			c, err := Dial(path)
			if err != nil {
				answers <- err
				return
			}
			defer c.Close()
			page, err := c.Hunt(context.Background(), journal.Filter{}, "")
			if err == nil && len(page.Events) != 1 {
				err = fmt.Errorf("%d events", len(page.Events))
			}
			answers <- err
		})
	}
	for range maxHunts {
		<-running
	}
	busy := 0
	for ; busy < 2000-maxHunts-maxWaiting; busy++ { // all but those that run or wait are answered while nothing moves
		if err := <-answers; err == nil || !strings.Contains(err.Error(), "too many hunts at once; try again") {
			t.Fatalf("answer %d: %v", busy, err)
		}
	}
	if err := connect(t, path).Health(context.Background()); err != nil {
		t.Errorf("another command: %v", err)
	}
	if n := len(running); n != 0 {
		t.Errorf("%d hunts too many run", n)
	}
	close(release)
	clients.Wait()
	for range maxHunts + maxWaiting {
		if err := <-answers; err != nil && !strings.Contains(err.Error(), "too many hunts") {
			t.Error(err)
		}
	}
	if bytes.Contains(log.Bytes(), []byte("error")) {
		t.Errorf("the log: %s", log)
	}
}

// A hunter who goes away leaves his place to others.
func TestHunterGoesAway(t *testing.T) {
	d, path, _ := start(t)
	left := make(chan error, 1)
	entered := make(chan struct{}, 1)
	d.hunting = func(ctx context.Context) {
		entered <- struct{}{}
		<-ctx.Done()
		left <- ctx.Err()
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	c := connect(t, path)
	go func() {
		_, err := c.Hunt(ctx, journal.Filter{}, "")
		done <- err
	}()
	<-entered
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the asker: %v", err)
	}
	if err := <-left; err == nil {
		t.Error("the hunt goes on")
	}
	d.hunting = nil
	if _, err := c.Hunt(context.Background(), journal.Filter{}, ""); err != nil && !errors.Is(err, io.EOF) {
		t.Errorf("the next: %v", err)
	}
}
