package milter

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/inspect"
)

func TestBodySizes(t *testing.T) {
	s, got := keeping()
	s.Limits = Limits{SpillAfter: 100_000, MaxBody: 200_000}
	s.TempDir = t.TempDir()
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	for _, n := range []int{0, 1, 99_999, 100_000, 100_001, 131_070, 199_999, 200_000, 200_001, 300_000, 7} {
		x := second
		x.body = string(bytes.Repeat([]byte("0123456789abcde\n"), n/16+1)[:n])
		m.message(x)
		b := got.last(t)
		if want := x.body[:min(n, 200_000)]; string(b.Body) != want || b.Cut != (n > 200_000) {
			t.Errorf("%d octets: got %d, cut %v", n, len(b.Body), b.Cut)
		}
	}
	left, err := os.ReadDir(s.TempDir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// While a body is in its file, the file has no name.
func TestSpilledBodyHasNoName(t *testing.T) {
	dir := t.TempDir()
	b := body{dir: dir, spillAfter: 10, limit: 100}
	b.add([]byte("0123456789x"))
	defer b.close()
	left, err := os.ReadDir(dir)
	if b.file == nil || err != nil || len(left) > 0 {
		t.Errorf("file %v, left %v, %v", b.file, left, err)
	}
	if string(b.bytes()) != "0123456789x" {
		t.Errorf("got %q", b.bytes())
	}
}

func TestNoRoomForBody(t *testing.T) {
	for name, failure := range map[string]func(*inspect.Message, error) Answer{
		"default":  nil,
		"accept":   func(*inspect.Message, error) Answer { return Answer{} },
		"panicked": func(*inspect.Message, error) Answer { panic("no") },
	} {
		t.Run(name, func(t *testing.T) {
			s, got := keeping()
			s.Limits.SpillAfter = 1000
			s.TempDir = filepath.Join(t.TempDir(), "missing")
			var cause error
			if s.Failure = failure; failure != nil {
				s.Failure = func(m *inspect.Message, err error) Answer {
					cause = err
					if m.Envelope.QueueID != "BBBB" || len(m.Header) != 2 {
						t.Errorf("failure was told of %+v", m)
					}
					return failure(m, err)
				}
			}
			addr, log := start(t, s)
			m := dial(t, addr)
			m.connect("client.example", "192.0.2.7")
			x := second
			x.body = strings.Repeat("x", 200_000)
			want := byte('t')
			if name == "accept" {
				want = 'c'
			}
			if a := m.message(x); len(a) != 1 || a[0].code != want {
				t.Errorf("got %q", a)
			}
			if n := strings.Count(log.String(), "temporary file"); n != 1 || !strings.Contains(log.String(), "BBBB") {
				t.Errorf("log: %s", log)
			}
			if failure != nil && !errors.Is(cause, os.ErrNotExist) {
				t.Errorf("cause %v", cause)
			}
			m.message(second)
			if got.count() != 1 || string(got.last(t).Body) != second.body {
				t.Errorf("after it: %+v", got.list)
			}
		})
	}
}

// A write that fails in the middle, as on a full disk, must not pass half a body off as a whole one.
func TestDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := body{spillAfter: 10, limit: 1000, file: full}
	b.add([]byte("0123456789x"))
	b.add([]byte("more"))
	if b.err == nil || len(b.bytes()) != 0 {
		t.Errorf("error %v, body %q", b.err, b.bytes())
	}
	b.close()
}

func TestHeaderLimits(t *testing.T) {
	s, got := keeping()
	s.Limits = Limits{MaxHeader: 1000, MaxFields: 10}
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	field := [2]string{"Name", "0123456789"}
	tests := []struct {
		name   string
		header [][2]string
		fields int
		cut    bool
	}{
		{"few", repeat(field, 9), 9, false},
		{"at the limit of fields", repeat(field, 10), 10, false},
		{"over it", repeat(field, 11), 10, true},
		{"long", [][2]string{{"Name", strings.Repeat("x", 900)}}, 1, false},
		{"too long", [][2]string{{"Name", strings.Repeat("x", 900)}, {"Name", strings.Repeat("x", 100)}, field}, 2, true},
		{"far too long", [][2]string{{"Name", strings.Repeat("x", 5000)}, {"x-quish-a", "y"}, {"A", "b"}}, 2, true},
		{"ours beyond", append(repeat(field, 100), [2]string{"X-Quish-Verdict", "clean"}), 11, true},
	}
	for _, tt := range tests {
		x := second
		x.header = tt.header
		m.message(x)
		g := got.last(t)
		if g.Cut != tt.cut || len(g.Header) != tt.fields {
			t.Errorf("%s: %d fields, cut %v", tt.name, len(g.Header), g.Cut)
		}
	}
	if f := Forged(got.last(t).Header, OwnPrefix); len(f) != 1 {
		t.Errorf("forged: %v", f)
	}
}

func repeat(f [2]string, n int) [][2]string {
	var all [][2]string
	for range n {
		all = append(all, f)
	}
	return all
}

func TestManyRecipientsAndMacros(t *testing.T) {
	var c macros
	for i := range 2 * maxMacros {
		c = c.with(strings.Repeat("x", i), "")
	}
	if len(c) != maxMacros {
		t.Errorf("%d macros", len(c))
	}
	s := &session{srv: &Server{}, message: &message{}}
	for range maxRcpts + 1 {
		_, _ = s.RcptTo("a@b.example", nil)
	}
	if len(s.message.rcpts) != maxRcpts {
		t.Errorf("%d recipients", len(s.message.rcpts))
	}
}

// A handler that panics costs its own message only.
func TestPanic(t *testing.T) {
	n := 0
	s := &Server{Handle: func(context.Context, *inspect.Message) Answer {
		if n++; n == 1 {
			panic("oops")
		}
		return Answer{}
	}}
	addr, log := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	if a := m.message(second); a[0].code != 't' {
		t.Errorf("got %q", a)
	}
	if a := m.message(second); a[0].code != 'c' {
		t.Errorf("got %q", a)
	}
	if l := log.String(); !strings.Contains(l, "oops") || !strings.Contains(l, "limits_test.go") || !strings.Contains(l, "BBBB") {
		t.Errorf("log: %s", l)
	}
}
