package inspect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// readyTime is how long a worker may take from its start to its first word.
const readyTime = 20 * time.Second

// child is one worker process, as the daemon sees it.
type child struct {
	cmd    *exec.Cmd
	conn   *os.File
	in     *bufio.Reader
	stderr *tail
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

// start runs a worker and waits until it has taken its limits and is ready.
func (p *Pool) start() (*child, error) {
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
	if err := c.greet(ctx, setup{Memory: p.config.MemoryLimit, CacheDir: p.config.CacheDir}); err != nil {
		c.kill()
		return nil, fmt.Errorf("waiting for a worker to be ready: %w%s", err, c.stderr.quoted())
	}
	return c, nil
}

// command describes the process: nothing of our environment, its own group so that it can be killed with whatever
// it started, and dead when we are.
func (p *Pool) command(socket *os.File, stderr *tail) *exec.Cmd {
	cmd := exec.Command(p.config.Command[0], p.config.Command[1:]...)
	cmd.Env = append([]string{"GOMAXPROCS=2"}, p.config.Env...)
	cmd.Dir = "/"
	cmd.Stderr = stderr
	cmd.ExtraFiles = []*os.File{socket}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = time.Second // for standard error, should it have been handed on
	return cmd
}

// greet hands the worker its limits and waits for its first word.
func (c *child) greet(ctx context.Context, s setup) error {
	defer c.within(ctx)()
	if err := writeHeader(c.conn, s); err != nil {
		return err
	}
	a, err := readAnswer(c.in)
	if err == nil && !a.Ready {
		err = errGarbage
	}
	return err
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
