package payload

import "strings"

// vCard reads a contact (RFC 6350, and the older versions). A name and the end must be there.
func vCard(text string) Payload {
	lines := properties(text)
	return Payload{Kind: Contact, Valid: strings.EqualFold(lines["END"], "VCARD") && (lines["FN"] != "" || lines["N"] != "" || lines["ORG"] != "")}
}

// meCard reads NTT DoCoMo's contact.
func meCard(text string) Payload {
	return Payload{Kind: Contact, Valid: fieldsOf(text[len("mecard:"):])["N"] != ""}
}

// bizCard reads the contact of older Japanese phones: N is the first name, X the last.
func bizCard(text string) Payload {
	f := fieldsOf(text[len("bizcard:"):])
	return Payload{Kind: Contact, Valid: f["N"] != "" || f["X"] != "" || f["C"] != ""}
}

// event reads a calendar entry (RFC 5545), with or without a calendar around it.
func event(text string) Payload {
	p := properties(text)
	end := strings.EqualFold(p["END"], "VEVENT") || strings.EqualFold(p["END"], "VCALENDAR")
	return Payload{Kind: Event, Valid: end && p["DTSTART"] != ""}
}

// properties are the first values of a vCard's or calendar's lines, without parameters; of END the last.
func properties(text string) map[string]string {
	found := map[string]string{}
	for _, line := range linesOf(text) {
		name, value, ok := strings.Cut(line, ":")
		name, _, _ = strings.Cut(name, ";")
		if name = strings.ToUpper(strings.TrimSpace(name)); !ok || len(found) > 256 {
			continue
		}
		if name == "END" {
			found[name] = strings.TrimSpace(value)
		} else {
			keepFirst(found, name, strings.TrimSpace(value))
		}
	}
	return found
}
