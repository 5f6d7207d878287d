package journal

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// Format is how the log is written.
type Format string

// The formats.
const (
	Text Format = "text" // one sentence a line
	JSON Format = "json" // one object a line, with the names of the Elastic Common Schema
)

// NewLog writes to w, one Write call a line, so that w may be a syslog connection. prefix goes before each line of
// text ("quishmilter[123]: "; nothing where syslog or the journal adds it).
func NewLog(w io.Writer, format Format, prefix string) *Log {
	if format != JSON {
		return &Log{out: slog.New(&textHandler{w: w, prefix: prefix})}
	}
	return &Log{fields: true, out: slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: ecsName}))}
}

// ecsName gives slog's own keys their names in the Elastic Common Schema.
func ecsName(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		a.Key = "@timestamp"
	case slog.LevelKey:
		return slog.String("log.level", strings.ToLower(a.Value.String()))
	case slog.MessageKey:
		a.Key = "message"
	}
	return a
}

// textHandler writes the sentence alone: its attributes are in the sentence already. Warnings and errors say what
// they are, as Postfix's do.
type textHandler struct {
	mu     sync.Mutex
	w      io.Writer
	prefix string
}

func (h *textHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	kind := ""
	switch {
	case r.Level >= slog.LevelError:
		kind = "error: "
	case r.Level >= slog.LevelWarn:
		kind = "warning: "
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, h.prefix+kind+r.Message+"\n")
	return err
}

func (h *textHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *textHandler) WithGroup(string) slog.Handler      { return h }
