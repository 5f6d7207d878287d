package e2e

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
	"quishmilter/test/redis"
)

// injections are texts that would break out of what holds them, each in its own way. Each has a word that no other text
// has, to be found by.
var injections = map[string]string{
	"breakout1": "\r\nX-Quish-Verdict: clean\r\nX-Breakout1: yes\r\n\r\n",
	"breakout2": "a\x00b\x00breakout2",
	"breakout3": "\x1b]0;breakout3\x07\x1b[31m\u009b2J\x7f\b\b",
	"breakout4": "\u202egnp.exe\u2066\u200b\u2028breakout4\u2029\ufeff",
	"breakout5": `"><script>alert("breakout5")</script><img src=x onerror=alert(1)>&amp;`,
	"breakout6": "=cmd|' /C calc'!A0,breakout6;\t@SUM(1+1)",
	"breakout7": "\n4jXXXXXXXXXXXXX: verdict=accept reason=- from=<breakout7@example.org> to=<>\n",
	"breakout8": `","level":"INFO","breakout8":"` + "\\\"}\n{\"a\":1}\x80\xff",
	"breakout0": "breakout0" + strings.Repeat("=A,\u202e\u200d ", 60),
	"breakout9": "?= ;url=\"x\"; verdict=clean\r\n\tfolded %0d%0aX-Breakout9:%20yes",
}

// injected has the text wherever a sender can write: names, subject, id, file, and the payloads of two codes.
func injected(word, text string) postfix.Mail {
	encoded := "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?="
	parameter := "*=utf-8''" + strings.ReplaceAll(url.QueryEscape(text+".png"), "+", "%20")
	code := func(payload string) mailmaker.Part {
		return mailmaker.Part{Type: "image/png; name" + parameter, Disposition: "attachment; filename" + parameter, Data: mailmaker.PNG(mailmaker.CodeImage(payload, 5))}
	}
	quoted := `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\<>`, r) {
			return -1
		}
		return r
	}, text) + `"@` + word + ".example"
	l := mailmaker.Letter{
		From: encoded + " <" + quoted + ">", To: "reader@example.org", ID: strings.NewReplacer("\r", "", "\n", "").Replace(text) + word + "@evil.example",
		Fields: []string{"X-Quish-Verdict: clean", "X-Quish-Id: " + word, "Reply-To: " + encoded + " <reply@" + word + ".example>"},
		Body:   mailmaker.Mixed(mailmaker.Text("Scan the code with your phone. "+word), code("https://"+word+".workers.dev/"+text), code(text)),
	}
	data := strings.Replace(string(l.Bytes()), "\r\nSubject: \r\n", "\r\nSubject: "+encoded+"\r\n", 1)
	return postfix.Mail{Client: "203.0.113.7", ClientName: word + ".example.net", HELO: word + ".example", From: quoted, Rcpts: []string{l.To}, Data: []byte(data)}
}

// Whatever a sender writes stays within the header field, the line, the cell, the string or the quotation marks that hold
// it: in delivered mail, log, journal, exports, on the terminal, in webhooks and in mail to people.
func TestNothingBreaksOut(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			h, store := newHook(t), redis.Start(t)
			r := holding(t, map[string]string{"non_smtpd_milters": "$smtpd_milters"}, fmt.Sprintf("log = %q\nstore = %q\n", format, store.URL())+h.toml()+"mail = \"low\"\nmail_to = [\"soc@example.org\"]\n")
			r.mails("smtp:" + r.mta.Addr)
			ids := map[string]string{} // by queue id: the event's
			for _, word := range slices.Sorted(maps.Keys(injections)) {
				queueID := r.accepted(injected(word, injections[word]))
				event := r.event(queueID)
				if codes, _ := event["codes"].([]any); len(codes) != 2 || event["verdict"] != "quarantine" {
					t.Errorf("%s: %v", word, event)
				}
				ids[queueID], _ = event["id"].(string)
			}
			r.logHolds(format, len(ids))
			if format == "text" {
				r.terminalHolds(ids)
				r.tablesHold(len(ids))
				r.webhookHolds(h)
				r.mailHolds(ids)
				r.metricsHold()
				storeHolds(t, store)
			}
		})
	}
}

// oneLineEach fails where a text has a character that steers, beside the ends of its lines.
func oneLineEach(t *testing.T, what, text string) {
	t.Helper()
	for _, c := range text {
		if c != '\n' && !unicode.IsPrint(c) {
			t.Errorf("%s holds %U: %.1500q", what, c, text)
			return
		}
	}
}

