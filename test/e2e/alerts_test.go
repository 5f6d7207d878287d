package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// hook is a web service that alerts are posted to.
type hook struct {
	t      *testing.T
	server *httptest.Server
	secret []byte
	file   string // with the secret
	down   atomic.Bool
	tries  atomic.Int64

	mu   sync.Mutex
	took []hooked
}

type hooked struct {
	ID   string `json:"-"`
	Type string `json:"type"`
	Data struct {
		Alert struct {
			ID       string `json:"id"`
			Client   string `json:"smtp_address"`
			Source   string `json:"source"`
			Messages int    `json:"messages"`
			As       string `json:"as"`
		} `json:"alert"`
		Says []struct {
			URL string `json:"url"`
		} `json:"says"`
	} `json:"data"`
}

func newHook(t *testing.T) *hook {
	h := &hook{t: t, secret: []byte("thirty-two octets of test secret"), file: filepath.Join(t.TempDir(), "webhook.secret")}
	if err := os.WriteFile(h.file, []byte("whsec_"+base64.StdEncoding.EncodeToString(h.secret)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	return h
}

// ServeHTTP takes what is signed, unless it is down.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.tries.Add(1)
	if h.down.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	id, at := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	mac := hmac.New(sha256.New, h.secret)
	mac.Write([]byte(id + "." + at + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Header.Get("webhook-signature") != want || id == "" {
		h.t.Errorf("signed %q, want %q", r.Header.Get("webhook-signature"), want)
	}
	one := hooked{ID: id}
	if err := json.Unmarshal(body, &one); err != nil {
		h.t.Errorf("%v: %s", err, body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.took = append(h.took, one)
}

// got waits for so many.
func (h *hook) got(n int) []hooked {
	h.t.Helper()
	ctx := limited(h.t)
	for {
		h.mu.Lock()
		took := slices.Clone(h.took)
		h.mu.Unlock()
		if len(took) >= n || ctx.Err() != nil {
			if len(took) != n {
				h.t.Fatalf("%d posts, want %d: %+v", len(took), n, took)
			}
			return took
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (h *hook) toml() string {
	return fmt.Sprintf("[alerts]\nwebhook = %q\nwebhook_secret = %q\n", h.server.URL+"/hooks/mail", h.file)
}

// to is the founding mail to somebody else.
func soc251To(rcpt string) postfix.Mail {
	l := mailmaker.SOC251()
	l.To = rcpt
	m := soc251()
	m.Rcpts, m.Data = []string{rcpt}, l.Bytes()
	return m
}

func (r *rig) alerts(args ...string) []map[string]any {
	r.t.Helper()
	out, status := r.command(append([]string{"alerts", "list", "--json"}, args...)...)
	var list []map[string]any
	for line := range strings.Lines(out) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil || status != 0 {
			r.t.Fatalf("status %d, %v: %s", status, err, out)
		}
		list = append(list, one)
	}
	return list
}

// The founding case once more: what was done there by hand is answered before somebody asks, and two people, one
// webhook and a Postfix are told the same.
func TestAlertOfTheFoundingCase(t *testing.T) {
	h := newHook(t)
	r := holding(t, nil, h.toml())
	queueID := r.accepted(soc251())
	eventID, _ := r.event(queueID)["id"].(string)
	first := h.got(1)[0]
	if a := first.Data.Alert; first.Type != "alert.created" || a.ID != eventID || a.Client != mailmaker.SOC251Client || a.Source != "security@microsecmfa.com" || a.Messages != 1 ||
		len(first.Data.Says) != 1 || first.Data.Says[0].URL != mailmaker.SOC251URL {
		t.Errorf("%+v", first)
	}
	r.accepted(soc251To("bob@letsdefend.io"))
	if second := h.got(2)[1]; second.Type != "alert.updated" || second.Data.Alert.ID != eventID || second.Data.Alert.Messages != 2 || second.ID == first.ID {
		t.Errorf("%+v", second)
	}
	if list := r.alerts(); len(list) != 1 || list[0]["messages"] != 2.0 || list[0]["level"] != "medium" || list[0]["device_action"] != "quarantine" {
		t.Errorf("%v", list)
	}
	r.showsAlert(eventID, queueID)
	r.closesAlert(eventID)
	if last := h.got(3)[2]; last.Type != "alert.closed" || last.Data.Alert.As != "false-positive" {
		t.Errorf("%+v", last)
	}
	delivered, err := r.mta.WaitDelivered(limited(t), 2)
	if err != nil || len(delivered) != 2 {
		t.Errorf("%d released, %v", len(delivered), err)
	}
}

func (r *rig) showsAlert(eventID, queueID string) {
	r.t.Helper()
	out, status := r.command("alerts", "show", queueID)
	for _, want := range []string{"Alert " + eventID, "SMTP Address   158.69.201.47  external", "Source         security@microsecmfa[.]com", "Destination    Claire@letsdefend[.]io",
		`Subject        "New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)"`, "Device Action  quarantine", "url  hxxps://ipfs[.]io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#",
		"█", "first in the hour of this alert, ", "with the client 158.69.201.47: 2 messages to 2 recipients  held 2", "Scope: held 2", "bob@letsdefend[.]io  held", "ip         158[.]69[.]201[.]47", "Did you scan the code?",
		" alerts close " + eventID + " --as true-positive --block", " quarantine release " + eventID} {
		if !strings.Contains(out, want) {
			r.t.Errorf("no %q", want)
		}
	}
	if status != 0 || strings.Contains(out, "\x1b") || strings.Contains(out, "https://ipfs.io") || r.t.Failed() {
		r.t.Errorf("status %d:\n%s", status, out)
	}
	if out, status := r.command("alerts", "show", eventID, "--artefacts", "--json"); status != 0 || !strings.Contains(out, `{"type":"url","value":"`+mailmaker.SOC251URL+`","defanged":"hxxps://ipfs[.]io/`) {
		r.t.Errorf("status %d: %s", status, out)
	}
	if out, status := r.command("alerts", "note", eventID, "Claire scanned nothing"); status != 0 || out != "" {
		r.t.Errorf("status %d: %s", status, out)
	}
}

// closesAlert lets several people do it at once.
func (r *rig) closesAlert(eventID string) {
	r.t.Helper()
	var wg sync.WaitGroup
	var closed atomic.Int64
	for range 3 {
		wg.Go(func() {
			switch out, status := r.command("alerts", "close", eventID, "--as", "false-positive", "--allow=picture", "--note", "a drill"); {
			case status == 0 && strings.Contains(out, "added: ") && strings.Count(out, ": released, it left the queue") == 2:
				closed.Add(1)
			case status != 1 || !strings.Contains(out, "this alert is closed already: as false-positive by"):
				r.t.Errorf("status %d: %s", status, out)
			}
		})
	}
	wg.Wait()
	if closed.Load() != 1 {
		r.t.Errorf("%d people closed it", closed.Load())
	}
	out, _ := r.command("alerts", "show", eventID)
	for _, want := range []string{"noted", `"Claire scanned nothing"`, "closed false-positive by", `"a drill"`, "Scope: released 2"} {
		if !strings.Contains(out, want) {
			r.t.Errorf("no %q in\n%s", want, out)
		}
	}
	if list := r.alerts(); len(list) != 0 {
		r.t.Errorf("open: %v", list)
	}
	if list := r.alerts("--state", "closed"); len(list) != 1 {
		r.t.Errorf("closed: %v", list)
	}
	if out, status := r.command("allow", "list"); status != 0 || !strings.Contains(out, "alert "+eventID) {
		r.t.Errorf("status %d: %s", status, out)
	}
}

// What a web service did not take while it was down, and while the daemon was killed, it gets later: in order, each under
// one id.
func TestWebhookThatWasDown(t *testing.T) {
	h := newHook(t)
	h.down.Store(true)
	r := start(t, daemon.Config{TOML: h.toml()})
	var want []string
	for n := range 4 {
		l := mailmaker.SOC251()
		l.Subject = fmt.Sprint("wave ", string(rune('a'+n)))
		l.Body = mailmaker.Mixed(mailmaker.Text("Scan the code with your phone."), mailmaker.Attached("image/png", "c.png", mailmaker.PNG(mailmaker.CodeImage(fmt.Sprintf("https://h%d.workers.dev/a", n), 5))))
		id, _ := r.event(r.accepted(mailOf(l)))["id"].(string)
		want = append(want, id)
	}
	r.logSays("alerts: the webhook ", 0)
	r.filter.Kill()
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	r.logSays("alerts: the webhook ", 0)
	h.down.Store(false)
	ids := map[string]bool{}
	var got []string
	for _, one := range h.got(4) {
		got = append(got, one.Data.Alert.ID)
		ids[one.ID] = true
	}
	if !slices.Equal(got, want) || len(ids) != 4 {
		t.Errorf("in the order %v under %d ids, want %v", got, len(ids), want)
	}
	r.logSays("alerts: the webhook "+strings.TrimPrefix(h.server.URL, "http://")+" works again after", 0)
	if strings.Contains(r.filter.Log(), "/hooks/mail") {
		t.Error("the log has the path of the webhook, which is often a password")
	}
}

// An alert is mailed through the Postfix that it is about, past the filter, and says nothing that can be clicked.
func TestAlertIsMailed(t *testing.T) {
	r := holding(t, map[string]string{"non_smtpd_milters": "$smtpd_milters"}, "[alerts]\nmail = \"medium\"\nmail_to = [\"soc@example.org\"]\n")
	r.mails("smtp:" + r.mta.Addr)
	r.accepted(soc251())
	delivered, err := r.mta.WaitDelivered(limited(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, d := range delivered {
		subject := strings.Join(d.Field("Subject"), "")
		subjects = append(subjects, subject)
		if !strings.Contains(subject, "medium alert, quarantine from security@microsecmfa[.]com") {
			continue
		}
		if text := string(d.Message); !strings.Contains(text, "To: <soc@example.org>") || !strings.Contains(text, "SMTP Address   158.69.201.47  external") || strings.Contains(text, "https://ipfs") {
			t.Errorf("%s", text)
		}
		return
	}
	t.Errorf("mailed: %q", subjects)
}
