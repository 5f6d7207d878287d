package milter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"
)

// Serve answers the connections of ln until Shutdown is called or ctx ends, and then returns nil; it closes ln. An
// error of Accept, such as too many open files, is logged and tried again after a while: it is no reason to let mail
// down. When ctx ends, so does every Handle's; to let messages finish, call Shutdown and end ctx afterwards.
//
// Connections that are still open when Serve returns are served on: Shutdown waits for them.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	if !s.opened(ln, cancel) {
		cancel()
		return ln.Close()
	}
	defer s.shut(ln)
	defer context.AfterFunc(ctx, func() { s.shut(ln) })()
	wait := time.Duration(0)
	for {
		conn, err := ln.Accept()
		if err == nil {
			wait = 0
			go s.serve(ctx, conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		wait = min(max(2*wait, 5*time.Millisecond), time.Second)
		s.log().Error("cannot accept a connection of the MTA", "error", err, "retry_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// serve begins one connection: the MTA's offer is read here, for go-milter does not look at it, and go-milter does
// the rest in a goroutine that it starts.
func (s *Server) serve(ctx context.Context, conn net.Conn) {
	defer func() {
		if v := recover(); v != nil {
			s.log().Error("panic", "value", fmt.Sprint(v), "stack", string(debug.Stack()))
			_ = conn.Close()
		}
	}()
	ses := &session{srv: s, limits: s.Limits.filled(), ctx: ctx}
	ses.wire = newWire(conn, ses.limits)
	switch s.join(ses) {
	case full:
		s.refuse(ses.wire)
		return
	case closing:
		_ = conn.Close()
		return
	}
	ses.wire.ended = ses.ended
	packet, err := ses.wire.next()
	var offered offer
	if err == nil {
		offered, err = readOffer(packet)
	}
	if err != nil {
		ses.wire.reason = err
		_ = ses.wire.Close()
		return
	}
	wants := s.wants()
	ses.agreed = offer{actions: offered.actions & wants.actions(), options: offered.options & wants.options()}
	ses.wire.rest = packet
	ses.wire.screen, ses.wire.before = ses.screen, ses.before
	_ = ses.agreed.server(ses).Serve(&single{conn: ses.wire})
}

// single is a listener with one connection; go-milter's Serve starts its goroutine and returns at the second Accept.
type single struct{ conn net.Conn }

func (l *single) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, io.EOF
	}
	conn := l.conn
	l.conn = nil
	return conn, nil
}

func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return nil }