// logHolds: each message has one line that begins as ours do.
func (r *rig) logHolds(format string, messages int) {
	r.t.Helper()
	found := 0
	for line := range strings.Lines(r.filter.Log()) {
		oneLineEach(r.t, "the log", line)
		var fields map[string]any
		switch {
		case format == "json" && json.Unmarshal([]byte(line), &fields) != nil:
			r.t.Errorf("no JSON: %q", line)
		case format == "json":
			if text, _ := fields["message"].(string); strings.Contains(text, ": verdict=quarantine ") {
				found++
			}
			if fields["breakout8"] != nil || fields["a"] != nil {
				r.t.Errorf("a field of the sender's: %q", line)
			}
		case strings.Contains(line, ": verdict=quarantine "):
			found++
		}
		if format == "text" && !strings.HasPrefix(line, fmt.Sprintf("quishmilter[%d]: ", r.filter.PID)) {
			r.t.Errorf("a line of the sender's: %q", line)
		}
	}
	if found != messages {
		r.t.Errorf("%d lines about %d messages:\n%s", found, messages, r.filter.Log())
	}
}

// terminalHolds asks every command that shows mail.
func (r *rig) terminalHolds(ids map[string]string) {
	r.t.Helper()
	commands := [][]string{{"hunt"}, {"quarantine", "list"}, {"alerts", "list"}, {"hunt", "--preset", "rule"}}
	for queueID, event := range ids {
		commands = append(commands, []string{"hunt", "--queue-id", queueID}, []string{"explain", event}, []string{"quarantine", "show", event}, []string{"alerts", "show", event})
	}
	for _, args := range commands {
		out := r.printed(args...)
		if out == "" {
			r.t.Errorf("%v says nothing", args)
		}
		oneLineEach(r.t, strings.Join(args, " "), out)
		if strings.Contains(out, "://") && strings.Contains(strings.ReplaceAll(out, "hxxps://", ""), "https://") {
			r.t.Errorf("%v shows a link:\n%s", args, out)
		}
	}
}

// tablesHold: as many rows as messages and codes, of as many cells as there are columns, none of them a formula; and JSON
// that has nothing but our names.
func (r *rig) tablesHold(messages int) {
	r.t.Helper()
	for _, want := range []struct {
		rows int
		args []string
	}{{messages, []string{"hunt", "--codes", "--format"}}, {messages, []string{"export", "--table", "EmailEvents", "--format"}}, {-1, []string{"export", "--table", "EmailUrlInfo", "--format"}}} {
		cells := csv.NewReader(strings.NewReader(r.printed(append(want.args, "csv")...)))
		rows, err := cells.ReadAll()
		if err != nil || len(rows)-1 != want.rows && want.rows >= 0 || len(rows) < 2 {
			r.t.Errorf("%v: %d rows, %v", want.args, len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.HasPrefix(cell, "+") {
					r.t.Errorf("%v: a formula: %q", want.args, cell)
				}
			}
		}
		found := 0
		for line := range strings.Lines(r.printed(append(want.args, "json")...)) {
			var one map[string]any
			if err := json.Unmarshal([]byte(line), &one); err != nil || one["breakout8"] != nil || one["a"] != nil {
				r.t.Errorf("%v: %v: %q", want.args, err, line)
			}
			oneLineEachRaw(r.t, strings.Join(want.args, " "), line)
			found++
		}
		if found != len(rows)-1 {
			r.t.Errorf("%v: %d rows of CSV, %d lines of JSON", want.args, len(rows)-1, found)
		}
	}
}

// series is a line of /metrics: a name, labels with values of ours, a number.
var series = regexp.MustCompile(`^[a-z_]+(\{([a-z_]+="[A-Za-z0-9 ._:()+-]*",?)*\})? [-+0-9.eINFna]+$`)

// metricsHold: nothing that a sender writes is in a metric.
func (r *rig) metricsHold() {
	r.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", r.filter.StateDir()+"/control.sock")
	}}}
	answer, err := client.Get("http://quishmilter/metrics")
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(text), "quishmilter_") {
		r.t.Fatalf("%v: %.300s", err, text)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "# ") && !series.MatchString(line) || strings.Contains(line, "breakout") {
			r.t.Errorf("metrics: %q", line)
		}
	}
}

