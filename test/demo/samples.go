package main

import (
	"fmt"
	"time"

	"quishmilter/test/mailmaker"
)

// Sample is a message and what is to become of it under the default policy.
type Sample struct {
	Name   string
	Client string // address that the SMTP client pretends to have
	Letter mailmaker.Letter
	Place  string // where it must end: "delivered" or "held"
	Says   string // X-Quish-Verdict that it must carry
	Code   string // what X-Quish-Code must mention; "" for mail without a code
}

// Samples are sent in this order. Those without a date of their own get the present one.
func Samples(now time.Time) []Sample {
	samples := []Sample{
		{"plain text", "192.0.2.10", mailmaker.Plain5KB(), "delivered", "clean", ""},
		{"HTML with a photo, no code", "192.0.2.11", mailmaker.HTMLWithLogoAndPhoto(), "delivered", "clean", ""},
		{"newsletter, sender known", "192.0.2.12", mailmaker.Newsletter(), "delivered", "tagged", "host=www.example.com"},
		{"SOC251: MFA, IPFS link", mailmaker.SOC251Client, mailmaker.SOC251(), "held", "quarantined", "host=ipfs.io"},
		{"PDF, plain link, stranger", "192.0.2.13", mailmaker.PDFImageCode(), "delivered", "tagged", "carrier=pdf"},
		{"PDF, drawn, link names reader", "192.0.2.14", payslip(), "held", "quarantined", "carrier=pdf"},
	}
	for i := range samples {
		letter := &samples[i].Letter
		if letter.Date.IsZero() {
			letter.Date = now
		}
		letter.ID = fmt.Sprintf("sample-%d.%d@demo.example", i+1, now.UnixNano())
	}
	return samples
}

// payslip is the usual bait of 2026: a PDF whose code leads to a page that knows its victim.
func payslip() mailmaker.Letter {
	const url = "https://hr-portal.example.net/payslip?user=reader@example.org"
	return mailmaker.Letter{
		From: "hr@example.net", To: "reader@example.org", Subject: "Your payslip for November",
		Body: mailmaker.Mixed(
			mailmaker.Text("Scan the code in the document with your phone to see your payslip."),
			mailmaker.Attached("application/pdf", "payslip.pdf", mailmaker.PDFDrawn(mailmaker.Modules(url))),
		),
	}
}

// history makes the newsletter's sender known: three mails within the last fortnight, none of them from today.
func history(now time.Time) [][]byte {
	var messages [][]byte
	for _, days := range []int{10, 6, 3} {
		letter := mailmaker.Newsletter()
		letter.Date = now.AddDate(0, 0, -days)
		messages = append(messages, letter.Bytes())
	}
	return messages
}
