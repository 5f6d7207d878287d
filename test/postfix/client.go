package postfix

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// replyTime bounds each step of the SMTP client. It is longer than the time that Postfix gives a milter.
const replyTime = 90 * time.Second

// Client is an SMTP client that can pretend to be any other client (XCLIENT), send several messages over one
// connection and stop in the middle.
type Client struct {
	Pipelining bool // send envelope and DATA in one go (RFC 2920)

	conn net.Conn
	text *textproto.Conn
	said greeting // what the server was last told
}

// greeting is whom the server takes us for.
type greeting struct{ client, name, login, helo string }

// Mail is one message with its envelope.
type Mail struct {
	Client     string // address that XCLIENT claims; "" for our own
	ClientName string // its host name; "" for none
	Login      string // SASL login that XCLIENT claims; "" for none
	HELO       string // "" for client.example.net
	From       string // without angle brackets; "" is the null sender
	Options    string // parameters of MAIL, such as "SMTPUTF8"
	Rcpts      []string
	Data       []byte // lines end with LF or CRLF
}

// Reply is what the server said: to the end of the message, or the refusal that came before it.
type Reply struct {
	Code    int
	Text    string
	QueueID string        // of an accepted message
	Took    time.Duration // from the final dot to the reply; 0 when the message was refused earlier
}

// Dial connects and reads the server's greeting.
func Dial(addr string) (*Client, error) {
	conn, err := net.DialTimeout("tcp", addr, replyTime)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, text: textproto.NewConn(conn)}
	if _, err := c.reply(220); err != nil {
		return nil, errors.Join(fmt.Errorf("greeting: %w", err), conn.Close())
	}
	return c, nil
}

// Send sends a message. A refusal by the server is a Reply, not an error, and leaves the connection usable.
func (c *Client) Send(m Mail) (Reply, error) {
	refusal, err := c.begin(m)
	if err != nil || refusal.Code != 0 {
		return refusal, err
	}
	body := c.text.DotWriter()
	if _, err := body.Write(m.Data); err != nil {
		return Reply{}, fmt.Errorf("send the message: %w", err)
	}
	if err := c.text.W.Flush(); err != nil {
		return Reply{}, fmt.Errorf("send the message: %w", err)
	}
	start := time.Now()
	if err := body.Close(); err != nil {
		return Reply{}, fmt.Errorf("end the message: %w", err)
	}
	reply, err := c.reply(0)
	if err != nil {
		return Reply{}, fmt.Errorf("end of message: %w", err)
	}
	reply.Took = time.Since(start)
	if id := queuedAs.FindStringSubmatch(reply.Text); reply.Code == 250 && id != nil {
		reply.QueueID = id[1]
	}
	return reply, nil
}

// queuedAs finds the queue id in smtpd's "2.0.0 Ok: queued as 4b…".
var queuedAs = regexp.MustCompile(`queued as (\w+)`)

// Abort sends the message's beginning, as many octets as told, and drops the connection in the middle of DATA.
func (c *Client) Abort(m Mail, octets int) error {
	refusal, err := c.begin(m)
	if err != nil {
		return err
	}
	if refusal.Code != 0 {
		return fmt.Errorf("refused before DATA: %d %s", refusal.Code, refusal.Text)
	}
	if _, err := c.text.W.Write(m.Data[:min(octets, len(m.Data))]); err != nil {
		return fmt.Errorf("send the beginning: %w", err)
	}
	if err := c.text.W.Flush(); err != nil {
		return fmt.Errorf("send the beginning: %w", err)
	}
	return c.Close()
}

// Envelope sends MAIL and RCPT alone, for tests that go on by hand.
func (c *Client) Envelope(m Mail) (refusal Reply, err error) {
	if err := c.greet(m); err != nil {
		return Reply{}, err
	}
	for _, command := range m.envelope() {
		if refusal, err = c.Command(command); err != nil || refusal.Code >= 400 {
			return refusal, err
		}
	}
	return Reply{}, nil
}

// Reset gives up the message (RSET).
func (c *Client) Reset() error {
	reply, err := c.Command("RSET")
	if err == nil && reply.Code != 250 {
		err = fmt.Errorf("RSET: %d %s", reply.Code, reply.Text)
	}
	return err
}

// Quit ends the session politely.
func (c *Client) Quit() error {
	_, err := c.Command("QUIT")
	return errors.Join(err, c.Close())
}

