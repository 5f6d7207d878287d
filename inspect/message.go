// Package inspect takes one message through all stages: its parts, the pictures in them, the codes in those,
// what the codes ask for, who is writing, and what is to be done about it.
package inspect

import (
	"net/netip"
	"time"

	"quishmilter/mime"
)

// Envelope is what the SMTP session told about a message.
type Envelope struct {
	QueueID    string
	ClientAddr netip.Addr // the zero Addr for local submission
	ClientName string     // as the MTA resolved it; "unknown" or "" without a name
	ClientPort uint16     // 0 for local submission
	HELO       string
	MailFrom   string            // without angle brackets; "" is the null sender
	Rcpts      []string          // as given in RCPT TO, without angle brackets, before alias expansion
	AuthUser   string            // {auth_authen}: the SASL user, "" without authentication
	Auth       string            // "pass", "fail" or "none": whether the header From is proven, where somebody checked it; "" otherwise
	Macros     map[string]string // all macros seen so far for this message, newest value
	Arrived    time.Time         // when the end of the message was seen; the only clock of the whole pipeline
}

// Message is one message as the MTA handed it over.
type Message struct {
	Envelope Envelope
	Header   []mime.Field
	Body     []byte // raw, after the header; may be a mapped file, so it must not be kept
	Cut      bool   // the body was longer than the size limit and ends early
	Forget   func() // gives back the memory of the body until it is read again; nil: it has none to give back
}
