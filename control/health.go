package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// HealthSource says how the daemon is.
type HealthSource interface {
	// Health is nil when mail is being filtered: nothing must be restarted.
	Health(ctx context.Context) error
	// Ready is nil when new mail is taken: not while the daemon starts, drains, or has no worker.
	Ready(ctx context.Context) error
}

// notWell is answered with status 503, which is what those who ask about health go by.
type notWell struct{ err error }

func (n notWell) Error() string { return n.err.Error() }
func (n notWell) Unwrap() error { return n.err }

// status is the answer to both.
type status struct {
	Status string `json:"status"`
}

func (s *Server) health(r *http.Request) (any, error) {
	if err := s.source.Health(r.Context()); err != nil {
		return nil, notWell{err}
	}
	return status{"ok"}, nil
}

func (s *Server) readiness(r *http.Request) (any, error) {
	if err := errors.Join(s.source.Health(r.Context()), s.source.Ready(r.Context())); err != nil {
		return nil, notWell{err}
	}
	return status{"ready"}, nil
}

// Connections of the TCP port at once. A scraper needs one.
const maxOpenConns = 8

// ServeOpen answers /metrics, /healthz and /readyz on a TCP listener until Shutdown.
func (s *Server) ServeOpen(listener net.Listener) error {
	err := s.open.Serve(newBounded(listener, maxOpenConns))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("control: %w", err)
}

// limited is an HTTP server with the limits of this interface.
func limited(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       requestTime,
		WriteTimeout:      requestTime,
		IdleTimeout:       requestTime,
		MaxHeaderBytes:    16 << 10,
	}
}
