package milter

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/textproto"
	"strings"

	gomilter "github.com/emersion/go-milter"
)

// session is one connection of an MTA. It is the backend of a go-milter server of its own, made for this connection
// alone, and go-milter gets the same backend whatever it asks for: so the address of the client survives a message
// that was answered with something else than "continue", and what belongs to a message ends when we say so.
//
// All methods run in go-milter's goroutine.
type session struct {
	srv    *Server
	limits Limits
	ctx    context.Context // parent of every Handle's
	wire   *wire
	agreed offer

	client  client
	macros  macros   // of the connection: sent with connect and HELO
	pending macros   // sent, and the command that they belong to has not come yet
	stage   byte     // that command
	message *message // nil between messages
	header  int      // header fields that came since the last message, whatever became of them
	clear   bool     // go-milter still has the header of the last message
	busy    bool     // the server knows that we are in a message
}

// client is who talks to the MTA.
type client struct {
	name string
	addr netip.Addr
	port uint16
	helo string
}

// Connect keeps who the client is. Postfix gives mail of its own host (sendmail, internal bounces) as 127.0.0.1 with
// port 0, which no TCP client can have; that is local submission, with no address.
func (s *session) Connect(host, family string, port uint16, addr net.IP, _ *gomilter.Modifier) (gomilter.Response, error) {
	s.client = client{name: strings.Clone(host), port: port}
	a, ok := netip.AddrFromSlice(addr)
	if a = a.Unmap(); ok && (port != 0 || !a.IsLoopback()) {
		s.client.addr = a
	}
	return s.reply(gomilter.CodeConn)
}

// Helo keeps the name that the client gives itself.
func (s *session) Helo(name string, _ *gomilter.Modifier) (gomilter.Response, error) {
	s.client.helo = name
	return s.reply(gomilter.CodeHelo)
}

// MailFrom begins a message; screen has done so, for the macros that came before. go-milter has taken off all angle
// brackets and the ESMTP parameters.
func (s *session) MailFrom(from string, _ *gomilter.Modifier) (gomilter.Response, error) {
	if s.message != nil {
		s.message.from = from
	}
	return s.reply(gomilter.CodeMail)
}

// RcptTo adds a recipient that the MTA has accepted, or puts it off.
func (s *session) RcptTo(to string, _ *gomilter.Modifier) (gomilter.Response, error) {
	if s.message != nil && !s.takes(to) {
		return another, nil
	}
	if s.message != nil && len(s.message.rcpts) < maxRcpts {
		s.message.rcpts = append(s.message.rcpts, to)
	}
	return s.reply(gomilter.CodeRcpt)
}

// Header adds a header field.
func (s *session) Header(name, value string, _ *gomilter.Modifier) (gomilter.Response, error) {
	if s.message != nil {
		s.message.addField(name, value, s.limits)
	}
	return s.reply(gomilter.CodeHeader)
}

// Headers has nothing to do at the end of the header: its map has neither order nor the case of names.
func (s *session) Headers(textproto.MIMEHeader, *gomilter.Modifier) (gomilter.Response, error) {
	return s.reply(gomilter.CodeEOH)
}

// BodyChunk adds to the body.
func (s *session) BodyChunk(chunk []byte, _ *gomilter.Modifier) (gomilter.Response, error) {
	if s.message != nil {
		s.message.body.add(chunk)
	}
	return s.reply(gomilter.CodeBody)
}

// Body is the end of the message: the one moment of decision.
func (s *session) Body(m *gomilter.Modifier) (gomilter.Response, error) {
	if s.message == nil {
		return gomilter.RespContinue, nil
	}
	response := s.decide(m)
	s.forget()
	return response, nil
}

// Abort has nothing to do: screen has ended the message if the MTA said so, and if before did, to make go-milter drop
// its header, the next message may have begun.
func (s *session) Abort(*gomilter.Modifier) error {
	return nil
}

// reply is the response to a command before the end of the message: none where that was agreed on.
func (s *session) reply(code gomilter.Code) (gomilter.Response, error) {
	if s.agreed.options&noReply[byte(code)] != 0 {
		return nil, nil
	}
	return gomilter.RespContinue, nil
}

// forget drops all that belongs to a message.
func (s *session) forget() {
	if s.message != nil {
		s.message.body.close()
		s.message = nil
	}
	s.clear = s.clear || s.header > 0
	s.header = 0
}

// ended is told when go-milter has closed the connection.
func (s *session) ended(reason error) {
	defer s.srv.leave(s)
	queueID := ""
	if s.message != nil {
		queueID = s.message.queueID()
	}
	s.forget()
	if reason == nil || errors.Is(reason, io.EOF) || errors.Is(reason, net.ErrClosed) || errors.Is(reason, errDrained) {
		return
	}
	s.srv.log().Warn("connection of the MTA ended badly", "queue_id", queueID, "error", reason)
}
