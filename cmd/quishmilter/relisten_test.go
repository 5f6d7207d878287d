package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/journal"
)

// A socket whose file is removed, and one whose file another program replaces by its own, which has ended.
func TestSocketComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.sock")
	ln, err := lastingListener(t.Context(), journal.NewLog(&bytes.Buffer{}, journal.Text, ""),
		func() (net.Listener, error) { return listenUnix(path, "0600") })
	if err != nil {
		t.Fatal(err)
	}
	accepted, ended := make(chan net.Conn), make(chan error)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	connect := func() {
		t.Helper()
		for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			conn, err := net.Dial("unix", path)
			if err == nil {
				defer conn.Close()
				break
			}
			if time.Since(begin) > time.Minute {
				t.Fatal(err)
			}
		}
		(<-accepted).Close()
	}
	connect()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	connect()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if other, err := net.ListenUnix("unix", &net.UnixAddr{Name: path}); err == nil { // else ours is back already
		other.SetUnlinkOnClose(false)
		other.Close()
	}
	connect()
	if info, err := os.Lstat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := ln.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the file of a closed socket is still there")
	}
}
