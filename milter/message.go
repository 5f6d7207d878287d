package milter

import (
	"errors"
	"strings"
	"time"

	"quishmilter/inspect"
	"quishmilter/mime"
)

// message is what has come of a message so far.
type message struct {
	macros macros
	from   string
	rcpts  []string
	header []mime.Field
	octets int  // of the header that is kept
	own    int  // fields of our own name
	cut    bool // header fields were dropped
	body   body
}

var errOwnFields = errors.New("more fields named " + OwnPrefix + "… than can be deleted")

// addField keeps a header field within the limits, and of our own fields at least the name.
func (m *message) addField(name, value string, l Limits) {
	own := hasPrefixFold(name, OwnPrefix)
	if own {
		m.own++
	}
	if len(m.header) < l.MaxFields && m.octets+len(name)+len(value) <= l.MaxHeader {
		m.octets += len(name) + len(value)
		m.header = append(m.header, mime.Field{Name: name, Value: value})
		return
	}
	m.cut = true
	if own && m.own <= maxDelete {
		m.header = append(m.header, mime.Field{Name: name})
	}
}

func (m *message) queueID() string { return m.macros["i"] }

// envelope puts the message's part of the envelope together with the connection's.
func (s *session) envelope(m *message, arrived time.Time) inspect.Envelope {
	all := s.macros.join(m.macros)
	addr := s.client.addr
	if !addr.IsValid() && s.client.port != 0 {
		addr = macros(all).addr()
	}
	return inspect.Envelope{
		QueueID:    m.queueID(),
		ClientAddr: addr,
		ClientName: s.client.name,
		ClientPort: s.client.port,
		HELO:       s.client.helo,
		MailFrom:   m.from,
		Rcpts:      m.rcpts,
		AuthUser:   m.macros["{auth_authen}"],
		Macros:     all,
		Arrived:    arrived,
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
