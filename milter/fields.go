package milter

import (
	"fmt"
	"strconv"
	"strings"

	"quishmilter/inspect"
	"quishmilter/mime"
	"quishmilter/verdict"
)

// Bounds of our header fields. RFC 5322, section 2.1.1, allows a line 998 octets.
const (
	maxField    = 900
	maxCodes    = 10
	maxProblems = 5
	maxPlace    = 120 // octets of a file name
	maxAddress  = 320
)

// Fields returns the header fields that tell others what was found. Everything in them that came with the message is
// percent-encoded where it is not plain printable ASCII, so that nothing breaks out of its field.
func Fields(r inspect.Report, window, id string) []mime.Field {
	fields := []mime.Field{{Name: OwnPrefix + "Verdict", Value: token(r)}}
	add := func(name, value string) { fields = append(fields, mime.Field{Name: OwnPrefix + name, Value: value}) }
	if r.Decision.Would != "" {
		add("Would", string(r.Decision.Would))
	}
	if len(r.Decision.Reasons) > 0 {
		add("Reason", strings.Join(r.Decision.Reasons, ", "))
	}
	for _, c := range r.Codes[:min(len(r.Codes), maxCodes)] {
		add("Code", codeValue(c))
	}
	if more := len(r.Codes) - maxCodes; more > 0 {
		add("Code", "more="+strconv.Itoa(more))
	}
	add("Sender", senderValue(r.Sender, window))
	add("Scan", scanValue(r))
	add("Id", id)
	return fields
}

// token is the verdict in one word, for filters that look at nothing else.
func token(r inspect.Report) string {
	switch {
	case r.Decision.Action == verdict.Tag:
		return "tagged"
	case r.Decision.Action == verdict.Quarantine, r.Decision.Action == verdict.Redirect:
		return "quarantined"
	case r.Scan != inspect.Complete:
		return "unscanned"
	}
	return "clean"
}

// codeValue describes a code in one line. The link comes last, since it is what is cut.
func codeValue(c inspect.Code) string {
	var b strings.Builder
	b.WriteString("kind=" + string(c.Kind))
	if c.Host != "" {
		b.WriteString("; host=" + cut(encode(c.Host, "; "), 253))
	}
	if hosts := c.Hosts(); c.Host == "" && len(hosts) > 0 && !c.Payload.Secret() { // of a link that something else wraps
		b.WriteString("; link-host=" + cut(encode(hosts[0], "; "), 100))
	}
	b.WriteString("; carrier=" + c.Carrier)
	if at := strings.TrimSpace(cut(encode(c.Name, ""), maxPlace) + " " + cut(encode(c.At, ""), maxPlace)); at != "" {
		b.WriteString(`; at="` + at + `"`)
	}
	if len(c.Tricks) > 0 {
		b.WriteString("; tricks=" + strings.Join(c.Tricks, ","))
	}
	if c.URL != "" {
		link := encode(c.WrittenURL(), "")
		room := maxField - len(OwnPrefix+"Code: ") - b.Len() - len(`; url=""; url-cut=99999`)
		shown := cut(link, room)
		b.WriteString(`; url="` + shown + `"`)
		if len(shown) < len(link) {
			fmt.Fprintf(&b, "; url-cut=%d", len(link))
		}
	}
	return b.String()
}

func senderValue(s inspect.Sender, window string) string {
	from := cut(encode(s.From, "; "), maxAddress)
	if from == "" {
		from = "<>"
	}
	known := "no"
	if s.Prevalent {
		known = "yes"
	}
	return fmt.Sprintf("%s; prevalent=%s; messages=%d; window=%s; auth=%s", from, known, s.Counts.Messages, window, s.Auth)
}

func scanValue(r inspect.Report) string {
	if r.Scan == inspect.Complete {
		return string(r.Scan)
	}
	value := string(r.Scan)
	for n, p := range r.Problems {
		next := "; " + string(p.Kind)
		if p.Part != "" {
			next += " part=" + cut(encode(p.Part, "; "), maxPlace)
		}
		if p.At != "" {
			next += ` at="` + cut(encode(p.At, ""), maxPlace) + `"`
		}
		if n == maxProblems || len(value)+len(next) > maxField-100 {
			return fmt.Sprintf("%s; more=%d", value, len(r.Problems)-n)
		}
		value += next
	}
	return value
}

// encode writes everything that could break out of a quoted string, or is not printable ASCII, as percent-encoded
// UTF-8, and what is named in extra too.
func encode(s, extra string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' || strings.IndexByte(extra, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// cut shortens encoded text without cutting an escape apart.
func cut(s string, n int) string {
	if n < 0 {
		n = 0
	}
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if i := strings.LastIndexByte(s, '%'); i >= 0 && i > len(s)-3 {
		s = s[:i]
	}
	return s
}
