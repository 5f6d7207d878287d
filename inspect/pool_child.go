package inspect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"quishmilter/sandbox"
)

// readyTime is how long a worker may take from its start to its first word. The very first compiles the PDF renderer,
// which takes a second of an idle core.
const readyTime = 2 * time.Minute

// child is one worker process, as the daemon sees it.
type child struct {
	cmd    *exec.Cmd
	conn   *os.File
	in     *bufio.Reader
	stderr *tail
	memory uint64 // bytes that it may allocate, for all its life
	once   sync.Once
	state  error // how the process ended, after kill
}

type startRequest struct {
	cmd  *exec.Cmd
	done chan error
}

// starter starts all processes from one thread that lives as long as the pool. A worker asks the kernel to be killed
// when its parent dies (PR_SET_PDEATHSIG), and to the kernel the parent is the thread that forked.
func (p *Pool) starter() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case r := <-p.starts:
			r.done <- r.cmd.Start()
		case <-p.ctx.Done():
			return
		}
	}
}

// start runs a worker that may allocate so many bytes, and waits until it has taken its limits and is ready.
func (p *Pool) start(memory uint64) (*child, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("making a worker's socket: %w", err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "worker")
	defer theirs.Close()
	unix.SetNonblock(pair[0], true) // before NewFile, which then gives it deadlines
	c := &child{conn: os.NewFile(uintptr(pair[0]), "worker"), stderr: &tail{}}
	c.in = bufio.NewReaderSize(c.conn, maxLine)
	c.cmd = p.command(theirs, c.stderr)
	r := startRequest{cmd: c.cmd, done: make(chan error, 1)}
	select {
	case p.starts <- r:
		err = <-r.done
	case <-p.ctx.Done():
		err = errors.New("the workers are shut down")
	}
	if err != nil {
		c.conn.Close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, readyTime)
	defer cancel()
	report, err := c.greet(ctx, setup{Memory: memory, CacheDir: p.config.CacheDir, Sandbox: p.config.Sandbox})
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("waiting for a worker to be ready: %w%s", err, c.stderr.quoted())
	}
	if report != nil {
		p.report.Store(report)
	}
	return c, nil
}

// command describes the process: nothing of our environment, its own group so that it can be killed with whatever
// it started, and dead when we are.
func (p *Pool) command(socket *os.File, stderr *tail) *exec.Cmd {
	keepDescriptors()
	cmd := exec.Command(p.config.Command[0], p.config.Command[1:]...)
	cmd.Env = append([]string{"GOMAXPROCS=2"}, p.config.Env...)
	cmd.Dir = "/"
	cmd.Stderr = stderr
	cmd.ExtraFiles = []*os.File{socket}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = time.Second // for standard error, should it have been handed on
	return cmd
}

// keepDescriptors lets no process that is started from now on inherit what whoever started us left open; what Go opens is not
// inherited anyway. Kernels before 5.11 cannot do it.
var keepDescriptors = sync.OnceFunc(func() { _ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) })

// greet hands the worker its limits and waits for its first word. A worker that was to give rights up says which.
func (c *child) greet(ctx context.Context, s setup) (*sandbox.Report, error) {
	defer c.within(ctx)()
	if err := writeHeader(c.conn, s); err != nil {
		return nil, err
	}
	a, err := readAnswer(c.in)
	if err == nil && (!a.Ready || (a.Sandbox == nil) != (s.Sandbox == nil)) {
		err = errGarbage
	}
	c.memory = s.Memory
	return a.Sandbox, err
}

// kill ends the process and its group and waits until it is gone; afterwards state says how it ended.
func (c *child) kill() {
	c.once.Do(func() {
		syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
		c.conn.Close()
		c.state = c.cmd.Wait()
	})
}

// tail keeps the beginning of what a worker writes to standard error, for the log: a Go crash
// names its reason first.
type tail struct {
	mu   sync.Mutex
	data []byte
}

const (
	tailSize   = 8 << 10
	quotedSize = 300
)

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.data) < tailSize {
		t.data = append(t.data, b[:min(len(b), tailSize-len(t.data))]...)
	}
	return len(b), nil
}

// quoted is the first words of it, fit for a log line; "" when there are none.
func (t *tail) quoted() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.data) == 0 {
		return ""
	}
	return fmt.Sprintf(": %.*q", quotedSize, t.data[:min(len(t.data), quotedSize)])
}
