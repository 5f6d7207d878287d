package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// BackupSource gives copies of the state away.
type BackupSource interface {
	// Backup writes a copy of the state, all of one moment.
	Backup(ctx context.Context, w io.Writer) error
}

// A backup takes as long as its reader's disk, so it has no time limit as a whole but one on standing still: while it
// lasts, pages of the state cannot be used again.
const standstill = 30 * time.Second

var errBackupRuns = errors.New("another backup is being made; wait for it")

// backup streams a copy. What goes wrong after its beginning breaks the connection off, so that half a copy is never
// taken for one.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	select {
	case s.copying <- struct{}{}:
	default:
		reply(w, http.StatusServiceUnavailable, failure{errBackupRuns.Error()})
		return
	}
	defer func() { <-s.copying }()
	w.Header().Set("Content-Type", "application/octet-stream")
	out := &moving{w: w, control: http.NewResponseController(w)}
	_, err := s.guard(r, func(*http.Request) (any, error) { return nil, s.source.Backup(r.Context(), out) })
	if err == nil {
		return
	}
	s.log.ControlFailed(r.URL.Path, err)
	if out.wrote {
		panic(http.ErrAbortHandler)
	}
	w.Header().Del("Content-Type")
	reply(w, http.StatusInternalServerError, failure{err.Error()})
}

// moving gives each write its own time.
type moving struct {
	w       io.Writer
	control *http.ResponseController
	wrote   bool
}

func (m *moving) Write(data []byte) (int, error) {
	if err := m.control.SetWriteDeadline(time.Now().Add(standstill)); err != nil {
		return 0, err
	}
	m.wrote = true
	return m.w.Write(data)
}

// Backup has the daemon write a copy of its state to w. An error means that what was written is none.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://quishmilter/v1/backup", nil)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	response, err := (&http.Client{Transport: c.http.Transport}).Do(request)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(response, request.URL.Path)
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("control: the copy broke off: %w", err)
	}
	return nil
}
