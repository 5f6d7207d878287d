package e2e

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// Mail that a local program hands in, where an admin lets milters see it, is our own.
func TestLocalSubmissionIsOurOwn(t *testing.T) {
	r := startWith(t, daemon.Config{Policy: "strict"}, postfix.Config{Params: map[string]string{"non_smtpd_milters": "$smtpd_milters"}})
	l := mailmaker.PNGCode()
	send := exec.CommandContext(limited(t), "sendmail", "-C", r.mta.ConfigDir(), "-f", l.From, l.To)
	send.Stdin = bytes.NewReader(bytes.ReplaceAll(l.Bytes(), []byte("\r\n"), []byte("\n")))
	if out, err := send.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := r.mta.WaitDelivered(limited(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if v := got[0].Field("X-Quish-Verdict"); len(v) != 0 {
		t.Errorf("judged like mail from outside: %q", v)
	}
	if !strings.Contains(r.filter.Log(), "verdict=accept") {
		t.Errorf("no log line in\n%s", r.filter.Log())
	}
}
