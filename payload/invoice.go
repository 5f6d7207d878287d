package payload

import (
	"encoding/base64"
	"strings"
)

// portugueseInvoice reads the code of Portaria 195/2020: fields "letter:value" by "*"; tax number, buyer, country, type,
// state, date and number come first.
func portugueseInvoice(text string) (Payload, bool) {
	if !strings.HasPrefix(text, "A:") {
		return Payload{}, false
	}
	fields := map[string]string{}
	for field := range strings.SplitSeq(text, "*") {
		name, value, _ := strings.Cut(field, ":")
		keepFirst(fields, name, value)
	}
	if len(fields) < 6 || len(fields["A"]) != 9 || !digits(fields["A"]) {
		return Payload{}, false
	}
	return Payload{Kind: Invoice, Valid: len(fields["F"]) == 8 && digits(fields["F"]) && fields["B"] != "" && fields["D"] != ""}, true
}

// austrianReceipt reads the machine-readable code of the Registrierkassensicherheitsverordnung: _R1-AT1_till_receipt_
// time_five amounts_turnover_certificate_previous_signature.
func austrianReceipt(text string) Payload {
	f := strings.Split(text, "_")
	return Payload{Kind: Invoice, Valid: len(f) >= 13 && len(f[4]) == len("2006-01-02T15:04:05") && f[4][10] == 'T' && strings.Contains(f[5], ",")}
}

// germanReceipt reads the code of the Kassensicherungsverordnung (DSFinV-K, annex I): V0;till;type;data;….
func germanReceipt(text string) Payload {
	return Payload{Kind: Invoice, Valid: strings.Count(text, ";") == 11}
}

// zatca reads Saudi Arabia's electronic invoice: base64 over tag, length, value; tags from 1 upwards, seller, tax
// number, time, total, tax.
func zatca(text string) (Payload, bool) {
	if len(text) < 40 || text[0] != 'A' || text[1] != 'Q' && text[1] != 'R' { // tag 1 and a length below 128
		return Payload{}, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return Payload{}, false
	}
	var values []string
	for len(data) >= 2 && int(data[0]) == len(values)+1 && len(data) >= 2+int(data[1]) && len(values) < 9 {
		values = append(values, string(data[2:2+int(data[1])]))
		data = data[2+int(data[1]):]
	}
	if len(values) < 5 {
		return Payload{}, false
	}
	number := values[1]
	return Payload{Kind: Invoice, Valid: len(number) == 15 && digits(number) && isAmount(strings.TrimSpace(values[3])) && len(data) == 0}, true
}

// isTaxPage knows the links by which tax authorities let one check an invoice. The host is the authority's own, so the
// link leads nowhere else.
func isTaxPage(p Payload) bool {
	q := pairs(split(p.URL).query)
	switch p.Host {
	case "verificacfdi.facturaelectronica.sat.gob.mx": // Mexico, CFDI 3.3 and 4.0
		return len(q.get("id")) == 36 && q.get("re") != "" && q.get("rr") != ""
	case "www2.agenciatributaria.gob.es": // Spain, VERI*FACTU
		return q.get("nif") != "" && q.get("numserie") != ""
	case "www.afip.gob.ar", "www.arca.gob.ar": // Argentina, RG 4892
		return len(q.get("p")) > 40
	case "efiskalizimi-app.tatime.gov.al", "mapr.tax.gov.me", "porezna.gov.hr", "suf.purs.gov.rs":
		return true // Albania, Montenegro, Croatia, Serbia
	}
	return false
}
