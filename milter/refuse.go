package milter

import (
	"net"
	"sync"
	"time"

	gomilter "github.com/emersion/go-milter"
)

const (
	maxRefusing   = 64               // connections that are being told so; beyond, they are closed without a word
	refuseTimeout = 10 * time.Second // for all of a refusal
	refuseText    = "quishmilter: too many connections, try again later"
	refuseEvery   = 10 * time.Second // at most one line in the log
)

// refuse tells an MTA that there is no place: it negotiates, and answers the first command with a temporary reply.
// Postfix passes the text on to its client, and never asks again in that SMTP session, so the connection is over.
func (s *Server) refuse(w *wire) {
	if n := s.refused.count(s.now()); n > 0 {
		s.log().Warn("too many connections of the MTA, the new one was answered with a temporary failure",
			"limit", s.Limits.filled().MaxConnections, "refused_since_last_time", n)
	}
	if !s.beginRefusal() {
		_ = w.Conn.Close()
		return
	}
	w.readTimeout = refuseTimeout
	w.ended = func(error) { s.endRefusal() }
	r := &refuser{}
	w.screen = r.screen
	server := offer{}.server(r)
	server.SymList = nil
	_ = server.Serve(&single{conn: w})
}

// refuser is the backend of a connection without a place.
type refuser struct {
	gomilter.NoOpMilter
	done bool
}

// screen lets the negotiation and one command through.
func (r *refuser) screen(packet []byte) ([]byte, error) {
	switch gomilter.Code(packet[4]) {
	case gomilter.CodeMacro:
		return nil, nil
	case gomilter.CodeOptNeg:
		return packet, nil
	case gomilter.CodeConn:
		if r.done || checkConnect(packet[5:]) != nil {
			return nil, errMalformed
		}
		r.done = true
		return packet, nil
	}
	return nil, errCommand
}

// Connect refuses.
func (r *refuser) Connect(string, string, uint16, net.IP, *gomilter.Modifier) (gomilter.Response, error) {
	return gomilter.NewResponseStr(byte(gomilter.ActReplyCode), "451 4.7.1 "+refuseText), nil
}

func (s *Server) beginRefusal() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusing >= maxRefusing {
		return false
	}
	s.refusing++
	return true
}

func (s *Server) endRefusal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusing--
}

// refusalLog bounds the rate of the line about refused connections.
type refusalLog struct {
	mu    sync.Mutex
	last  time.Time
	since int
	all   int64
}

// count counts one refusal and returns how many the line stands for, 0 when it is not yet time for one.
func (l *refusalLog) count(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since++
	l.all++
	if !l.last.IsZero() && now.Sub(l.last) < refuseEvery {
		return 0
	}
	n := l.since
	l.last, l.since = now, 0
	return n
}
