package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

const boardRules = `
[[group]]
name = "board"
members = ["chair@example.org", "board.example.org"]

[[rule]]
name = "board"
recipients = ["board"]
when = 'code.opens'
then = "quarantine"
reason = "code-for-the-board"
`

// The answer is for the whole message: the most severe policy wins, and the event names whose it was.
func TestMostSevereRecipient(t *testing.T) {
	r := start(t, daemon.Config{TOML: boardRules})
	m := mailOf(mailmaker.PNGCode())
	fields(t, r.delivered(m), "X-Quish-Verdict: tagged")
	m.Rcpts = []string{"reader@example.org", "Chair@example.org", "x@board.example.org"}
	id := r.accepted(m)
	if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Fatalf("%+v %v", held, err)
	}
	event := r.event(id)
	if got, _ := event["cause"].([]any); len(got) != 2 || got[0] != "Chair@example.org" || got[1] != "x@board.example.org" {
		t.Errorf("cause: %v", event["cause"])
	}
	if got, _ := event["rules"].([]any); len(got) != 1 || got[0] != "board" {
		t.Errorf("rules: %v", event["rules"])
	}
}

// With split_recipients a recipient of another policy is put off, and the sender's server sends the message again.
func TestSplitRecipients(t *testing.T) {
	r := start(t, daemon.Config{TOML: "split_recipients = true\n" + boardRules})
	m := mailOf(mailmaker.PNGCode())
	c := r.dial()
	defer func() { _ = c.Quit() }()
	if reply, err := c.Envelope(postfix.Mail{Client: m.Client, ClientName: m.ClientName, From: m.From, Rcpts: []string{"reader@example.org"}}); err != nil || reply.Code != 0 {
		t.Fatalf("%+v %v", reply, err)
	}
	if reply, err := c.Command("RCPT TO:<chair@example.org>"); err != nil || reply.Code != 452 || !strings.HasPrefix(reply.Text, "4.5.3 ") {
		t.Errorf("another policy: %+v %v", reply, err)
	}
	if reply, err := c.Command("RCPT TO:<second@example.org>"); err != nil || reply.Code != 250 {
		t.Errorf("the same policy: %+v %v", reply, err)
	}
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	m.Rcpts = []string{"chair@example.org"}
	id := r.accepted(m)
	if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Errorf("%+v %v", held, err)
	}
	m.Rcpts, m.Login = []string{"reader@example.org", "chair@example.org"}, "claire"
	r.accepted(m) // mail programs of our own users would not send it again
	if list, err := r.mta.WaitDelivered(limited(t), 2); err != nil || len(list) != 2 {
		t.Errorf("%d delivered, %v", len(list), err)
	}
}

// A whole way: another Postfix sends to recipients of two policies, is put off for one of them, and sends it again by
// itself.
func TestSplitRecipientsBetweenServers(t *testing.T) {
	r := start(t, daemon.Config{TOML: "split_recipients = true\n" + boardRules})
	sender, err := postfix.Start(limited(t), postfix.Config{Params: map[string]string{
		"virtual_mailbox_domains": "", "smtpd_relay_restrictions": "permit_mynetworks, reject", "relayhost": "[127.0.0.1]:" + port(r.mta.Addr), "default_transport": "smtp", "relay_transport": "smtp",
		"minimal_backoff_time": "1s", "maximal_backoff_time": "2s", "queue_run_delay": "1s",
		"smtp_destination_recipient_limit": "50",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sender.Stop(); err != nil {
			t.Error(err)
		}
	})
	c, err := postfix.Dial(sender.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Quit() }()
	m := mailOf(mailmaker.PNGCode())
	m.Client, m.ClientName = "", ""
	m.Rcpts = []string{"reader@example.org", "chair@example.org"}
	reply, err := c.Send(m)
	if err != nil || reply.Code != 250 {
		t.Fatalf("%+v %v", reply, err)
	}
	if _, err := sender.WaitLog(limited(t), reply.QueueID+": removed"); err != nil {
		log, _ := os.ReadFile(sender.LogFile())
		t.Fatalf("%v\n%s", err, log)
	}
	list, err := r.mta.WaitDelivered(limited(t), 1)
	if err != nil || len(list) != 1 || list[0].To != "reader@example.org" {
		t.Errorf("%+v %v", list, err)
	}
	held, err := r.mta.Held()
	if err != nil || len(held) != 1 {
		t.Errorf("%+v %v", held, err)
	}
}

func port(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// A redirected message goes to the mailbox and to nobody else, whatever the recipients' addresses stand for.
func TestRedirect(t *testing.T) {
	rule := "[[rule]]\nname = \"review\"\nwhen = 'code.recipient_in_link'\nthen = \"redirect\"\nto = \"review@example.org\"\nreason = \"review\"\n"
	aliases := map[string]string{"virtual_alias_maps": "inline:{ {team@example.org = a@example.org, b@example.org} }"}
	r := startWith(t, daemon.Config{TOML: rule}, postfix.Config{Params: aliases})
	l := mailmaker.PNGCode()
	l.Body = mailmaker.Inline("", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("https://evil.example/?u=reader%40example.org", 5)))
	m := mailOf(l)
	m.Rcpts = []string{"reader@example.org", "team@example.org"}
	id := r.accepted(m)
	if _, err := r.mta.WaitLog(limited(t), id+": removed"); err != nil {
		t.Fatal(err)
	}
	list, err := r.mta.Delivered()
	if err != nil || len(list) != 1 || list[0].To != "review@example.org" {
		t.Fatalf("%v %v", recipientsOf(list), err)
	}
	fields(t, list[0], "X-Quish-Verdict: quarantined", "X-Quish-Reason: review, recipient-in-link…")
	event := r.event(id)
	if event["verdict"] != "redirect" || event["redirected_to"] != "review@example.org" {
		t.Errorf("%v", event)
	}
	if line := r.logLine(id); !strings.Contains(line, "verdict=redirect ") {
		t.Errorf("%s", line)
	}
	fields(t, r.delivered(mailOf(mailmaker.PNGCode())), "X-Quish-Verdict: tagged")
}

func recipientsOf(list []postfix.Delivered) (to []string) {
	for _, d := range list {
		to = append(to, d.To)
	}
	return slices.Sorted(slices.Values(to))
}
