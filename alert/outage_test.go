package alert

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"quishmilter/state"
)

// outage is a web service that is away until somebody says so. It runs outside the bubble of the false clock; what it
// took, it checked.
type outage struct {
	secret []byte

	mu    sync.Mutex
	back  bool
	tries []time.Time // by the clock of who sent
	took  map[string]int
	order []string
	wrong []string
}

func (o *outage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	at, err2 := strconv.ParseInt(stamp, 10, 64)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil || err2 != nil || r.Header.Get("webhook-signature") != Sign([][]byte{o.secret}, id, at, body) {
		o.wrong = append(o.wrong, fmt.Sprintf("%s %s %v", id, stamp, err))
	}
	o.tries = append(o.tries, time.Unix(at, 0))
	if !o.back {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if o.took[id]++; o.took[id] == 1 {
		o.order = append(o.order, string(body))
	}
}

// The web service is away for a day, by the clock: an alert comes each hour, the daemon starts anew in the middle, and all
// is handed over once, in order and signed, within five minutes of its return. Where more wait than there is room for, the
// oldest go, and that is said.
func TestWebhookIsDownForADay(t *testing.T) {
	for name, c := range map[string]struct{ room, want int }{"room for all": {maxSpool, 24}, "room for ten": {10, 10}} {
		t.Run(name, func(t *testing.T) {
			o := &outage{secret: bytes.Repeat([]byte("k"), 24), took: map[string]int{}}
			server := httptest.NewServer(o)
			defer server.Close()
			synctest.Test(t, func(t *testing.T) { day(t, o, server.URL, c.room, c.want) })
		})
	}
}

func day(t *testing.T, o *outage, address string, room, want int) {
	file := filepath.Join(t.TempDir(), "state.db")
	said := &saying{}
	var alerts []string
	var dropped uint64
	for half := range 2 {
		db, err := state.Open(file, state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := New(db)
		s.room = room
		s.Use(time.Minute, Tells{Webhook: true})
		ctx, cancel := context.WithCancel(t.Context())
		c := courierTo(s, address, o.secret, said)
		ended := make(chan struct{})
		go func() { defer close(ended); c.Run(ctx) }()
		for hour := range 12 {
			alerts = append(alerts, add(t, s, soc251(time.Duration(12*half+hour)*time.Hour)).Alert.ID)
			c.Wake()
			time.Sleep(time.Hour)
		}
		if half == 1 {
			o.mu.Lock()
			o.back = true
			o.mu.Unlock()
			time.Sleep(mostWait + time.Minute)
			var waiting int
			if waiting, dropped = s.Waiting(ToWebhook); waiting != 0 {
				t.Errorf("%d wait after the return", waiting)
			}
		}
		cancel()
		<-ended
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	o.check(t, alerts[len(alerts)-want:])
	lost := len(alerts) - want
	if int(dropped) != lost || strings.Count(said.String(), "dropped ") != lost || lost > 0 && !strings.Contains(said.String(), fmt.Sprintf("dropped 1 more than %d wait", room)) {
		t.Errorf("%d dropped, want %d; said %s", dropped, lost, said)
	}
	if !strings.Contains(said.String(), "works after ") {
		t.Errorf("the return is not said: %s", said)
	}
}

// check looks at what arrived, and at how often it was tried: twice the doubling up to five minutes, and twelve times an
// hour then.
func (o *outage) check(t *testing.T, want []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if fmt.Sprint(o.order) != fmt.Sprint(want) {
		t.Errorf("arrived %v, want %v", o.order, want)
	}
	for id, n := range o.took {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	if len(o.wrong) > 0 {
		t.Errorf("not signed: %v", o.wrong)
	}
	if failed := len(o.tries) - len(want); failed < 24*12 || failed > 24*12+2*10 {
		t.Errorf("tried %d times in a day", failed)
	}
}

// saying is what a courier says.
type saying struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *saying) line(words ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(&s.text, words...)
}

func (s *saying) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// courierTo is a courier whose connections end with each answer: one that is kept would hold the false clock.
func courierTo(s *Store, address string, secret []byte, said *saying) *Courier {
	hook := NewWebhook(address, [][]byte{secret}, 5*time.Second)
	hook.client.Transport.(*http.Transport).DisableKeepAlives = true
	c := NewCourier(s, ToWebhook)
	c.Idle = func() bool { return false }
	c.Make = func(_ context.Context, n Notice) ([]byte, error) { return []byte(n.Alert), nil }
	c.Send = func(ctx context.Context, list []Notice) error { return hook.Send(ctx, list[0], time.Now()) }
	c.Failed = func(n int64, err error) {}
	c.Works = func(n int64) { said.line("works after", n) }
	c.Dropped = func(n uint64, why string) { said.line("dropped", n, why) }
	c.Panic = func(v any, _ []byte) { said.line("panic", v) }
	return c
}
