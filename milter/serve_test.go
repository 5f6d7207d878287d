package milter

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"quishmilter/inspect"
)

func TestProgress(t *testing.T) {
	release := make(chan struct{})
	s := &Server{
		Limits: Limits{ProgressEvery: time.Millisecond},
		Handle: func(context.Context, *inspect.Message) Answer {
			<-release
			return Answer{Action: Hold}
		},
	}
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.envelope(second)
	m.content(second)
	m.send('E')
	for range 5 {
		if p := m.want('p'); p.data != "" {
			t.Errorf("progress with data %q", p.data)
		}
	}
	close(release)
	if a := m.answer(); len(a) != 2 || a[0].code != 'q' || a[1].code != 'c' {
		t.Errorf("got %q", a)
	}
	if a := m.message(second); len(a) != 2 {
		t.Errorf("next message: %q", a)
	}
}

// handleUntilDone is a Handle that waits for the end of its context, and tells when it began and what ended it.
func handleUntilDone() (h func(context.Context, *inspect.Message) Answer, began chan struct{}, cause chan error) {
	began, cause = make(chan struct{}), make(chan error, 1)
	return func(ctx context.Context, _ *inspect.Message) Answer {
		close(began)
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return Answer{}
	}, began, cause
}

func TestHungUpWhileHandled(t *testing.T) {
	h, began, cause := handleUntilDone()
	s := &Server{Handle: h}
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.envelope(second)
	m.send('E')
	<-began
	_ = m.conn.Close()
	if err := <-cause; !errors.Is(err, errHungUp) {
		t.Errorf("cause %v", err)
	}
}

// An MTA that talks on while Handle runs loses nothing of what it said.
func TestTalkingWhileHandled(t *testing.T) {
	s, got := keeping()
	keep := s.Handle
	release := make(chan struct{})
	s.Handle = func(ctx context.Context, m *inspect.Message) Answer {
		<-release
		if ctx.Err() != nil {
			t.Error("cancelled")
		}
		return keep(ctx, m)
	}
	s.Limits.ProgressEvery = 2 * watchAfter
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.envelope(first)
	m.send('E')
	m.envelope(second)
	m.content(second)
	m.send('E')
	m.want('p') // by now the watch has begun
	close(release)
	m.answer()
	m.answer()
	if x := got.last(t); got.count() != 2 || string(x.Body) != second.body || x.Envelope.MailFrom != second.from {
		t.Errorf("got %+v", got.list)
	}
}

func TestShutdownDrains(t *testing.T) {
	s, got := keeping()
	s.Log = slog.New(slog.DiscardHandler)
	ln := listen(t)
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), ln) }()

	fresh, idle, busy := dial(t, ln.Addr().String()), dial(t, ln.Addr().String()), dial(t, ln.Addr().String())
	idle.connect("client.example", "192.0.2.7")
	idle.message(first)
	busy.connect("client.example", "192.0.2.7")
	busy.envelope(second)
	fresh.offer(postfixActions, postfixOptions)
	sync := dial(t, ln.Addr().String()) // in a message that is not begun but is about to be: MAIL alone counts
	sync.offer(postfixActions, 0)
	sync.send('M', "<a@b.example>\x00")
	sync.want('c')

	waitBusy(s, 2)
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(context.Background()) }()
	idle.gone()
	fresh.gone()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	busy.content(second)
	busy.send('E')
	if a := busy.answer(); a[0].code != 'c' {
		t.Errorf("got %q", a)
	}
	busy.gone()
	select {
	case err := <-down:
		t.Fatalf("Shutdown returned with a message under way: %v", err)
	default:
	}
	sync.send('A')
	sync.gone()
	if err := <-down; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if got.count() != 2 {
		t.Errorf("%d messages", got.count())
	}
	if err := s.Serve(context.Background(), listen(t)); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
}

