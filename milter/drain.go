package milter

import (
	"context"
	"net"
)

// Shutdown stops accepting, closes the connections that are between two messages, lets the others finish the message
// they are in, and returns when the last one is gone. When ctx ends first, the context of every Handle that still
// runs ends and all connections are closed, which is a temporary failure to the MTA; Shutdown then returns ctx's
// error without waiting. A Server is not used again after Shutdown.
func (s *Server) Shutdown(ctx context.Context) error {
	done := s.drain()
	select {
	case <-done:
		s.end()
		return nil
	case <-ctx.Done():
		s.end()
		return ctx.Err()
	}
}

// drain closes what is idle; the channel is closed when nobody is left.
func (s *Server) drain() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	for ln := range s.listeners {
		_ = ln.Close() // a listener that does not close now does so at the end of the process
	}
	for ses, busy := range s.sessions {
		if !busy {
			_ = ses.wire.Conn.Close()
		}
	}
	if s.empty == nil {
		s.empty = make(chan struct{})
		if len(s.sessions) == 0 {
			close(s.empty)
		}
	}
	return s.empty
}

// end ends all that still runs.
func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cancel := range s.cancel {
		cancel()
	}
	for ses := range s.sessions {
		_ = ses.wire.Conn.Close()
	}
}

// opened takes a listener in, unless the server is shutting down.
func (s *Server) opened(ln net.Listener, cancel context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	if s.listeners == nil {
		s.listeners = map[net.Listener]struct{}{}
	}
	s.listeners[ln] = struct{}{}
	s.cancel = append(s.cancel, cancel)
	return true
}

func (s *Server) shut(ln net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, ln)
	_ = ln.Close() // closed twice at worst
}

// place is what a new connection gets.
type place int

const (
	seated place = iota
	full
	closing
)

// join counts a session in.
func (s *Server) join(ses *session) place {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return closing
	case len(s.sessions) >= ses.limits.MaxConnections:
		return full
	}
	if s.sessions == nil {
		s.sessions = map[*session]bool{}
	}
	s.sessions[ses] = false
	return seated
}

// leave counts a session out.
func (s *Server) leave(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.sessions[ses]
	delete(s.sessions, ses)
	if known && s.draining && len(s.sessions) == 0 {
		close(s.empty)
	}
}

// enter notes that the session is in a message.
func (s *Server) enter(ses *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.sessions[ses]; known {
		s.sessions[ses] = true
	}
}

// idle notes that the session is between messages, and reports whether it has to leave.
func (s *Server) idle(ses *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.sessions[ses]; known {
		s.sessions[ses] = false
	}
	return s.draining
}
