// Package milter is an MTA as far as a test needs one: it hands messages to a milter and takes the answer. Without
// Postfix around it the time from the end of a message to its answer is the milter's own.
package milter

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Client is one connection, over which messages go one after the other.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
	next int
}

// Answer is what the milter wants done with a message.
type Answer struct {
	Code   byte              // 'c' continue, 'y' reply, 't' temporary failure, 'r' reject, 'd' discard
	Reply  string            // with 'y'
	Hold   bool              // it asked for quarantine
	Fields map[string]string // that it added
	Took   time.Duration     // from the end of the message to the answer
}

const (
	answerTime = 5 * time.Minute
	chunk      = 65535 // octets of a body in one packet (MILTER_CHUNK_SIZE)
)

// Dial connects and negotiates as Postfix does, and says that a client from outside is there.
func Dial(address string) (*Client, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "inet:"))
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, in: bufio.NewReader(conn)}
	offer := binary.BigEndian.AppendUint32(nil, 6)
	offer = binary.BigEndian.AppendUint32(offer, 0x1ff)
	offer = binary.BigEndian.AppendUint32(offer, 0) // every command is answered, none is left out
	if err := c.send('O', offer); err != nil {
		return nil, err
	}
	if _, err := c.receive(); err != nil {
		return nil, err
	}
	if err := c.command('C', []byte("mx.example.net\x004\x30\x39203.0.113.7\x00")); err != nil {
		return nil, err
	}
	return c, c.command('H', []byte("mx.example.net\x00"))
}

// Close ends the connection.
func (c *Client) Close() error {
	_ = c.send('Q', nil) // it is over either way
	return c.conn.Close()
}

// Send hands over a message and waits for the answer.
func (c *Client) Send(from, to string, message []byte) (Answer, error) {
	c.next++
	if err := c.send('D', []byte(fmt.Sprintf("Mi\x00Q%p%d\x00", c, c.next))); err != nil {
		return Answer{}, err
	}
	if err := c.command('M', []byte("<"+from+">\x00")); err != nil {
		return Answer{}, err
	}
	if err := c.command('R', []byte("<"+to+">\x00")); err != nil {
		return Answer{}, err
	}
	header, body, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	for field := range strings.SplitSeq(strings.ReplaceAll(string(header), "\r\n ", "\n "), "\r\n") {
		name, value, _ := strings.Cut(field, ":")
		if err := c.command('L', []byte(name+"\x00"+value+"\x00")); err != nil {
			return Answer{}, err
		}
	}
	if err := c.command('N', nil); err != nil {
		return Answer{}, err
	}
	for len(body) > 0 {
		n := min(chunk, len(body))
		if err := c.command('B', body[:n]); err != nil {
			return Answer{}, err
		}
		body = body[n:]
	}
	return c.end()
}

// end says that the message is over, and gathers what comes back.
func (c *Client) end() (Answer, error) {
	began := time.Now()
	if err := c.send('E', nil); err != nil {
		return Answer{}, err
	}
	a := Answer{Fields: map[string]string{}}
	for {
		p, err := c.receive()
		if err != nil {
			return a, err
		}
		switch a.Code = p[0]; a.Code {
		case 'p': // still at it
		case 'q':
			a.Hold = true
		case 'h', 'i':
			text := p[1:]
			if a.Code == 'i' {
				text = text[4:]
			}
			name, value, _ := strings.Cut(strings.TrimRight(string(text), "\x00"), "\x00")
			a.Fields[name] = strings.TrimSpace(value)
		case 'm', 'b', '+', '-', 'e':
		default:
			a.Took, a.Reply = time.Since(began), strings.TrimRight(string(p[1:]), "\x00")
			return a, nil
		}
	}
}

// command sends what the milter answers with one packet.
func (c *Client) command(code byte, data []byte) error {
	if err := c.send(code, data); err != nil {
		return err
	}
	p, err := c.receive()
	if err == nil && p[0] != 'c' && p[0] != 's' {
		err = fmt.Errorf("the milter answered %q to %q: %q", p[0], code, p[1:])
	}
	return err
}

func (c *Client) send(code byte, data []byte) error {
	p := append(binary.BigEndian.AppendUint32(nil, uint32(len(data)+1)), code)
	_ = c.conn.SetDeadline(time.Now().Add(answerTime)) // a connection that has ended says so when it is written to
	_, err := c.conn.Write(append(p, data...))
	return err
}

func (c *Client) receive() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(c.in, size[:]); err != nil {
		return nil, err
	}
	p := make([]byte, binary.BigEndian.Uint32(size[:]))
	if len(p) == 0 {
		return nil, fmt.Errorf("an empty packet")
	}
	_, err := io.ReadFull(c.in, p)
	return p, err
}
