package inspect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"quishmilter/mime"
	"quishmilter/test/mailmaker"
)

// failingWorker is a worker that greets as it should, and then fails.
func failingWorker(mode string) {
	conn := os.NewFile(workerSocket, "daemon")
	var s setup
	if mode == "dead" || readHeader(conn, &s) != nil {
		os.Exit(1)
	}
	fmt.Fprintln(conn, `{"ready":true}`)
	var j job
	if readHeader(conn, &j) != nil {
		return
	}
	if mode == "asleep" {
		select {}
	}
	if j.First {
		fmt.Fprintln(conn, `{"begun":true}`)
	}
	if _, err := readBody(conn, j.Size); err != nil {
		return
	}
	const code = `{"found":{"Symbology":"qr","Text":"kept","Carrier":"image"}}` + "\n"
	switch mode {
	case "slow":
		io.WriteString(conn, code)
		select {}
	case "exit":
		io.WriteString(conn, code)
		os.Exit(3)
	case "retire":
		io.WriteString(conn, code+`{"done":{"retire":true}}`+"\n")
	case "long":
		io.WriteString(conn, strings.Repeat("x", 2*maxLine))
	case "endless":
		for {
			if _, err := io.WriteString(conn, code); err != nil {
				return
			}
		}
	case "control":
		fmt.Fprintln(conn, `{"found":{"Symbology":"qr","Text":"x","Carrier":"image","At":"a\r\nb"}}`)
	case "token":
		fmt.Fprintln(conn, `{"found":{"Symbology":"qr; host=good","Text":"x","Carrier":"image"}}`)
	case "kind":
		fmt.Fprintln(conn, `{"problem":{"kind":"fine"}}`)
	case "both":
		fmt.Fprintln(conn, `{"ready":true,"done":{}}`)
	case "text":
		fmt.Fprintln(conn, `hello`)
	}
	select {}
}

func failing(t *testing.T, mode string) *Pool {
	return newPool(t, func(c *PoolConfig) {
		c.Env = []string{workerMode + "=" + mode}
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	})
}

