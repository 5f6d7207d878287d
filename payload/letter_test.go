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
		{"plain", Letter{Subject: "Lunch", Text: "At noon?", From: from}, ""},
		{"English", Letter{Subject: "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)", Text: "Please scan the QR code below.", From: from}, scan + " " + lure},
		{"one word is no lure", Letter{Subject: "Urgent: lunch", Text: "x", From: from}, ""},
		{"the same word twice", Letter{Subject: "Urgent", Text: "urgent", From: from}, ""},
		{"German", Letter{Subject: "Dringend: Ihr Konto", Text: "Scannen Sie den QR-Code mit Ihrem Smartphone, sonst wird Ihr\nKonto  gesperrt.", From: from}, scan + " " + lure},
		{"German, two", Letter{Subject: "Dringend!", Text: "Bitte Identität bestätigen.", From: from}, lure},
		{"French", Letter{Subject: "Action requise", Text: "Scannez le code. Votre mot de passe expire.", From: from}, scan + " " + lure},
		{"Spanish", Letter{Subject: "Urgente", Text: "Escanee el código: autenticación de dos factores", From: from}, scan + " " + lure},
		{"Italian", Letter{Subject: "Urgente", Text: "Inquadra il codice. Account sospeso", From: from}, scan + " " + lure},
		{"Portuguese", Letter{Subject: "Urgente", Text: "Escaneie o código. Sua conta: conta suspensa", From: from}, scan + " " + lure},
		{"Dutch", Letter{Subject: "Dringend", Text: "Scan de QR-code. Uw wachtwoord verloopt", From: from}, scan + " " + lure},
		{"Polish", Letter{Subject: "Pilne", Text: "Zeskanuj kod. Twoje hasło wygasa", From: from}, scan + " " + lure},
		{"Russian", Letter{Subject: "Срочно", Text: "Отсканируйте код. Двухфакторная аутентификация", From: from}, scan + " " + lure},
		{"Chinese", Letter{Subject: "紧急：工资补贴", Text: "请用微信扫描二维码", From: from}, scan + " " + lure},
		{"Japanese", Letter{Subject: "至急", Text: "ＱＲコードをスキャンしてください。アカウントが停止されました", From: from}, scan + " " + lure},
		{"hidden by styled letters and invisible ones", Letter{Text: "𝐒𝐜𝐚𝐧 t\u200bhe Q\u00adR code", From: from}, scan},
		{"beyond 16 KiB", Letter{Text: strings.Repeat("a ", maxWordText/2) + "scan the QR code", From: from}, ""},
		{"brand in the name", Letter{Name: "Microsoft 365 Support", From: from, Text: "x"}, brand},
		{"brand in the domain", Letter{From: "x@docusign-mail.example", Text: "x"}, brand},
		{"misspelt brand", Letter{From: "x@micr0soft.com", Text: "x"}, brand},
		{"the brand itself", Letter{Name: "Microsoft Teams", From: "no-reply@email.teams.microsoft.com", Text: "x"}, ""},
		{"the brand under another top-level domain", Letter{Name: "Amazon", From: "x@amazon.de", Text: "x"}, ""},
		{"a longer word", Letter{Name: "Dhlomo", From: from, Text: "x"}, ""},
		{"several words", Letter{Name: "Bank-of-America Alerts", From: from, Text: "x"}, brand},
		{"address in the name", Letter{Name: "boss@bigcorp.com", From: from, Text: "x"}, name},
		{"own address in the name", Letter{Name: "a@mail.example.com", From: from, Text: "x"}, ""},
		{"wide at sign", Letter{Name: "boss＠bigcorp.com", From: from, Text: "x"}, name},
		{"reply elsewhere", Letter{From: from, ReplyTo: []string{"b@example.net"}, Text: "x"}, reply},
		{"reply to a neighbour", Letter{From: from, ReplyTo: []string{"b@mail.example.com"}, Text: "x"}, ""},
		{"empty body", Letter{From: from, Text: " \n\u00a0", Attachments: 1}, SignalEmptyBody},
		{"empty body, two attachments", Letter{From: from, Attachments: 2}, ""},
		{"nothing at all", Letter{}, ""},
	} {
		if got := strings.Join(test.letter.Signals(), " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
}

func TestDocumentSignals(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   SignalBareCode,
		"Please scan the QR code":            SignalAsksToScan + " " + SignalBareCode,
		strings.Repeat("word ", bareWords):   SignalBareCode,
		strings.Repeat("word ", bareWords+1): "",
		"Invoice 7 of 2026 for one thing and another. Scan below to pay what you owe us.": SignalAsksToScan,
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
			default:
				topics[topic]++
				if lures.find("so " + strings.TrimSuffix(line, "*") + " then")[topic] == 0 {
					t.Errorf("%s: %q is not found as %q", file, line, topic)
				}
			}
		}
		if topics["scan"] == 0 || topics["lure"] < 10 || topics[""] != 0 {
			t.Errorf("%s: %v", file, topics)
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
	l := Letter{Subject: "Your invoice", Text: strings.Repeat("The quick brown fox jumps over the lazy dog. ", 60), From: "a@example.com", Name: "Example Shop"}
	b.ReportAllocs()
	for b.Loop() {
		l.Signals()
	}
}
