package payload

import (
	"strconv"
	"strings"
)

// phone reads tel: (RFC 3966) and FaceTime. A service code ("*21*…#" forwards all calls) is no number: it is dialled
// as it stands and changes the phone's settings.
func phone(text string) Payload {
	scheme, number, _ := strings.Cut(text, ":")
	number = percentDecode(strings.TrimLeft(number, "/"))
	if strings.HasPrefix(strings.ToLower(scheme), "facetime") {
		return Payload{Kind: Phone, Valid: isNumber(number) || isAddress(number)}
	}
	p := Payload{Kind: Phone, Valid: isNumber(number)}
	if strings.ContainsAny(number, "*#") {
		p.Valid, p.how = false, SignalServiceCode
	}
	return p
}

// isNumber takes what RFC 3966 lets stand in a number, blanks, and parameters behind it; at least two digits.
func isNumber(text string) bool {
	text, _, _ = strings.Cut(text, ";")
	n := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			n++
		case !strings.ContainsRune("+-.() /,p", rune(c)):
			return false
		}
	}
	return n >= 2 && n <= 32
}

// isAddress checks the form of a mail address, no more.
func isAddress(text string) bool {
	at := strings.LastIndexByte(text, '@')
	return at > 0 && at <= 64 && len(text) <= 320 && hostOf(text[at+1:]) != "" && !strings.ContainsAny(text, " \r\n<>")
}

// sms reads sms: (RFC 5724) and smsto:number:message.
func sms(text string) Payload {
	_, rest, _ := strings.Cut(text, ":")
	rest = strings.TrimLeft(rest, "/")
	if i := strings.IndexAny(rest, "?:&"); i >= 0 {
		rest = rest[:i]
	}
	for number := range strings.SplitSeq(percentDecode(rest), ",") {
		if !isNumber(number) {
			return Payload{Kind: SMS, Valid: rest == "" && len(text) > len("smsto:")}
		}
	}
	return Payload{Kind: SMS, Valid: true}
}

// mailTo reads RFC 6068; the address may also stand in the parameter "to".
func mailTo(text string) Payload {
	to, query, _ := strings.Cut(text[len("mailto:"):], "?")
	if to = percentDecode(to); to == "" {
		to = pairs(query).get("to")
	}
	return Payload{Kind: Mail, Valid: allAddresses(to)}
}

// matMsg reads NTT DoCoMo's mail: MATMSG:TO:…;SUB:…;BODY:…;;.
func matMsg(text string) Payload {
	return Payload{Kind: Mail, Valid: allAddresses(fieldsOf(text[len("matmsg:"):])["TO"])}
}

// smtp reads ZXing's form of a mail: SMTP:address:subject:body.
func smtp(text string) Payload {
	to, _, _ := strings.Cut(text[len("smtp:"):], ":")
	return Payload{Kind: Mail, Valid: allAddresses(to)}
}

func allAddresses(list string) bool {
	for address := range strings.SplitSeq(list, ",") {
		if !isAddress(strings.TrimSpace(address)) {
			return false
		}
	}
	return true
}

// geo reads a place (RFC 5870): latitude, longitude, perhaps altitude, and parameters.
func geo(text string) Payload {
	place := text[len("geo:"):]
	if i := strings.IndexAny(place, ";?"); i >= 0 {
		place = place[:i]
	}
	f := strings.Split(place, ",")
	if len(f) < 2 || len(f) > 3 {
		return Payload{Kind: Geo}
	}
	lat, err1 := strconv.ParseFloat(f[0], 64)
	lon, err2 := strconv.ParseFloat(f[1], 64)
	return Payload{Kind: Geo, Valid: err1 == nil && err2 == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180}
}
