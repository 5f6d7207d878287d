package payload

import (
	"strings"
	"testing"
)

// bill is a Swiss QR-bill; the IBAN and the reference are those of the guidelines' examples.
const bill = "SPC\n0200\n1\nCH4431999123000889012\nS\nExample AG\nRue du Lac\n1268\n2501\nBiel\nCH\n\n\n\n\n\n\n\n" +
	"1949.75\nCHF\nS\nPia Example\nGrosse Marktgasse\n28\n9400\nRorschach\nCH\nQRR\n210000000003139471430009017\nOrder 7\nEPD"

// donation has an ordinary IBAN, no debtor, no amount and no reference.
const donation = "SPC\n0200\n1\nCH9300762011623852957\nK\nExample\nStreet 1\n8000 Zurich\n\n\nCH\n\n\n\n\n\n\n\n\nEUR\n\n\n\n\n\n\n\nNON\n\n\nEPD"

// transfer is an EPC payment.
const transfer = "BCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30\n\n\nInvoice 7"

func TestPaymentFormats(t *testing.T) {
	const pix = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
	const emvco = "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
	tests := []struct {
		name, text string
		valid      bool
	}{
		{"QR-bill", bill, true},
		{"QR-bill, CR LF", strings.ReplaceAll(bill, "\n", "\r\n"), true},
		{"QR-bill, billing information and procedures", bill + "\n//S1/10/7\nUV;x\nXY;y", true},
		{"QR-bill, one line too many", bill + "\na\nb\nc\nd", false},
		{"QR-bill, donation", donation, true},
		{"QR-bill, creditor reference", strings.Replace(donation, "NON\n", "SCOR\nRF18539007547034", 1), true},
		{"QR-bill, bad creditor reference", strings.Replace(donation, "NON\n", "SCOR\nRF19539007547034", 1), false},
		{"QR-bill, QR reference with ordinary IBAN", strings.Replace(donation, "NON\n", "QRR\n210000000003139471430009017", 1), false},
		{"QR-bill, bad IBAN", strings.Replace(bill, "CH44", "CH45", 1), false},
		{"QR-bill, foreign IBAN", strings.Replace(donation, "CH9300762011623852957", "DE89370400440532013000", 1), false},
		{"QR-bill, bad reference", strings.Replace(bill, "9017", "9018", 1), false},
		{"QR-bill, other currency", strings.Replace(bill, "CHF", "USD", 1), false},
		{"QR-bill, bad amount", strings.Replace(bill, "1949.75", "1'949.75", 1), false},
		{"QR-bill, reserved field used", strings.Replace(bill, "CH\n\n\n\n", "CH\n\nx\n\n", 1), false},
		{"QR-bill, message of 140", strings.Replace(bill, "Order 7", strings.Repeat("ä", 140), 1), true},
		{"QR-bill, message of 141", strings.Replace(bill, "Order 7", strings.Repeat("ä", 141), 1), false},
		{"QR-bill, cut off", bill[:60], false},
		{"EPC", transfer, true},
		{"EPC, version 1 needs a BIC", strings.Replace(transfer, "002", "001", 1), false},
		{"EPC, version 1", strings.Replace(transfer, "002\n1\nSCT\n", "001\n1\nSCT\nCOBADEFFXXX", 1), true},
		{"EPC, bad charset", strings.Replace(transfer, "\n1\n", "\n9\n", 1), false},
		{"EPC, bad IBAN", strings.Replace(transfer, "DE89", "DE88", 1), false},
		{"EPC, amount without currency", strings.Replace(transfer, "EUR12.30", "12.30", 1), false},
		{"EPC, two references", strings.Replace(transfer, "\n\n\nInv", "\n\nRF18539007547034\nInv", 1), false},
		{"EMVCo's example, lengths in characters", emvco, true},
		{"PIX", pix, true},
		{"PIX, small checksum", strings.Replace(pix, "1D3D", "1d3d", 1), true},
		{"PIX, changed", strings.Replace(pix, "Fulano", "Bulano", 1), false},
		{"EMV without checksum", "00020101021129300012D15600000000", false},
		{"UPI", "upi://pay?pa=shop@okbank&pn=Shop&am=10", true},
		{"UPI, nobody to pay", "upi://pay?pn=Shop", false},
		{"BezahlCode", "bank://singlepaymentsepa?name=Example&iban=DE89370400440532013000&amount=1", true},
		{"BezahlCode, account and bank", "bank://singlepayment?name=Example&account=532013000&bnc=37040044", true},
		{"BezahlCode, nothing", "bank://singlepayment?name=Example", false},
		{"RFC 8905", "payto://iban/DE89370400440532013000?amount=EUR:1", true},
		{"RFC 8905, with BIC", "payto://iban/COBADEFFXXX/DE89370400440532013000", true},
		{"RFC 8905, bad IBAN", "payto://iban/DE88370400440532013000", false},
		{"Czech", "SPD*1.0*ACC:CZ6508000000192000145399+GIBACZPX*AM:450.00*CC:CZK", true},
		{"Czech, bad IBAN", "SPD*1.0*ACC:CZ6608000000192000145399*AM:450.00", false},
		{"Croatian", "HRVHUB30\nEUR\n000000000012355\nA\nB\nC\nD\nE\nF\nHR1210010051863000160\nHR01\n7-1\nCOST\nrent", true},
		{"Serbian", "K:PR|V:01|C:1|R:845000000040484987|N:EPS|I:RSD1,00|SF:189", true},
		{"Russian", "ST00012|Name=Shop|PersonalAcc=40702810138250123017|BankName=B|BIC=044525225|CorrespAcc=30101810400000000225", true},
		{"Russian, no bank", "ST00012|Name=Shop|PersonalAcc=40702810138250123017", false},
		{"WeChat", "weixin://wxpay/bizpayurl?pr=abc", true},
	}
	for _, test := range tests {
		if got := Parse(test.text, true); got.Kind != Payment || got.Valid != test.valid || got.URL != "" {
			t.Errorf("%s: %s, valid %t, url %q; want a payment, valid %t", test.name, got.Kind, got.Valid, got.URL, test.valid)
		}
	}
}

