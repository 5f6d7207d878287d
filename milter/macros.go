package milter

import (
	"errors"
	"maps"
	"net/netip"
	"strings"

	gomilter "github.com/emersion/go-milter"
)

// macros are the MTA's macros by name, long names in their braces, as they come.
type macros map[string]string

var errMacros = errors.New("malformed packet: macros")

// collect keeps the macros that the MTA sends ahead of a command. Several packets for one command add up.
func (s *session) collect(data []byte) error {
	if len(data) == 0 {
		return errMacros
	}
	if s.stage != data[0] {
		s.pending, s.stage = nil, data[0]
	}
	words := strings.Split(strings.TrimSuffix(string(data[1:]), "\x00"), "\x00")
	for i := 0; i+1 < len(words); i += 2 {
		s.pending = s.pending.with(words[i], words[i+1])
	}
	return nil
}

// apply gives the pending macros to the connection or to the message, if they belong to this command.
func (s *session) apply(code byte) {
	pending := s.pending
	s.pending = nil
	if pending == nil || code != s.stage {
		return
	}
	target := &s.macros
	switch {
	case code == byte(gomilter.CodeConn) || code == byte(gomilter.CodeHelo):
	case s.message == nil:
		return
	default:
		target = &s.message.macros
	}
	for name, value := range pending {
		*target = target.with(name, value)
	}
}

func (m macros) with(name, value string) macros {
	if m == nil {
		m = macros{}
	}
	if _, known := m[name]; known || len(m) < maxMacros {
		m[name] = value
	}
	return m
}

// addr is the client's address by macro, for an MTA whose connect packet has none that can be read.
func (m macros) addr() netip.Addr {
	a, _ := netip.ParseAddr(strings.TrimPrefix(m["{client_addr}"], "IPv6:"))
	return a.Unmap()
}

// join is m with what n says newer.
func (m macros) join(n macros) map[string]string {
	all := make(map[string]string, len(m)+len(n))
	maps.Copy(all, m)
	maps.Copy(all, n)
	return all
}
