package postfix

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/test/postfix"
)

// A requeued message that is delivered at once is in no queue when somebody looks: the log has its new id. One that
// bounces has left the queue as well.
func TestFateOfAReleasedMessage(t *testing.T) {
	refuser, err := postfix.Refuser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		params map[string]string
		old    bool
		want   string
	}{
		"sent":              {nil, false, "sent 1"},
		"queued anew, sent": {map[string]string{"maximal_queue_lifetime": "0"}, true, "sent 1"},
		"bounced":           {map[string]string{"virtual_transport": "smtp:" + refuser}, false, `bounced 1 ("host 127.0.0.1[127.0.0.1] said: 550 5.1.1 nobody here (in reply to RCPT TO command)")`},
	} {
		t.Run(name, func(t *testing.T) {
			_, q, id := held(t, c.params)
			ctx := soon(t)
			m, err := q.Look(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if requeued, err := q.Release(ctx, m, m.Arrived.Add(time.Second)); err != nil || requeued != c.old {
				t.Fatal(requeued, err)
			}
			f, err := q.Fate(ctx, id)
			if err != nil || !f.Removed || f.String() != c.want || (f.NewID != "") != c.old || f.NewID == id {
				t.Errorf("%+v, %v", f, err)
			}
		})
	}
}

func TestFateInALog(t *testing.T) {
	const letGo = "postsuper: A1B2C3D4E5: released from hold\n"
	for name, c := range map[string]struct{ lines, id, want string }{
		"of several":               {letGo + "smtp: A1B2C3D4E5: to=<a@x>, relay=h[1]:25, delay=1, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)\nsmtp: A1B2C3D4E5: to=<b@x>, relay=h[1]:25, delay=1, dsn=5.1.1, status=bounced (host h said: 550 (no))", "", `bounced 1, sent 1 ("host h said: 550 (no)")`},
		"first deferred":           {letGo + "smtp: A1B2C3D4E5: to=<a@x>, relay=none, dsn=4.0.0, status=deferred (later)\nsmtp: A1B2C3D4E5: to=<a@x>, relay=h, dsn=2.0.0, status=sent (ok)", "", "sent 1"},
		"a server that says sent":  {letGo + "smtp: A1B2C3D4E5: to=<a@x>, relay=h, dsn=5.0.0, status=bounced (550 to=<b@x>, relay=h, dsn=2.0.0, status=sent (ok))", "", `bounced 1 ("550 to=<b@x>, relay=h, dsn=2.0.0, status=sent (ok)")`},
		"before the release":       {"smtp: A1B2C3D4E5: to=<a@x>, relay=h, dsn=2.0.0, status=sent (ok)\n" + letGo, "", ""},
		"another message":          {letGo + "smtp: A1B2C3D4E6: to=<a@x>, relay=h, dsn=2.0.0, status=sent (ok)", "", ""},
		"its lifetime is over":     {letGo + "smtp: A1B2C3D4E5: to=<a@x>, relay=h, dsn=4.0.0, status=deferred (later)\nqmgr: A1B2C3D4E5: from=<a@b>, status=expired, returned to sender", "", `expired 1 ("later")`},
		"a service of other names": {letGo + "relay/smtp: A1B2C3D4E5: to=<a@x>, relay=h, dsn=2.0.0, status=sent (ok)", "", "sent 1"},
		"queued anew":              {"postsuper: A1B2C3D4E5: requeued\npickup: F1B2C3D4E5: uid=103 from=<a@b> orig_id=A1B2C3D4E5\nsmtp: F1B2C3D4E5: to=<a@x>, relay=h, dsn=2.0.0, status=sent (ok)", "F1B2C3D4E5", "sent 1"},
		"another queued anew":      {letGo + "pickup: F1B2C3D4E5: uid=103 from=<a@b> orig_id=A1B2C3D4E6", "", ""},
		"an id that is none":       {letGo + "pickup: ../x: uid=103 from=<a@b> orig_id=A1B2C3D4E5", "", ""},
	} {
		r := fateReader{name: "postfix", id: "A1B2C3D4E5"}
		for line := range strings.Lines(c.lines) {
			service, rest, _ := strings.Cut(line, ": ")
			r.line([]byte("Nov 28 18:00:00 mx postfix/" + service + "[123]: " + rest))
		}
		if f := r.fate(); f.String() != c.want || f.NewID != c.id {
			t.Errorf("%s: %q %+v", name, f.String(), f)
		}
	}
}

// A program that is not there is named.
func TestWayToPostfixThatIsNone(t *testing.T) {
	none := filepath.Join(t.TempDir(), "podmann")
	err := (Queue{Command: []string{none, "exec"}}).List(t.Context(), nil)
	if !errors.Is(err, ErrNoPostfix) || !strings.Contains(err.Error(), none) || strings.Contains(err.Error(), "name the way") {
		t.Errorf("%v", err)
	}
}
