package journal

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"quishmilter/payload"
)

// Bounds of what is stored of one event, in bytes or items.
const (
	maxText     = 1000
	maxPayload  = 8192 // no symbology holds more than 7,089 characters
	maxRcpts    = 1000 // Postfix takes no more by default (smtpd_recipient_limit)
	maxCodes    = 64
	maxReasons  = 32
	maxProblems = 64
	maxStages   = 16

	maxRcptBytes = 128 << 10 // of all addresses together

	maxPicture  = 16 << 10  // of one code
	maxPictures = 128 << 10 // of one event, the worst codes first, so that 2 GiB hold 16,000 of the largest events
)

// fit returns the event within its bounds and without secrets. The event it is called on stays as it was.
func (e Event) fit() Event {
	e.NRcpt = max(e.NRcpt, len(e.Rcpts))
	e.NCodes = max(e.NCodes, len(e.Codes))
	for _, text := range []*string{
		&e.QueueID, &e.MessageID, &e.HeaderFrom, &e.MailFrom, &e.Direction, &e.ClientAddr, &e.ClientName, &e.HELO,
		&e.AuthUser, &e.Auth, &e.Subject, &e.Verdict, &e.Would, &e.Where, &e.Sender.Window, &e.Scan,
	} {
		*text = fitText(*text, maxText)
	}
	e.QueueID = strings.ReplaceAll(e.QueueID, "\x00", "") // it ends in a zero byte in the index
	e.Rcpts = fitRcpts(e.Rcpts)
	e.Reasons = fitTexts(e.Reasons, maxReasons)
	e.Rules = fitTexts(e.Rules, maxReasons)
	if e.plain() {
		e.Evidence = nil // of plain mail a line is kept
	}
	e.Evidence = e.fitEvidence()
	e.Codes = slices.Clone(e.Codes[:min(len(e.Codes), maxCodes)])
	room := maxPictures
	for i, code := range e.Codes {
		code = code.fit()
		if room -= len(code.Shown); room < 0 {
			code.Shown = nil
		}
		e.Codes[i] = code
	}
	if len(e.Stages) > maxStages {
		e.Stages = nil
	}
	e.Problems = slices.Clone(e.Problems[:min(len(e.Problems), maxProblems)])
	for i := range e.Problems {
		p := &e.Problems[i]
		for _, text := range []*string{&p.Part, &p.At, &p.Kind, &p.Detail} {
			*text = fitText(*text, maxText)
		}
	}
	return e
}

func (c CodeEvent) fit() CodeEvent {
	if c.Secret = c.Secret || c.secret(); c.Secret {
		c.Payload, c.PayloadBase64, c.URL, c.Host, c.Target, c.Links, c.Picture, c.Shown = "", "", "", "", "", nil, "", nil
	}
	c = c.WithoutSecrets()
	if len(c.Shown) > maxPicture {
		c.Shown = nil
	}
	for _, text := range []*string{&c.Payload, &c.PayloadBase64, &c.URL, &c.Target} {
		*text = fitText(*text, maxPayload*4/3+4) // room for base64
	}
	for _, text := range []*string{&c.Symbology, &c.Kind, &c.Issuer, &c.Host, &c.Carrier, &c.Part, &c.Name, &c.At, &c.Picture} {
		*text = fitText(*text, maxText)
	}
	c.Links = fitTexts(c.Links, maxReasons)
	c.Tricks = fitTexts(c.Tricks, maxReasons)
	c.Signals = fitTexts(c.Signals, maxReasons)
	return c
}

// secret says whether what the code carries opens something or moves money. The kind decides; the beginnings are a
// second net, so that a wrong kind does not write a password to the disk.
func (c CodeEvent) secret() bool {
	if slices.Contains([]string{"wifi", "otpauth", "payment", "esim"}, c.Kind) {
		return true
	}
	start := strings.ToLower(c.Payload[:min(len(c.Payload), 32)])
	for _, secret := range []string{"wifi:", "otpauth:", "otpauth-migration:", "lpa:", "bcd\n", "bcd\r\n", "spc\n", "spc\r\n", "000201"} {
		if strings.HasPrefix(start, secret) {
			return true
		}
	}
	return false
}

// WithoutSecrets hides the secrets that stand inside a payload which is none itself, as that of an eSIM in a link; the
// code's picture would show them. Where the link alone shows one, what is written around it is left out.
func (c CodeEvent) WithoutSecrets() CodeEvent {
	hide := func(text *string) (had bool) {
		hidden := payload.Hidden(*text)
		had, *text = hidden != *text, hidden
		return had
	}
	inText := hide(&c.Payload)
	inLink := hide(&c.URL)
	inLink = hide(&c.Target) || inLink
	c.Links = slices.Clone(c.Links)
	for n := range c.Links {
		inLink = hide(&c.Links[n]) || inLink
	}
	if data, err := base64.StdEncoding.DecodeString(c.PayloadBase64); err == nil && payload.Hidden(string(data)) != string(data) {
		c.PayloadBase64, inText = "", true
	}
	if inLink && !inText {
		c.Payload, c.PayloadBase64 = "", ""
	}
	if inLink || inText {
		c.Shown = nil
	}
	return c
}

// FitText cuts a text of a message as the journal does, for those who keep parts of events.
func FitText(text string, limit int) string { return fitText(text, limit) }

// fitText cuts a text to at most limit bytes between two characters, and repairs it to UTF-8.
func fitText(text string, limit int) string {
	if len(text) > limit {
		end := limit
		for end > limit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	if text = strings.ToValidUTF8(text, "\uFFFD"); len(text) > limit {
		return fitText(text, limit)
	}
	return text
}

// fitRcpts keeps the first recipients. NRcpt says how many there were.
func fitRcpts(all []string) []string {
	room := maxRcptBytes
	for i, rcpt := range all[:min(len(all), maxRcpts)] {
		if room -= min(len(rcpt), maxText); room < 0 {
			return fitTexts(all[:i], maxRcpts)
		}
	}
	return fitTexts(all, maxRcpts)
}

func fitTexts(texts []string, limit int) []string {
	texts = slices.Clone(texts[:min(len(texts), limit)])
	for i, text := range texts {
		texts[i] = fitText(text, maxText)
	}
	return texts
}