// Close drops the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Command sends one line and returns the reply to it.
func (c *Client) Command(line string) (Reply, error) {
	if err := c.text.PrintfLine("%s", line); err != nil {
		return Reply{}, fmt.Errorf("%s: %w", verb(line), err)
	}
	reply, err := c.reply(0)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", verb(line), err)
	}
	return reply, nil
}

func verb(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

// begin goes as far as DATA. With a refusal the transaction is over.
func (c *Client) begin(m Mail) (refusal Reply, err error) {
	if err := c.greet(m); err != nil {
		return Reply{}, err
	}
	commands := append(m.envelope(), "DATA")
	if c.Pipelining {
		return c.pipeline(commands)
	}
	for _, command := range commands {
		reply, err := c.Command(command)
		if err != nil {
			return Reply{}, err
		}
		if reply.Code >= 400 {
			return reply, c.Reset()
		}
	}
	return Reply{}, nil
}

// pipeline sends all commands before it reads the first reply. When a recipient was refused but DATA was not, the
// message is ended empty-handed by dropping the connection: RFC 2920 knows no way back.
func (c *Client) pipeline(commands []string) (refusal Reply, err error) {
	if err := c.text.PrintfLine("%s", strings.Join(commands, "\r\n")); err != nil {
		return Reply{}, fmt.Errorf("send the envelope: %w", err)
	}
	last := Reply{}
	for _, command := range commands {
		if last, err = c.reply(0); err != nil {
			return Reply{}, fmt.Errorf("%s: %w", verb(command), err)
		}
		if last.Code >= 400 && refusal.Code == 0 {
			refusal = last
		}
	}
	if refusal.Code == 0 {
		return Reply{}, nil
	}
	if last.Code == 354 {
		return refusal, c.Close()
	}
	return refusal, c.Reset()
}

// greet makes the server take us for the mail's client.
func (c *Client) greet(m Mail) error {
	want := greeting{m.Client, m.ClientName, m.Login, m.HELO}
	if want.helo == "" {
		want.helo = "client.example.net"
	}
	if want == c.said {
		return nil
	}
	if want.client != "" && (want.client != c.said.client || want.name != c.said.name || want.login != c.said.login) {
		if err := c.xclient(want); err != nil {
			return err
		}
	}
	reply, err := c.Command("EHLO " + want.helo)
	if err == nil && reply.Code != 250 {
		err = fmt.Errorf("EHLO: %d %s", reply.Code, reply.Text)
	}
	c.said = want
	return err
}

// xclient claims another client's identity (Postfix's XCLIENT_README); the session begins anew after it.
func (c *Client) xclient(as greeting) error {
	address := as.client
	if strings.Contains(address, ":") {
		address = "IPV6:" + address
	}
	line := "XCLIENT ADDR=" + address + " PORT=40000 NAME=" + orUnavailable(as.name) + " LOGIN=" + orUnavailable(as.login)
	for _, command := range []string{"EHLO " + as.helo, line} {
		reply, err := c.Command(command)
		if err != nil {
			return err
		}
		if reply.Code != 250 && reply.Code != 220 {
			return fmt.Errorf("%s: %d %s", verb(command), reply.Code, reply.Text)
		}
	}
	return nil
}

func orUnavailable(value string) string {
	if value == "" {
		return "[UNAVAILABLE]"
	}
	return value
}

func (m Mail) envelope() []string {
	mail := "MAIL FROM:<" + m.From + ">"
	if m.Options != "" {
		mail += " " + m.Options
	}
	commands := []string{mail}
	for _, rcpt := range m.Rcpts {
		commands = append(commands, "RCPT TO:<"+rcpt+">")
	}
	return commands
}

// reply reads one reply. With want 0 any code will do.
func (c *Client) reply(want int) (Reply, error) {
	if err := c.conn.SetDeadline(time.Now().Add(replyTime)); err != nil {
		return Reply{}, err
	}
	code, text, err := c.text.ReadResponse(want)
	var refused *textproto.Error
	if err != nil && (want != 0 || !errors.As(err, &refused)) {
		if errors.Is(err, io.EOF) {
			return Reply{}, fmt.Errorf("the server hung up: %w", err)
		}
		return Reply{}, err
	}
	return Reply{Code: code, Text: text}, nil
}
