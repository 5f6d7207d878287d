// Package notify sends mail to people about what the filter did: plain text, through Postfix, from the null sender.
//
// In goes a subject and a text; out comes a message that Postfix has taken, or an error and nothing sent. The message
// bears a mark by which the filter knows it again, since a site may have its own mail filtered too: see Key.
//
// # Limits
//
// A text of 1 MiB, a subject of 200 characters, 100 recipients, addresses of 254 octets. Longer ones are cut, wrong
// addresses are refused. Postfix has a minute. What was refused is not tried again here: the caller knows whether it
// still matters.
package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"quishmilter/postfix"
)

const (
	maxBody    = 1 << 20
	maxSubject = 200 // characters
	maxRcpts   = 100
	maxAddress = 254 // octets, RFC 5321, 4.5.3.1.3
	sendTime   = time.Minute
)

// Mail is one message.
type Mail struct {
	From    string // address of the header field; the envelope has the null sender, so that nothing answers by itself
	To      []string
	Subject string // of any characters
	Body    string // lines that end with LF
}

// Sendmail as a Sender's Via hands mail to Postfix's command. A process under no-new-privileges, as the unit has it,
// must not use it: postdrop is set-group-ID.
const Sendmail = "sendmail"

// Sender hands mail to Postfix. It may be used by several goroutines.
type Sender struct {
	Via     string        // Sendmail, or "smtp:HOST:PORT"
	Postfix postfix.Queue // whose sendmail
	Key     Key
	Now     func() time.Time // nil: time.Now
}

// CheckVia says what is wrong with a way to Postfix.
func CheckVia(via string) error {
	if via == Sendmail {
		return nil
	}
	address, ok := strings.CutPrefix(via, "smtp:")
	host, port, err := net.SplitHostPort(address)
	if !ok || err != nil || host == "" || port == "" || strings.ContainsAny(address, " \t\r\n/@") {
		return fmt.Errorf("%.60q is no way to send mail; write smtp:127.0.0.1:25, or sendmail", via)
	}
	return nil
}

// Send composes a message and hands it to Postfix: nil means that Postfix has it for every recipient.
func (s *Sender) Send(ctx context.Context, m Mail) error {
	if err := m.check(); err != nil {
		return err
	}
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	text := m.compose(s.Key, now())
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if s.Via == Sendmail {
		return s.Postfix.Submit(ctx, m.To, text)
	}
	return overSMTP(ctx, strings.TrimPrefix(s.Via, "smtp:"), m.To, text)
}

// overSMTP speaks without TLS or password: Postfix is on this host, or in a container beside it.
func overSMTP(ctx context.Context, address string, rcpts []string, text []byte) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("the mail was not taken: %w", err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := converse(conn, rcpts, text); err != nil {
		return fmt.Errorf("the mail was not taken by Postfix on %s: %w", address, err)
	}
	return nil
}

func converse(conn net.Conn, rcpts []string, text []byte) error {
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return err
	}
	if err := c.Hello("localhost"); err != nil {
		return err
	}
	if err := c.Mail(""); err != nil {
		return err
	}
	for _, rcpt := range rcpts {
		if err := c.Rcpt(rcpt); err != nil {
			return fmt.Errorf("recipient %q: %w", rcpt, err)
		}
	}
	body, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(text); err != nil {
		return err
	}
	if err := body.Close(); err != nil { // only now Postfix has it
		return err
	}
	_ = c.Quit()
	return nil
}

func (m Mail) check() error {
	if len(m.To) == 0 || len(m.To) > maxRcpts {
		return fmt.Errorf("a mail to %d recipients; it must be one to %d", len(m.To), maxRcpts)
	}
	for _, address := range append([]string{m.From}, m.To...) {
		if err := CheckAddress(address); err != nil {
			return err
		}
	}
	return nil
}

var errAddress = errors.New("it is no address to send mail to; write one like postmaster@example.org")

// CheckAddress takes a plain address: what is quoted, routed or commented (RFC 5322, 3.4) is refused, since a command
// line, an envelope and a header must all read the same out of it.
func CheckAddress(address string) error {
	if strings.EqualFold(address, "postmaster") { // every host has that one (RFC 5321, 4.5.1)
		return nil
	}
	local, domain, ok := strings.Cut(address, "@")
	strange := func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0xfffd || strings.ContainsRune(`<>()[]{},:;@\"`+"`|", r) || r >= 0x80 && r < 0xa0
	}
	if !ok || local == "" || domain == "" || local[0] == '-' || len(address) > maxAddress || strings.ContainsFunc(local, strange) || strings.ContainsFunc(domain, strange) {
		return fmt.Errorf("%.60q: %w", address, errAddress)
	}
	return nil
}

// Refused says that Postfix will never take a mail as it is (RFC 5321, 4.2.1: replies from 500 on).
func Refused(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code >= 500
}
