package milter

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"quishmilter/inspect"
)

// What Postfix 3.7 offers with milter_protocol = 6.
const (
	postfixActions = 0x1ff
	postfixOptions = 0x1fffff
)

// mta is a small MTA: it writes packets as a test tells it, and reads what comes back.
type mta struct {
	t    testing.TB
	conn net.Conn
}

// packet is one packet of the milter.
type packet struct {
	code byte
	data string
}

// frame makes a packet of a command and its data.
func frame(code byte, data string) []byte {
	p := binary.BigEndian.AppendUint32(nil, uint32(len(data)+1))
	return append(append(p, code), data...)
}

func dial(t testing.TB, addr string) *mta {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &mta{t: t, conn: conn}
}

func (m *mta) send(code byte, parts ...string) {
	m.t.Helper()
	m.raw(frame(code, strings.Join(parts, "")))
}

func (m *mta) raw(p []byte) {
	m.t.Helper()
	_ = m.conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
	if _, err := m.conn.Write(p); err != nil {
		m.t.Fatal(err)
	}
}

// get reads one packet; an end of file is the packet with code 0.
func (m *mta) get() packet {
	m.t.Helper()
	_ = m.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	head := make([]byte, 5)
	if n, err := io.ReadFull(m.conn, head); err != nil {
		if n > 0 || strings.Contains(err.Error(), "timeout") {
			m.t.Fatalf("after %d octets: %v", n, err)
		}
		return packet{}
	}
	data := make([]byte, binary.BigEndian.Uint32(head)-1)
	if _, err := io.ReadFull(m.conn, data); err != nil {
		m.t.Fatal(err)
	}
	return packet{head[4], string(data)}
}

// want reads one packet that must be of the code.
func (m *mta) want(code byte) packet {
	m.t.Helper()
	p := m.get()
	if p.code != code {
		m.t.Fatalf("got packet %q %q, want %q", p.code, p.data, code)
	}
	return p
}

// gone wants the other side to have hung up.
func (m *mta) gone() {
	m.t.Helper()
	m.want(0)
}

func long(v uint32) string { return string(binary.BigEndian.AppendUint32(nil, v)) }

// offer negotiates as Postfix does and returns what was agreed.
func (m *mta) offer(actions, options uint32) (uint32, uint32) {
	m.t.Helper()
	m.send('O', long(6), long(actions), long(options))
	p := m.want('O')
	return binary.BigEndian.Uint32([]byte(p.data[4:])), binary.BigEndian.Uint32([]byte(p.data[8:]))
}

// connect negotiates and names a client.
func (m *mta) connect(name, addr string) {
	m.t.Helper()
	m.offer(postfixActions, postfixOptions)
	m.macro('C', "j", "mx.example")
	m.send('C', name, "\x004\x30\x39", addr, "\x00") // port 12345
	m.macro('H', "{tls_version}", "TLSv1.3")
	m.send('H', "helo.", name, "\x00")
}

func (m *mta) macro(stage byte, pairs ...string) {
	m.t.Helper()
	m.send('D', string(stage), strings.Join(pairs, "\x00"), "\x00")
}

// mail is a message as an MTA sends it.
type mail struct {
	id, from string
	auth     string
	rcpts    []string
	header   [][2]string
	body     string
}

// envelope sends what comes before the header.
func (m *mta) envelope(x mail) {
	m.t.Helper()
	if x.auth != "" {
		m.macro('M', "{auth_authen}", x.auth)
	}
	m.send('M', "<", x.from, ">\x00SIZE=1000\x00")
	for _, r := range x.rcpts {
		m.macro('R', "i", x.id)
		m.send('R', "<", r, ">\x00")
	}
	m.macro('T', "i", x.id)
}

// content sends header and body but not the end.
func (m *mta) content(x mail) {
	m.t.Helper()
	for _, f := range x.header {
		m.send('L', f[0], "\x00", f[1], "\x00")
	}
	m.send('N')
	for b := x.body; b != ""; {
		n := min(len(b), 65535)
		m.send('B', b[:n])
		b = b[n:]
	}
}

// message sends a whole message and returns the packets of the answer.
func (m *mta) message(x mail) []packet {
	m.t.Helper()
	m.envelope(x)
	m.content(x)
	m.macro('E', "i", x.id)
	m.send('E')
	return m.answer()
}

// answer reads up to the packet that ends an answer, leaving out progress.
func (m *mta) answer() []packet {
	m.t.Helper()
	var all []packet
	for {
		p := m.get()
		if p.code == 'p' {
			continue
		}
		all = append(all, p)
		if p.code == 0 || strings.IndexByte("acdrty", p.code) >= 0 {
			return all
		}
	}
}

// seen is the messages that Handle got, copied.
type seen struct {
	mu   sync.Mutex
	list []inspect.Message
}

func (s *seen) add(m *inspect.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := *m
	c.Body = append([]byte(nil), m.Body...)
	s.list = append(s.list, c)
}

func (s *seen) last(t testing.TB) inspect.Message {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == 0 {
		t.Fatal("no message was handled")
	}
	return s.list[len(s.list)-1]
}

func (s *seen) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.list)
}

// logged is what a server logged.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start serves on loopback until the test ends, and fails the test if the server does not drain then.
func start(t testing.TB, s *Server) (addr string, log *logged) {
	t.Helper()
	log = &logged{}
	if s.Log == nil {
		s.Log = newLog(log)
	}
	if s.TempDir == "" {
		s.TempDir = t.TempDir()
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		drained := s.drain()
		s.end()
		select {
		case <-drained:
		case <-ctx.Done():
			t.Error("sessions are left at the end of the test")
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return ln.Addr().String(), log
}

// keeping is a server that keeps every message and answers Continue.
func keeping() (*Server, *seen) {
	got := &seen{}
	return &Server{Handle: func(_ context.Context, m *inspect.Message) Answer {
		got.add(m)
		return Answer{}
	}}, got
}
