package alert

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"quishmilter/state"
)

// The example of the Standard Webhooks specification.
func TestSignature(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"test": 2432232314}`)
	want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got := Sign([][]byte{secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := Sign([][]byte{secret, secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body); got != want+" "+want {
		t.Errorf("while a secret is changed: %s", got)
	}
}

func TestAddressesOfWebhooks(t *testing.T) {
	for address, want := range map[string][2]bool{ // encrypted only, plain too
		"https://soc.example.org/hook":       {true, true},
		"http://127.0.0.1:8080/hook":         {true, true},
		"http://[::1]/":                      {true, true},
		"http://localhost/":                  {true, true},
		"http://soc.example.org/hook":        {false, true},
		"http://127.0.0.1.evil.example/":     {false, true},
		"https://user:pass@soc.example.org/": {false, false},
		"ftp://soc.example.org/":             {false, false},
		"file:///etc/passwd":                 {false, false},
		"soc.example.org/hook":               {false, false},
		"https://":                           {false, false},
		"https://a b/":                       {false, false},
	} {
		if got := [2]bool{CheckURL(address, false) == nil, CheckURL(address, true) == nil}; got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestSecretsOfWebhooks(t *testing.T) {
	good := "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 24))
	for text, want := range map[string]int{
		good + "\n": 1, good + "\n" + good: 2, "": 0, "sesame": 0, "whsec_": 0, "whsec_!!": 0, good + "\nx": 0, strings.Repeat(good+"\n", 5): 0,
		"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 23)): 0, "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)): 0,
	} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		secrets, err := ReadSecrets(file)
		if len(secrets) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d secrets, %v", text, len(secrets), err)
		}
		if err != nil && len(text) > len(secretPrefix) && strings.Contains(err.Error(), strings.TrimPrefix(text, secretPrefix)) {
			t.Errorf("%q is in %v", text, err)
		}
	}
	if _, err := ReadSecrets("/nowhere"); err == nil {
		t.Error("no file is a secret")
	}
}

// told is a courier over a store with so many alerts, and what it says.
func told(t *testing.T, alerts int, hook *Webhook) (*Courier, *[]string) {
	t.Helper()
	s := newStore(t)
	s.Use(time.Minute, Tells{Webhook: true})
	for n := range alerts {
		add(t, s, soc251(time.Duration(n)*time.Hour))
	}
	var said []string
	c := NewCourier(s, ToWebhook)
	c.Idle = func() bool { return false }
	c.Make = func(_ context.Context, n Notice) ([]byte, error) {
		a, err := s.Get(n.Alert, nil)
		return []byte(a.ID), err
	}
	c.Send = func(ctx context.Context, list []Notice) error { return hook.Send(ctx, list[0], noon) }
	c.Failed = func(n int64, err error) { said = append(said, fmt.Sprint("failed ", n, " ", err)) }
	c.Works = func(n int64) { said = append(said, fmt.Sprint("works ", n)) }
	c.Dropped = func(n uint64, why string) { said = append(said, fmt.Sprint("dropped ", n, " ", why)) }
	c.Panic = func(v any, _ []byte) { t.Error(v) }
	return c, &said
}

func webhook(t *testing.T, handle http.HandlerFunc) *Webhook {
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return NewWebhook(server.URL+"/token", [][]byte{bytes.Repeat([]byte("k"), 24)}, 5*time.Second)
}

// What one answer means. Nothing is told to whoever a redirect names.
func TestAnswersOfWebhooks(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for code, want := range map[int]string{200: "", 204: "", 301: "redirect is not followed", 307: "redirect is not followed", 400: "does not take this message: 400", 401: "answers 401", 404: "answers 404",
		410: "answers 410", 413: "does not take this message: 413", 429: "answers 429", 500: "answers 500", 503: "answers 503"} {
		w := webhook(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.Header().Set("Retry-After", "70")
			w.WriteHeader(code)
		})
		err := w.Send(t.Context(), Notice{ID: "msg_1", Body: []byte("{}")}, noon)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v, want %q", code, err, want)
		}
		if wait := backOff(1, err); err != nil && (code == 429 || code == 503) && wait != 70*time.Second {
			t.Errorf("%d: waits %v", code, wait)
		}
	}
	if elsewhere.Load() != 0 {
		t.Error("a redirect was followed")
	}
	dead := NewWebhook("http://127.0.0.1:1/token", nil, time.Second)
	if err := dead.Send(t.Context(), Notice{}, noon); err == nil || strings.Contains(err.Error(), "token") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestBackOff(t *testing.T) {
	for n, want := range map[int64]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second, 10: mostWait, 1000: mostWait} {
		if got := backOff(n, errors.New("x")); got != want {
			t.Errorf("%d: %v, want %v", n, got, want)
		}
	}
	if got := backOff(1, later{wait: 24 * time.Hour}); got != mostWait {
		t.Errorf("whoever says tomorrow is asked after %v", got)
	}
}

// A notice that is sent again, by another courier too, is the same, and none overtakes another.
func TestAtLeastOnceAndInOrder(t *testing.T) {
	var got []string
	down := true
	hook := webhook(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Header.Get("webhook-id")+" "+string(body))
		if down {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	c, _ := told(t, 3, hook)
	for range 2 {
		if took, err := c.once(t.Context(), 0); took || err == nil {
			t.Fatalf("took %v, %v", took, err)
		}
	}
	down = false
	again := NewCourier(c.Store, c.Queue) // as after a new start
	again.Idle, again.Make, again.Send = c.Idle, c.Make, c.Send
	for range 3 {
		if took, err := again.once(t.Context(), 0); !took || err != nil {
			t.Fatalf("took %v, %v", took, err)
		}
	}
	if took, err := again.once(t.Context(), 0); took || err != nil {
		t.Errorf("of nothing: %v, %v", took, err)
	}
	if len(got) != 5 || got[0] != got[1] || got[0] != got[2] || got[2] == got[3] || !(got[2][24:] < got[3][24:]) || !(got[3][24:] < got[4][24:]) {
		t.Errorf("%q", got)
	}
}

// A message that is never taken does not stop the others for good.
func TestMessageThatIsRefused(t *testing.T) {
	tries := 0
	hook := webhook(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries <= maxRefused {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	c, _ := told(t, 2, hook)
	for n := range maxRefused {
		took, err := c.once(t.Context(), int64(n))
		if last := n == maxRefused-1; took != last || (err == nil) != last {
			t.Fatalf("try %d: took %v, %v", n+1, took, err)
		}
	}
	if took, err := c.once(t.Context(), 0); !took || err != nil {
		t.Errorf("the next one: %v, %v", took, err)
	}
	if waiting, dropped := c.Store.Waiting(ToWebhook); waiting != 0 || dropped != 1 {
		t.Errorf("%d wait, %d dropped", waiting, dropped)
	}
}

// Nobody to tell: what waits goes on waiting, up to a bound, and what is dropped is counted and said.
func TestSpoolIsBounded(t *testing.T) {
	c, said := told(t, 0, webhook(t, func(http.ResponseWriter, *http.Request) {}))
	idle := true
	c.Idle = func() bool { return idle }
	err := c.Store.db.Update(t.Context(), func(tx *state.Tx) error {
		for n := range 7 {
			if err := push(tx, ToWebhook, Notice{ID: fmt.Sprint(n), Alert: "x"}, 5); err != nil {
				return err
			}
		}
		return nil
	})
	if waiting, dropped := c.Store.Waiting(ToWebhook); err != nil || waiting != 5 || dropped != 2 {
		t.Errorf("%d wait, %d dropped, %v", waiting, dropped, err)
	}
	if took, err := c.once(t.Context(), 0); took || err != nil {
		t.Errorf("took %v, %v", took, err)
	}
	idle = false
	ctx, cancel := context.WithCancel(t.Context())
	c.Dropped = func(n uint64, why string) { *said = append(*said, fmt.Sprint(n, " ", why)); cancel() }
	c.Run(ctx) // the alerts of these are gone, so that each is dropped
	if len(*said) != 1 || (*said)[0] != "1 what they are about has expired" {
		t.Errorf("%q", *said)
	}
}

// Run says once that it fails and once that it works, and stops when it is told to.
func TestCourierRuns(t *testing.T) {
	tries := 0
	c, said := told(t, 2, webhook(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c.Idle = func() bool {
		if n, _ := c.Store.Waiting(ToWebhook); n == 0 {
			cancel()
		}
		return false
	}
	c.Run(ctx)
	if fmt.Sprint(*said) != "[failed 1 it answers 502 works 1]" || c.Failures() != 1 || tries != 3 {
		t.Errorf("%q, %d failures, %d tries", *said, c.Failures(), tries)
	}
}
