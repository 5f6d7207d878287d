package picture

import (
	"bytes"
	"path"
	"strings"
)

// isCalendar knows invitations by type, name or first line (RFC 5545). A malformed one
// is read all the same: calendars forgive much, and attackers make use of that.
func isCalendar(p Part) bool {
	switch p.Type {
	case "text/calendar", "application/ics", "text/x-vcalendar":
		return true
	}
	switch strings.ToLower(path.Ext(p.Name)) {
	case ".ics", ".ical", ".ifb", ".vcs", ".icalendar":
		return true
	}
	head := bytes.TrimLeft(p.head(), "\xef\xbb\xbf \t\r\n")
	head = bytes.ToUpper(head[:min(len(head), 16)])
	return bytes.HasPrefix(head, []byte("BEGIN:VCALENDAR")) || bytes.HasPrefix(head, []byte("BEGIN:VEVENT"))
}

// calendarLines bounds the properties of one calendar.
const calendarLines = 100_000

// property is one line of a calendar: its name, its parameters in one string and upper case, and its value.
type property struct {
	name, parameters, value string
}

// openCalendar shows what an invitation holds: the text of its description, its HTML, and what is attached.
func openCalendar(v *view) {
	data := textOf(v.part)
	if v.carrier == "" {
		v.carrier = "calendar"
	}
	for _, p := range calendarProperties(data) {
		v.calendarProperty(p)
	}
	v.generatorPayloads(string(data))
}

// calendarWanted is the gate for calendars: attachments in the file, HTML with something in it, or a text to look at.
func calendarWanted(data []byte) bool {
	low := lowered(data)
	if bytes.Contains(low, []byte("base64")) || bytes.Contains(low, []byte("data:")) || bytes.Contains(low, []byte("encoding=b")) || bytes.Contains(low, []byte("value=binary")) {
		return true
	}
	for _, p := range calendarProperties(data) {
		text := []byte(calendarText(p))
		if signsOf(text, looksLikeHTML(text) || strings.Contains(p.parameters, "HTML")).any() {
			return true
		}
	}
	return false
}

// calendarProperties unfolds lines (RFC 5545, section 3.1) and takes them apart. Lines without a colon continue the
// one before: some programs forget the space.
func calendarProperties(data []byte) []property {
	var list []property
	var line strings.Builder
	flush := func() {
		if p, ok := parseProperty(line.String()); ok {
			list = append(list, p)
		}
		line.Reset()
	}
	for n := 0; len(data) > 0 && n < calendarLines; n++ {
		var raw []byte
		raw, data, _ = bytes.Cut(data, []byte("\n"))
		raw = bytes.TrimSuffix(raw, []byte("\r"))
		soft := softBreak(line.String())
		switch {
		case len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t'):
			line.Write(raw[1:])
		case line.Len() > 0 && (soft || !startsProperty(raw)) && len(raw) > 0:
			if soft {
				line.WriteByte('\n')
			}
			line.Write(raw)
		default:
			flush()
			line.Write(raw)
		}
	}
	flush()
	return list
}

// softBreak tells a line of vCalendar 1.0 whose quoted-printable goes on in the next one.
func softBreak(line string) bool {
	return strings.HasSuffix(line, "=") && strings.Contains(strings.ToUpper(line[:min(len(line), 200)]), "QUOTED-PRINTABLE")
}

// startsProperty tells a name in capitals with a colon or parameters behind it from a continued line.
func startsProperty(raw []byte) bool {
	end := bytes.IndexAny(raw, ":;")
	if end <= 0 || end > 64 {
		return false
	}
	for _, b := range raw[:end] {
		if !(b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '-' || b == '.') {
			return false
		}
	}
	return true
}

// parseProperty cuts "NAME;PARAM=X:value" at the first colon outside of quotes.
func parseProperty(line string) (property, bool) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if quoted {
				continue
			}
			name, parameters, _ := strings.Cut(line[:i], ";")
			return property{strings.ToUpper(strings.TrimSpace(name)), strings.ToUpper(parameters), line[i+1:]}, true
		}
	}
	return property{}, false
}

// calendarProperty shows what one property holds.
func (v *view) calendarProperty(p property) {
	switch {
	case strings.Contains(p.parameters, "VALUE=BINARY"), strings.Contains(p.parameters, "ENCODING=B") && !strings.Contains(p.parameters, "8BIT"):
		v.within(Part{Type: calendarType(p), Data: decodeBase64([]byte(p.value))}, strings.ToLower(p.name), "calendar")
	case len(p.value) > 5 && strings.EqualFold(p.value[:5], "data:"):
		v.readData(&cutter{}, p.value, map[string]bool{})
	default:
		v.calendarWords(p)
	}
}

// calendarWords shows the text of a property: as HTML if it is that, or in lines.
func (v *view) calendarWords(p property) {
	if len(p.value) < 40 {
		return
	}
	text := []byte(calendarText(p))
	if looksLikeHTML(text) || strings.Contains(p.parameters, "HTML") {
		v.within(Part{Type: "text/html", Data: text}, strings.ToLower(p.name), "calendar")
		return
	}
	if signsOf(text, false).written() {
		v.blockPictures(plainLines(string(text)), "calendar")
	}
}

// calendarText undoes the escapes of a text (RFC 5545, section 3.3.11), and the quoted-printable of vCalendar 1.0.
func calendarText(p property) string {
	value := p.value
	if strings.Contains(p.parameters, "QUOTED-PRINTABLE") {
		value = quotedPrintable(value)
	}
	return strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(value)
}

// quotedPrintable decodes what the lines of a property held together.
func quotedPrintable(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			out = append(out, s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\n' {
			i++
			continue
		}
		if i+2 < len(s) {
			if hi, lo := hexValue(s[i+1]), hexValue(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, '=')
	}
	return string(out)
}

func hexValue(c byte) int { return strings.IndexByte("0123456789ABCDEF", upperByte(c)) }

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'f' {
		return c - 'a' + 'A'
	}
	return c
}

// calendarType is the media type of an attachment, "" when it is not said.
func calendarType(p property) string {
	_, rest, ok := strings.Cut(p.parameters, "FMTTYPE=")
	if !ok {
		return ""
	}
	kind, _, _ := strings.Cut(rest, ";")
	return strings.ToLower(strings.Trim(kind, `"`))
}