// A link that puts on the clothes of a payment is a link; a payment that holds a link stays a payment.
func TestFakePayments(t *testing.T) {
	lists := BuiltinLists()
	for _, test := range []struct {
		text, host, signal string
		kind               Kind
	}{
		{"SPC\n0200\n1\nhttps://evil.example/pay", "evil.example", SignalFakePayment, URL},
		{"SPC\r\nwww.evil.example", "www.evil.example", SignalFakePayment, URL},
		{"SPC\n0200\nevil.com/login", "evil.com", SignalFakePayment, URL},
		{"BCD\n002\n1\nSCT\n\nPay at https://evil.example/x now", "evil.example", SignalFakePayment, URL},
		{"000201https://evil.example/x", "evil.example", SignalFakePayment, URL},
		{"upi://pay?url=https://evil.example", "evil.example", SignalFakePayment, URL},
		{strings.Replace(bill, "9017", "9018\nhttps://evil.example", 1), "evil.example", SignalFakePayment, URL},
		{strings.Replace(bill, "Order 7", "see https://shop.example/7", 1), "", SignalLinkInPayment, Payment},
		{strings.Replace(transfer, "Invoice 7", "https://shop.example/7", 1), "", SignalLinkInPayment, Payment},
		{bill, "", "", Payment},
		{"WIFI:https://evil.example/", "evil.example", SignalLinkInText, URL},
		{"BEGIN:VCARD\nhttps://evil.example/", "evil.example", SignalLinkInText, URL},
		{"Your parcel waits. https://evil.example/x.", "evil.example", SignalLinkInText, URL},
		{"blob:https://evil.example/0", "evil.example", SignalLinkInText, URL},
		{"tel:*21*0041790000000#", "", SignalServiceCode, Phone},
	} {
		p := Parse(test.text, true)
		got := strings.Join(lists.Signals(p, nil), " ")
		if p.Kind != test.kind || p.Host != test.host || got != test.signal {
			t.Errorf("%q: %s %q [%s], want %s %q [%s]", test.text, p.Kind, p.Host, got, test.kind, test.host, test.signal)
		}
	}
}

