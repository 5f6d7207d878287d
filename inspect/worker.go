package inspect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/sandbox"
)

// workerSocket is the file descriptor on which a worker finds the socket to its daemon.
const workerSocket = 3

// RunWorker is the whole life of a worker process (`quishmilter worker`): it takes limits, then parts, and says what
// it reads in them, until the daemon hangs up.
func RunWorker() error {
	socket := os.NewFile(workerSocket, "daemon")
	if socket == nil {
		return errors.New("a worker is started by the daemon, not by hand")
	}
	defer socket.Close()
	return serveParts(socket)
}

// serveParts is RunWorker on any connection.
func serveParts(conn io.ReadWriter) error {
	in := bufio.NewReaderSize(conn, frameSize+4)
	var s setup
	if err := readHeader(in, &s); err != nil {
		return fmt.Errorf("reading the worker's limits: %w", err)
	}
	if err := limitMemory(s.Memory); err != nil {
		return fmt.Errorf("limiting the worker's memory to %d bytes: %w", s.Memory, err)
	}
	w := &worker{out: conn, opener: picture.NewOpener(s.CacheDir)}
	ready, err := w.prepare(s)
	if err != nil {
		return err
	}
	if err := w.say(ready); err != nil {
		return err
	}
	for {
		again, err := w.next(in)
		if errors.Is(err, io.EOF) || err == nil && !again {
			return nil
		}
		if err != nil {
			return fmt.Errorf("talking to the daemon: %w", err)
		}
	}
}

// prepare opens all that the worker needs, and then gives its rights up. A renderer that cannot be prepared is said with
// the first PDF, of which there may be none.
func (w *worker) prepare(s setup) (answer, error) {
	ready := answer{Ready: true}
	if s.CacheDir != "" {
		if err := w.opener.Warm(); err != nil {
			fmt.Fprintln(os.Stderr, "preparing the PDF renderer:", err)
		}
		debug.FreeOSMemory() // compiling takes a hundred megabytes
	}
	if s.Sandbox == nil {
		return ready, nil
	}
	lowerPriority()
	w.cpu = s.Sandbox.CPU
	report, err := sandbox.Enter(*s.Sandbox)
	if err != nil {
		return ready, fmt.Errorf("closing the worker's sandbox: %w", err)
	}
	ready.Sandbox = &report
	return ready, nil
}

// lowerPriority lets mail that has nothing to be looked into go first when there are fewer cores than work: a worker
// waits for the daemon, and not the other way round. Every thread of the process group is meant, which is the worker.
func lowerPriority() {
	_ = unix.Setpriority(unix.PRIO_PGRP, 0, workerNice) // fails only where a process has less priority already
}

// workerNice is the worker's nice value.
const workerNice = 10

// limitMemory bounds what the process may allocate. RLIMIT_AS would not do: the renderer reserves far more address
// space than it uses. Go is told to collect garbage harder well before the kernel refuses memory, since out of memory
// ends the process.
func limitMemory(bytes uint64) error {
	if bytes == 0 {
		return nil
	}
	debug.SetMemoryLimit(int64(bytes / 4 * 3))
	debug.SetGCPercent(50)
	return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: bytes, Max: bytes})
}

// worker is what a worker process has.
type worker struct {
	out    io.Writer
	opener *picture.Opener
	failed error  // the first error of writing
	cpu    uint64 // seconds after which the kernel ends the process; 0: never

	evidences int // pictures of codes that were made of the part
	png       lastBuffer
}

// next takes one job and answers it. again is false when the process has to end after it.
func (w *worker) next(in io.Reader) (again bool, err error) {
	var j job
	if err := readHeader(in, &j); err != nil {
		return false, err
	}
	if j.First {
		if err := w.say(answer{Begun: true}); err != nil {
			return false, err
		}
	}
	data, err := readBody(in, j.Size)
	if err != nil {
		return false, err
	}
	end := w.work(j, data)
	end.Retire = end.Retire || w.worn()
	if err := w.say(answer{Done: &end}); err != nil {
		return false, err
	}
	data = nil
	tidy()
	return !end.Retire, w.failed
}

// worn says that half of the CPU time is used up: the process ends between two parts, not within one.
func (w *worker) worn() bool {
	var used unix.Rusage
	if w.cpu == 0 || unix.Getrusage(unix.RUSAGE_SELF, &used) != nil {
		return false
	}
	return used.Utime.Sec+used.Stime.Sec > int64(w.cpu/2)
}

// keptMemory is what a worker may keep for the next part, in bytes of Go's heap.
const keptMemory = 96 << 20

// tidy gives memory back after a part that took much; the daemon has its answer by then.
func tidy() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapSys-m.HeapReleased > keptMemory {
		debug.FreeOSMemory()
	}
}

// work looks at one part. A decoder that panics may leave anything behind, so the process ends after it.
func (w *worker) work(j job, data []byte) (end done) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n%s", p, debug.Stack())
			w.problem(mime.Problem{Kind: mime.Broken, Detail: "the decoder failed on this content"})
			end.Retire = true
		}
	}()
	if j.Probe {
		w.keep(w.say(answer{Tried: sandbox.Probe()}))
		return done{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(j.Budget)*time.Millisecond)
	defer cancel()
	w.evidences = 0
	if j.First {
		w.opener.Begin()
	}
	part := picture.Part{Path: j.Path, Name: j.Name, Type: j.Type, Charset: j.Charset, CID: j.CID, Passwords: j.Passwords, Data: data}
	before := w.opener.Shelved()
	problems := w.opener.Open(ctx, part, j.Limits, func(p picture.Picture) { w.look(ctx, p) })
	for _, p := range problems {
		w.problem(p)
	}
	end.Kept, end.Short = w.opener.Shelved() > before, w.opener.Short()
	return end
}
