package inspect

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"quishmilter/mime"
	"quishmilter/sandbox"
	"quishmilter/test/mailmaker"
)

// confined runs real workers without some layers.
func confined(t *testing.T, without ...string) *Pool {
	t.Helper()
	dir, err := realWorker()
	if err != nil {
		t.Fatal(err)
	}
	p := newPool(t, func(c *PoolConfig) {
		*c = PoolConfig{Command: []string{dir + "/worker"}, Size: 1, CacheDir: dir + "/cache",
			Sandbox: &sandbox.Config{User: nobody, CPU: 3600, Without: without}}
	})
	p.Warmed(t.Context())
	return p
}

// A worker tries what code that took it over would try: files, sockets, processes. Each layer denies what it is there
// for also where the others are missing, and the worker reads pictures and documents all the same.
func TestWorkerIsConfined(t *testing.T) {
	all := []string{}
	for _, c := range []struct {
		name    string
		without []string
		denied  []string // nil: all
	}{
		{"all layers", nil, nil},
		{"without landlock", []string{sandbox.Landlock}, nil},
		{"without seccomp", []string{sandbox.Seccomp}, []string{"read a file", "list a folder", "write a file", "open a TCP socket", "open a UDP socket",
			"open a unix socket", "start a program", "signal the daemon", "read another process's memory", "raise a limit"}},
		{"limits alone", []string{sandbox.Landlock, sandbox.Seccomp}, []string{"read a file", "write a file", "open a TCP socket", "open a UDP socket", "raise a limit"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := confined(t, c.without...)
			tried, err := p.Probe(within(t, 30*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range tried {
				t.Logf("%-32s %s", a.Name, a.Why)
				if !a.Denied && (c.denied == nil || slices.Contains(c.denied, a.Name)) {
					t.Errorf("%s: %s", a.Name, a.Why)
				}
				all = append(all, a.Name)
			}
			if r := p.Sandbox(); r == nil || len(r.Missing) != len(c.without) || r.Root {
				t.Errorf("%+v", r)
			}
			found, problems := lease(t, p).Read(within(t, 20*time.Second), partOf("a.pdf", mailmaker.PDFDrawn(mailmaker.Modules(link))))
			if len(found) != 1 || len(problems) != 0 {
				t.Errorf("found %+v, problems %+v", found, problems)
			}
		})
	}
	for _, name := range []string{"read a file", "open a TCP socket", "open a UDP socket", "open a unix socket", "fork", "start a program", "trace a process"} {
		if !slices.Contains(all, name) {
			t.Errorf("nobody tried to %s", name)
		}
	}
}

// A worker that stands still while it waits costs the next message a second, and not its time.
func TestSleepingWorkerIsReplaced(t *testing.T) {
	p := realPool(t, 1)
	l := lease(t, p)
	c, err := l.slot.take(t.Context(), l.memory)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	found, problems := l.Read(within(t, 30*time.Second), partOf("a.png", pngOf(t, mailmaker.CodeImage(link, 4))))
	if len(found) != 1 || len(problems) != 0 {
		t.Errorf("found %+v, problems %+v", found, problems)
	}
}

// What takes more than the usual share of the memory is read again with the most, once the others have given it back.
func TestMoreMemoryForAPart(t *testing.T) {
	dir, err := realWorker()
	if err != nil {
		t.Fatal(err)
	}
	p := newPool(t, func(c *PoolConfig) {
		*c = PoolConfig{Command: []string{dir + "/worker"}, Size: 2, CacheDir: dir + "/cache", MemoryLimit: 512 << 20, Room: 640 << 20}
	})
	if p.room.usual >= p.room.most {
		t.Fatalf("usual %d, most %d", p.room.usual, p.room.most)
	}
	other := lease(t, p)
	l := lease(t, p)
	data := heicOf(t, 2500, 1000) // too many pixels for the usual share
	part := partOf("large.heic", data)
	part.Again = func() io.Reader { return bytes.NewReader(data) }
	read := make(chan []mime.Problem, 1)
	go func() {
		_, problems := l.Read(within(t, 60*time.Second), part)
		read <- problems
	}()
	other.Release()
	problems := <-read
	for _, p := range problems {
		if p.Kind != mime.Broken { // the header is all that there is of it
			t.Errorf("%+v", p)
		}
	}
	if l.memory != p.room.most {
		t.Errorf("it had %d bytes", l.memory)
	}
}

// heicOf is a HEIC that claims to be so large.
func heicOf(t *testing.T, width, height uint32) []byte {
	t.Helper()
	data, err := os.ReadFile("../picture/testdata/code.heic")
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("ispe"))
		if i < 0 {
			return data
		}
		at += i + 8
		binary.BigEndian.PutUint32(data[at:], width)
		binary.BigEndian.PutUint32(data[at+4:], height)
	}
}
