package mailmaker

import (
	"encoding/base64"
	"fmt"
)

// Signed is content inside a CMS structure, as an opaque S/MIME signature carries it: with indefinite lengths and the
// content in pieces, as programs write it that sign while they read. kind is the last byte of the content type: 2 for
// signed, 3 for encrypted. There is no signature in it.
func Signed(kind byte, content []byte) []byte {
	var octets []byte
	for rest := content; len(rest) > 0; {
		n := min(len(rest), 1000)
		octets = append(octets, 0x04, 0x82, byte(n>>8), byte(n))
		octets = append(octets, rest[:n]...)
		rest = rest[n:]
	}
	inner := append([]byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80\x24\x80"), octets...)
	inner = append(inner, 0, 0, 0, 0, 0, 0)
	out := []byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" + string(kind) + "\xa0\x80\x30\x80\x02\x01\x01\x31\x00")
	return append(append(out, inner...), 0, 0, 0, 0, 0, 0)
}

// VCard is a business card with a photo, of version 2.1, 3.0 or 4.0.
func VCard(version string, png []byte) []byte {
	text := base64.StdEncoding.EncodeToString(png)
	photo := map[string]string{
		"2.1": "PHOTO;PNG;ENCODING=BASE64:\r\n " + text[:40] + "\r\n " + text[40:] + "\r\n",
		"3.0": "item1.PHOTO;ENCODING=b;TYPE=PNG:" + text[:40] + "\r\n " + text[40:],
		"4.0": "PHOTO:data:image/png;base64," + text,
	}[version]
	return fmt.Appendf(nil, "BEGIN:VCARD\r\nVERSION:%s\r\nFN:Sample\r\n%s\r\nEND:VCARD\r\n", version, photo)
}
