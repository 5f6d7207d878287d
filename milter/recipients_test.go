package milter

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"quishmilter/inspect"
	"quishmilter/mime"
)

const (
	addRcpt = 1 << 2 // SMFIF_ADDRCPT
	delRcpt = 1 << 3 // SMFIF_DELRCPT
	noRcpt  = 1 << 15
)

func TestRedirect(t *testing.T) {
	var wants atomic.Bool
	wants.Store(true)
	s := &Server{
		Handle: func(context.Context, *inspect.Message) Answer {
			return Answer{Action: Redirect, To: "review@example.org", Add: []mime.Field{{Name: "X-Quish-Verdict", Value: "quarantined"}}}
		},
		Wants: func() Wants { return Wants{Redirect: wants.Load()} },
	}
	addr, log := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	x := second
	x.rcpts = []string{"a@example.org", "b@example.org"}
	want := []packet{{'i', long(1) + "X-Quish-Verdict\x00quarantined\x00"}, {'-', "<a@example.org>\x00"}, {'-', "<b@example.org>\x00"},
		{'+', "<review@example.org>\x00"}, {'c', ""}}
	for range 2 {
		if got := m.message(x); !reflect.DeepEqual(got, want) {
			t.Errorf("got %q\nwant %q", got, want)
		}
	}
	x.rcpts = slices.Repeat([]string{"a@example.org"}, maxRcpts+1)
	if got := m.message(x); !reflect.DeepEqual(got, []packet{{'t', ""}}) {
		t.Errorf("more recipients than are known: %q", got)
	}
	wants.Store(false) // a connection that did not ask for it may not do it
	m = dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	if got := m.message(second); !reflect.DeepEqual(got, []packet{{'t', ""}}) || !strings.Contains(log.String(), "does not let us") {
		t.Errorf("got %q, log %s", got, log)
	}
}

// What is asked of the MTA follows what is used.
func TestWants(t *testing.T) {
	for _, test := range []struct {
		wants                Wants
		redirects, noReplies bool
	}{
		{Wants{}, false, true},
		{Wants{Redirect: true}, true, true},
		{Wants{Recipients: true}, false, false},
	} {
		s := &Server{Handle: func(context.Context, *inspect.Message) Answer { return Answer{} }, Wants: func() Wants { return test.wants }}
		addr, _ := start(t, s)
		actions, options := dial(t, addr).offer(postfixActions, postfixOptions)
		if got := actions&(addRcpt|delRcpt) == addRcpt|delRcpt; got != test.redirects || !got && actions&(addRcpt|delRcpt) != 0 {
			t.Errorf("%+v: actions %x", test.wants, actions)
		}
		if got := options&noRcpt != 0; got != test.noReplies {
			t.Errorf("%+v: options %x", test.wants, options)
		}
	}
}

func TestRecipientsApart(t *testing.T) {
	seen := &seen{}
	s := &Server{
		Handle: func(_ context.Context, m *inspect.Message) Answer { seen.add(m); return Answer{} },
		Wants:  func() Wants { return Wants{Recipients: true} },
		Recipient: func(e inspect.Envelope, rcpt string) bool {
			return e.AuthUser != "" || strings.HasSuffix(e.Rcpts[0], "board") == strings.HasSuffix(rcpt, "board")
		},
	}
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	send := func(auth string, rcpts ...string) (answers string, got []string) {
		if auth != "" {
			m.macro('M', "{auth_authen}", auth)
		}
		m.send('M', "<a@example.net>\x00")
		for _, r := range rcpts {
			m.macro('R', "i", "ID1")
			m.send('R', "<", r, ">\x00")
			p := m.get()
			answers += string(p.code)
			if p.code == 'y' && !strings.HasPrefix(p.data, "452 4.5.3 ") {
				t.Errorf("reply %q", p.data)
			}
		}
		m.content(second)
		m.send('E')
		if got := m.answer(); !reflect.DeepEqual(got, []packet{{'c', ""}}) {
			t.Errorf("got %q", got)
		}
		return answers, seen.last(t).Envelope.Rcpts
	}
	for range 2 { // a reply other than "continue" leaves the connection as it was
		if answers, got := send("", "a@staff", "b@board", "c@staff"); answers != "cyc" || !slices.Equal(got, []string{"a@staff", "c@staff"}) {
			t.Errorf("%s %q", answers, got)
		}
		if answers, got := send("", "b@board", "a@staff"); answers != "cy" || !slices.Equal(got, []string{"b@board"}) {
			t.Errorf("%s %q", answers, got)
		}
		if answers, _ := send("claire", "b@board", "a@staff"); answers != "cc" {
			t.Errorf("own user: %s", answers)
		}
		if addr := seen.last(t).Envelope.ClientAddr.String(); addr != "192.0.2.7" {
			t.Errorf("client %s", addr)
		}
	}
}
