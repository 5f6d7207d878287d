package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"quishmilter/alert"
	"quishmilter/journal"
	"quishmilter/prevalence"
)

// Server answers commands.
type Server struct {
	Metrics *Metrics // what /metrics shows; to be set before Serve

	http   *http.Server
	open   *http.Server // on a TCP port, where there is one
	source Source
	clock  func() time.Time
	log    *journal.Log

	hunting hunting
	copying chan struct{} // one backup at a time
}

// NewServer makes a server; clock says what time it is where a question does not.
func NewServer(source Source, clock func() time.Time, log *journal.Log) *Server {
	s := &Server{source: source, clock: clock, log: log, Metrics: NewMetrics(""), hunting: newHunting(), copying: make(chan struct{}, 1)}
	s.http, s.open = limited(s.handler(s.routes(), byPeer)), limited(s.handler(s.openRoutes(), nobodyElse))
	s.http.ConnContext = withPeer
	return s
}

// Serve answers on the listener until Shutdown; it returns nil then.
func (s *Server) Serve(listener net.Listener) error {
	err := s.http.Serve(newBounded(listener, maxConns))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("control: %w", err)
}

// Shutdown lets requests under way finish until ctx ends, and then breaks them off.
func (s *Server) Shutdown(ctx context.Context) error {
	_ = s.open.Close() // a scraper asks again
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("control: %w", err), s.http.Close())
	}
	return nil
}

// badRequest is an error of the asker.
type badRequest struct{ err error }

func (b badRequest) Error() string { return b.err.Error() }
func (b badRequest) Unwrap() error { return b.err }

// answer turns what a handler returns into the reply.
func (s *Server) answer(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		value, err := s.guard(r, handle)
		status := http.StatusOK
		if err != nil {
			status, value = statusOf(err), failure{err.Error()}
		}
		if status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable {
			s.log.ControlFailed(r.URL.Path, err)
		}
		reply(w, status, value)
	}
}

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the asker may be gone
}

// guard makes a panic an error of this one request.
func (s *Server) guard(r *http.Request, handle func(*http.Request) (any, error)) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Panicked("control "+r.URL.Path, p, debug.Stack())
			err = errors.New("a defect in the daemon; its log has the details")
		}
	}()
	return handle(r)
}

func statusOf(err error) int {
	var bad badRequest
	var large *http.MaxBytesError
	var sick notWell
	switch {
	case errors.As(err, &sick):
		return http.StatusServiceUnavailable
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.Is(err, journal.ErrNotFound), errors.Is(err, journal.ErrNoEntry), errors.Is(err, alert.ErrNone):
		return http.StatusNotFound
	case errors.Is(err, journal.ErrTooManyEntries), errors.Is(err, journal.ErrEntryOfFile), errors.Is(err, journal.ErrBusy), errors.Is(err, journal.ErrOver), errors.Is(err, alert.ErrClosed):
		return http.StatusConflict
	case errors.Is(err, errBusy):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

func (s *Server) sender(r *http.Request) (any, error) {
	address := r.URL.Query().Get("address")
	if address == "" {
		return nil, badRequest{errors.New("address is missing")}
	}
	now := s.clock()
	if text := r.URL.Query().Get("now"); text != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, badRequest{errors.New("now is no time; write it as 2006-01-02T15:04:05Z")}
		}
	}
	return s.source.Sender(r.Context(), address, now)
}

func (s *Server) forget(r *http.Request) (any, error) {
	address := r.URL.Query().Get("address")
	if key, _ := prevalence.ReadAddress(address); key == "" {
		return nil, badRequest{errors.New("address is missing, or is none")}
	}
	return s.source.Forget(r.Context(), address)
}

func (s *Server) learn(r *http.Request) (any, error) {
	records, err := readRecords(r.Body, s.clock())
	if err != nil {
		return nil, badRequest{err}
	}
	known, err := s.source.Learn(r.Context(), records)
	if err != nil {
		return nil, err
	}
	return learned{len(records), known}, nil
}

// readRecords refuses what would poison the history: a key that no message could ask for, and the future.
func readRecords(body io.Reader, now time.Time) ([]prevalence.Record, error) {
	var records []prevalence.Record
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 4096), maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var record prevalence.Record
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if err := record.Check(now); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(records) == maxRecords {
			return nil, fmt.Errorf("more than %d records in one request", maxRecords)
		}
		records = append(records, record)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading records: %w", err)
	}
	return records, nil
}

func (s *Server) events(r *http.Request) (any, error) {
	values := r.URL.Query()
	query := Query{ID: values.Get("id"), QueueID: values.Get("queue_id"), Before: values.Get("before"), Limit: 100}
	if text := values.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxEvents {
			return nil, badRequest{fmt.Errorf("limit is a number from 1 to %d", maxEvents)}
		}
		query.Limit = n
	}
	if query.ID != "" && query.QueueID != "" {
		return nil, badRequest{errors.New("ask for an id or for a queue_id, not for both")}
	}
	events, err := s.source.Events(r.Context(), query)
	if events == nil {
		events = []journal.Event{}
	}
	return events, err
}
