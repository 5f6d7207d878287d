package postfix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Delivered is one copy of a message in the Maildir.
type Delivered struct {
	File    string
	To      string // the recipient whose copy this is
	Message []byte // with the fields that Postfix put on top, line ends as LF
}

// Field returns the values of all header fields of that name, in their order and unfolded.
func (d Delivered) Field(name string) []string {
	header, _, _ := bytes.Cut(d.Message, []byte("\n\n"))
	var values []string
	for _, line := range unfold(string(header)) {
		key, value, ok := strings.Cut(line, ":")
		if ok && textproto.CanonicalMIMEHeaderKey(key) == textproto.CanonicalMIMEHeaderKey(name) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}

// unfold joins the continued lines of a header (RFC 5322, 2.2.3).
func unfold(header string) []string {
	var lines []string
	for _, line := range strings.Split(header, "\n") {
		if len(lines) > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
			lines[len(lines)-1] += line
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// Delivered returns what has arrived in the Maildir, in the order of arrival.
func (p *Instance) Delivered() ([]Delivered, error) {
	entries, err := os.ReadDir(filepath.Join(p.Maildir(), "new"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the first delivery makes it
	}
	if err != nil {
		return nil, fmt.Errorf("list the Maildir: %w", err)
	}
	type arrival struct {
		Delivered
		nanoseconds int64
	}
	var arrivals []arrival
	for _, entry := range entries {
		file := filepath.Join(p.Maildir(), "new", entry.Name())
		info, err := entry.Info()
		if err != nil {
			return nil, fmt.Errorf("look at a delivered message: %w", err)
		}
		message, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a delivered message: %w", err)
		}
		d := Delivered{File: file, Message: message}
		if to := d.Field("Delivered-To"); len(to) > 0 {
			d.To = to[0]
		}
		arrivals = append(arrivals, arrival{d, info.ModTime().UnixNano()})
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return int(a.nanoseconds - b.nanoseconds) })
	var list []Delivered
	for _, a := range arrivals {
		list = append(list, a.Delivered)
	}
	return list, nil
}

// WaitDelivered returns all delivered mail as soon as there are at least n copies.
func (p *Instance) WaitDelivered(ctx context.Context, n int) ([]Delivered, error) {
	var list []Delivered
	err := poll(ctx, func() (bool, error) {
		names, err := os.ReadDir(filepath.Join(p.Maildir(), "new"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("list the Maildir: %w", err)
		}
		if len(names) < n {
			return false, nil
		}
		list, err = p.Delivered()
		return true, err
	}, func() error {
		return fmt.Errorf("fewer than %d messages are delivered; the log says:\n%s", n, p.lastLog())
	})
	return list, err
}
