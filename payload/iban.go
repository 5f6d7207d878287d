package payload

import "strings"

// ibanLength is how long an IBAN of each country is (SWIFT IBAN registry).
var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
	"CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
	"FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
	"IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
	"LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
	"NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
	"SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
	"UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// isIBAN checks country, length and check digits (ISO 13616). Blanks between the groups are allowed.
func isIBAN(text string) bool {
	text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	return len(text) > 4 && ibanLength[text[:2]] == len(text) && mod97(text[4:]+text[:4]) == 1
}

// isCreditorReference checks an ISO 11649 reference: "RF", two check digits, at most 21 characters.
func isCreditorReference(text string) bool {
	text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	return len(text) >= 5 && len(text) <= 25 && strings.HasPrefix(text, "RF") && mod97(text[4:]+text[:4]) == 1
}

// mod97 is the remainder of ISO 7064 MOD 97-10, letters counting as 10 to 35; -1 for any other character.
func mod97(text string) int {
	n := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			n = (n*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			n = (n*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return n
}

// isQRReference checks the 27 digits of a Swiss QR reference by the recursive modulo 10 of the Swiss payment slips.
func isQRReference(text string) bool {
	text = strings.ReplaceAll(text, " ", "")
	if len(text) != 27 || !digits(text) {
		return false
	}
	carry := 0
	for i := range 26 {
		carry = int("0946827135"[(carry+int(text[i]-'0'))%10] - '0')
	}
	return int(text[26]-'0') == (10-carry)%10
}

// digits tells whether the text is nothing but decimal digits, and not empty.
func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// isAmount checks digits, a point and at most two more digits: at most 999999999.99, the limit of all SEPA and Swiss
// payments.
func isAmount(text string) bool {
	whole, cents, point := strings.Cut(text, ".")
	if len(whole) > 9 || !digits(whole) {
		return false
	}
	return !point || len(cents) <= 2 && digits(cents)
}
