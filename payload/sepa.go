package payload

import (
	"strings"
	"unicode/utf8"
)

// epc reads a SEPA credit transfer (EPC069-12, version 2.1 and later: one field a line, empty ones at the end left out).
func epc(text string) Payload {
	return Payload{Kind: Payment, Valid: isEPC(linesOf(text))}
}

func isEPC(lines []string) bool {
	if len(lines) < 7 {
		return false
	}
	var f [12]string
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if i >= len(f) {
			if line != "" {
				return false
			}
			continue
		}
		f[i] = line
	}
	version, charset, service, bic, name, iban := f[1], f[2], f[3], f[4], f[5], f[6]
	amount, purpose, structured, free, info := f[7], f[8], f[9], f[10], f[11]
	return (version == "001" || version == "002") && len(charset) == 1 && charset >= "1" && charset <= "8" &&
		(service == "SCT" || service == "INST") &&
		(bic == "" && version == "002" || isBIC(bic)) &&
		name != "" && utf8.RuneCountInString(name) <= 70 &&
		isIBAN(iban) &&
		(amount == "" || isAmount(strings.TrimPrefix(amount, "EUR")) && strings.HasPrefix(amount, "EUR")) &&
		len(purpose) <= 4 && (structured == "" || free == "") && len(structured) <= 35 &&
		utf8.RuneCountInString(free) <= 140 && utf8.RuneCountInString(info) <= 70
}

// isBIC checks the form of a bank's identifier (ISO 9362): bank, country, place, and perhaps branch.
func isBIC(text string) bool {
	text = strings.ToUpper(text)
	if len(text) != 8 && len(text) != 11 {
		return false
	}
	letters := strings.Trim(text[:6], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	return letters && strings.Trim(text[6:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// bezahlCode reads the older German form: bank://singlepaymentsepa?name=…&iban=…, or account and bank code.
func bezahlCode(text string) Payload {
	_, query, _ := strings.Cut(text, "?")
	q := pairs(query)
	account := isIBAN(q.get("iban")) || digits(q.get("account")) && len(q.get("bnc")) == 8 && digits(q.get("bnc"))
	return Payload{Kind: Payment, Valid: q.get("name") != "" && account}
}

// payTo reads RFC 8905; only the target "iban" is checked further.
func payTo(text string) Payload {
	target, query, _ := strings.Cut(text[len("payto://"):], "?")
	kind, account, _ := strings.Cut(target, "/")
	valid := account != "" && kind != ""
	if strings.EqualFold(kind, "iban") {
		valid = isIBAN(account[strings.LastIndexByte(account, '/')+1:])
	}
	return Payload{Kind: Payment, Valid: valid && len(query) < maxLink}
}

// czechPayment reads the Short Payment Descriptor: SPD*1.0*ACC:IBAN+BIC*AM:…*CC:CZK.
func czechPayment(text string) Payload {
	for field := range strings.SplitSeq(text, "*") {
		if account, ok := strings.CutPrefix(strings.ToUpper(field), "ACC:"); ok {
			iban, _, _ := strings.Cut(account, "+")
			return Payload{Kind: Payment, Valid: isIBAN(iban)}
		}
	}
	return Payload{Kind: Payment}
}

// linesWithIBAN reads the national forms that have one field a line: Croatian HUB 3, Slovenian UPN, Hungarian HCT.
// An IBAN must be among the lines; what else stands there differs from version to version.
func linesWithIBAN(text string) Payload {
	lines := linesOf(text)
	for _, line := range lines {
		if isIBAN(strings.TrimSpace(line)) {
			return Payload{Kind: Payment, Valid: len(lines) >= 6}
		}
	}
	return Payload{Kind: Payment}
}

// serbianPayment reads NBS IPS: K:PR|V:01|C:1|R:eighteen digits|N:name|….
func serbianPayment(text string) Payload {
	for field := range strings.SplitSeq(text, "|") {
		if account, ok := strings.CutPrefix(field, "R:"); ok {
			return Payload{Kind: Payment, Valid: len(account) == 18 && digits(account) && mod97(account) == 1}
		}
	}
	return Payload{Kind: Payment}
}

// russianPayment reads GOST R 56042: ST00012|Name=…|PersonalAcc=twenty digits|BankName=…|BIC=nine digits|….
func russianPayment(text string) Payload {
	found := map[string]bool{}
	for field := range strings.SplitSeq(text, "|") {
		name, value, _ := strings.Cut(field, "=")
		switch strings.ToLower(name) {
		case "name":
			found["name"] = value != ""
		case "personalacc":
			found["account"] = len(value) == 20 && digits(value)
		case "bic":
			found["bank"] = len(value) == 9 && digits(value)
		}
	}
	return Payload{Kind: Payment, Valid: found["name"] && found["account"] && found["bank"]}
}
