package alert

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"

	"quishmilter/journal"
)

// Artefact is something to look for, or to block, elsewhere.
type Artefact struct {
	Type     string `json:"type"` // "url", "host", "ip", "email", "domain", "sha256", "subject", "message-id"
	Value    string `json:"value"`
	Defanged string `json:"defanged"` // the same, fit to be pasted where links are made of links
}

const maxArtefacts = 100

// artefacts are those of all messages of a campaign, each once.
func artefacts(c *campaign) []Artefact {
	all, known := []Artefact{}, map[Artefact]bool{}
	add := func(kind, value string) {
		a := Artefact{Type: kind, Value: journal.FitText(value, maxLink)}
		if value == "" || known[a] || len(all) == maxArtefacts {
			return
		}
		known[a] = true
		a.Defanged = Defang(a.Value)
		all = append(all, a)
	}
	for _, e := range c.events {
		for _, code := range e.Codes {
			add("url", code.URL)
			add(hostOrIP(code.Host), code.Host)
			add("url", code.Target)
			add(hostOrIP(journal.HostOf(code.Target)), journal.HostOf(code.Target))
			add("sha256", code.Picture)
		}
		add("ip", e.ClientAddr)
		add("email", e.HeaderFrom)
		add("email", e.MailFrom)
		if _, domain, ok := strings.Cut(e.HeaderFrom, "@"); ok {
			add("domain", domain)
		}
		add("subject", e.Subject)
		add("message-id", e.MessageID)
	}
	return all
}

func hostOrIP(host string) string {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return "ip"
	}
	return "host"
}

var (
	scheme = regexp.MustCompile(`(?i)\b(ht|f)tp(s?)://`)
	dots   = strings.NewReplacer(".", "[.]", "。", "[.]", "．", "[.]", "｡", "[.]")
)

// Defang writes a link, a host or an address so that nothing makes a link of it, in one line and with nothing in it that
// steers a terminal: hxxps://evil[.]example. Addresses of hosts get it too, as tickets have them.
func Defang(text string) string {
	text = scheme.ReplaceAllStringFunc(text, func(s string) string {
		if strings.EqualFold(s[:1], "f") {
			return "fxp" + strings.ToLower(s[3:])
		}
		return "hxxp" + strings.ToLower(s[4:])
	})
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, dots.Replace(text))
}

// question is a text for the recipients.
func question(r Report) string {
	a := r.Alert
	reached := "It was kept from your mailbox; you may have it from elsewhere, though, or see it later."
	for where, n := range r.Outcomes {
		if n > 0 && (where == journal.Delivered || where == string(journal.Released) || where == string(journal.ByHand) || where == string(journal.Vanished)) {
			reached = "It may have reached your mailbox."
		}
	}
	asks := "a code to be scanned with the phone"
	if len(r.Says) > 0 {
		asks = "a QR code"
	}
	return strings.Join([]string{
		"Hello,",
		"",
		"on " + a.Time.UTC().Format("2 January 2006 at 15:04") + " UTC a message was sent to you that we think is an attempt to deceive. " + reached,
		"",
		"  From:    " + Defang(journal.FitText(a.Source, maxSubject)),
		"  Subject: " + Defang(a.Subject),
		"",
		"It holds " + asks + ". What a phone opens we cannot see, so please answer, even if the answer is no:",
		"",
		"  1. Did you see this message, or one like it?",
		"  2. Did you scan the code? When, and with which phone: your own or the company's?",
		"  3. Did a page open, and did you enter a password, a one-time code or payment data there, or install an app?",
		"",
		"Do not scan it now. If you entered a password, change it at once from another device, and call us.",
		"Nobody is in trouble for an answer.",
		"",
	}, "\n")
}
