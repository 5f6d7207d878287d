package postfix

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxReturned is how much of the header goes back to the sender.
const maxReturned = 32 << 10

// Bounce tells the sender of a deleted message that it was not delivered, by a delivery status notification (RFC 3464)
// from the null sender, handed to sendmail. Postfix has no bounce for a message on hold: to expire one (postsuper -f)
// would need its release first. It is for senders who logged in: whoever else is named as the sender need not have
// sent it.
func (q Queue) Bounce(ctx context.Context, m Message, rcpts []string, header []byte, now time.Time) error {
	if m.Sender == "" || strings.ContainsAny(m.Sender, "\r\n") || strings.HasPrefix(m.Sender, "-") {
		return errors.New("the message has no sender who could be told")
	}
	host, err := q.HostName(ctx)
	if err != nil {
		return err
	}
	mail := notification(m, rcpts, header, host, now)
	return q.Submit(ctx, []string{m.Sender}, mail)
}

// Submit hands a message from the null sender to this instance's sendmail. The recipients must be checked addresses.
func (q Queue) Submit(ctx context.Context, rcpts []string, mail []byte) error {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	args := append([]string{"-i", "-f", "", "--"}, rcpts...)
	if q.Config != "" { // sendmail's -C is the other commands' -c
		args = append([]string{"-C", q.Config}, args...)
	}
	command := Queue{Command: q.Command}.command(ctx, "sendmail", args...)
	command.Stdin = bytes.NewReader(mail)
	said := &head{limit: maxSaid}
	command.Stdout, command.Stderr = io.Discard, said
	if err := command.Run(); err != nil {
		return q.meaning("sendmail", said.String(), err)
	}
	return nil
}

// HostName is Postfix's name for this host, as it greets with.
func (q Queue) HostName(ctx context.Context) (string, error) {
	var host []byte
	_, err := q.run(ctx, text(&host, maxSaid), "postconf", "-h", "-x", "myhostname")
	return strings.TrimSpace(string(host)), err
}

// notification is the report in its three parts: for people, for programs, and the header of the message.
func notification(m Message, rcpts []string, header []byte, host string, now time.Time) []byte {
	boundary := "=_" + rand.Text()
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Mail Delivery System <MAILER-DAEMON@%s>\nTo: <%s>\nSubject: Your message was not delivered\nDate: %s\n", host, m.Sender, now.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"%s\"\n\n", boundary)
	fmt.Fprintf(&b, "--%s\nContent-Type: text/plain; charset=utf-8\n\nYour message was held because of a code in it, and a person of this host has deleted it.\nIt was not delivered. Ask the postmaster if you need it to be.\n\n", boundary)
	fmt.Fprintf(&b, "--%s\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; %s\nArrival-Date: %s\n", boundary, host, m.Arrived.Format(time.RFC1123Z))
	for _, rcpt := range rcpts {
		fmt.Fprintf(&b, "\nFinal-Recipient: rfc822; %s\nAction: failed\nStatus: 5.7.1\n", strings.Map(printable, rcpt))
	}
	header = header[:min(len(header), maxReturned)]
	header = bytes.ReplaceAll(header, []byte("\n--"), []byte("\n --"))
	fmt.Fprintf(&b, "\n--%s\nContent-Type: text/rfc822-headers\n\n%s\n--%s--\n", boundary, header, boundary)
	return b.Bytes()
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
