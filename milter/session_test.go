package milter

import (
	"context"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"quishmilter/inspect"
	"quishmilter/mime"
)

var first = mail{
	id: "AAAA", from: "one@a.example", auth: "alice", rcpts: []string{"r1@b.example", "r2@b.example"},
	header: [][2]string{{"Subject", "first"}, {"X-First", "secret\n\tfolded"}}, body: "first body\r\n",
}

var second = mail{id: "BBBB", from: "two@a.example", rcpts: []string{"r3@b.example"},
	header: [][2]string{{"Subject", "second"}, {"Empty", ""}}, body: "2\r\n"}

// wantSecond wants the second message on a connection to be itself, and the client still known.
func wantSecond(t *testing.T, got inspect.Message, now time.Time) {
	t.Helper()
	want := inspect.Message{
		Envelope: inspect.Envelope{
			QueueID: "BBBB", ClientAddr: netip.MustParseAddr("192.0.2.7"), ClientName: "client.example",
			ClientPort: 12345, HELO: "helo.client.example", MailFrom: "two@a.example",
			Rcpts:   []string{"r3@b.example"},
			Macros:  map[string]string{"j": "mx.example", "{tls_version}": "TLSv1.3", "i": "BBBB"},
			Arrived: now,
		},
		Header: []mime.Field{{Name: "Subject", Value: "second"}, {Name: "Empty"}},
		Body:   []byte("2\r\n"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("second message:\n got %+v\nwant %+v", got, want)
	}
}

func TestTwoMessagesOnOneConnection(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for name, action := range map[string]Action{
		"continue": Continue, "hold": Hold, "reject": Reject, "tempfail": TempFail, "discard": Discard,
	} {
		t.Run(name, func(t *testing.T) {
			got := &seen{}
			s := &Server{Now: func() time.Time { return now }}
			s.Handle = func(_ context.Context, m *inspect.Message) Answer {
				got.add(m)
				return Answer{Action: action}
			}
			addr, log := start(t, s)
			m := dial(t, addr)
			m.connect("client.example", "192.0.2.7")
			for i, x := range []mail{first, second, second} {
				m.message(x)
				if i > 0 {
					wantSecond(t, got.last(t), now)
				}
			}
			one := got.list[0]
			if one.Envelope.AuthUser != "alice" || one.Envelope.QueueID != "AAAA" || len(one.Envelope.Rcpts) != 2 ||
				one.Header[1].Value != "secret\n\tfolded" || string(one.Body) != first.body {
				t.Errorf("first message: %+v", one)
			}
			m.send('Q')
			m.gone()
			if log.String() != "" {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// Each way to end a message half-way must leave nothing of it for the next one.
func TestAbandonedMessages(t *testing.T) {
	stages := map[string]func(*mta){
		"after MAIL":    func(m *mta) { m.macro('M', "{auth_authen}", "alice"); m.send('M', "<one@a.example>\x00") },
		"macros only":   func(m *mta) { m.macro('M', "{auth_authen}", "alice") },
		"after RCPT":    func(m *mta) { m.envelope(first) },
		"in the header": func(m *mta) { m.envelope(first); m.send('L', "X-First\x00secret\x00") },
		"in the body":   func(m *mta) { m.envelope(first); m.content(first) },
		"end macros":    func(m *mta) { m.envelope(first); m.content(first); m.macro('E', "i", "AAAA", "{x}", "y") },
	}
	ends := map[string]func(*mta){
		"abort":       func(m *mta) { m.send('A') },
		"two aborts":  func(m *mta) { m.send('A'); m.send('A') },
		"HELO":        func(m *mta) { m.send('H', "helo.client.example\x00") },
		"just MAIL":   func(*mta) {},
		"new client":  func(m *mta) { m.send('K'); m.again() },
		"abort, HELO": func(m *mta) { m.send('A'); m.send('H', "helo.client.example\x00") },
	}
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for stage, begin := range stages {
		for end, leave := range ends {
			if stage == "macros only" && end == "just MAIL" {
				continue // they are that MAIL's
			}
			t.Run(stage+", "+end, func(t *testing.T) {
				s, got := keeping()
				s.Now = func() time.Time { return now }
				addr, _ := start(t, s)
				m := dial(t, addr)
				m.connect("client.example", "192.0.2.7")
				begin(m)
				leave(m)
				m.message(second)
				if got.count() != 1 {
					t.Fatalf("%d messages were handled", got.count())
				}
				wantSecond(t, got.last(t), now)
			})
		}
	}
}

// again names the client once more, on a connection that is negotiated.
func (m *mta) again() {
	m.macro('C', "j", "mx.example")
	m.send('C', "client.example\x004\x30\x39192.0.2.7\x00")
	m.macro('H', "{tls_version}", "TLSv1.3")
	m.send('H', "helo.client.example\x00")
}

func TestClients(t *testing.T) {
	none := netip.Addr{}
	tests := []struct {
		name, data string
		addr       netip.Addr
		client     string
		port       uint16
	}{
		{"IPv4", "a.example\x004\x00\x19192.0.2.1\x00", netip.MustParseAddr("192.0.2.1"), "a.example", 25},
		{"IPv6", "a.example\x006\x00\x192001:db8::1\x00", netip.MustParseAddr("2001:db8::1"), "a.example", 25},
		{"IPv6 with a prefix", "a.example\x006\x00\x19IPv6:2001:db8::1\x00", netip.MustParseAddr("2001:db8::9"), "a.example", 25},
		{"mapped", "a.example\x006\x00\x19::ffff:192.0.2.1\x00", netip.MustParseAddr("192.0.2.1"), "a.example", 25},
		{"no name", "unknown\x004\x00\x19192.0.2.1\x00", netip.MustParseAddr("192.0.2.1"), "unknown", 25},
		{"local", "localhost\x004\x00\x00127.0.0.1\x00", none, "localhost", 0},
		{"loopback", "localhost\x004\x00\x19127.0.0.1\x00", netip.MustParseAddr("127.0.0.1"), "localhost", 25},
		{"port unknown", "a.example\x004\x00\x00192.0.2.1\x00", netip.MustParseAddr("192.0.2.1"), "a.example", 0},
		{"unix", "localhost\x00L\x00\x00/run/x\x00", none, "localhost", 0},
		{"unknown", "localhost\x00U", none, "localhost", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, got := keeping()
			addr, _ := start(t, s)
			m := dial(t, addr)
			m.offer(postfixActions, postfixOptions)
			m.macro('C', "{client_addr}", "IPv6:2001:db8::9")
			m.send('C', tt.data)
			m.message(second)
			e := got.last(t).Envelope
			if e.ClientAddr != tt.addr || e.ClientName != tt.client || e.ClientPort != tt.port {
				t.Errorf("got %v %q %d", e.ClientAddr, e.ClientName, e.ClientPort)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	tests := map[string]string{
		"<>\x00": "", "<a@b.example>\x00": "a@b.example", "<a@b.example>\x00SMTPUTF8\x00BODY=8BITMIME\x00": "a@b.example",
		"<jörg@bücher.example>\x00SMTPUTF8\x00": "jörg@bücher.example", "bare@b.example\x00": "bare@b.example",
		"<\"a b\"@b.example>\x00": "\"a b\"@b.example",
	}
	for data, want := range tests {
		s, got := keeping()
		addr, _ := start(t, s)
		m := dial(t, addr)
		m.connect("client.example", "192.0.2.7")
		m.send('M', data)
		m.send('R', data)
		m.send('N')
		m.send('E')
		m.want('c')
		if e := got.last(t).Envelope; e.MailFrom != want || len(e.Rcpts) != 1 || e.Rcpts[0] != want {
			t.Errorf("%q: got %q and %q", data, e.MailFrom, e.Rcpts)
		}
	}
}

// The MTA may send all it has without waiting for anything.
func TestPipelining(t *testing.T) {
	s, got := keeping()
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	var all []byte
	put := func(code byte, data string) { all = append(all, frame(code, data)...) }
	for range 3 {
		put('M', "<a@b.example>\x00")
		for range 100 {
			put('R', "<c@b.example>\x00")
		}
		put('L', "Subject\x00x\x00")
		put('N', "")
		put('B', "body")
		put('E', "")
	}
	m.raw(all)
	for range 3 {
		m.want('c')
	}
	for _, x := range got.list {
		if len(x.Envelope.Rcpts) != 100 || len(x.Header) != 1 || string(x.Body) != "body" {
			t.Errorf("got %d recipients, %d fields, body %q", len(x.Envelope.Rcpts), len(x.Header), x.Body)
		}
	}
}

// An MTA that offers little waits for a reply to every command, and must get exactly one.
func TestPlainOldProtocol(t *testing.T) {
	s, got := keeping()
	addr, _ := start(t, s)
	m := dial(t, addr)
	if actions, options := m.offer(0x3f, 0); actions != 0x31 || options != 0 {
		t.Fatalf("agreed on %#x and %#x", actions, options)
	}
	for _, p := range []packet{
		{'C', "a.example\x004\x00\x19192.0.2.1\x00"}, {'H', "helo\x00"}, {'U', "XYZZY\x00"}, {'M', "<a@b.example>\x00"},
		{'R', "<c@b.example>\x00"}, {'R', "<d@b.example>\x00"}, {'T', ""}, {'L', "Subject\x00x\x00"},
		{'L', "Empty\x00\x00"}, {'N', ""}, {'B', "one "}, {'B', "two "}, {'E', "three"},
	} {
		m.send(p.code, p.data)
		if r := m.want('c'); r.data != "" {
			t.Errorf("reply to %q has data %q", p.code, r.data)
		}
	}
	if x := got.last(t); string(x.Body) != "one two three" || len(x.Header) != 2 || len(x.Envelope.Rcpts) != 2 {
		t.Errorf("got %+v", x)
	}
}

// What belongs to a message is not taken without one.
func TestContentWithoutMail(t *testing.T) {
	s, got := keeping()
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.send('R', "<c@b.example>\x00")
	m.send('L', "Subject\x00x\x00")
	m.send('N')
	m.send('B', "body")
	m.send('E')
	m.want('c')
	if got.count() != 0 {
		t.Errorf("handled %+v", got.list)
	}
	m.message(second)
	if x := got.last(t); len(x.Envelope.Rcpts) != 1 || string(x.Body) != second.body {
		t.Errorf("got %+v", x)
	}
}

func TestSeveralMacroPackets(t *testing.T) {
	s, got := keeping()
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.macro('M', "{auth_authen}", "alice")
	m.macro('M', "{mail_addr}", "a@b.example", "{empty}", "")
	m.send('M', "<a@b.example>\x00")
	m.macro('R', "i", "OLD")
	m.send('R', "<c@b.example>\x00")
	m.macro('L', "i", "NEW")
	m.send('L', "Subject\x00x\x00")
	m.macro('B', "{stray}", "x") // for a command that does not follow
	m.send('E')
	m.want('c')
	e := got.last(t).Envelope
	want := map[string]string{"j": "mx.example", "{tls_version}": "TLSv1.3", "{auth_authen}": "alice",
		"{mail_addr}": "a@b.example", "{empty}": "", "i": "NEW"}
	if !reflect.DeepEqual(e.Macros, want) || e.QueueID != "NEW" || e.AuthUser != "alice" {
		t.Errorf("got %v, queue id %q", e.Macros, e.QueueID)
	}
}

func TestMacrosAskedFor(t *testing.T) {
	s, _ := keeping()
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.send('O', long(6), long(postfixActions), long(postfixOptions))
	p := m.want('O')
	for _, want := range []string{long(2) + "i {auth_type} {auth_authen}", long(5) + "i\x00", long(0) + "j {daemon_name}"} {
		if !strings.Contains(p.data, want) {
			t.Errorf("%q is not in %q", want, p.data)
		}
	}
	old := dial(t, addr)
	old.send('O', long(6), long(0x3f), long(postfixOptions))
	if p := old.want('O'); len(p.data) != 12 {
		t.Errorf("an MTA without lists of macros was sent some: %q", p.data)
	}
}
