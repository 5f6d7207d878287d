package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/journal/table"
	"quishmilter/prevalence"
	"quishmilter/state"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// daemon is a source over a real state file.
type daemon struct {
	db      *state.DB
	history *prevalence.Store
	events  *journal.Journal
	lists   *journal.Entries
	sick    error
	hunting func(context.Context) // called in every hunt
}

func (d *daemon) Sender(_ context.Context, address string, now time.Time) (Sender, error) {
	if address == "panic" {
		panic("oops")
	}
	w := prevalence.Default()
	counts, err := d.history.Count(prevalence.Key(address), now, w)
	return Sender{Address: address, Key: prevalence.Key(address), Prevalent: w.Prevalent(counts, now), Window: w.String(), Age: "2d", Days: w.Days, Unit: string(w.Unit), Counted: counts, History: History{Store: "local"}}, err
}

func (d *daemon) Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error) {
	return d.history.Counts(now, questions...)
}

func (d *daemon) History(context.Context) (History, error) {
	since, err := d.history.Since()
	return History{Since: since, Store: "local"}, err
}

func (d *daemon) Forget(ctx context.Context, address string) (prevalence.Forgotten, error) {
	return d.history.Forget(ctx, address)
}

func (d *daemon) Learn(ctx context.Context, records []prevalence.Record) (int, error) {
	return 0, d.db.Update(ctx, func(tx *state.Tx) error {
		for _, r := range records {
			if err := d.history.Add(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *daemon) Events(_ context.Context, q Query) (found []journal.Event, err error) {
	switch {
	case q.ID != "":
		e, err := d.events.Get(q.ID)
		return []journal.Event{e}, err
	case q.QueueID != "":
		return d.events.ByQueueID(q.QueueID)
	}
	err = d.events.Each(time.Time{}, noon, func(e journal.Event) bool {
		found = append(found, e)
		return len(found) < q.Limit
	})
	return found, err
}

func (d *daemon) Entries(ctx context.Context) ([]journal.Entry, error) { return d.lists.All(ctx, noon) }

func (d *daemon) PutEntry(ctx context.Context, e journal.Entry) (journal.Entry, error) {
	return d.lists.Put(ctx, e)
}

func (d *daemon) RemoveEntry(ctx context.Context, e journal.Entry) error {
	return d.lists.Remove(ctx, e)
}

func (d *daemon) Hunt(ctx context.Context, f journal.Filter, from string) (journal.Found, error) {
	if d.hunting != nil {
		d.hunting(ctx)
	}
	return d.events.Find(ctx, f, from)
}

func (d *daemon) Preset(ctx context.Context, name string, now time.Time, from string) (journal.Answer, error) {
	p, known := table.PresetNamed(name)
	if !known {
		return journal.Answer{}, UnknownPreset(name)
	}
	return d.events.Preset(ctx, p, now, from)
}

func (d *daemon) Picture(_ context.Context, id string, code int) ([]byte, error) {
	return d.events.Picture(id, code)
}

func (d *daemon) Findings(context.Context) ([]journal.Finding, error) { return d.events.Findings() }

func (d *daemon) Health(context.Context) error { return d.sick }

func (d *daemon) Ready(context.Context) error { return d.sick }

func (d *daemon) Backup(_ context.Context, w io.Writer) error {
	_, err := d.db.WriteBackup(w)
	return err
}

// start serves a daemon on a fresh socket.
func start(t testing.TB) (d *daemon, path string, log *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	db, err := state.Open(filepath.Join(dir, "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d = &daemon{db: db, history: prevalence.New(db, 0), events: journal.New(db), lists: journal.NewEntries(db)}
	path = filepath.Join(dir, "control.sock")
	listener, err := Listen(path, Access{})
	if err != nil {
		t.Fatal(err)
	}
	log = new(bytes.Buffer)
	server := NewServer(d, func() time.Time { return noon }, journal.NewLog(log, journal.Text, ""))
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Shutdown(context.Background()), <-served, db.Close()); err != nil {
			t.Error(err)
		}
	})
	return d, path, log
}

func connect(t *testing.T, path string) *Client {
	t.Helper()
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestLearnAndAsk(t *testing.T) {
	_, path, _ := start(t)
	c := connect(t, path)
	ctx := context.Background()
	var records []prevalence.Record
	for i := range 2*batch + 1 {
		records = append(records, prevalence.Record{Time: noon.Add(-72*time.Hour + time.Duration(i/batch)*24*time.Hour), From: fmt.Sprintf("s%d@a.example", i%batch), Recipients: 2})
	}
	records[0].Outcome = prevalence.Held
	if n, err := c.Learn(ctx, records); n != 0 || err != nil {
		t.Fatalf("learned %d, %v", n, err)
	}
	got, err := c.Sender(ctx, "S1@A.example", noon)
	if err != nil || !got.Prevalent || got.Counted.Messages != 2 || got.Counted.Recipients != 4 || got.Key != "s1@a.example" || !got.Counted.First.Equal(records[0].Time) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := c.Sender(ctx, "s0@a.example", time.Time{}); err != nil || got.Counted.Messages != 2 {
		t.Errorf("one of three was held: %+v, %v", got, err)
	}
	if got, err := c.Sender(ctx, "s1@a.example", noon.Add(-50*time.Hour)); err != nil || got.Prevalent {
		t.Errorf("at another time: %+v, %v", got, err)
	}
	if since, err := c.Since(); err != nil || !since.Equal(records[0].Time) {
		t.Errorf("history begins at %v, %v", since, err)
	}
}

func TestQuestionsAreAnsweredInTheirOrder(t *testing.T) {
	_, path, _ := start(t)
	c := connect(t, path)
	if _, err := c.Learn(t.Context(), []prevalence.Record{{Time: noon.Add(-72 * time.Hour), From: "x@a.example", Recipients: 1}}); err != nil {
		t.Fatal(err)
	}
	w := prevalence.Default()
	got, err := c.Counts(noon, prevalence.Question{Kind: prevalence.Host, Key: "h.example", Window: w}, prevalence.Question{Key: "x@a.example", Window: w})
	if err != nil || len(got) != 2 || got[0].Messages != 0 || got[1].Messages != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.Counts(noon, make([]prevalence.Question, maxQuestions+1)...); err == nil {
		t.Error("any number of questions is answered")
	}
	if _, err := c.Counts(time.Time{}, prevalence.Question{}); err == nil {
		t.Error("a question without a time is answered")
	}
}

func TestForget(t *testing.T) {
	_, path, _ := start(t)
	c := connect(t, path)
	ctx := context.Background()
	if _, err := c.Learn(ctx, []prevalence.Record{{Time: noon.Add(-72 * time.Hour), From: "x@a.example", Recipients: 1}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if n, err := c.Forget(ctx, "X@A.example"); n != (prevalence.Forgotten{Histories: want, Here: want}) || err != nil {
			t.Errorf("%+v histories were forgotten, want %d, %v", n, want, err)
		}
	}
	if got, err := c.Sender(ctx, "x@a.example", noon); err != nil || got.Counted.Messages != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.Forget(ctx, "nobody"); err == nil {
		t.Error("no address was forgotten")
	}
}

func TestEvents(t *testing.T) {
	d, path, _ := start(t)
	c := connect(t, path)
	ctx := context.Background()
	var ids []string
	for i := range 5 {
		at := noon.Add(time.Duration(i-10) * time.Minute)
		e := journal.Event{Time: at, ID: journal.NewID(at), QueueID: fmt.Sprint("Q", i%2), Verdict: "tag", Scan: "complete", Subject: "<b>&"}
		ids = append(ids, e.ID)
		if err := d.db.Update(ctx, func(tx *state.Tx) error { return d.events.Add(tx, e) }); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		query Query
		want  string
	}{
		{Query{}, "43210"}, {Query{Limit: 2}, "43"}, {Query{ID: ids[3]}, "3"}, {Query{QueueID: "Q1"}, "31"}, {Query{QueueID: "none"}, ""},
	}
	for _, q := range cases {
		events, err := c.Events(ctx, q.query)
		var got string
		for _, e := range events {
			for i, id := range ids {
				if id == e.ID && e.Subject == "<b>&" {
					got += fmt.Sprint(i)
				}
			}
		}
		if err != nil || got != q.want {
			t.Errorf("%+v: got %q (%v), want %q", q.query, got, err, q.want)
		}
	}
	if _, err := c.Events(ctx, Query{ID: journal.NewID(noon)}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
}

func TestBadRequestsGetASentence(t *testing.T) {
	_, path, log := start(t)
	client := connect(t, path).http
	line := `{"time":"2026-11-20T00:00:00Z","from":"a@b.example","recipients":1,"direction":"inbound","outcome":"accepted","auth":"none"}` + "\n"
	cases := []struct {
		method, path, body string
		status             int
		words              string
	}{
		{"GET", "/v1/sender", "", 400, "address is missing"},
		{"GET", "/v1/sender?address=a&now=x", "", 400, "2006-01-02"},
		{"GET", "/v1/sender?address=panic", "", 500, "defect"},
		{"GET", "/v1/events?limit=0", "", 400, "1 to 1000"},
		{"GET", "/v1/events?limit=1001", "", 400, "1 to 1000"},
		{"GET", "/v1/events?limit=1000", "", 200, "[]"},
		{"GET", "/v1/events?id=a&queue_id=b", "", 400, "not for both"},
		{"GET", "/v1/learn", "", 405, ""},
		{"GET", "/else", "", 404, ""},
		{"POST", "/v1/learn", "{", 400, "line 1"},
		{"POST", "/v1/learn", line + strings.Replace(line, "accepted", "adored", 1), 400, "adored"},
		{"POST", "/v1/learn", strings.Replace(line, "a@b", "A@b", 1), 400, "key"},
		{"POST", "/v1/learn", strings.Replace(line, "2026-11-20", "2026-11-22", 1), 400, "future"},
		{"POST", "/v1/learn", strings.Repeat(line, maxRecords), 200, "1000"},
		{"POST", "/v1/learn", strings.Repeat(line, maxRecords+1), 400, "more than 1000"},
		{"POST", "/v1/learn", strings.Repeat("\n", maxBody+1), 413, "too large"},
		{"POST", "/v1/learn", strings.Repeat("x", maxLine+1), 400, "too long"},
		{"POST", "/v1/learn", "", 200, "0"},
	}
	for _, c := range cases {
		request, err := http.NewRequest(c.method, "http://x"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Errorf("%s %s: %v", c.method, c.path, err)
			continue
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != c.status || !strings.Contains(string(body), c.words) {
			t.Errorf("%s %s: %d %s, want %d %q", c.method, c.path, response.StatusCode, body, c.status, c.words)
		}
	}
	if !strings.Contains(log.String(), "oops") || strings.Count(log.String(), "\n") != 2 {
		t.Errorf("the log has %s", log.String())
	}
}

func TestHealth(t *testing.T) {
	d, path, _ := start(t)
	c := connect(t, path)
	if err := c.Health(context.Background()); err != nil {
		t.Error(err)
	}
	d.sick = errors.New("the disk is full")
	if err := c.Health(context.Background()); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v", err)
	}
}

func TestTheSocket(t *testing.T) {
	_, path, _ := start(t)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := Listen(path, Access{}); !errors.Is(err, ErrInUse) {
		t.Errorf("a second daemon: %v", err)
	}
	dir := t.TempDir()
	if _, err := Dial(filepath.Join(dir, "none")); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("no socket: %v", err)
	}
	stale := filepath.Join(dir, "stale")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if _, err := Dial(stale); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("a dead daemon's socket: %v", err)
	}
	alive, err := Listen(stale, Access{})
	if err != nil {
		t.Fatalf("a dead daemon's socket is not replaced: %v", err)
	}
	alive.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file, Access{}); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("a file in the way: %v", err)
	}
}

func TestMoreConnectionsThanAllowedWait(t *testing.T) {
	_, path, _ := start(t)
	var idle []net.Conn
	for range maxConns {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	answered := make(chan error)
	c := &Client{http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}}
	defer c.Close()
	go func() { answered <- c.Health(context.Background()) }()
	for _, conn := range idle {
		conn.Close()
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
