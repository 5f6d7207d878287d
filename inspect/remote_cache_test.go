package inspect

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestRemoteAsksOnce fetches the same link for many messages, and one that fails each time.
func TestRemoteAsksOnce(t *testing.T) {
	var asked, failed atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			failed.Add(1)
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		fmt.Fprint(w, "a picture")
	}))
	defer s.Close()
	r := remote(t, loopback)
	for range 3 {
		got := r.fetch(t.Context(), []string{s.URL + "/a", s.URL + "/missing"})
		if got[0].err != nil || string(got[0].data) != "a picture" || got[1].err == nil {
			t.Fatalf("%+v", got)
		}
	}
	if asked.Load() != 1 || failed.Load() != 3 {
		t.Errorf("asked %d times, and %d times for what is missing", asked.Load(), failed.Load())
	}
}

func TestRecentPicturesAreBounded(t *testing.T) {
	var c recentPictures
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	large := remotePicture{data: make([]byte, recentBytes/4)}
	for n := range 10 {
		c.put(fmt.Sprint(n), large, now)
		c.put(fmt.Sprint(n), large, now)
	}
	if len(c.byLink) != 4 || len(c.inOrder) != 4 || c.bytes != recentBytes {
		t.Errorf("%d pictures, %d links, %d bytes", len(c.byLink), len(c.inOrder), c.bytes)
	}
	for n := range 2 * recentCount {
		c.put(fmt.Sprint("small", n), remotePicture{}, now)
	}
	if len(c.byLink) != recentCount {
		t.Errorf("%d pictures", len(c.byLink))
	}
	last := fmt.Sprint("small", 2*recentCount-1)
	for _, age := range []struct {
		time.Duration
		known bool
	}{{recentTime - 1, true}, {recentTime, false}} {
		if _, ok := c.get(last, now.Add(age.Duration)); ok != age.known {
			t.Errorf("after %v: %v", age.Duration, ok)
		}
	}
}

// TestRemoteThroughProxy has a proxy that is asked for everything, and keeps inner addresses from it where they are
// plain to see.
func TestRemoteThroughProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		fmt.Fprint(w, "a picture")
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRemote(RemoteConfig{Proxy: at, Count: 4, Bytes: 1 << 16, Time: 2 * time.Second})
	got := r.fetch(t.Context(), []string{"http://pictures.example.net/a.png", "http://127.0.0.1/b.png", "http://169.254.169.254/latest/"})
	if got[0].err != nil || string(got[0].data) != "a picture" || got[1].err == nil || got[2].err == nil {
		t.Errorf("%+v", got)
	}
	if len(asked) != 1 || !strings.HasPrefix(asked[0], "http://pictures.example.net/") {
		t.Errorf("the proxy was asked for %q", asked)
	}
}
