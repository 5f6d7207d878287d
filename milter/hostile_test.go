package milter

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// What no MTA should send ends the connection, quietly or with one line in the log, and nothing else.
func TestHostilePackets(t *testing.T) {
	tests := map[string]struct {
		raw    string
		logged string
	}{
		"nothing":                    {"", ""},
		"half a length":              {"\x00\x00", "unexpected EOF"},
		"half a packet":              {"\x00\x00\x00\x09Mabc", "unexpected EOF"},
		"length zero":                {"\x00\x00\x00\x00", "out of bounds"},
		"length over the limit":      {"\x00\x10\x00\x01M", "out of bounds"},
		"huge length":                {"\xff\xff\xff\xffM", "out of bounds"},
		"unknown command":            {"\x00\x00\x00\x01!", "unknown milter command"},
		"HTTP":                       {"GET / HTTP/1.1\r\n\r\n", "out of bounds"},
		"macros without a stage":     {"\x00\x00\x00\x01D", "macros"},
		"connect without data":       {"\x00\x00\x00\x01C", "connect"},
		"connect without a family":   {"\x00\x00\x00\x03Ca\x00", "connect"},
		"connect without a port":     {"\x00\x00\x00\x05Ca\x004\x00", "connect"},
		"field without a name":       {"\x00\x00\x00\x04L\x00a\x00", "header field"},
		"field without an end":       {"\x00\x00\x00\x04La\x00b", "header field"},
		"field of three strings":     {"\x00\x00\x00\x07La\x00b\x00c\x00", "header field"},
		"field without anything":     {"\x00\x00\x00\x01L", "header field"},
		"end of file after an offer": {"\x00\x00\x00\x0dO\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff", ""},
	}
	for name, tt := range tests {
		for _, negotiated := range []bool{false, true} {
			s, got := keeping()
			addr, log := start(t, s)
			m := dial(t, addr)
			if negotiated {
				m.connect("client.example", "192.0.2.7")
				m.envelope(first)
			}
			m.raw([]byte(tt.raw))
			closeWrite(t, m)
			for m.get().code != 0 {
			}
			waitSessions(s, 0)
			if got.count() != 0 {
				t.Errorf("%s: handled %+v", name, got.list)
			}
			if negotiated && tt.logged != "" && (!strings.Contains(log.String(), tt.logged) || tt.logged != "connect" && !strings.Contains(log.String(), "AAAA")) {
				t.Errorf("%s: %q is not in the log: %s", name, tt.logged, log)
			}
			if negotiated && tt.logged == "" && log.String() != "" {
				t.Errorf("%s: log: %s", name, log)
			}
			if strings.Count(log.String(), "\n") > 1 {
				t.Errorf("%s: several lines: %s", name, log)
			}
		}
	}
}

func closeWrite(t *testing.T, m *mta) {
	t.Helper()
	if err := m.conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
}

// A packet of exactly the largest size is taken.
func TestLargestPacket(t *testing.T) {
	s, got := keeping()
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.envelope(second)
	m.send('B', strings.Repeat("x", maxPacket-1))
	m.send('E')
	m.want('c')
	if n := len(got.last(t).Body); n != maxPacket-1 {
		t.Errorf("%d octets", n)
	}
}

// A peer that vanished without a word, or that never says one, gives its place back.
func TestSilence(t *testing.T) {
	for name, begin := range map[string]func(*mta){
		"at once":        func(*mta) {},
		"connected":      func(m *mta) { m.connect("client.example", "192.0.2.7") },
		"in the message": func(m *mta) { m.connect("client.example", "192.0.2.7"); m.envelope(first) },
		"in a packet":    func(m *mta) { m.raw([]byte{0}) },
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := keeping()
			s.Limits.ReadTimeout = 100 * time.Millisecond
			addr, _ := start(t, s)
			m := dial(t, addr)
			begin(m)
			for m.get().code != 0 {
			}
			waitSessions(s, 0)
		})
	}
}

// An MTA that does not take its answers cannot hold us for ever. (A pipe holds nothing: the first reply blocks.)
func TestUnreadAnswers(t *testing.T) {
	s, _ := keeping()
	s.Limits.WriteTimeout = 50 * time.Millisecond
	s.Log = newLog(&logged{})
	ours, theirs := net.Pipe()
	go s.serve(context.Background(), ours)
	m := &mta{t: t, conn: theirs}
	m.offer(postfixActions, 0)
	m.send('N')
	waitSessions(s, 0)
	m.gone()
}
