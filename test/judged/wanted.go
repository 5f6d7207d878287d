// Package judged makes mail with codes of which it is known what should become of it: wanted mail, in ten languages and
// of twelve kinds, and attacks. It is what false holds and catches are counted on.
package judged

import (
	"embed"
	"fmt"
	"strings"
	"time"

	"quishmilter/test/mailmaker"
)

//go:embed texts/*.txt
var texts embed.FS

// Languages are the ten that the wanted mail is written in.
var Languages = []string{"en", "zh", "hi", "es", "fr", "ar", "bn", "pt", "ru", "de"}

// Kinds are those of the wanted mail, all of which have a link in their code.
var Kinds = []string{"newsletter", "invoice", "ticket", "parcel", "survey", "appstore", "maps", "feedback", "signature", "list", "badge", "mfa"}

// Reader is who gets all of it.
const Reader = "reader@example.org"

// Wanted is a message that its reader wants.
type Wanted struct {
	Kind, Language string
	Authenticated  bool // its author is proven
	Link           string
	Letter         mailmaker.Letter
	MailFrom       string
}

// AllWanted are two messages of each kind in each language, one of a proven author, one not, dated at.
func AllWanted(at time.Time) (all []Wanted) {
	for l, language := range Languages {
		lines := readTexts(language)
		for _, kind := range Kinds {
			for variant := range 2 {
				m := Wanted{Kind: kind, Language: language, Authenticated: variant == 0}
				m.write(2*l+variant, lines[kind], at)
				all = append(all, m)
			}
		}
	}
	return all
}

// readTexts reads "kind | subject | body", one kind a line.
func readTexts(language string) map[string][2]string {
	text, err := texts.ReadFile("texts/" + language + ".txt")
	if err != nil {
		panic(err) // the files are part of the tests
	}
	lines := map[string][2]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.SplitN(strings.TrimSpace(line), " | ", 3)
		if len(f) != 3 {
			panic(fmt.Sprintf("%s: %q is not \"kind | subject | body\"", language, line))
		}
		lines[f[0]] = [2]string{f[1], f[2]}
	}
	return lines
}

// senders are the local parts and the beginnings of the domains of those who write each kind.
var senders = map[string][2]string{
	"newsletter": {"news", "gardenhof"}, "invoice": {"billing", "fibrenet"}, "ticket": {"tickets", "concerthall"}, "parcel": {"info", "quickparcel"},
	"survey": {"hello", "bikeshop"}, "appstore": {"courses", "sportsclub"}, "maps": {"party", "allotments"}, "feedback": {"frontdesk", "hotel-seaview"},
	"signature": {"anna", "bakerandsons"}, "list": {"tom", "makerspace"}, "badge": {"visitors", "tradefair"},
}

// write makes the n-th message of its kind.
func (m *Wanted) write(n int, text [2]string, at time.Time) {
	domain := "example.org" // MFA comes from the reader's own IT
	local := "it"
	if s, ok := senders[m.Kind]; ok {
		local, domain = s[0], fmt.Sprintf("%s-%s%d.example", s[1], m.Language, n%2)
	}
	m.MailFrom = local + "@" + domain
	m.Link = linkOf(m.Kind, n, domain, at)
	m.Letter = mailmaker.Letter{From: m.MailFrom, To: Reader, Subject: text[0], Date: at,
		ID: fmt.Sprintf("%s-%s-%d-%d@%s", m.Kind, m.Language, n, at.Unix(), domain), Body: bodyOf(m.Kind, n, text[1], m.Link)}
	switch m.Kind {
	case "newsletter":
		m.Letter.Fields = []string{"List-Unsubscribe: <https://www." + domain + "/unsubscribe>", "Precedence: bulk"}
	case "list":
		m.Letter.Fields = []string{"List-Id: <makers." + domain + ">", "Precedence: list"}
		m.MailFrom = "makers-bounces@" + domain
	}
}

