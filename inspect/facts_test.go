package inspect

import (
	"slices"
	"strings"
	"testing"

	"quishmilter/mime"
)

func TestWordsOfMessages(t *testing.T) {
	part := func(kind, disposition, text string) mime.Part {
		return mime.Part{Type: kind, Disposition: disposition, Encoding: "7bit", Raw: []byte(text)}
	}
	plain := func(text string) mime.Part { return part("text/plain", "", text) }
	picture := part("image/png", "inline", "")
	for name, test := range map[string]struct {
		subject string
		parts   []mime.Part
		codes   int
		asks    bool
		signals string
	}{
		"nothing to ask for":        {"Urgent: MFA", []mime.Part{plain("scan the QR code")}, 0, false, ""},
		"subject and body together": {"Urgent", []mime.Part{plain("your password expires"), picture}, 1, false, "lure-words"},
		"tags are no words":         {"Hi", []mime.Part{part("text/html", "", "<b>Sc</b>an the <i>code</i> <!-- mfa --><style>.urgent{}</style>"), picture}, 1, true, ""},
		"the form that is shown":    {"Hi", []mime.Part{plain("hello"), part("text/html", "", "<p>MFA: action required</p>"), picture}, 1, false, "lure-words"},
		"an attached text":          {"Hi", []mime.Part{plain("hello"), part("text/plain", "attachment", "MFA: action required"), picture}, 1, false, ""},
		"a picture and nothing":     {"Invoice", []mime.Part{picture}, 1, false, "empty-body"},
		"an empty text beside it":   {"", []mime.Part{part("text/html", "", "<p>&nbsp;</p>"), picture}, 1, false, "empty-body"},
		"two pictures and nothing":  {"", []mime.Part{picture, picture}, 1, false, ""},
		"linked pictures":           {"", []mime.Part{part("text/html", "", `<p>Scan the code</p><img src="https://a.example/c.png">`)}, 0, true, ""},
		"behind many texts":         {"", append(slices.Repeat([]mime.Part{plain("x")}, maxTexts), plain("scan the code"), picture), 1, false, ""},
	} {
		got := textOf(test.subject, test.parts, nil, test.codes)
		if got.AsksToScan != test.asks || strings.Join(got.Signals, " ") != test.signals {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAutomatic(t *testing.T) {
	for name, test := range map[string]struct {
		from, field string
		want        bool
	}{
		"a person":             {"a@example.net", "", false},
		"a person who says so": {"a@example.net", "No", false},
		"null sender":          {"", "", true},
		"an absence notice":    {"a@example.net", "auto-replied (vacation)", true},
		"with a parameter":     {"a@example.net", "auto-notified; owner=x", true},
	} {
		m := &Message{Envelope: Envelope{MailFrom: test.from, Rcpts: []string{"r@example.org"}}, Header: []mime.Field{{Name: "Auto-Submitted", Value: test.field}}}
		if automatic(m) != test.want {
			t.Errorf("%s: %v", name, !test.want)
		}
	}
	if automatic(&Message{}) {
		t.Error("a file without an envelope")
	}
}

func TestSenderSignals(t *testing.T) {
	m := &Message{Header: []mime.Field{{Name: "From", Value: `"Microsoft boss@bigcorp.com" <a@example.com>`}, {Name: "Reply-To", Value: "b@example.net"}}}
	r := &Report{Codes: make([]Code, 1)}
	if got := strings.Join(r.senderSignals(m), " "); got != "brand-in-sender address-in-name reply-to-elsewhere" {
		t.Errorf("%s", got)
	}
	if got := (&Report{}).senderSignals(m); got != nil {
		t.Errorf("plain mail: %v", got)
	}
}
