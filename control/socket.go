package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
)

// ErrNoDaemon: nobody answers at the socket; the state can be opened directly.
var ErrNoDaemon = errors.New("no daemon answers at the control socket")

// ErrInUse: another daemon listens there.
var ErrInUse = errors.New("another quishmilter listens on the control socket already")

// Listen makes the socket, for its owner and group. A socket that a dead daemon left behind is replaced; anything
// else at that path is left alone.
func Listen(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, fmt.Errorf("control: %s: %w", path, err)
	}
	// Between its birth and the chmod the socket has what the umask leaves. The state folder it lies in is 0700
	// when we made it; the umask is one for all goroutines and is better left alone.
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("control: cannot listen: %w", err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, errors.Join(fmt.Errorf("control: %w", err), listener.Close())
	}
	return listener, nil
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

// bounded is a listener that accepts while fewer than maxConns connections are open; the kernel's queue holds the
// others.
type bounded struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newBounded(listener net.Listener) *bounded {
	return &bounded{Listener: listener, slots: make(chan struct{}, maxConns), closed: make(chan struct{})}
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
