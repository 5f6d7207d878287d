// Package postfix works on Postfix's queue by Postfix's own commands: what is on hold, a held message's text, its
// release and its deletion.
//
// In go queue ids of messages; out come what the queue holds, and errors of which each is a sentence for the admin.
// No shell is run, and an argument that came from outside is a checked queue id. The release follows the message's
// age: see Release.
//
// # Limits
//
// A command has a minute. Of a message 100 MiB are read, of an error message 4 KiB. A list is read as a stream, one
// message at a time; of one message's entry 4 MiB.
package postfix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	commandTime = time.Minute
	maxMessage  = 100 << 20
	maxSaid     = 4 << 10
)

// What can be wrong with the queue.
var (
	ErrStopped    = errors.New("this Postfix is not running; start it and try again")
	ErrNotAllowed = errors.New("this user may not work on Postfix's queue: run as root, or use the queue helper")
	ErrGone       = errors.New("the message is not in Postfix's queue any more")
	ErrNoPostfix  = errors.New("there are no commands of Postfix here")
)

// Queue is the queue of one Postfix instance.
type Queue struct {
	Config  string   // its configuration folder (-c); "" for the machine's default instance
	Command []string // goes before each of Postfix's commands, to reach one in a container; nil for this machine
}

// run runs one of Postfix's commands, gives its output to read and returns what it said beside that.
func (q Queue) run(ctx context.Context, read func(io.Reader) error, name string, args ...string) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	command := q.command(ctx, name, args...)
	errs := &head{limit: maxSaid}
	command.Stderr = errs
	out, err := command.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if err := command.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			return "", q.noPostfix()
		}
		return "", fmt.Errorf("%s: %w", name, err)
	}
	wrong := read(out)
	if wrong != nil {
		cancel() // it must not wait for a reader that has gone
	}
	failed := command.Wait()
	said = errs.String()
	switch {
	case ctx.Err() != nil && wrong == nil:
		return said, fmt.Errorf("%s: %w", name, ctx.Err())
	case wrong != nil:
		return said, fmt.Errorf("%s: %w", name, wrong)
	case failed != nil:
		return said, q.meaning(name, said, failed)
	}
	return said, nil
}

// noPostfix says what was tried.
func (q Queue) noPostfix() error {
	if len(q.Command) > 0 {
		return fmt.Errorf("%w by queue_command: there is no program %.100q", ErrNoPostfix, q.Command[0])
	}
	return fmt.Errorf("%w; name the way to them with queue_command", ErrNoPostfix)
}

func (q Queue) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	if q.Config != "" {
		args = append([]string{"-c", q.Config}, args...)
	}
	var command *exec.Cmd
	if len(q.Command) > 0 {
		words := append(append([]string{}, q.Command[1:]...), "env", "LC_ALL=C", "TZ=UTC", name)
		command = exec.CommandContext(ctx, q.Command[0], append(words, args...)...)
	} else {
		command = exec.CommandContext(ctx, program(name), args...)
	}
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"}
	command.Dir = "/"
	command.WaitDelay = 5 * time.Second
	return command
}

// program finds a command where distributions put it: cron and units have a PATH without sbin.
func program(name string) string {
	for _, dir := range []string{"/usr/sbin", "/usr/bin", "/usr/local/sbin"} {
		if path := filepath.Join(dir, name); executable(path) {
			return path
		}
	}
	return name
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// meaning turns what a command said into one of our sentences, or says which command said it.
func (q Queue) meaning(name, said string, failed error) error {
	switch {
	case strings.Contains(said, "reserved for the superuser"), strings.Contains(said, "ermission denied"):
		return ErrNotAllowed
	case strings.Contains(said, "ail system is down"), strings.Contains(said, "Connection refused"):
		return ErrStopped
	case strings.Contains(said, "No such file or directory") && strings.Contains(said, "queue file"):
		return ErrGone
	}
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if len(q.Command) > 0 && strings.HasPrefix(line, filepath.Base(q.Command[0])) {
		return fmt.Errorf("%s: by queue_command: %.300s", name, line)
	}
	return fmt.Errorf("%s: %w: %.300q", name, failed, line)
}

// head keeps the beginning of what is written.
type head struct {
	bytes.Buffer
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), max(0, h.limit-h.Len()))])
	return len(p), nil
}

// text reads a command's output as a whole, up to a limit.
func text(into *[]byte, limit int64) func(io.Reader) error {
	return func(r io.Reader) error {
		var err error
		if *into, err = io.ReadAll(io.LimitReader(r, limit+1)); err == nil && int64(len(*into)) > limit {
			return fmt.Errorf("the output is longer than %d bytes", limit)
		}
		return err
	}
}
