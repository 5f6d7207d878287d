package journal

import (
	"log/slog"
	"time"
)

// ecs names what the log line says as the Elastic Common Schema does (elastic.co/guide, fields email, event, rule,
// source, url); what it has no name for stands under quishmilter.
func (e Event) ecs() []slog.Attr {
	e = e.forLog()
	urls := make([]string, 0, len(e.Codes))
	for _, code := range e.Codes {
		if code.URL != "" {
			urls = append(urls, code.URL)
		}
	}
	attrs := []slog.Attr{
		slog.String("event.id", e.ID),
		slog.Time("event.start", e.Time),
		slog.String("event.action", e.Verdict),
		slog.Int64("event.duration", int64(e.MS*float64(time.Millisecond))), // nanoseconds
		slog.String("email.local_id", e.QueueID),
		slog.String("email.message_id", e.MessageID),
		slog.String("email.from.address", e.HeaderFrom),
		slog.String("email.sender.address", e.MailFrom),
		slog.String("email.subject", e.Subject),
		slog.String("email.direction", e.Direction),
		slog.Int("quishmilter.recipients", e.NRcpt),
		slog.Int("quishmilter.codes", e.NCodes),
		slog.String("quishmilter.scan", e.Scan),
		slog.String("quishmilter.auth", e.Auth),
		slog.Bool("quishmilter.sender.prevalent", e.Sender.Prevalent),
		slog.Int("quishmilter.sender.messages", e.Sender.Messages),
	}
	for _, optional := range []struct{ key, value string }{
		{"source.ip", e.ClientAddr}, {"source.domain", e.ClientName}, {"user.name", e.AuthUser}, {"quishmilter.would", e.Would},
	} {
		if optional.value != "" {
			attrs = append(attrs, slog.String(optional.key, optional.value))
		}
	}
	for _, optional := range []struct {
		key  string
		list []string
	}{
		{"email.to.address", e.Rcpts}, {"rule.name", e.Reasons}, {"url.full", urls}, {"url.domain", hosts(e.Codes)},
		{"quishmilter.code.kinds", each(e.Codes, func(c CodeEvent) string { return c.Kind })},
		{"quishmilter.code.carriers", each(e.Codes, func(c CodeEvent) string { return c.Carrier })},
		{"file.hash.sha256", each(e.Codes, func(c CodeEvent) string { return c.Picture })},
	} {
		if len(optional.list) > 0 {
			attrs = append(attrs, slog.Any(optional.key, optional.list))
		}
	}
	return attrs
}

// each is one thing of all codes, each value once.
func each(codes []CodeEvent, of func(CodeEvent) string) (all []string) {
	for _, c := range codes {
		all = addText(all, of(c), maxCodes)
	}
	return all
}

// ecs names what a finding says.
func (f Finding) ecs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("event.id", f.ID),
		slog.String("event.kind", "alert"),
		slog.Time("event.start", f.First),
		slog.String("rule.name", f.Detection),
		slog.String("email.from.address", fitText(f.Sender, maxText)),
		slog.Int("quishmilter.messages", f.Messages),
		slog.Int("quishmilter.recipients", f.Recipients),
		slog.Any("quishmilter.events", f.Events),
	}
	for _, optional := range []struct{ key, value string }{{"url.full", f.URL}, {"url.domain", f.Host}} {
		if optional.value != "" {
			attrs = append(attrs, slog.String(optional.key, fitText(optional.value, maxPayload)))
		}
	}
	if len(f.Clients) > 0 {
		attrs = append(attrs, slog.Any("source.ip", f.Clients))
	}
	return attrs
}
