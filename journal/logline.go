package journal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// LogLine is the one line that the log has of a message, without the program's name before it. Keys are stable and
// always there, "-" stands for nothing; would, url and subject come after the id when there is something to say.
// Everything that comes from a message is quoted where it could be misread, and cut: the line stays below 3,000
// bytes.
func (e Event) LogLine() string {
	e = e.forLog()
	var line strings.Builder
	line.WriteString(orElse(logValue(e.QueueID, 40), "NOQUEUE"))
	line.WriteByte(':')
	for _, field := range []struct{ key, value string }{
		{"verdict", logValue(e.Verdict, 20)},
		{"reason", logValue(strings.Join(e.Reasons, ","), 300)},
		{"from", logAddress(e.MailFrom)},
		{"header_from", logAddress(e.HeaderFrom)},
		{"to", logRecipients(e.Rcpts)},
		{"nrcpt", strconv.Itoa(e.NRcpt)},
		{"client", logClient(e.ClientName, e.ClientAddr)},
		{"msgid", logAddress(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(e.MessageID), "<"), ">"))},
		{"host", logValue(strings.Join(hosts(e.Codes), ","), 250)},
		{"codes", strconv.Itoa(e.NCodes)},
		{"scan", logValue(e.Scan, 20)},
		{"ms", strconv.FormatFloat(e.MS, 'f', 0, 64)},
		{"id", logValue(e.ID, 20)},
	} {
		fmt.Fprintf(&line, " %s=%s", field.key, orElse(field.value, "-"))
	}
	for _, field := range []struct{ key, value string }{
		{"would", logValue(e.Would, 20)},
		{"url", logValue(firstURL(e.Codes), 500)},
		{"subject", logValue(e.Subject, 250)},
	} {
		if field.value != "" {
			fmt.Fprintf(&line, " %s=%s", field.key, field.value)
		}
	}
	return line.String()
}

// logValue shows a text in one word of at most limit bytes: bare where it is plain ASCII without a space, a quote
// or a backslash, else quoted as a Go string is, which leaves no control and no invisible character.
func logValue(text string, limit int) string {
	cut := fitText(text, limit)
	shown := cut
	for len(cut) > 0 {
		mark := ""
		if len(cut) < len(text) {
			mark = "..."
		}
		if shown = cut + mark; !bare(shown) {
			shown = strconv.Quote(shown)
		}
		if len(shown) <= limit {
			break
		}
		cut = fitText(cut, max(len(cut)-1-len(cut)/8, utf8.UTFMax))
		if len(cut) <= utf8.UTFMax {
			return `"..."`
		}
	}
	return shown
}

func bare(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func logAddress(address string) string { return logValue("<"+address+">", 260) }

// logRecipients shows as many as fit; nrcpt has the number of all.
func logRecipients(rcpts []string) string {
	var shown []string
	size := 0
	for _, rcpt := range rcpts {
		next := logAddress(rcpt)
		if size += len(next) + 1; len(shown) > 0 && size > 400 {
			break
		}
		shown = append(shown, next)
	}
	return strings.Join(shown, ",")
}

// logClient is name[address], as Postfix shows clients.
func logClient(name, addr string) string {
	return logValue(orElse(name, "unknown")+"["+orElse(addr, "unknown")+"]", 200)
}

// hosts are the hosts of the codes, each once, in the codes' order.
func hosts(codes []CodeEvent) (all []string) {
	known := make(map[string]bool)
	for _, code := range codes {
		if code.Host != "" && !known[code.Host] {
			known[code.Host] = true
			all = append(all, code.Host)
		}
	}
	return all
}

func firstURL(codes []CodeEvent) string {
	for _, code := range codes {
		if code.URL != "" {
			return code.URL
		}
	}
	return ""
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// LogLine is the one line that the log has of a finding.
func (f Finding) LogLine() string {
	var line strings.Builder
	line.WriteString("finding:")
	for _, field := range []struct{ key, value string }{
		{"detection", logValue(f.Detection, 100)},
		{"header_from", logAddress(f.Sender)},
		{"host", logValue(f.Host, 250)},
		{"messages", strconv.Itoa(f.Messages)},
		{"recipients", strconv.Itoa(f.Recipients)},
		{"client", logValue(strings.Join(f.Clients, ","), 200)},
		{"url", logValue(f.URL, 500)},
		{"id", f.ID},
	} {
		fmt.Fprintf(&line, " %s=%s", field.key, orElse(field.value, "-"))
	}
	return line.String()
}
