package milter

import (
	"net"
	"syscall"
)

// prompt reads from an MTA's TCP connection and has the kernel acknowledge at once what was read.
//
// We send nothing before the end of a message, and Postfix does not switch Nagle's algorithm off: it would hold back
// the end of a message until the delayed acknowledgement of its beginning, 40 ms later. (TCP_QUICKACK does not last,
// so it is set after every read; it is a matter of a microsecond, and of Linux.)
type prompt struct {
	conn net.Conn
	raw  syscall.RawConn // nil for what is not TCP
}

func newPrompt(c net.Conn) *prompt {
	p := &prompt{conn: c}
	if tcp, ok := c.(*net.TCPConn); ok {
		p.raw, _ = tcp.SyscallConn() // without it mail is slower, not wrong
	}
	return p
}

func (p *prompt) Read(b []byte) (int, error) {
	n, err := p.conn.Read(b)
	if n > 0 && p.raw != nil {
		_ = p.raw.Control(acknowledge)
	}
	return n, err
}

func acknowledge(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
}
