package control

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/journal"
	"quishmilter/state"
)

func TestBackupThroughTheSocket(t *testing.T) {
	d, path, _ := start(t)
	d.fill(t)
	var copied bytes.Buffer
	if err := connect(t, path).Backup(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	var direct bytes.Buffer
	if _, err := d.db.WriteBackup(&direct); err != nil || !bytes.Equal(copied.Bytes(), direct.Bytes()) {
		t.Errorf("%v: the socket gives %d bytes, the state %d", err, copied.Len(), direct.Len())
	}
	file := filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(file, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := state.CheckBackup(file, nil); err != nil {
		t.Error(err)
	}
}

// halting is a source whose backup waits in its midst, and then fails.
type halting struct {
	*daemon
	begun, end chan struct{}
	first      string
}

func (h *halting) Backup(_ context.Context, w io.Writer) error {
	if h.first != "" {
		if _, err := io.WriteString(w, h.first); err != nil {
			return err
		}
	}
	h.begun <- struct{}{}
	<-h.end
	return errors.New("the disk is gone")
}

// serveHalting serves it on a socket.
func serveHalting(t *testing.T, first string) (*halting, string) {
	t.Helper()
	d, _, _ := start(t)
	h := &halting{daemon: d, begun: make(chan struct{}, 1), end: make(chan struct{}), first: first}
	path := filepath.Join(t.TempDir(), "control.sock")
	listener, err := Listen(path, Access{})
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(h, nil, journal.NewLog(io.Discard, journal.Text, ""))
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	return h, path
}

// A copy that fails in its midst is no copy, and while one is made another is refused.
func TestABackupThatFailsIsNone(t *testing.T) {
	h, path := serveHalting(t, strings.Repeat("x", 1<<20))
	c := connect(t, path)
	failed := make(chan error)
	go func() { failed <- c.Backup(context.Background(), io.Discard) }()
	<-h.begun
	if err := c.Backup(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "another backup is being made") {
		t.Errorf("a second one: %v", err)
	}
	close(h.end)
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("%v", err)
	}
}

// One that fails before its first byte says why.
func TestABackupThatNeverBeginsSaysWhy(t *testing.T) {
	h, path := serveHalting(t, "")
	close(h.end)
	err := connect(t, path).Backup(t.Context(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("%v", err)
	}
}