// waitBusy waits until n sessions are in a message; what an MTA sends takes its time.
func waitBusy(s *Server, n int) {
	for {
		s.mu.Lock()
		busy := 0
		for _, b := range s.sessions {
			if b {
				busy++
			}
		}
		s.mu.Unlock()
		if busy == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestShutdownOutOfPatience(t *testing.T) {
	h, began, cause := handleUntilDone()
	s := &Server{Handle: h}
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.envelope(second)
	m.send('E')
	<-began
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	<-cause
	m.gone()
}

func TestServeEndsWithItsContext(t *testing.T) {
	h, began, cause := handleUntilDone()
	s := &Server{Handle: h, Log: slog.New(slog.DiscardHandler)}
	ln := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	m := dial(t, ln.Addr().String())
	m.connect("client.example", "192.0.2.7")
	m.envelope(second)
	m.send('E')
	<-began
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := <-cause; !errors.Is(err, context.Canceled) {
		t.Errorf("cause %v", err)
	}
	m.answer()
	if err := s.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// failing is a listener that has too many open files a few times.
type failing struct {
	net.Listener
	left int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.left > 0 {
		f.left--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

func TestAcceptErrors(t *testing.T) {
	s, got := keeping()
	log := &logged{}
	s.Log = newLog(log)
	ln := listen(t)
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), &failing{ln, 3}) }()
	m := dial(t, ln.Addr().String())
	m.connect("client.example", "192.0.2.7")
	m.message(second)
	if err := s.Shutdown(context.Background()); err != nil || <-served != nil {
		t.Error(err)
	}
	if got.count() != 1 || strings.Count(log.String(), "too many open files") != 3 {
		t.Errorf("%d messages, log: %s", got.count(), log)
	}
}

func TestTooManyConnections(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	s, _ := keeping()
	s.Limits.MaxConnections = 2
	s.Now = func() time.Time { return now }
	addr, log := start(t, s)
	a, b := dial(t, addr), dial(t, addr)
	a.connect("client.example", "192.0.2.7")
	b.connect("client.example", "192.0.2.7")
	for range 3 {
		c := dial(t, addr)
		if actions, options := c.offer(postfixActions, postfixOptions); actions != 0 || options != 0 {
			t.Errorf("agreed on %#x, %#x", actions, options)
		}
		c.macro('C', "j", "x")
		c.send('C', "client.example\x004\x30\x39192.0.2.7\x00")
		if p := c.want('y'); p.data != "451 4.7.1 "+refuseText+"\x00" {
			t.Errorf("got %q", p.data)
		}
		c.send('H', "x\x00")
		c.gone()
	}
	if n := strings.Count(log.String(), "too many connections"); n != 1 {
		t.Errorf("%d lines in the log: %s", n, log)
	}
	b.send('Q')
	b.gone()
	waitSessions(s, 1)
	d := dial(t, addr)
	d.connect("client.example", "192.0.2.7")
	if p := d.message(second); p[0].code != 'c' {
		t.Errorf("got %q", p)
	}
}

func waitSessions(s *Server, n int) {
	for {
		s.mu.Lock()
		have := len(s.sessions)
		s.mu.Unlock()
		if have == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestRefusalLog(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	var l refusalLog
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {0, 0}, {refuseEvery - 1, 0}, {refuseEvery, 3}, {refuseEvery + 1, 0}, {5 * refuseEvery, 2}} {
		if got := l.count(now.Add(tt.after)); got != tt.want {
			t.Errorf("after %v: got %d, want %d", tt.after, got, tt.want)
		}
	}
}

// More refusals than can be told are closed without a word, and give their places back.
func TestRefusalsAreBounded(t *testing.T) {
	s, _ := keeping()
	s.Limits.MaxConnections = 1
	addr, _ := start(t, s)
	a := dial(t, addr)
	a.connect("client.example", "192.0.2.7")
	var told []*mta
	for range maxRefusing {
		c := dial(t, addr)
		c.offer(postfixActions, postfixOptions)
		told = append(told, c)
	}
	dial(t, addr).gone()
	for _, c := range told {
		c.send('Q')
		c.gone()
	}
	c := dial(t, addr)
	c.offer(postfixActions, postfixOptions)
}

func TestConcurrentConnections(t *testing.T) {
	var mu sync.Mutex
	wrong := 0
	s := &Server{Limits: Limits{SpillAfter: 1000}, Handle: func(_ context.Context, m *inspect.Message) Answer {
		id := m.Envelope.QueueID
		if m.Envelope.MailFrom != id || m.Header[0].Value != id || strings.Trim(string(m.Body), id) != "" {
			mu.Lock()
			wrong++
			mu.Unlock()
		}
		return Answer{}
	}}
	addr, _ := start(t, s)
	var wg sync.WaitGroup
	for i := range 50 {
		m := dial(t, addr)
		wg.Go(func() {
			id := string(rune('A' + i))
			m.connect(id, "192.0.2.7")
			for j := range 20 {
				m.message(mail{id: id, from: id, rcpts: []string{id}, header: [][2]string{{"Id", id}}, body: strings.Repeat(id, j*200)})
			}
		})
	}
	wg.Wait()
	if wrong > 0 {
		t.Errorf("%d messages had another's data", wrong)
	}
}
