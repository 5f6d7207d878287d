package milter

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// wire is the net.Conn that go-milter is given. It reads whole packets ahead of go-milter, shows each to screen, and
// hands over only what go-milter can digest; it gathers what go-milter writes and sends it when the next packet is
// waited for, so that an answer with its header edits is one write.
//
// go-milter writes every error to the standard log. So it gets to see none: a broken or late read is a plain end of
// file between two packets, a failed write succeeds and is followed by that end of file.
//
// Read, and all that it calls, runs in go-milter's goroutine. Only out and broken are shared, with the goroutine that
// writes progress packets.
type wire struct {
	net.Conn
	r            *bufio.Reader
	readTimeout  time.Duration
	writeTimeout time.Duration
	screen       func(packet []byte) ([]byte, error) // what go-milter shall see of a packet, nothing if it is dealt with
	before       func() ([]byte, error)              // asked before a packet is waited for; may put one in its place
	ended        func(error)                         // told once, at Close, what ended the connection; nil: the MTA said goodbye

	buffer []byte // storage of the newest packet
	rest   []byte // what go-milter has still to read of it
	reason error  // why reading ended

	mu     sync.Mutex
	out    []byte
	broken error
	once   sync.Once
}

var errHeader = errors.New("packet length out of bounds")

func newWire(c net.Conn, l Limits) *wire {
	return &wire{
		Conn: c, r: bufio.NewReaderSize(newPrompt(c), 16<<10),
		readTimeout: l.ReadTimeout, writeTimeout: l.WriteTimeout,
	}
}

// Read gives go-milter the next bytes, from the packet at hand or from a new one.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.rest) == 0 {
		if w.reason != nil {
			return 0, io.EOF
		}
		if w.rest, w.reason = w.advance(); w.reason != nil {
			w.rest = nil
			_ = w.flush() // a reply that ends the session must still go out
		}
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// advance sends what is to be sent and screens the next packet.
func (w *wire) advance() ([]byte, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	if w.before != nil {
		if packet, err := w.before(); err != nil || packet != nil {
			return packet, err
		}
	}
	packet, err := w.next()
	if err != nil || w.screen == nil {
		return packet, err
	}
	return w.screen(packet)
}

// next reads one packet: four octets of length, one of command, data. The result is valid until the next call.
func (w *wire) next() ([]byte, error) {
	if w.r.Buffered() < 4 {
		_ = w.Conn.SetReadDeadline(time.Now().Add(w.readTimeout))
	}
	head, err := w.r.Peek(4)
	if err != nil {
		if len(head) > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	length := binary.BigEndian.Uint32(head)
	if length == 0 || length > maxPacket {
		return nil, fmt.Errorf("%w: %d", errHeader, length)
	}
	return w.fill(int(length) + 4)
}

// fill reads size octets into the buffer, which grows with what really arrives: a length alone costs the MTA nothing.
func (w *wire) fill(size int) ([]byte, error) {
	if w.r.Buffered() < size {
		_ = w.Conn.SetReadDeadline(time.Now().Add(packetTimeout))
	}
	if cap(w.buffer) > keepBuffer+8 {
		w.buffer = nil
	}
	w.buffer = w.buffer[:0]
	for len(w.buffer) < size {
		step := min(size-len(w.buffer), keepBuffer+8)
		have := len(w.buffer)
		w.buffer = append(w.buffer, make([]byte, step)...)
		if _, err := io.ReadFull(w.r, w.buffer[have:]); err != nil {
			return nil, io.ErrUnexpectedEOF
		}
	}
	return w.buffer, nil
}

// Write takes what go-milter writes; see flush.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, p...)
	return len(p), nil
}

func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.out) > 0 && w.broken == nil {
		w.broken = w.send(w.out)
	}
	w.out = w.out[:0]
	return w.broken
}

// send writes p. The caller holds mu.
func (w *wire) send(p []byte) error {
	_ = w.Conn.SetWriteDeadline(time.Now().Add(w.writeTimeout))
	_, err := w.Conn.Write(p)
	return err
}

// Close ends the connection and tells why, the first time.
func (w *wire) Close() error {
	err := w.Conn.Close()
	w.once.Do(func() {
		if w.ended != nil {
			w.ended(w.reason)
		}
	})
	return err
}
