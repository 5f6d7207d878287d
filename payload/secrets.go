package payload

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
)

// wifi reads WIFI:T:WPA;S:name;P:password;; (ZXing's form, and WPA3 specification, section 7.1).
func wifi(text string) Payload {
	name := fieldsOf(text[len("wifi:"):])["S"]
	return Payload{Kind: WiFi, Valid: name != "" && len(name) <= 2*32} // 32 octets, or as many pairs of hex digits
}

// otpAuth reads the key of one-time passwords: otpauth://totp/Issuer:account?secret=BASE32&issuer=….
func otpAuth(text string) Payload {
	p := Payload{Kind: OTPAuth}
	path, query, _ := strings.Cut(text[len("otpauth://"):], "?")
	kind, label, _ := strings.Cut(path, "/")
	q := pairs(query)
	p.Issuer = q.get("issuer")
	if issuer, _, ok := strings.Cut(percentDecode(label), ":"); ok && p.Issuer == "" {
		p.Issuer = issuer
	}
	p.Issuer = nameable(p.Issuer)
	secret := strings.ToUpper(strings.TrimRight(strings.ReplaceAll(q.get("secret"), " ", ""), "="))
	_, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	p.Valid = (strings.EqualFold(kind, "totp") || strings.EqualFold(kind, "hotp")) && secret != "" && err == nil
	return p
}

// mobileOTP reads the key of Mobile-OTP: motp://Issuer:account?secret=HEX.
func mobileOTP(text string) Payload {
	label, query, _ := strings.Cut(text[len("motp://"):], "?")
	issuer, _, _ := strings.Cut(percentDecode(label), ":")
	_, err := hex.DecodeString(pairs(query).get("secret"))
	return Payload{Kind: OTPAuth, Issuer: nameable(issuer), Valid: err == nil && query != ""}
}

// otpMigration reads several keys at once, as authenticator apps hand them to a new phone: a protocol buffer in base64.
func otpMigration(text string) Payload {
	_, query, _ := strings.Cut(text, "?")
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(pairs(query).get("data"), " ", "+"))
	return Payload{Kind: OTPAuth, Valid: err == nil && len(data) > 0 && data[0] == 1<<3|2} // its first field
}

// eSIM reads an activation code (GSMA SGP.22, section 4.1): LPA:1$server$matching id.
func eSIM(text string) Payload {
	p := Payload{Kind: AppLink, secret: true}
	f := strings.Split(text[len("lpa:"):], "$")
	if len(f) >= 3 && f[0] == "1" {
		p.Issuer = nameable(hostOf(f[1]))
		p.Valid = strings.Contains(p.Issuer, ".") && len(f) <= 5
	}
	return p
}

// nameable cuts a name to 64 characters and drops what does not print.
func nameable(name string) string {
	n := 0
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if n++; n > 64 || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
}
