package picture

import (
	"encoding/hex"
	"testing"

	"quishmilter/test/mailmaker"
)

func TestDecompressRTF(t *testing.T) {
	// The example of [MS-OXRTFCP], section 3.1.1.
	packed, err := hex.DecodeString("2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232" + "0af32068656c090020627705b06c647d0a800fa0")
	if err != nil {
		t.Fatal(err)
	}
	const want = "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
	if got := string(decompressRTF(packed, 1000)); got != want {
		t.Errorf("%q", got)
	}
	if got := string(decompressRTF(packed, 10)); len(got) < 10 || len(got) > 10+8*17 || got[:10] != want[:10] {
		t.Errorf("limited: %q", got)
	}
	if len(lzfuStart) != 207 {
		t.Errorf("the window begins with %d bytes", len(lzfuStart))
	}
}

// HTML that Outlook wrapped in RTF comes out as it was.
func TestHTMLInRTF(t *testing.T) {
	const rtf = `{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}` +
		`{\*\htmltag64 <p>}\htmlrtf {\b \htmlrtf0 caf\'e9 {\*\htmltag84 <img src="cid:a">}\htmlrtf }\htmlrtf0 \u8364?\{{\*\generator x}{\*\htmltag72 </p>}}`
	r := &rtfReader{view: &view{run: &run{ctx: t.Context(), limits: DefaultLimits(), spent: &Budget{}}}, groups: make([]rtfGroup, 1), width: 1, fields: &fields{}}
	scanner := &rtfScanner{data: []byte(rtf)}
	for token := scanner.next(); token.kind != 0; token = scanner.next() {
		r.take(token)
	}
	if got, want := r.html.out.String(), "<p>caf\xe9 <img src=\"cid:a\">&#8364;{</p>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The pictures of a message inside a part are no others' to refer to.
func TestMessagesHaveTheirOwnShelves(t *testing.T) {
	png := mailmaker.PNG(mailmaker.CodeImage("x", 2))
	o := NewOpener("")
	for name, data := range map[string][]byte{
		"eml":  mailmaker.PNGCode().Bytes(),
		"msg":  mailmaker.MSG("<p>", mailmaker.File{Name: "a.png", Data: png}),
		"tnef": mailmaker.TNEFWithHTML("<img src=cid:a>", "a", png),
	} {
		shown := 0
		problems := o.Open(t.Context(), Part{Name: "a.eml", Type: "application/x-" + name, Data: data}, Limits{}, func(Picture) { shown++ })
		if shown != 1 || len(problems) != 0 || len(o.message.pictures) != 0 {
			t.Errorf("%s: shown %d, problems %v, on the outer shelf %d", name, shown, problems, len(o.message.pictures))
		}
	}
}

func TestFieldWords(t *testing.T) {
	for code, want := range map[string]string{
		`DISPLAYBARCODE "https://example.com" QR \q 3`:  "https://example.com",
		` displaybarcode https://example.com qr`:        "https://example.com",
		"DISPLAYBARCODE “https://example.com/a b” QR":   "https://example.com/a b",
		`DISPLAYBARCODE "a \"b\" c:\\d \e" QR`:          `a "b" c:\d \e`,
		`DISPLAYBARCODE "" QR`:                          "",
		`DISPLAYBARCODE "https://example.com" CODE128`:  "-",
		`DISPLAYBARCODE`:                                "-",
		`HYPERLINK "DISPLAYBARCODE https://a.example" `: "-",
	} {
		got, ok := barcodeOf(code)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}
