package payload

import (
	"io/fs"
	"strings"
	"testing"
)

func TestLetterSignals(t *testing.T) {
	const (
		scan, lure, brand = SignalAsksToScan, SignalLureWords, SignalBrandSender
		name, reply       = SignalNameAddress, SignalReplyTo
	)
	from := "a@example.com"
	for _, test := range []struct {
		what   string
		letter Letter
		want   string
	}{
		{"plain", Letter{Subject: "Lunch", Texts: []string{"At noon?"}, From: from}, ""},
		{"English", Letter{Subject: "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)", Texts: []string{"Please scan the QR code below."}, From: from}, scan + " " + lure},
		{"one word is no lure", Letter{Subject: "Urgent: lunch", Texts: []string{"x"}, From: from}, ""},
		{"the same word twice", Letter{Subject: "Urgent", Texts: []string{"urgent"}, From: from}, ""},
		{"German", Letter{Subject: "Dringend: Ihr Konto", Texts: []string{"Scannen Sie den QR-Code mit Ihrem Smartphone, sonst wird Ihr\nKonto  gesperrt."}, From: from}, scan + " " + lure},
		{"German, two", Letter{Subject: "Dringend!", Texts: []string{"Bitte Identität bestätigen."}, From: from}, lure},
		{"French", Letter{Subject: "Action requise", Texts: []string{"Scannez le code. Votre mot de passe expire."}, From: from}, scan + " " + lure},
		{"Spanish", Letter{Subject: "Urgente", Texts: []string{"Escanee el código: autenticación de dos factores"}, From: from}, scan + " " + lure},
		{"Italian", Letter{Subject: "Urgente", Texts: []string{"Inquadra il codice. Account sospeso"}, From: from}, scan + " " + lure},
		{"Portuguese", Letter{Subject: "Urgente", Texts: []string{"Escaneie o código. Sua conta: conta suspensa"}, From: from}, scan + " " + lure},
		{"Dutch", Letter{Subject: "Dringend", Texts: []string{"Scan de QR-code. Uw wachtwoord verloopt"}, From: from}, scan + " " + lure},
		{"Polish", Letter{Subject: "Pilne", Texts: []string{"Zeskanuj kod. Twoje hasło wygasa"}, From: from}, scan + " " + lure},
		{"Russian", Letter{Subject: "Срочно", Texts: []string{"Отсканируйте код. Двухфакторная аутентификация"}, From: from}, scan + " " + lure},
		{"Persian", Letter{Subject: "فوری: حساب شما مسدود می\u200cشود", Texts: []string{"کد QR زیر را اسکن کنید. احراز هویت دو مرحله\u200cای"}, From: from}, scan + " " + lure},
		{"Chinese", Letter{Subject: "紧急：工资补贴", Texts: []string{"请用微信扫描二维码"}, From: from}, scan + " " + lure},
		{"Japanese", Letter{Subject: "至急", Texts: []string{"ＱＲコードをスキャンしてください。アカウントが停止されました"}, From: from}, scan + " " + lure},
		{"hidden by styled letters and invisible ones", Letter{Texts: []string{"𝐒𝐜𝐚𝐧 t\u200bhe Q\u00adR code"}, From: from}, scan},
		{"beyond 16 KiB", Letter{Texts: []string{strings.Repeat("a ", maxWordText/2) + "scan the QR code"}, From: from}, ""},
		{"brand in the name", Letter{Name: "Microsoft 365 Support", From: from, Texts: []string{"x"}}, brand},
		{"brand in the domain", Letter{From: "x@docusign-mail.example", Texts: []string{"x"}}, brand},
		{"misspelt brand", Letter{From: "x@micr0soft.com", Texts: []string{"x"}}, brand},
		{"the brand itself", Letter{Name: "Microsoft Teams", From: "no-reply@email.teams.microsoft.com", Texts: []string{"x"}}, ""},
		{"the brand under another top-level domain", Letter{Name: "Amazon", From: "x@amazon.de", Texts: []string{"x"}}, ""},
		{"a longer word", Letter{Name: "Dhlomo", From: from, Texts: []string{"x"}}, ""},
		{"several words", Letter{Name: "Bank-of-America Alerts", From: from, Texts: []string{"x"}}, brand},
		{"address in the name", Letter{Name: "boss@bigcorp.com", From: from, Texts: []string{"x"}}, name},
		{"own address in the name", Letter{Name: "a@mail.example.com", From: from, Texts: []string{"x"}}, ""},
		{"wide at sign", Letter{Name: "boss＠bigcorp.com", From: from, Texts: []string{"x"}}, name},
		{"reply elsewhere", Letter{From: from, ReplyTo: []string{"b@example.net"}, Texts: []string{"x"}}, reply},
		{"reply to a neighbour", Letter{From: from, ReplyTo: []string{"b@mail.example.com"}, Texts: []string{"x"}}, ""},
		{"empty body", Letter{From: from, Texts: []string{" \n\u00a0"}, Attachments: 1}, SignalEmptyBody},
		{"empty body, two attachments", Letter{From: from, Attachments: 2}, ""},
		{"nothing at all", Letter{}, ""},
	} {
		if got := strings.Join(append(test.letter.Signals(), test.letter.SenderSignals()...), " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
}

func TestDocumentSignals(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   SignalBareCode + " " + SignalBlankCode,
		"Please scan the QR code":            SignalAsksToScan + " " + SignalBareCode,
		strings.Repeat("word ", bareWords):   SignalBareCode,
		strings.Repeat("word ", bareWords+1): "",
		"Erika Muster, Muster AG, visitor of the fair":                                     SignalBareCode,
		"Invoice 7 of 2026 for one thing and another, and for the third that you ordered.": "",
		strings.Repeat("word ", askingWords-4) + "scan the QR code":                        SignalAsksToScan + " " + SignalBareCode,
		strings.Repeat("word ", askingWords-3) + "scan the QR code":                        SignalAsksToScan,
	} {
		if got := strings.Join(DocumentSignals(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Every phrase of every file is found, as it is written there.
func TestWordFiles(t *testing.T) {
	names, err := fs.Glob(wordFiles, "words/*.txt")
	if err != nil || len(names) < 10 {
		t.Fatalf("%v %v", names, err)
	}
	for _, file := range names {
		text, err := fs.ReadFile(wordFiles, file)
		if err != nil {
			t.Fatal(err)
		}
		topics := map[string]int{}
		topic := ""
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			switch {
			case line == "" || line[0] == '#':
			case line == "[scan]" || line == "[lure]":
				topic = strings.Trim(line, "[]")
			case strings.Contains(line, "+"):
				topics[topic]++
				everyPair(t, file, topic, line)
			default:
				topics[topic]++
				if lures.find("so " + strings.TrimSuffix(line, "*") + " then")[topic] == 0 {
					t.Errorf("%s: %q is not found as %q", file, line, topic)
				}
			}
		}
		if topics["scan"] == 0 || topics["lure"] < 15 || topics[""] != 0 {
			t.Errorf("%s: %v", file, topics)
		}
	}
}

// everyPair looks for each of the verbs beside each of the things, and for none alone.
func everyPair(t *testing.T, file, topic, line string) {
	verbs, things, _ := strings.Cut(line, "+")
	for verb := range strings.SplitSeq(verbs, ",") {
		verb = strings.TrimSuffix(strings.TrimSpace(verb), "*")
		for thing := range strings.SplitSeq(things, ",") {
			thing = strings.TrimSuffix(strings.TrimSpace(thing), "*")
			if lures.find("so " + verb + " the " + thing + " then")[topic] == 0 || lures.find("the " + thing + " do " + verb)[topic] == 0 {
				t.Errorf("%s: %q with %q is not found as %q", file, verb, thing, topic)
			}
		}
	}
}

func TestBrandFile(t *testing.T) {
	if len(known.owner) < 60 {
		t.Errorf("%d names", len(known.owner))
	}
	for name, o := range known.owner {
		for domain := range o.domains {
			if hostOf(domain) != domain {
				t.Errorf("%s: %q is no domain", name, domain)
			}
			if plain, misspelt := known.inHost("www." + domain); plain || misspelt {
				t.Errorf("%s: its own %s is taken for somebody else's", name, domain)
			}
		}
	}
	if _, err := readBrands("name without domains"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
}

func BenchmarkLetter(b *testing.B) {
	l := Letter{Subject: "Your invoice", Texts: []string{strings.Repeat("The quick brown fox jumps over the lazy dog. ", 60)}, From: "a@example.com", Name: "Example Shop"}
	b.ReportAllocs()
	for b.Loop() {
		l.Signals()
		l.SenderSignals()
	}
}

func TestAsksToScan(t *testing.T) {
	for text, want := range map[string]bool{
		"Please scan the QR code with your phone.":                                          true,
		"Scan the code below with the camera of your mobile.":                               true,
		"QR kodu telefonunuzla tarayın.":                                                    true,
		"휴대폰으로 QR 코드를 스캔하세요.":                                                               true,
		"Pindai kode QR dengan ponsel Anda.":                                                true,
		"Vui lòng quét mã QR bằng điện thoại.":                                              true,
		"اپنے فون سے کیو آر کوڈ اسکین کریں":                                                 true,
		"Zeskanuj kod QR telefonem.":                                                        true,
		"لطفاً کد QR را با تلفن همراه خود اسکن کنید":                                        true,
		"رمزینه زیر را با دوربین گوشی خود اسکن کنید":                                        true,
		"سند برای ویروس اسکن شد":                                                            false,
		"Inquadra il codice con la fotocamera.":                                             true,
		"Scan de code met uw telefoon.":                                                     true,
		"请用手机扫描下方二维码":                                                                       true,
		"कृपया अपने फ़ोन से क्यूआर कोड स्कैन करें":                                          true,
		"Escanee el código QR con su teléfono móvil.":                                       true,
		"Veuillez scanner le code QR avec votre téléphone.":                                 true,
		"يرجى مسح رمز الاستجابة السريعة بهاتفك":                                             true,
		"আপনার ফোন দিয়ে কিউআর কোড স্ক্যান করুন":                                            true,
		"Escaneie o código QR com o seu celular.":                                           true,
		"Отсканируйте QR-код телефоном.":                                                    true,
		"スマートフォンでQRコードを読み取ってください。":                                                          true,
		"Bitte scannen Sie den QR-Code mit Ihrem Smartphone.":                               true,
		"The document was scanned for viruses.":                                             false,
		"This message was scanned by the mail gateway. Your discount code is AUTUMN.":       false,
		"Das Dokument wurde eingescannt.":                                                   false,
		"I read the code review and it is fine.":                                            false,
		"Landscape photos of Scandinavia, use the code SUMMER at the till.":                 false,
		strings.Repeat("x ", 8<<10) + "scan the QR code":                                    false, // behind the limit
		"Scan results are in. " + strings.Repeat("Much more text. ", 20) + "The code is 5.": false,
	} {
		if got := AsksToScan(text); got != want {
			t.Errorf("%.60q: %v", text, got)
		}
	}
}

func BenchmarkSender(b *testing.B) {
	l := Letter{From: "first.last@mail.department.example.com", Name: "First Last, Example Company", ReplyTo: []string{"first.last@example.com"}}
	for b.Loop() {
		l.SenderSignals()
	}
}