func TestWorkerFaults(t *testing.T) {
	for _, c := range []struct {
		mode string
		kind mime.Kind // "": no problem
		kept bool
	}{
		{"slow", mime.Timeout, true},
		{"exit", mime.OverLimit, true},
		{"retire", "", true},
		{"long", mime.Broken, false},
		{"endless", mime.Broken, true},
		{"control", mime.Broken, false},
		{"token", mime.Broken, false},
		{"kind", mime.Broken, false},
		{"both", mime.Broken, false},
		{"text", mime.Broken, false},
	} {
		t.Run(c.mode, func(t *testing.T) {
			l := lease(t, failing(t, c.mode))
			if _, err := l.slot.take(t.Context(), l.memory); err != nil { // so that the time below is not spent on the start
				t.Fatal(err)
			}
			limit := 5 * time.Second
			if c.kind == mime.Timeout {
				limit = 50 * time.Millisecond
			}
			for range 2 { // the second part gets a new worker
				found, problems := l.Read(within(t, limit), partOf("a.png", []byte("x")))
				if c.kind == "" && len(problems) != 0 || c.kind != "" && (len(problems) != 1 || problems[0].Kind != c.kind || problems[0].Part != "2.1") {
					t.Fatalf("problems %+v, want %q", problems, c.kind)
				}
				if c.kept != (len(found) > 0 && found[0].Text == "kept") || len(found) > maxFound {
					t.Errorf("found %d codes, want kept: %v", len(found), c.kept)
				}
				if _, err := l.slot.take(t.Context(), l.memory); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestWorkerThatNeverStarts(t *testing.T) {
	l := lease(t, failing(t, "dead"))
	_, problems := l.Read(within(t, 100*time.Millisecond), partOf("a.png", []byte("x")))
	if len(problems) != 1 || problems[0].Kind != mime.Overload {
		t.Errorf("problems %+v, want overload", problems)
	}
}

func TestLeaseEndsWaiting(t *testing.T) {
	p := newPool(t, nil)
	lease(t, p)
	if _, err := p.Lease(within(t, 20*time.Millisecond), ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second lease of the only worker: %v", err)
	}
}

func TestCloseWithLeaseOut(t *testing.T) {
	p := newPool(t, nil)
	l := lease(t, p)
	c, err := l.slot.take(t.Context(), l.memory)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	l.Release()
	if err := syscall.Kill(c.cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the worker is still there: %v", err)
	}
	if _, err := p.Lease(t.Context(), ""); err == nil {
		t.Error("a lease after Close")
	}
}

// shortDaemon is a daemon that tells its worker's process id and waits to be killed.
func shortDaemon() {
	p, err := NewPool(PoolConfig{Command: []string{"/proc/self/exe"}, Env: []string{workerMode + "=sound"}, Size: 1})
	if err != nil {
		os.Exit(1)
	}
	l, err := p.Lease(context.Background(), "")
	if err != nil {
		os.Exit(1)
	}
	c, err := l.slot.take(context.Background(), l.memory)
	if err != nil {
		os.Exit(1)
	}
	fmt.Println(c.cmd.Process.Pid)
	select {}
}

func TestWorkersDieWithTheDaemon(t *testing.T) {
	daemon := exec.Command("/proc/self/exe")
	daemon.Env = append(os.Environ(), workerMode+"=daemon")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	worker, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(worker)
	daemon.Process.Kill()
	daemon.Wait()
	ended := []unix.PollFd{{Fd: int32(worker), Events: unix.POLLIN}}
	if n, err := unix.Poll(ended, 10_000); n != 1 || err != nil {
		t.Errorf("the worker outlives its daemon: %d, %v", n, err)
	}
}

// TestKilledFromOutside is what the kernel's out-of-memory killer does.
func TestKilledFromOutside(t *testing.T) {
	l := lease(t, newPool(t, func(c *PoolConfig) { c.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) }))
	c, err := l.slot.take(t.Context(), l.memory)
	if err != nil {
		t.Fatal(err)
	}
	data := pngOf(t, mailmaker.CodeImage("again", 4))
	part := partOf("a.png", data)
	part.Reader = &killing{Reader: part.Reader, kill: func() { syscall.Kill(c.cmd.Process.Pid, syscall.SIGKILL) }}
	_, problems := l.Read(within(t, 10*time.Second), part)
	if len(problems) != 1 || problems[0].Kind != mime.OverLimit {
		t.Fatalf("problems %+v, want over-limit", problems)
	}
	found, problems := l.Read(within(t, 10*time.Second), partOf("a.png", data))
	if len(found) != 1 || len(problems) != 0 {
		t.Errorf("the next part: found %+v, problems %+v", found, problems)
	}
}

// killing kills the worker once it has the part's header.
type killing struct {
	io.Reader
	kill func()
}

func (k *killing) Read(b []byte) (int, error) {
	k.kill()
	return k.Reader.Read(b)
}

func TestBrokenReaderIsSaid(t *testing.T) {
	l := lease(t, newPool(t, nil))
	part := partOf("a.png", nil)
	part.Reader = io.MultiReader(bytes.NewReader(pngOf(t, mailmaker.CodeImage("whole", 4))), broken{})
	found, problems := l.Read(within(t, 10*time.Second), part)
	if len(found) != 1 || len(problems) != 1 || problems[0].Kind != mime.Broken {
		t.Errorf("found %+v, problems %+v", found, problems)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("illegal base64") }

func TestPartOverTheLimitIsCut(t *testing.T) {
	l := lease(t, realPool(t, 1)) // the race detector needs memory of its own
	part := partOf("a.png", nil)
	part.Reader = io.MultiReader(bytes.NewReader(pngOf(t, mailmaker.CodeImage("first", 4))), io.LimitReader(zeros{}, maxPart))
	found, problems := l.Read(within(t, 20*time.Second), part)
	if len(found) != 1 || len(problems) != 1 || problems[0].Kind != mime.OverLimit {
		t.Errorf("found %+v, problems %+v", found, problems)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestManyLeasesFewWorkers(t *testing.T) {
	p := newPool(t, func(c *PoolConfig) { c.Size = 2 })
	data := pngOf(t, mailmaker.CodeImage("shared", 3))
	ctx := within(t, 60*time.Second)
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			l, err := p.Lease(ctx, "")
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Release()
			if found, problems := l.Read(ctx, partOf("a.png", data)); len(found) != 1 || len(problems) != 0 {
				t.Errorf("found %+v, problems %+v", found, problems)
			}
		})
	}
	wait.Wait()
}

func TestReplacementsLeakNothing(t *testing.T) {
	p := failing(t, "exit")
	l := lease(t, p)
	read := func() {
		if _, problems := l.Read(within(t, 10*time.Second), partOf("a.png", []byte("x"))); len(problems) != 1 {
			t.Fatalf("problems %+v", problems)
		}
		if _, err := l.slot.take(t.Context(), l.memory); err != nil { // until the next worker is ready
			t.Fatal(err)
		}
	}
	read()
	files, routines := openFiles(t), runtime.NumGoroutine()
	for range 30 {
		read()
	}
	if now := openFiles(t); now > files+2 {
		t.Errorf("%d open files, %d before 30 replacements", now, files)
	}
	if now := runtime.NumGoroutine(); now > routines+35 { // each context of a part keeps one until the test's end
		t.Errorf("%d goroutines, %d before 30 replacements", now, routines)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestFinderPatternsEverywhere is a picture that keeps a naive reader busy for half a minute.
func TestFinderPatternsEverywhere(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 500, 500))
	for y := range 500 {
		for x := range 500 {
			r := max(abs(x%8-3), abs(y%8-3))
			if r == 2 || r > 3 {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	l := lease(t, newPool(t, nil))
	start := time.Now()
	found, _ := l.Read(within(t, time.Second), partOf("a.png", pngOf(t, img)))
	if took := time.Since(start); took > 3*time.Second || len(found) != 0 {
		t.Errorf("took %v, found %+v", took, found)
	}
}

func abs(n int) int { return max(n, -n) }

// A worker that died while nobody needed it is no reason to leave a part unread.
func TestWorkerThatDiedIdle(t *testing.T) {
	l := lease(t, newPool(t, nil))
	png := pngOf(t, mailmaker.CodeImage("https://example.com/", 4))
	if found, problems := l.Read(within(t, 10*time.Second), partOf("a.png", png)); len(found) != 1 || len(problems) != 0 {
		t.Fatalf("found %v, problems %v", found, problems)
	}
	c := l.slot.child
	if err := syscall.Kill(c.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _, err := c.in.Peek(1); err == nil { // returns when its end of the socket is closed
		t.Fatal("a dead worker speaks")
	}
	if found, problems := l.Read(within(t, 10*time.Second), partOf("b.png", png)); len(found) != 1 || len(problems) != 0 {
		t.Errorf("found %v, problems %v", found, problems)
	}
}
