package inspect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func remote(t *testing.T, allowed []netip.Prefix) *Remote {
	t.Helper()
	return NewRemote(RemoteConfig{Allowed: allowed, Count: 4, Bytes: 1 << 16, Time: 2 * time.Second})
}

func TestRemoteFetches(t *testing.T) {
	var seen []*http.Request
	picture := []byte("a picture")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r)
		if r.URL.Path == "/moved" {
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "you"})
			http.Redirect(w, r, "/picture", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		w.Write(picture)
	}))
	defer s.Close()
	got := remote(t, loopback).fetch(t.Context(), []string{strings.Replace(s.URL, "://", "://user:pass@", 1) + "/moved#claire@example.org"})
	if len(got) != 1 || got[0].err != nil || !bytes.Equal(got[0].data, picture) || got[0].kind != "image/png" {
		t.Fatalf("%+v", got)
	}
	for _, r := range seen {
		for _, name := range []string{"Referer", "Cookie", "Authorization"} {
			if v := r.Header.Get(name); v != "" {
				t.Errorf("%s %s: %q", r.URL, name, v)
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("%d requests", len(seen))
	}
}

// Nothing inside is asked, however the address is hidden.
func TestRemoteStaysOutside(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	port := inside.URL[strings.LastIndexByte(inside.URL, ':')+1:]
	for _, link := range []string{
		inside.URL, "http://localhost:" + port, "http://127.1:" + port, "http://2130706433:" + port, "http://0x7f000001:" + port,
		"http://[::1]:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://0.0.0.0:" + port, "http://169.254.169.254/latest/meta-data/",
		"ftp://127.0.0.1/", "file:///etc/passwd", "http:///x", "http://10.0.0.1/", "http://[fe80::1%25lo]:" + port,
	} {
		for _, p := range remote(t, nil).fetch(t.Context(), []string{link}) {
			if p.err == nil {
				t.Errorf("%s was fetched", link)
			}
		}
	}
	if asked {
		t.Error("a host inside was asked")
	}
}

func TestRemoteRedirectInside(t *testing.T) {
	asked := false
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	inside.Listener.Close()
	var err error
	if inside.Listener, err = net.Listen("tcp", "127.0.0.2:0"); err != nil {
		t.Fatal(err)
	}
	inside.Start()
	defer inside.Close()
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, http.StatusFound) }))
	defer outside.Close()
	got := remote(t, loopback).fetch(t.Context(), []string{outside.URL})
	if !errors.Is(got[0].err, errForbidden) || asked {
		t.Errorf("%v, asked: %v", got[0].err, asked)
	}
}

func TestRemoteIsBounded(t *testing.T) {
	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/silent":
			<-stop
		case "/endless":
			for _, err := io.WriteString(w, strings.Repeat("x", 4096)); err == nil; _, err = io.WriteString(w, strings.Repeat("x", 4096)) {
			}
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/missing":
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	defer close(stop)
	r := NewRemote(RemoteConfig{Allowed: loopback, Count: 4, Bytes: 1 << 16, Time: 200 * time.Millisecond})
	got := r.fetch(context.Background(), []string{s.URL + "/silent", s.URL + "/endless", s.URL + "/loop", s.URL + "/missing", s.URL + "/fifth"})
	if len(got) != 4 {
		t.Fatalf("%d pictures", len(got))
	}
	for _, p := range got {
		if p.err == nil {
			t.Errorf("%s: no error", p.url)
		}
	}
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "::": false,
		"fc00::1": false, "fe80::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "192.0.2.1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
