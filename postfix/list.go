package postfix

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Names of queues, as far as they matter here.
const Hold = "hold"

// Message is one message in the queue.
type Message struct {
	Queue   string    // "hold", "deferred", "active", "incoming", "maildrop"
	ID      string    // of the queue
	Arrived time.Time // to the second
	Size    int64
	Sender  string
	Rcpts   []Rcpt
}

// Rcpt is one recipient of a message in the queue.
type Rcpt struct {
	Address string `json:"address"`
	Delay   string `json:"delay_reason"` // why it is still there; "" on hold
}

const maxEntry = 4 << 20

// List calls fn with each message in the queue, until fn returns false. Root can list while Postfix is stopped.
func (q Queue) List(ctx context.Context, fn func(Message) bool) error {
	_, err := q.run(ctx, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		lines.Buffer(make([]byte, 64<<10), maxEntry)
		for more := true; lines.Scan(); { // to the end, so that the command can end
			m, err := parseMessage(lines.Bytes())
			if err != nil {
				return err
			}
			more = more && fn(m)
		}
		return lines.Err()
	}, "postqueue", "-j")
	return err
}

func parseMessage(line []byte) (Message, error) {
	var entry struct {
		Name    string `json:"queue_name"`
		ID      string `json:"queue_id"`
		Arrived int64  `json:"arrival_time"`
		Size    int64  `json:"message_size"`
		Sender  string `json:"sender"`
		Rcpts   []Rcpt `json:"recipients"`
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return Message{}, fmt.Errorf("a line of the list cannot be read: %w", err)
	}
	return Message{entry.Name, entry.ID, time.Unix(entry.Arrived, 0).UTC(), entry.Size, entry.Sender, entry.Rcpts}, nil
}

// Look finds one message by its queue id: which queue it is in, when it arrived, its sender. ErrGone when it is in
// none. It needs root. The recipients are left out: nothing here asks for them.
func (q Queue) Look(ctx context.Context, id string) (Message, error) {
	if err := CheckID(id); err != nil {
		return Message{}, err
	}
	var out []byte
	if _, err := q.run(ctx, text(&out, maxEntry), "postcat", "-qe", id); err != nil {
		return Message{}, fmt.Errorf("%s: %w", id, err)
	}
	return parseEnvelope(id, string(out))
}

// parseEnvelope reads what postcat says of a message, up to the message itself.
func parseEnvelope(id, said string) (Message, error) {
	m := Message{ID: id}
	for line := range strings.Lines(said) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "*** ENVELOPE RECORDS "); ok && m.Queue == "" {
			m.Queue, _, _ = strings.Cut(rest, "/")
		}
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case name == "sender" && m.Sender == "":
			m.Sender = value
		case name == "message_arrival_time" && m.Arrived.IsZero():
			var err error
			if m.Arrived, err = time.Parse(time.ANSIC, value); err != nil {
				return Message{}, fmt.Errorf("%s: postcat's time: %w", id, err)
			}
		}
		if strings.HasPrefix(line, "*** MESSAGE CONTENTS ") {
			break
		}
	}
	if m.Queue == "" || m.Arrived.IsZero() {
		return Message{}, fmt.Errorf("%s: what postcat says cannot be read", id)
	}
	return m, nil
}

// Text is a message as it lies in the queue, header and body. It needs root.
func (q Queue) Text(ctx context.Context, id string) ([]byte, error) { return q.cat(ctx, "-qbh", id) }

// Header is the message's header alone.
func (q Queue) Header(ctx context.Context, id string) ([]byte, error) { return q.cat(ctx, "-qh", id) }

func (q Queue) cat(ctx context.Context, parts, id string) ([]byte, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	var out []byte
	if _, err := q.run(ctx, text(&out, maxMessage), "postcat", parts, id); err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %w", id, errors.New("the message is empty"))
	}
	return out, nil
}
