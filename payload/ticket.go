package payload

import (
	"strconv"
	"strings"
)

// boardingPass reads a bar coded boarding pass (IATA resolution 792, version 8): fixed columns for the first leg.
func boardingPass(text string) (Payload, bool) {
	if len(text) < 58 || text[0] != 'M' || text[1] < '1' || text[1] > '4' {
		return Payload{}, false
	}
	name, from, to, day := text[2:22], text[30:33], text[33:36], text[44:47]
	date, err := strconv.Atoi(strings.TrimSpace(day))
	ok := err == nil && date >= 1 && date <= 366 && isUpper(from) && isUpper(to) && isUpper(name[:1]) && strings.Contains(name, "/")
	return Payload{Kind: Ticket, Valid: ok}, ok
}

func isUpper(text string) bool { return strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }

// uicTicket reads the head of a railway ticket (UIC 918-3): "#UT", version 01 or 02, the company's four digits or
// letters, the key's five; what follows is signed and packed.
func uicTicket(data string) Payload {
	p := Payload{Kind: Ticket}
	if len(data) > 14 && (strings.HasPrefix(data, "#UT01") || strings.HasPrefix(data, "#UT02")) {
		for i := 5; i < 14; i++ {
			if data[i] < ' ' || data[i] > '~' {
				return p
			}
		}
		p.Valid = true
	}
	return p
}

// vdvTicket knows the tickets of German local traffic (VDV core application): a signature as a BER tag, and the
// letters VDV in what follows.
func vdvTicket(data string) bool {
	return len(data) > 100 && data[0] == '\x9e' && strings.Contains(data, "VDV")
}

// healthCertificate reads the head of a European health certificate: base45 behind "HC1:".
func healthCertificate(text string) Payload {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	rest := text[len("hc1:"):]
	return Payload{Kind: Ticket, Valid: len(rest) > 20 && strings.Trim(rest, alphabet) == ""}
}

// opaque knows a text that means something only to its issuer: one word of letters, digits and marks with a digit in
// it, as on tickets, parcels and badges.
func opaque(text string) bool {
	const marks = "-_+/=.:*$%|#&~!,;"
	if len(text) < 8 {
		return false
	}
	hasDigit := false
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			hasDigit = true
		case c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte(marks, c) >= 0:
		default:
			return false
		}
	}
	return hasDigit
}
