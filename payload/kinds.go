package payload

import "strings"

// formats maps what a payload starts with, in any case, to the reader of its format. A longer start comes before a
// shorter one that it begins with.
var formats = []struct {
	start string
	read  func(string) Payload
}{
	{"spc\n", swissQR}, {"spc\r", swissQR},
	{"bcd\n", epc}, {"bcd\r", epc},
	{"000201", emv},
	{"bank://", bezahlCode}, {"bank:", bezahlCode},
	{"upi://", upi},
	{"payto://", payTo},
	{"spd*", czechPayment},
	{"hrvhub30", linesWithIBAN}, {"upnqr", linesWithIBAN}, {"hct\n", linesWithIBAN}, {"hct\r", linesWithIBAN},
	{"st0001", russianPayment},
	{"k:pr|", serbianPayment},
	{"wifi:", wifi},
	{"otpauth://", otpAuth}, {"otpauth-migration://", otpMigration}, {"motp://", mobileOTP},
	{"lpa:", eSIM},
	{"begin:vcard", vCard}, {"mecard:", meCard}, {"bizcard:", bizCard},
	{"tel:", phone}, {"telprompt:", phone}, {"facetime:", phone}, {"facetime-audio:", phone},
	{"sms:", sms}, {"smsto:", sms}, {"mms:", sms}, {"mmsto:", sms},
	{"mailto:", mailTo}, {"matmsg:", matMsg}, {"smtp:", smtp},
	{"geo:", geo},
	{"begin:vevent", event}, {"begin:vcalendar", event},
	{"mebkm:", bookmark},
	{"fido:/", fido},
	{"itms-services:", install},
	{"#ut", uicTicket},
	{"_r1-at", austrianReceipt},
	{"v0;", germanReceipt},
	{"hc1:", healthCertificate},
}

// byPrefix reads a payload that says what it is by how it starts.
func byPrefix(text string) (Payload, bool) {
	for _, f := range formats {
		if len(text) >= len(f.start) && strings.EqualFold(text[:len(f.start)], f.start) {
			return f.read(text), true
		}
	}
	scheme, rest, ok := cutAnyScheme(text)
	if !ok {
		return Payload{}, false
	}
	if scheme == "intent" {
		return intent(text), true
	}
	if p, ok := deviceURI(scheme, rest); ok {
		return p, true
	}
	if p, ok := browser(scheme, rest); ok {
		return p, true
	}
	if p, ok := cryptoURI(scheme, rest); ok {
		return p, true
	}
	return app(scheme, rest)
}

// byShape reads a payload that has no start of its own.
func byShape(text string) (Payload, bool) {
	for _, read := range []func(string) (Payload, bool){whatsApp, boardingPass, portugueseInvoice, zatca, cryptoAddress} {
		if p, ok := read(text); ok {
			return p, true
		}
	}
	return Payload{}, false
}

// parseBytes reads what is no text.
func parseBytes(data string) Payload {
	if p := uicTicket(data); p.Valid || vdvTicket(data) {
		return Payload{Kind: Ticket, Valid: p.Valid}
	}
	return Payload{Kind: Binary, Valid: true}
}

// cutAnyScheme cuts a URI's scheme (RFC 3986, section 3.1) off, lower case. http and https are none of it: links have
// more spellings than the RFC allows.
func cutAnyScheme(text string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(text, ':')
	if i < 2 || i > 40 {
		return "", "", false
	}
	scheme = strings.ToLower(text[:i])
	if scheme[0] < 'a' || scheme[0] > 'z' || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return "", "", false
	}
	return scheme, text[i+1:], scheme != "http" && scheme != "https"
}

// fieldsOf reads the form that NTT DoCoMo gave MECARD, and that WIFI, MATMSG, BIZCARD and MEBKM share: "NAME:value;",
// a backslash before a special character. Of a repeated name the first counts. At most 64 fields.
func fieldsOf(text string) map[string]string {
	fields := map[string]string{}
	var name string
	var value strings.Builder
	named := false
	for i := 0; i < len(text) && len(fields) < 64; i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			value.WriteByte(text[i])
		case c == ':' && !named:
			name, named = strings.ToUpper(strings.TrimSpace(value.String())), true
			value.Reset()
		case c == ';':
			keepFirst(fields, name, value.String())
			name, named = "", false
			value.Reset()
		default:
			value.WriteByte(c)
		}
	}
	keepFirst(fields, name, value.String())
	return fields
}

func keepFirst(fields map[string]string, name, value string) {
	if _, known := fields[name]; name != "" && !known {
		fields[name] = value
	}
}

// linesOf are the lines of a payload that has one field a line, in all three line endings.
func linesOf(text string) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}