func TestFormats(t *testing.T) {
	tests := []struct {
		text   string
		kind   Kind
		valid  bool
		issuer string
	}{
		{"WIFI:T:WPA;S:Guest;P:secret;;", WiFi, true, ""},
		{`WIFI:S:a\;b\:c;T:nopass;;`, WiFi, true, ""},
		{"WIFI:T:WPA;P:secret;;", WiFi, false, ""},
		{"otpauth://totp/Example:alice@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Example%20AG", OTPAuth, true, "Example AG"},
		{"otpauth://totp/Example%3Aalice?secret=jbswy3dpehpk3pxp", OTPAuth, true, "Example"},
		{"otpauth://hotp/alice?secret=JBSWY3DPEHPK3PXP&counter=1", OTPAuth, true, ""},
		{"otpauth://totp/alice?secret=1189", OTPAuth, false, ""},
		{"otpauth://push/alice?secret=JBSWY3DPEHPK3PXP", OTPAuth, false, ""},
		{"otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZSABKAEwAhABGAEgACjr4JKK%2B%2F%2F%2F%2F%2F8B", OTPAuth, true, ""},
		{"LPA:1$smdp.example.com$ABCD-1234", AppLink, true, "smdp.example.com"},
		{"LPA:2$x", AppLink, false, ""},
		{"BEGIN:VCARD\nVERSION:3.0\nN:Muster;Erika\nEND:VCARD", Contact, true, ""},
		{"BEGIN:VCARD\r\nFN;CHARSET=UTF-8:Erika\r\nEND:VCARD\r\n", Contact, true, ""},
		{"BEGIN:VCARD\nVERSION:3.0", Contact, false, ""},
		{"MECARD:N:Muster,Erika;TEL:123;;", Contact, true, ""},
		{"MECARD:TEL:123;;", Contact, false, ""},
		{"BIZCARD:N:Erika;X:Muster;;", Contact, true, ""},
		{"tel:+41 44 000 00 00", Phone, true, ""},
		{"tel:abc", Phone, false, ""},
		{"facetime:a@example.com", Phone, true, ""},
		{"sms:+41440000000?body=hi", SMS, true, ""},
		{"SMSTO:+41440000000:hi", SMS, true, ""},
		{"sms:hello", SMS, false, ""},
		{"mailto:a@example.com,b@example.com?subject=x", Mail, true, ""},
		{"mailto:?to=a@example.com", Mail, true, ""},
		{"mailto:nobody", Mail, false, ""},
		{"MATMSG:TO:a@example.com;SUB:x;BODY:y;;", Mail, true, ""},
		{"SMTP:a@example.com:x:y", Mail, true, ""},
		{"geo:47.3769,8.5417", Geo, true, ""},
		{"geo:47.3769,8.5417,100?q=x", Geo, true, ""},
		{"geo:91,0", Geo, false, ""},
		{"geo:NaN,0", Geo, false, ""},
		{"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261201T080000Z\nEND:VEVENT", Event, true, ""},
		{"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Europe/Zurich:20261201T080000\nEND:VEVENT\nEND:VCALENDAR", Event, true, ""},
		{"BEGIN:VEVENT\nSUMMARY:x", Event, false, ""},
		{"market://details?id=org.example", AppLink, true, ""},
		{"itms-apps://apps.apple.com/app/id1", AppLink, true, ""},
		{"intent://scan/#Intent;scheme=zxing;package=com.example;end", AppLink, true, ""},
		{"itms-services://?action=download-manifest&url=https://evil.example/m.plist", AppLink, true, ""},
		{"spotify://track/1", AppLink, true, ""},
		{"tg://login?token=abc", DeviceLink, true, ""},
		{"tg://login", DeviceLink, false, ""},
		{"sgnl://linkdevice?uuid=a&pub_key=b", DeviceLink, true, ""},
		{"tsdevice:/?uuid=a&pub_key=b", DeviceLink, true, ""},
		{"2@Zm9v/bar,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,BBBB=,CCCC=,1", DeviceLink, true, ""},
		{"https://wa.me/settings/linked_devices#2@a,b,c", DeviceLink, true, ""},
		{"https://line.me/R/au/lgn/sq/SQ1?secret=x", DeviceLink, true, ""},
		{"https://discord.com/ra/abc", DeviceLink, true, ""},
		{"https://microsoft.com/devicelogin", DeviceLink, true, ""},
		{"https://signal.me/#linkdevice?x", DeviceLink, true, ""},
		{"https://signal.me/#p/+41440000000", URL, true, ""},
		{"https://wa.me/41440000000", URL, true, ""},
		{"FIDO:/0123456789", DeviceLink, true, ""},
		{"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=1", Crypto, true, ""},
		{"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", Crypto, false, ""},
		{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Crypto, true, ""},
		{"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", Crypto, true, ""},
		{"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", Crypto, true, ""},
		{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", Ticket, false, ""}, // its checksum is wrong: some opaque text
		{"ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed@1?value=1", Crypto, true, ""},
		{"M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100", Ticket, true, ""},
		{"#UT0110800000010" + strings.Repeat("x", 20), Ticket, true, ""},
		{"HC1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEXWK G2EP4J0BGJL", Ticket, true, ""},
		{"8F3K-22QX-0001", Ticket, false, ""},
		{"A:123456789*B:999999990*C:PT*D:FS*E:N*F:20190812*G:FS CDVF/12345*H:CDF7T5HD-12345*I1:PT*N:0.15*O:0.80*Q:YhGV*R:9999", Invoice, true, ""},
		{"_R1-AT1_till_1_2022-03-11T15:00:37_0,00_0,00_0,00_0,00_0,00_q/bxNvA=_359aff00_P5AumsFgq2E=_2LQKxOBDshU=", Invoice, true, ""},
		{"V0;till;Kassenbeleg-V1;Beleg^0.00;1;2;2026-01-01T10:00:00.000Z;2026-01-01T10:00:00.000Z;ecdsa;unixTime;sig;key", Invoice, true, ""},
		{"AQdFeGFtcGxlAg8zMDAwMDAwMDAwMDAwMDMDFDIwMjYtMDEtMDFUMTA6MDA6MDBaBAYxMTUuMDAFBTE1LjAw", Invoice, true, ""},
		{"https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=12345678-1234-1234-1234-123456789012&re=A&rr=B&tt=1&fe=x", Invoice, true, ""},
		{"https://verificacfdi.facturaelectronica.sat.gob.mx.evil.example/?id=12345678-1234-1234-1234-123456789012&re=A&rr=B", URL, true, ""},
		{"Table 7. Enjoy.", Text, true, ""},
	}
	for _, test := range tests {
		got := Parse(test.text, true)
		if got.Kind != test.kind || got.Valid != test.valid || got.Issuer != test.issuer {
			t.Errorf("%q: %s, valid %t, issuer %q; want %s, %t, %q", test.text, got.Kind, got.Valid, got.Issuer, test.kind, test.valid, test.issuer)
		}
		if (got.Host == "") != (got.URL == "") {
			t.Errorf("%q: url %q with host %q", test.text, got.URL, got.Host)
		}
	}
	if got := Parse("#UT0110800000010\xff\xfe", false); got.Kind != Ticket || !got.Valid {
		t.Errorf("a railway ticket in bytes: %+v", got)
	}
	if got := Parse(strings.Repeat("a", maxLink+1)+".com/", true); got.Kind != Text {
		t.Errorf("too long: %s", got.Kind)
	}
}

func TestSecret(t *testing.T) {
	for text, want := range map[string]bool{
		"WIFI:S:Guest;P:secret;;": true, "LPA:1$smdp.example.com$ABCD-1234": true, "otpauth://totp/a?secret=AA": true, bill: true,
		"market://details?id=a": false, "https://example.com": false, "tg://login?token=a": false,
	} {
		if got := Parse(text, true).Secret(); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestChecksums(t *testing.T) {
	if got := crc16("123456789"); got != 0x29b1 { // the check value of CRC-16/CCITT-FALSE
		t.Errorf("crc16: %04x", got)
	}
	for iban, want := range map[string]bool{
		"GB82 WEST 1234 5698 7654 32": true, "gb82west12345698765432": true, "NO9386011117947": true, "MT84MALT011000012345MTLCAST001S": true,
		"GB83WEST12345698765432": false, "GB82WEST1234569876543": false, "XX82WEST12345698765432": false, "GB82WEST1234569876543é": false, "GB8": false, "": false,
	} {
		if got := isIBAN(iban); got != want {
			t.Errorf("%s: %t", iban, got)
		}
	}
}
