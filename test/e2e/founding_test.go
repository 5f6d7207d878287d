package e2e

import (
	"strings"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// The founding case (LetsDefend SOC251, "Quishing Detected"): one mail to one new recipient, no volume at all. The
// original's device action was "Allowed".
func soc251() postfix.Mail {
	l := mailmaker.SOC251()
	return postfix.Mail{Client: mailmaker.SOC251Client, HELO: "microsecmfa.com", From: l.From, Rcpts: []string{l.To}, Data: l.Bytes()}
}

func TestFoundingCaseIsHeld(t *testing.T) {
	r := start(t, daemon.Config{})
	id := r.accepted(soc251())

	held, err := r.mta.Held()
	if err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Fatalf("hold queue: %+v, %v", held, err)
	}
	raw, err := r.mta.Cat(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"X-Quish-Verdict: quarantined",
		"X-Quish-Reason: qr-link-from-new-sender, ipfs-gateway",
		`X-Quish-Code: kind=url; host=ipfs.io; carrier=image; at="mfa.png"; url="` + mailmaker.SOC251URL + `"`,
		"X-Quish-Sender: security@microsecmfa.com; prevalent=no; messages=0; window=14d-1d; auth=none",
		"X-Quish-Scan: complete",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in the held message:\n%.2000s", want, raw)
		}
	}
	line := r.logLine(id)
	for _, want := range []string{"verdict=quarantine", "reason=qr-link-from-new-sender,ipfs-gateway", "from=<security@microsecmfa.com>",
		"header_from=<security@microsecmfa.com>", "to=<Claire@letsdefend.io>", "nrcpt=1", "client=unknown[158.69.201.47]", "host=ipfs.io", "codes=1", "scan=complete"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %q in %s", want, line)
		}
	}
	checkAlertFields(t, r.event(id))
}

// checkAlertFields looks for every field of the alert in the journal's entry.
func checkAlertFields(t *testing.T, e map[string]any) {
	t.Helper()
	for key, want := range map[string]any{
		"client_addr": "158.69.201.47", "header_from": "security@microsecmfa.com", "mail_from": "security@microsecmfa.com", "verdict": "quarantine",
		"subject": "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)",
	} {
		if e[key] != want {
			t.Errorf("%s: %v, want %v", key, e[key], want)
		}
	}
	if rcpts, _ := e["rcpts"].([]any); len(rcpts) != 1 || rcpts[0] != "Claire@letsdefend.io" {
		t.Errorf("rcpts: %v", e["rcpts"])
	}
	if id, _ := e["id"].(string); id == "" {
		t.Error("no event id")
	}
	if at, err := time.Parse(time.RFC3339Nano, e["time"].(string)); err != nil || time.Since(at) > time.Hour {
		t.Errorf("time: %v", e["time"])
	}
	codes, _ := e["codes"].([]any)
	if len(codes) != 1 || codes[0].(map[string]any)["url"] != mailmaker.SOC251URL {
		t.Errorf("codes: %v", e["codes"])
	}
}

// before is a letter of the sender that came some days ago, to learn from.
func before(l mailmaker.Letter, days int) []byte {
	l.Date, l.ID = time.Now().Add(-time.Duration(days)*24*time.Hour), ""
	l.Body = mailmaker.Text("An earlier message.")
	return l.Bytes()
}

// The same mail with a harmless link, from a sender with history, is delivered and tagged.
func TestFoundingCaseFromKnownSender(t *testing.T) {
	l := mailmaker.SOC251()
	r := start(t, daemon.Config{Learn: [][]byte{before(l, 3), before(l, 5)}})
	l.Body = mailmaker.Related(mailmaker.HTML(`<img src="cid:mfa">`),
		mailmaker.Inline("mfa", "image/png", "mfa.png", mailmaker.PNG(mailmaker.CodeImage("https://www.letsdefend.io/mfa", 6))))
	m := soc251()
	m.Data = l.Bytes()
	d := r.delivered(m)
	fields(t, d, "X-Quish-Verdict: tagged", "X-Quish-Reason: qr-link-from-known-sender, lure-words, empty-body", "X-Quish-Scan: complete",
		"X-Quish-Sender: security@microsecmfa.com; prevalent=yes; messages=2; window=14d-1d; auth=none")

	out, status := r.command("sender", "Security@microsecmfa.com")
	if status != 0 || !strings.Contains(out, "is prevalent") {
		t.Errorf("sender, status %d: %s", status, out)
	}
}
