package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"golang.org/x/sys/unix"
)

// peer is the process that connected, as the kernel says (SO_PEERCRED, unix(7)): what it says of itself in a request
// counts for nothing.
type peer struct {
	uid uint32
	pid int32
	err error // nothing is known of it
}

type peerKey struct{}

// withPeer keeps with each request of a connection who made it.
func withPeer(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, peerOf(conn))
}

func peerOf(conn net.Conn) (p peer) {
	if slot, ok := conn.(*slotConn); ok {
		conn = slot.Conn
	}
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return peer{err: errors.New("the connection is no unix socket")}
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return peer{err: err}
	}
	if err := raw.Control(func(fd uintptr) {
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if p.err = err; err == nil {
			p.uid, p.pid = cred.Uid, cred.Pid
		}
	}); err != nil {
		p.err = err
	}
	return p
}

// ErrNotYours: the request is for root and the daemon's user.
var ErrNotYours = errors.New("this is for root and for the user that quishmilter runs as")

// byPeer lets root and our own user do everything, and others what reads.
func byPeer(r *http.Request, needs right) error {
	p, known := r.Context().Value(peerKey{}).(peer)
	switch {
	case needs == reading, needs == handling && known && p.err == nil, known && p.err == nil && (p.uid == 0 || p.uid == uint32(os.Geteuid())):
		return nil
	case known && p.err == nil:
		return fmt.Errorf("%w; you are user %d", ErrNotYours, p.uid)
	}
	return ErrNotYours
}

// nobodyElse is the rule of a TCP port, where nothing is known of who asks.
func nobodyElse(_ *http.Request, needs right) error {
	if needs != reading {
		return ErrNotYours
	}
	return nil
}