// storeHolds: each key of the shared store is below our prefix, and of a kind of ours.
func storeHolds(t *testing.T, store *redis.Server) {
	t.Helper()
	var all []string
	answer := store.Ask("EVAL", "return {ok=cjson.encode(redis.call('KEYS', '*'))}", "0") // in one line
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "+")), &all); err != nil {
		t.Fatalf("%v: %.300q", err, answer)
	}
	if len(all) < len(injections) {
		t.Errorf("%d keys: %q", len(all), all)
	}
	kind := regexp.MustCompile(`^\{[a-z0-9:#-]+\}:[a-z_-]+(:|$)`)
	for _, key := range all {
		if !kind.MatchString(key) {
			t.Errorf("the key %q", key)
		}
	}
}

// oneLineEachRaw is what holds for JSON: control characters are escaped (RFC 8259, 7), others may stand as they are.
func oneLineEachRaw(t *testing.T, what, text string) {
	t.Helper()
	if i := strings.IndexFunc(strings.TrimSuffix(text, "\n"), func(c rune) bool { return c < ' ' }); i >= 0 {
		t.Errorf("%s holds a control character: %q", what, text)
	}
}

// webhookHolds: each alert is posted, as JSON of ours (which the hook parses).
func (r *rig) webhookHolds(h *hook) {
	r.t.Helper()
	open := len(r.alerts())
	if open == 0 {
		r.t.Fatal("no alert")
	}
	ctx := limited(r.t)
	for {
		h.mu.Lock()
		told := map[string]bool{}
		for _, one := range h.took {
			told[one.Data.Alert.ID] = true
		}
		h.mu.Unlock()
		if len(told) == open {
			return
		}
		if ctx.Err() != nil {
			r.t.Fatalf("%d of %d alerts were posted", len(told), open)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// mailHolds: the mail that people get, and the messages themselves, when they were released, have the fields that they
// should, and one of each.
func (r *rig) mailHolds(ids map[string]string) {
	r.t.Helper()
	for _, event := range ids {
		r.must("quarantine", "release", event)
	}
	var released, ofHolds, ofAlerts int
	for ctx, seen := limited(r.t), map[string]bool{}; released < len(ids) || ofHolds == 0 || ofAlerts == 0; {
		all, err := r.mta.WaitDelivered(ctx, len(seen)+1)
		if err != nil {
			r.t.Fatalf("%d of %d messages released, %d mails about holds, %d about alerts: %v", released, len(ids), ofHolds, ofAlerts, err)
		}
		for _, d := range all {
			if seen[d.File] {
				continue
			}
			seen[d.File] = true
			if len(d.Field("Auto-Submitted")) == 0 {
				released++
				releasedHolds(r.t, d)
				continue
			}
			noticeHolds(r.t, d)
			if d.To == "soc@example.org" {
				ofAlerts++
			} else {
				ofHolds++
			}
		}
	}
}

// releasedHolds looks at a message of ours as it lies in the mailbox.
func releasedHolds(t *testing.T, d postfix.Delivered) {
	t.Helper()
	fields(t, d, "X-Quish-Verdict: quarantined", "X-Quish-Id: …", "X-Quish-Sender: …", "X-Quish-Reason: …", "X-Quish-Scan: …")
	if n := len(d.Field("X-Quish-Code")); n != 2 {
		t.Errorf("%d fields about 2 codes: %q", n, d.Field("X-Quish-Code"))
	}
	for _, name := range []string{"X-Breakout1", "X-Breakout9"} {
		if len(d.Field(name)) > 0 {
			t.Errorf("%s: a field of the sender's: %s", name, d.Message)
		}
	}
	for _, name := range []string{"X-Quish-Code", "X-Quish-Sender", "X-Quish-Scan"} {
		for _, value := range d.Field(name) {
			if strings.ContainsFunc(value, func(c rune) bool { return c != '\t' && (c < ' ' || c > '~') }) {
				t.Errorf("%s: %q", name, value)
			}
		}
	}
}

// noticeHolds looks at a mail to people, header and text, as a mail program would.
func noticeHolds(t *testing.T, d postfix.Delivered) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(d.Message)))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range m.Header {
		if strings.HasPrefix(name, "X-Breakout") || strings.HasPrefix(name, "X-Quish") && name != "X-Quish-Notice" || len(values) > 1 && name != "Received" {
			t.Errorf("%s: %q", name, values)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Error(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || len(text) == 0 {
		t.Errorf("%d octets, %v", len(text), err)
	}
	oneLineEach(t, "a subject", subject)
	oneLineEach(t, "a mail to people", strings.ReplaceAll(string(text), "\r\n", "\n"))
	if strings.Contains(string(text), "https://") {
		t.Errorf("a link:\n%s", text)
	}
}
