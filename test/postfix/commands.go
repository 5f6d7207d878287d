package postfix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// QueueEntry is one message in the queue, as `postqueue -j` tells it.
type QueueEntry struct {
	QueueName   string      `json:"queue_name"` // "hold", "deferred", "active", …
	QueueID     string      `json:"queue_id"`
	ArrivalTime int64       `json:"arrival_time"` // seconds since 1970
	MessageSize int64       `json:"message_size"` // octets
	Sender      string      `json:"sender"`
	Recipients  []Recipient `json:"recipients"`
}

// Recipient is one recipient of a message in the queue.
type Recipient struct {
	Address     string `json:"address"`
	DelayReason string `json:"delay_reason"`
}

// Queue lists the messages that are neither delivered nor returned.
func (p *Instance) Queue() ([]QueueEntry, error) {
	out, err := p.Command(context.Background(), "postqueue", "-j")
	if err != nil {
		return nil, err
	}
	var entries []QueueEntry
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var entry QueueEntry
		if err := decoder.Decode(&entry); errors.Is(err, io.EOF) {
			return entries, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what postqueue -j says: %w", err)
		}
		entries = append(entries, entry)
	}
}

// Held lists the messages in the hold queue.
func (p *Instance) Held() ([]QueueEntry, error) {
	entries, err := p.Queue()
	var held []QueueEntry
	for _, entry := range entries {
		if entry.QueueName == "hold" {
			held = append(held, entry)
		}
	}
	return held, err
}

// Cat returns a queued message as postcat shows it, header and body only.
func (p *Instance) Cat(id string) ([]byte, error) {
	return p.Command(context.Background(), "postcat", "-hb", "-q", id)
}

// Postconf returns what `postconf` says with the arguments, and its warnings apart: unknown parameters are among them.
func (p *Instance) Postconf(args ...string) (out, warnings string, err error) {
	command := p.command(context.Background(), "postconf", args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", "", fmt.Errorf("postconf %s: %w: %s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return stdout.String(), stderr.String(), nil
}

// Command runs one of Postfix's commands (postqueue, postsuper, …) for this instance and returns its output.
func (p *Instance) Command(ctx context.Context, name string, args ...string) ([]byte, error) {
	command := p.command(ctx, name, args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

func (p *Instance) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, name, append([]string{"-c", p.ConfigDir()}, args...)...)
}

// Log returns Postfix's log up to now.
func (p *Instance) Log() (string, error) {
	text, err := os.ReadFile(p.LogFile())
	return string(text), err
}

// WaitLog returns the first log line that has the text in it, as soon as it is there.
func (p *Instance) WaitLog(ctx context.Context, text string) (string, error) {
	found := ""
	err := poll(ctx, func() (bool, error) {
		log, err := p.Log()
		if err != nil {
			return false, err
		}
		for line := range strings.Lines(log) {
			if strings.HasSuffix(line, "\n") && strings.Contains(line, text) {
				found = strings.TrimSuffix(line, "\n")
				return true, nil
			}
		}
		return false, nil
	}, func() error { return fmt.Errorf("no line of the log has %q", text) })
	return found, err
}

// lastLog is the end of the log, for error messages.
func (p *Instance) lastLog() string {
	const most = 4000 // octets
	text, err := p.Log()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return text[max(0, len(text)-most):]
}

// complaint is what Postfix says against its configuration. A master that refuses main.cf tells syslog alone, but
// postqueue, which reads main.cf likewise, tells its caller.
func (p *Instance) complaint(ctx context.Context) string {
	said, _ := p.command(ctx, "postqueue", "-j").CombinedOutput()
	return string(bytes.TrimSpace(said))
}
