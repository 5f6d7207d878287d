package milter

import (
	"bytes"
	"errors"
	"fmt"

	gomilter "github.com/emersion/go-milter"
)

var (
	abortPacket    = []byte{0, 0, 0, 1, byte(gomilter.CodeAbort)}
	eobPacket      = []byte{0, 0, 0, 1, byte(gomilter.CodeEOB)}
	continuePacket = []byte{0, 0, 0, 1, byte(gomilter.ActContinue)}

	errMalformed = errors.New("malformed packet")
	errCommand   = errors.New("unknown milter command")
	errDrained   = errors.New("shutting down")
)

// before is asked when the MTA has been answered and the next packet is to be waited for. Between two messages that
// is the moment to leave, if the server is shutting down, and to make go-milter forget the last header.
func (s *session) before() ([]byte, error) {
	if s.busy && s.message == nil {
		s.busy = false
		s.wire.buffer = nil // an idle connection costs little
		if s.srv.idle(s) {
			return nil, errDrained
		}
	}
	if s.clear {
		s.clear = false
		return abortPacket, nil
	}
	return nil, nil
}

// screen sees every packet before go-milter does, settles the session's own state, and returns what go-milter shall
// see: the packet, another one, or nothing. It refuses what go-milter would stumble over, and deals itself with the
// commands that go-milter does not know, and with macros, of which go-milter keeps only the newest packet.
func (s *session) screen(packet []byte) ([]byte, error) {
	code, data := packet[4], packet[5:]
	if code == byte(gomilter.CodeMacro) {
		return nil, s.collect(data)
	}
	s.turn(code)
	s.apply(code)
	switch gomilter.Code(code) {
	case gomilter.CodeConn:
		return packet, checkConnect(data)
	case gomilter.CodeHeader:
		return s.screenHeader(packet)
	case gomilter.CodeEOB:
		// The protocol lets the last piece of the body come with its end; go-milter drops it.
		if s.message != nil {
			s.message.body.add(data)
		}
		return eobPacket, nil
	case gomilter.CodeOptNeg, gomilter.CodeHelo, gomilter.CodeMail, gomilter.CodeRcpt, gomilter.CodeEOH,
		gomilter.CodeBody, gomilter.CodeAbort, gomilter.CodeQuit:
		return packet, nil
	case gomilter.CodeData, codeUnknown:
		return s.skip(code)
	case gomilter.CodeQuitNewConn: // another client follows on this connection; no reply
		return nil, nil
	}
	return nil, fmt.Errorf("%w %q", errCommand, code)
}

// turn ends and begins what a command ends and begins, before its macros count.
func (s *session) turn(code byte) {
	switch gomilter.Code(code) {
	case gomilter.CodeOptNeg, gomilter.CodeConn, gomilter.CodeQuitNewConn:
		s.forget()
		s.client, s.macros = client{}, nil
	case gomilter.CodeHelo, gomilter.CodeAbort:
		s.forget()
	case gomilter.CodeMail:
		s.forget()
		s.message = &message{body: body{dir: s.srv.TempDir, spillAfter: s.limits.SpillAfter, limit: s.limits.MaxBody, all: &s.srv.inMemory}}
		if !s.busy {
			s.busy = true
			s.srv.enter(s)
		}
	}
}

// skip leaves a command out, answering it if the MTA waits for that.
func (s *session) skip(code byte) ([]byte, error) {
	if s.agreed.options&noReply[code] == 0 {
		_, _ = s.wire.Write(continuePacket)
	}
	return nil, nil
}

// screenHeader lets a well-formed header field through, "name NUL value NUL". What is over the limit of fields stays
// out of go-milter, which would pile it up, but our own must be counted to the last one.
func (s *session) screenHeader(packet []byte) ([]byte, error) {
	data := packet[5:]
	end := bytes.IndexByte(data, 0)
	if end < 1 || data[len(data)-1] != 0 || bytes.Count(data, []byte{0}) != 2 {
		return nil, fmt.Errorf("%w: header field", errMalformed)
	}
	s.header += len(data)
	if s.header <= s.limits.MaxHeader && s.message != nil {
		return packet, nil
	}
	if s.message != nil {
		s.message.addField(string(data[:end]), string(data[end+1:len(data)-1]), s.limits)
	}
	return s.skip(byte(gomilter.CodeHeader))
}

// checkConnect wants "name NUL family", and for an internet family the two octets of a port after it: less ends
// go-milter's session, or is answered out of turn. The address itself may be anything.
func checkConnect(data []byte) error {
	end := bytes.IndexByte(data, 0)
	if end < 0 || end+1 >= len(data) {
		return fmt.Errorf("%w: connect", errMalformed)
	}
	family := gomilter.ProtoFamily(data[end+1])
	if (family == gomilter.FamilyInet || family == gomilter.FamilyInet6) && len(data) < end+4 {
		return fmt.Errorf("%w: connect", errMalformed)
	}
	return nil
}
