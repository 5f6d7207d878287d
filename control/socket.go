package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrNoDaemon: nobody answers at the socket; the state can be opened directly.
var ErrNoDaemon = errors.New("no daemon answers at the control socket")

// ErrInUse: another daemon listens there.
var ErrInUse = errors.New("another quishmilter listens on the control socket already")

// Access says who may open the socket.
type Access struct {
	Mode  fs.FileMode // 0: 0660
	Group int         // owns the socket beside its owner; 0: the one it is made with
}

// Listen makes the socket. One that a dead daemon left behind is replaced; anything else at that path is left alone.
func Listen(path string, access Access) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, fmt.Errorf("control: %s: %w", path, err)
	}
	// Until its group is set the socket must be open to nobody. bind takes over the mode that the inode of an unbound
	// socket has (Linux), less the umask, which is one for all goroutines and is better left alone.
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		return errors.Join(raw.Control(func(fd uintptr) { err = unix.Fchmod(int(fd), 0o600) }), err)
	}}
	listener, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control: cannot listen: %w", err)
	}
	if err := access.give(path); err != nil {
		return nil, errors.Join(fmt.Errorf("control: %w", err), listener.Close())
	}
	return listener, nil
}

func (a Access) give(path string) error {
	if a.Group > 0 {
		if err := os.Chown(path, -1, a.Group); err != nil {
			return fmt.Errorf("giving the control socket to group %d (is the daemon's user a member?): %w", a.Group, err)
		}
	}
	if a.Mode == 0 {
		a.Mode = 0o660
	}
	return os.Chmod(path, a.Mode)
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("is no socket; move it away or name another path")
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		return errors.Join(ErrInUse, conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// bounded is a listener that accepts while fewer than so many connections are open; the kernel's queue holds the
// others.
type bounded struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newBounded(listener net.Listener, most int) *bounded {
	return &bounded{Listener: listener, slots: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept waits for a free slot first.
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.slots <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	conn, err := b.Listener.Accept()
	if err != nil {
		<-b.slots
		return nil, err
	}
	return &slotConn{Conn: conn, free: sync.OnceFunc(func() { <-b.slots })}, nil
}

// Close ends a waiting Accept as well.
func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

type slotConn struct {
	net.Conn
	free func()
}

func (c *slotConn) Close() error {
	c.free()
	return c.Conn.Close()
}
