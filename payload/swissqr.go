package payload

import (
	"strings"
	"unicode/utf8"
)

// swissQR reads a Swiss QR-bill (SIX, "Swiss Implementation Guidelines QR-bill", version 2.3, chapter 4).
func swissQR(text string) Payload {
	return Payload{Kind: Payment, Valid: isSwissQR(linesOf(text))}
}

// The lines of a QR-bill, counted from 0.
const (
	swissVersion   = 1
	swissCoding    = 2
	swissIBAN      = 3
	swissCreditor  = 4  // 7 lines: type, name, two of address, postcode, town, country
	swissUltimate  = 11 // 7 lines, reserved: they must be empty
	swissAmount    = 18
	swissCurrency  = 19
	swissDebtor    = 20 // 7 lines, all empty when unknown
	swissReference = 27 // type and reference
	swissMessage   = 29
	swissTrailer   = 30
)

// isSwissQR is lenient with what banks let pass too (combined addresses, empty lines at the end) and strict with what
// makes it a payment: account, amount, currency, reference.
func isSwissQR(lines []string) bool {
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	for len(lines) > swissTrailer+4 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) < swissTrailer+1 || len(lines) > swissTrailer+4 || lines[swissTrailer] != "EPD" {
		return false
	}
	iban := strings.ReplaceAll(lines[swissIBAN], " ", "")
	country := strings.HasPrefix(iban, "CH") || strings.HasPrefix(iban, "LI")
	return strings.HasPrefix(lines[swissVersion], "02") && len(lines[swissVersion]) == 4 && lines[swissCoding] == "1" &&
		country && isIBAN(iban) &&
		isSwissParty(lines[swissCreditor:swissUltimate]) &&
		strings.Join(lines[swissUltimate:swissAmount], "") == "" &&
		(lines[swissAmount] == "" || isAmount(lines[swissAmount])) &&
		(lines[swissCurrency] == "CHF" || lines[swissCurrency] == "EUR") &&
		(strings.Join(lines[swissDebtor:swissReference], "") == "" || isSwissParty(lines[swissDebtor:swissReference])) &&
		isSwissReference(iban, lines[swissReference], lines[swissReference+1]) &&
		utf8.RuneCountInString(lines[swissMessage]) <= 140
}

// isSwissParty checks type (structured or combined address), name and country.
func isSwissParty(lines []string) bool {
	kind, name, country := lines[0], lines[1], lines[6]
	return (kind == "S" || kind == "K") && name != "" && utf8.RuneCountInString(name) <= 70 && len(country) == 2
}

// isSwissReference: a QR-IBAN (institution 30000 to 31999) goes with a QR reference and with nothing else.
func isSwissReference(iban, kind, reference string) bool {
	institution := iban[4:9]
	if institution >= "30000" && institution <= "31999" {
		return kind == "QRR" && isQRReference(reference)
	}
	switch kind {
	case "SCOR":
		return isCreditorReference(reference)
	case "NON":
		return reference == ""
	}
	return false
}
