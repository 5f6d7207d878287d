package e2e

import (
	"fmt"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
)

func TestVerdicts(t *testing.T) {
	r := start(t, daemon.Config{TOML: "spam_marks = [\"X-Spam-Flag: YES\"]\n[limits]\nsize = \"64KiB\"\n"})

	t.Run("plain mail is clean, and forged fields are gone", func(t *testing.T) {
		l := mailmaker.Plain5KB()
		l.Fields = []string{"X-Quish-Verdict: clean", "x-quish-verdict: tagged", "X-Quish-Anything: x"}
		d := r.delivered(mailOf(l))
		fields(t, d, "X-Quish-Verdict: clean", "X-Quish-Scan: complete")
		if got := d.Field("X-Quish-Anything"); len(got) != 0 {
			t.Errorf("forged: %q", got)
		}
	})
	t.Run("a stranger's link is tagged", func(t *testing.T) {
		fields(t, r.delivered(mailOf(mailmaker.PNGCode())), "X-Quish-Verdict: tagged", "X-Quish-Reason: qr-link-from-new-sender",
			`X-Quish-Code: kind=url; host=www.example.net; carrier=image; at="code.png"; url="`+mailmaker.BenchURL+`"`)
	})
	t.Run("in a PDF too", func(t *testing.T) {
		for _, l := range []mailmaker.Letter{mailmaker.PDFImageCode(), mailmaker.PDFDrawnCode()} {
			fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: tagged", "X-Quish-Code: kind=url; host=www.example.net; carrier=pdf; at=\"…")
		}
	})
	t.Run("mail that names its recipient in the link is held", func(t *testing.T) {
		l := mailmaker.PNGCode()
		l.Body = mailmaker.Inline("", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("https://evil.example/?u=reader%40example.org", 5)))
		id := r.accepted(mailOf(l))
		if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id {
			t.Errorf("%+v %v", held, err)
		}
		l.Fields = []string{"X-Spam-Flag: YES"}
		l.ID = "other@example.net"
		fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: tagged", "X-Quish-Reason: qr-link-from-new-sender, recipient-in-link, marked-as-spam, empty-body")
	})
	t.Run("a contact with its owner's page is clean, one that wraps a link for the recipient is that link", func(t *testing.T) {
		card := func(id, page string) mailmaker.Letter {
			l := mailmaker.PNGCode()
			l.ID = id
			l.Body = mailmaker.Inline("", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("BEGIN:VCARD\nFN:Anna\nURL:"+page+"\nEND:VCARD", 5)))
			return l
		}
		fields(t, r.delivered(mailOf(card("plain@example.net", "https://www.bakery.example/anna"))), "X-Quish-Verdict: clean",
			`X-Quish-Code: kind=contact; link-host=www.bakery.example; carrier=image; at="code.png"`)
		bad := card("wrapped@example.net", "https://evil.example/?u=reader%40example.org")
		bad.Fields = []string{"X-Spam-Flag: YES"} // so that it is delivered
		fields(t, r.delivered(mailOf(bad)), "X-Quish-Verdict: tagged", "X-Quish-Reason: qr-link-from-new-sender, recipient-in-link, link-in-text, marked-as-spam, empty-body")
	})
	t.Run("what cannot be read is unscanned", func(t *testing.T) {
		png := mailmaker.PNG(mailmaker.CodeImage("https://example.net/", 5))
		l := mailmaker.Letter{From: "a@example.net", To: "reader@example.org", Body: mailmaker.Attached("image/png", "cut.png", png[:len(png)/3])}
		fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: unscanned", "X-Quish-Reason: unscannable-part", "X-Quish-Scan: unscannable; broken part=1")
	})
	t.Run("a message over the size limit says so", func(t *testing.T) {
		l := mailmaker.Letter{From: "a@example.net", To: "reader@example.org", Body: mailmaker.Text(strings.Repeat("long text\n", 10000))}
		fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: unscanned", "X-Quish-Scan: partial; over-limit")
	})
	t.Run("mail of our own users gets no fields", func(t *testing.T) {
		m := mailOf(mailmaker.PNGCode())
		m.Login = "claire"
		if got := r.delivered(m).Field("X-Quish-Verdict"); len(got) != 0 {
			t.Errorf("%q", got)
		}
	})
}

func TestStrict(t *testing.T) {
	r := start(t, daemon.Config{Policy: "strict", TOML: "learning = \"hold\"\n"})
	id := r.accepted(mailOf(mailmaker.Newsletter()))
	if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Errorf("%+v %v", held, err)
	}
}

func TestObserve(t *testing.T) {
	r := start(t, daemon.Config{Policy: "observe"})
	d := r.delivered(soc251())
	fields(t, d, "X-Quish-Verdict: clean", "X-Quish-Would: quarantine", "X-Quish-Reason: qr-link-from-new-sender, ipfs-gateway, asks-to-scan, lure-words")
}

func TestTagOnly(t *testing.T) {
	r := start(t, daemon.Config{TOML: "tag_only = true"})
	fields(t, r.delivered(soc251()), "X-Quish-Verdict: tagged", "X-Quish-Would: quarantine")
}

// A rule that asks about our own mail is obeyed there too; the mail still gets no fields.
func TestRuleForOwnMail(t *testing.T) {
	r := start(t, daemon.Config{TOML: "[[rule]]\nname = \"stolen-login\"\nwhen = '!message.inbound && code.opens'\nthen = \"quarantine\"\nreason = \"code-from-inside\"\n"})
	m := mailOf(mailmaker.PNGCode())
	m.Login = "claire"
	id := r.accepted(m)
	held, err := r.mta.Held()
	if err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Fatalf("%+v %v", held, err)
	}
	if raw, err := r.mta.Cat(id); err != nil || strings.Contains(string(raw), "X-Quish-") {
		t.Errorf("%v, fields of ours in\n%.1000s", err, raw)
	}
}

// A condition that cannot be answered is said in the log and the journal, counted, and what it might have held is tagged.
func TestRuleThatFails(t *testing.T) {
	r := start(t, daemon.Config{TOML: "[[rule]]\nname = \"third-signal\"\nwhen = 'code.signals[2] == \"tunnel\"'\nthen = \"quarantine\"\n"})
	l := mailmaker.PNGCode()
	l.Body = mailmaker.Inline("", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("BEGIN:VCARD\nFN:Anna\nTEL:+41441112233\nEND:VCARD", 5)))
	d := r.delivered(mailOf(l))
	fields(t, d, "X-Quish-Verdict: tagged", "X-Quish-Reason: rule-failed, empty-body", "X-Quish-Scan: complete")
	id := queueIDOf(d.Field("Received")[0])
	r.logSays(id+": the condition of rule third-signal could not be answered, 1 times since the start: index out of range", 0)
	if got := fmt.Sprint(r.event(id)["problems"]); !strings.Contains(got, `the rule "third-signal" could not be answered`) {
		t.Errorf("event: %s", got)
	}
}
