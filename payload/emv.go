package payload

import (
	"strings"
	"unicode/utf8"
)

// emv reads a merchant-presented code (EMVCo QRCPS-MPM, version 1.1): PIX, PayNow, PromptPay, VietQR, QRIS, FPS, Bharat
// QR and others.
func emv(text string) Payload {
	return Payload{Kind: Payment, Valid: isEMV(text)}
}

// isEMV walks the data objects, checks that the mandatory ones are there, and the checksum, which must stand last. The
// objects' lengths count bytes; some issuers count characters, which is as good.
func isEMV(text string) bool {
	end := strings.LastIndex(text, "6304")
	if end < 0 || len(text) != end+8 || !strings.EqualFold(text[end+4:], hex16(crc16(text[:end+4]))) {
		return false
	}
	return hasEMVFields(text, func(s string, n int) int { return n }) || hasEMVFields(text, bytesOfRunes)
}

func hasEMVFields(text string, size func(string, int) int) bool {
	var account, currency, country bool
	for n := 0; text != ""; n++ {
		if len(text) < 4 || !digits(text[:4]) {
			return false
		}
		id, length := text[:2], size(text[4:], int(text[2]-'0')*10+int(text[3]-'0'))
		if length < 0 || length > len(text)-4 {
			return false
		}
		value := text[4 : 4+length]
		if n == 0 && (id != "00" || value != "01") {
			return false
		}
		account = account || id >= "02" && id <= "51" && value != ""
		currency = currency || id == "53" && len(value) == 3 && digits(value)
		country = country || id == "58" && len(value) == 2
		text = text[4+length:]
	}
	return account && currency && country
}

// bytesOfRunes is how many bytes the first n characters take; -1 where there are fewer.
func bytesOfRunes(text string, n int) int {
	size := 0
	for range n {
		if size >= len(text) {
			return -1
		}
		_, width := utf8.DecodeRuneInString(text[size:])
		size += width
	}
	return size
}

// crc16 is CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF (ISO/IEC 13239, as EMVCo asks for).
func crc16(text string) uint16 {
	crc := uint16(0xffff)
	for i := range len(text) {
		crc ^= uint16(text[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

func hex16(n uint16) string {
	const hexDigits = "0123456789ABCDEF"
	return string([]byte{hexDigits[n>>12], hexDigits[n>>8&15], hexDigits[n>>4&15], hexDigits[n&15]})
}

// upi reads India's payment link: upi://pay?pa=payee@bank&pn=name&am=….
func upi(text string) Payload {
	action, query, _ := strings.Cut(text[len("upi://"):], "?")
	user, bank, at := strings.Cut(pairs(query).get("pa"), "@")
	known := strings.EqualFold(action, "pay") || strings.EqualFold(action, "mandate")
	return Payload{Kind: Payment, Valid: known && at && user != "" && bank != "" && !strings.ContainsAny(bank, "@/ ")}
}
