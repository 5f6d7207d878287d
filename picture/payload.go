package picture

import (
	"strings"

	"quishmilter/mime"
)

// Bounds of payloads that stand in text. A QR code of the largest version holds 7,089 digits at most (ISO/IEC 18004,
// table 7): what is longer cannot have become a code.
const (
	maxPayload  = 7089
	maxPayloads = 256 // of one part
)

// payload shows a code whose content stands in text, where the recipient's program or a server far away makes the
// picture of it: Word's DISPLAYBARCODE field, the URL of a QR generator. The same one is shown once for a part.
func (v *view) payload(text, at, carrier string) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	key := carrier + "\x00" + text
	if text == "" || len(text) > maxPayload || v.payloads[key] {
		return
	}
	if len(v.payloads) >= maxPayloads {
		if !v.payloadsCut {
			v.payloadsCut = true
			v.problem(mime.OverLimit, at, "more than %d codes that stand in text", maxPayloads)
		}
		return
	}
	if v.payloads == nil {
		v.payloads = map[string]bool{}
	}
	v.payloads[key] = true
	p := v.framed(at, carrier, nil)
	p.Payload = text
	v.show(p)
}