// linkOf is where the n-th code of a kind leads, as such codes do: mostly to the sender's own site; some by shorteners,
// services for forms and codes, or a free page; and some name their reader. Each mail has a link of its own.
func linkOf(kind string, n int, domain string, at time.Time) string {
	id := fmt.Sprintf("%x", at.Unix()*31+int64(n))
	list := map[string][]string{
		"newsletter": {"https://www.{d}/autumn?utm_source=newsletter&c={id}", "https://click.mailings.example/c/{id}", "https://www.{d}/offers/{id}", "https://www.{d}/?s={id}", "https://qrco.de/{id}"},
		"invoice":    {"https://pay.{d}/i/{id}", "https://checkout.paybridge.example/p/{id}", "https://my.{d}/invoices/{id}/pay", "https://pay.{d}/i/{id}"},
		"ticket":     {"https://tickets.{d}/t/{id}", "https://www.{d}/wallet/{id}", "https://entrance.boxoffice.example/t/{id}"},
		"parcel":     {"https://track.{d}/p/00340434{id}", "https://www.{d}/track?n={id}"},
		"survey":     {"https://forms.gle/{id}", "https://www.{d}/survey/{id}", "https://forms.office.com/e/{id}", "https://survey.{d}/?i={id}", "https://bikes.typeform.com/to/{id}"},
		"appstore":   {"https://apps.apple.com/app/id1234567890", "https://play.google.com/store/apps/details?id=example.club&ref={id}", "https://www.{d}/app", "https://app.{d}/get/{id}"},
		"maps":       {"https://maps.app.goo.gl/{id}", "https://www.google.com/maps/dir/?api=1&destination=47.37,8.54&x={id}", "https://maps.apple.com/?daddr=47.37,8.54", "https://www.openstreetmap.org/directions?to=47.37,8.54#{id}"},
		"feedback":   {"https://feedback.{d}/g/{id}", "https://g.page/r/{id}/review", "https://www.{d}/stay/{id}/feedback"},
		"signature":  {"https://www.{d}/anna", "https://www.linkedin.com/in/anna-{id}", "https://calendly.com/anna-{id}", "https://wa.me/442079460000"},
		"list":       {"https://www.{d}/repair-cafe/{id}", "https://pad.{d}/p/{id}", "https://www.{d}/calendar?e={id}"},
		"badge":      {"https://www.{d}/b/{id}", "https://register.{d}/v/{id}"},
		"mfa":        {"https://aka.ms/mfasetup", "https://mysignins.microsoft.com/security-info", "https://sso.{d}/enrol/{id}"},
	}[kind]
	link := list[n%len(list)]
	if other := odd[fmt.Sprint(kind, " ", n)]; other != "" {
		link = other
	}
	return strings.NewReplacer("{d}", domain, "{id}", id).Replace(link)
}

// odd are the links that look like those of attacks: 7 of 240 name their reader, 4 are shortened or lie on a free page.
var odd = map[string]string{
	"newsletter 4":  "https://www.{d}/preferences?email=reader%40example.org&c={id}",
	"newsletter 13": "https://www.{d}/preferences?email=reader%40example.org&c={id}",
	"newsletter 7":  "https://bit.ly/{id}",
	"newsletter 16": "https://bit.ly/{id}",
	"ticket 2":      "https://tickets.{d}/t/{id}?holder=reader@example.org",
	"ticket 11":     "https://tickets.{d}/t/{id}?holder=reader@example.org",
	"survey 3":      "https://survey.{d}/?i={id}&e=cmVhZGVyQGV4YW1wbGUub3Jn",
	"survey 18":     "https://survey.{d}/?i={id}&e=cmVhZGVyQGV4YW1wbGUub3Jn",
	"feedback 6":    "https://feedback.{d}/g/{id}?guest=reader%40example.org",
	"list 9":        "https://tinyurl.com/repair-{id}",
	"list 14":       "https://makerspace.github.io/programme/{id}",
}
