package main

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"quishmilter/journal"
)

// socketCheck is how often a unix socket's file is looked at.
const socketCheck = time.Second

// lasting is a listener on a unix socket that is opened anew when somebody removes or replaces its file, as tidying
// scripts and restarts of containers do: without its file nobody can connect to a socket.
type lasting struct {
	path string
	open func() (net.Listener, error)
	log  *journal.Log

	mu     sync.Mutex
	ln     net.Listener
	file   os.FileInfo // of ln's socket
	closed bool
}

// lastingListener opens the listener, and watches the file of a unix socket until ctx ends. Other listeners are returned
// as they are.
func lastingListener(ctx context.Context, log *journal.Log, open func() (net.Listener, error)) (net.Listener, error) {
	ln, err := open()
	if err != nil || ln.Addr().Network() != "unix" {
		return ln, err
	}
	l := &lasting{path: ln.Addr().String(), open: open, log: log, ln: ln}
	if l.file, err = os.Lstat(l.path); err != nil { // an abstract socket, or one that is gone already
		return ln, nil
	}
	go l.watch(ctx)
	return l, nil
}

func (l *lasting) watch(ctx context.Context) {
	tick := time.NewTicker(socketCheck)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if info, err := os.Lstat(l.path); err == nil && os.SameFile(info, l.file) {
			failed = false
			continue
		}
		if err := l.reopen(); err != nil {
			if !failed {
				l.log.ListenFailed("unix:"+l.path, err)
			}
			failed = true
			continue
		}
		l.log.SocketReplaced("unix:" + l.path)
	}
}

// reopen makes the socket again. Connections that are open stay so.
func (l *lasting) reopen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	ln, err := l.open()
	if err != nil {
		return err
	}
	file, err := os.Lstat(l.path)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	old := l.ln
	l.ln, l.file = ln, file
	if unix, ok := old.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(false) // the file is the new one's
	}
	return old.Close()
}

func (l *lasting) current() (ln net.Listener, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ln, l.closed
}

// Accept waits for the next connection, whichever listener it comes to.
func (l *lasting) Accept() (net.Conn, error) {
	for {
		ln, closed := l.current()
		conn, err := ln.Accept()
		if err == nil || closed || !errors.Is(err, net.ErrClosed) {
			return conn, err
		}
		if now, closed := l.current(); closed || now == ln {
			return nil, err
		}
	}
}

// Close ends the listener for good.
func (l *lasting) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.ln.Close()
}

func (l *lasting) Addr() net.Addr {
	ln, _ := l.current()
	return ln.Addr()
}
