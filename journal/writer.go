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
		return &Log{out: slog.New(&textHandler{mu: new(sync.Mutex), w: w, prefix: prefix})}
	}
	return &Log{fields: true, out: slog.New(slog.NewJSONHandler(escaping{w}, &slog.HandlerOptions{ReplaceAttr: ecsName}))}
}

// Slog is the same log for packages that speak slog: what they say comes with its attributes.
func (l *Log) Slog() *slog.Logger {
	if h, ok := l.out.Handler().(*textHandler); ok {
		return slog.New(&textHandler{mu: h.mu, w: h.w, prefix: h.prefix, attributes: true})
	}
	return l.out
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
	mu         *sync.Mutex
	w          io.Writer
	prefix     string
	attributes bool // for sentences of others
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
	text := r.Message
	if h.attributes {
		r.Attrs(func(a slog.Attr) bool {
			text += " " + a.Key + "=" + logValue(a.Value.String(), 300)
			return true
		})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, h.prefix+kind+text+"\n")
	return err
}

func (h *textHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *textHandler) WithGroup(string) slog.Handler      { return h }
