package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/qr"
	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// hunted runs the command and returns its lines of JSON.
func (r *rig) hunted(args ...string) (rows []map[string]any) {
	r.t.Helper()
	out := r.printed(append([]string{"hunt", "--format", "json"}, args...)...)
	for line := range strings.Lines(out) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			r.t.Fatalf("hunt %v: %v: %s", args, err, out)
		}
		rows = append(rows, row)
	}
	return rows
}

// What passed is found again in every way, by the running daemon and without it, in the journal and in what is exported
// of it; a detection finds it by itself.
func TestLookingBack(t *testing.T) {
	lines := filepath.Join(t.TempDir(), "events.json")
	r := start(t, daemon.Config{TOML: fmt.Sprintf("[journal]\nlines = [%q]\n[[detection]]\nname = \"strangers\"\npreset = \"rule\"\nevery = \"1s\"\n", "file:"+lines)})
	id := r.accepted(soc251())
	plain := mailmaker.Letter{From: "colleague@partner.example", To: "Claire@letsdefend.io", Subject: "lunch", Body: mailmaker.Text("At noon?")}
	r.accepted(mailOf(plain))
	event := r.event(id)
	eventID, _ := event["id"].(string)

	r.asks(eventID)
	r.shows(eventID)
	r.waitLog("finding: detection=strangers header_from=<security@microsecmfa.com> host=ipfs.io messages=1 recipients=1 client=158.69.201.47", 1)
	if found := r.hunted("--findings"); len(found) != 1 || found[0]["sender"] != "security@microsecmfa.com" {
		t.Errorf("findings: %v", found)
	}
	exported := r.exports()
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	r.asks(eventID)
	if again := r.exports(); again != exported {
		t.Errorf("exported without the daemon:\n%s\nand with it:\n%s", again, exported)
	}
	text, err := os.ReadFile(lines)
	if err != nil || strings.Count(string(text), "\n") != 3 || !strings.Contains(string(text), `"email.local_id":"`+id+`"`) || !strings.Contains(string(text), `"event.kind":"alert"`) {
		t.Errorf("lines of events: %v\n%s", err, text)
	}
}

// asks the questions to which the founding case is the only answer.
func (r *rig) asks(eventID string) {
	r.t.Helper()
	for _, question := range []string{"--host ipfs[.]io", "--url hxxps://ipfs.io/ipfs/", "--sender security@microsecmfa.com", "--domain microsecmfa.com", "--client 158.69.0.0/16",
		"--rcpt claire@letsdefend.io", "--kind url", "--reason ipfs-gateway", "--verdict quarantine", "--codes --since 1h", "--id " + eventID} {
		if rows := r.hunted(strings.Fields(question)...); len(rows) != 1 || rows[0]["id"] != eventID || rows[0]["where"] != "hold-queue" {
			r.t.Errorf("%s: %v", question, rows)
		}
	}
	if rows := r.hunted(); len(rows) != 2 {
		r.t.Errorf("all: %v", rows)
	}
	r.presets(eventID)
}

// presets compares the founding queries' rows, over the journal or over files.
func (r *rig) presets(eventID string, files ...string) {
	r.t.Helper()
	want := map[string]any{"SenderFromAddress": "security@microsecmfa.com", "Url": mailmaker.SOC251URL, "NetworkMessageId": eventID}
	rows := r.hunted(append([]string{"--preset", "hunt"}, files...)...)
	if fmt.Sprint(rows) != fmt.Sprint([]map[string]any{want}) {
		r.t.Errorf("hunt: %v", rows)
	}
	rows = r.hunted(append([]string{"--preset", "rule"}, files...)...)
	if len(rows) != 1 || len(rows[0]) != 8 || rows[0]["RecipientEmailAddress"] != "Claire@letsdefend.io" || rows[0]["Url"] != mailmaker.SOC251URL ||
		rows[0]["NetworkMessageId"] != eventID || rows[0]["ReportId"] == "" || rows[0]["Timestamp"] == "" {
		r.t.Errorf("rule: %v", rows)
	}
}

// shows what people see: a table that cannot be clicked, and the picture of the code.
func (r *rig) shows(eventID string) {
	r.t.Helper()
	out, status := r.command("hunt", "--host", "ipfs.io")
	if status != 0 || !strings.Contains(out, "ipfs[.]io") || strings.Contains(out, "ipfs.io") || strings.Contains(out, "\x1b") {
		r.t.Errorf("status %d: %s", status, out)
	}
	folder := r.t.TempDir()
	if out, status := r.command("hunt", "--id", eventID, "--pictures", folder); status != 0 {
		r.t.Fatalf("status %d: %s", status, out)
	}
	data, err := os.ReadFile(filepath.Join(folder, eventID+"-1.png"))
	if err != nil {
		r.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		r.t.Fatal(err)
	}
	if codes := qr.Read(r.t.Context(), picture).Codes; len(data) > 16<<10 || len(codes) != 1 || codes[0].Text != mailmaker.SOC251URL {
		r.t.Errorf("the picture of %d bytes says %v", len(data), codes)
	}
}

// exports writes both tables in both formats, hunts over them, and returns what was written.
func (r *rig) exports() (all string) {
	r.t.Helper()
	dir := r.t.TempDir()
	id, _ := r.hunted("--codes")[0]["id"].(string)
	for _, format := range []string{"csv", "json"} {
		files := map[string]string{}
		for _, table := range []string{"EmailEvents", "EmailUrlInfo"} {
			out, status := r.command("export", "--table", table, "--format", format)
			if status != 0 {
				r.t.Fatalf("status %d: %s", status, out)
			}
			files[table] = filepath.Join(dir, table+"."+format)
			if err := os.WriteFile(files[table], []byte(out), 0o600); err != nil {
				r.t.Fatal(err)
			}
			all += out
		}
		r.presets(id, "--events", files["EmailEvents"], "--urls", files["EmailUrlInfo"])
	}
	return all
}

// Of a code with a secret nothing is kept but its kind, and no picture.
func TestSecretsLeaveNoPicture(t *testing.T) {
	r := start(t, daemon.Config{})
	l := mailmaker.SOC251()
	l.Body = mailmaker.Attached("image/png", "guest.png", mailmaker.PNG(mailmaker.CodeImage("WIFI:T:WPA;S:guest;P:hunter22;;", 6)))
	id := r.accepted(mailOf(l))
	event := r.event(id)
	if text := fmt.Sprint(event); !strings.Contains(text, "wifi") || strings.Contains(text, "hunter22") {
		t.Errorf("%v", event)
	}
	folder := t.TempDir()
	eventID, _ := event["id"].(string)
	if out, status := r.command("hunt", "--id", eventID, "--pictures", folder); status != 0 {
		t.Errorf("status %d: %s", status, out)
	}
	if files, err := os.ReadDir(folder); len(files) != 0 || err != nil {
		t.Errorf("%v, %v", files, err)
	}
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	stored, err := os.ReadFile(filepath.Join(r.filter.StateDir(), "state.db"))
	if err != nil || bytes.Contains(stored, []byte("hunter22")) || bytes.Contains(stored, []byte("\x89PNG")) {
		t.Errorf("the state holds the secret or its picture (%v)", err)
	}
}

// What is secret stays so everywhere where a link inside it is judged: in the log, the header, the event, the state and
// explanations. The link's signals are said.
func TestSecretsWithLinks(t *testing.T) {
	const link = "https://far-secret.pages.dev/tokn4711?u=claire@letsdefend.io"
	secrets := map[string]string{
		"otpauth": "otpauth://totp/Corp:claire?secret=JBSWY3DPEHPK3PXP&issuer=Corp&image=" + link,
		"wifi":    "WIFI:T:WPA;S:Guest " + strings.ReplaceAll(link, ":", "\\:") + ";P:hunter22;;",
		"payment": "BCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30\n\n\n" + link,
	}
	canaries := []string{"JBSWY3DPEHPK3PXP", "hunter22", "DE89370400440532013000", "Example e.V.", "tokn4711"}
	r := start(t, daemon.Config{TOML: "policy = \"strict\"\ntag_only = true\n"})
	var said strings.Builder
	for kind, text := range secrets {
		l := mailmaker.SOC251()
		l.From, l.ID = "billing@"+kind+".example", kind+"@"+kind+".example"
		l.Body = mailmaker.Mixed(mailmaker.Text("See the code."), mailmaker.Attached("image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage(text, 6))))
		file := filepath.Join(t.TempDir(), "m.eml")
		if err := os.WriteFile(file, l.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		d := r.delivered(mailOf(l))
		id := strings.Join(d.Field("X-Quish-Id"), "")
		event := r.printed("hunt", "--id", id, "--format", "json")
		if !strings.Contains(event, "recipient-in-link") || !strings.Contains(event, "free-hosting") || !strings.Contains(event, kind) {
			t.Errorf("%s: %s", kind, event)
		}
		header, _, _ := bytes.Cut(d.Message, []byte("\n\n"))
		fmt.Fprintln(&said, string(header), event)
		for _, args := range [][]string{{"explain", id}, {"explain", "--json", id}, {"explain", file}, {"explain", "--json", file}, {"hunt", "--id", id}, {"alerts", "list", "--json"},
			{"export", "--table", "EmailUrlInfo", "--format", "json"}} {
			fmt.Fprintln(&said, r.printed(args...))
		}
	}
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	stored, err := os.ReadFile(filepath.Join(r.filter.StateDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"what was said": said.String(), "the log": r.filter.Log(), "the state": string(stored)} {
		for _, canary := range canaries {
			if strings.Contains(text, canary) {
				at := strings.Index(text, canary)
				t.Errorf("%s holds %s: …%q", where, canary, text[max(0, at-200):min(len(text), at+50)])
			}
		}
	}
}

// What one recipient got stops the rest of the campaign, by the client that it came from and the file that it came in.
func TestDetectionStopsTheCampaign(t *testing.T) {
	r := start(t, daemon.Config{TOML: "[[detection]]\nname = \"mfa\"\nhost = \"ipfs.io\"\nevery = \"1s\"\nblock = [\"client\", \"picture\"]\nblock_for = \"2d\"\n"})
	event := r.event(r.accepted(soc251()))
	codes, _ := event["codes"].([]any)
	digest, _ := codes[0].(map[string]any)["picture"].(string)
	r.waitLog("entry added by detection: block network 158.69.201.47", 1)
	r.waitLog("entry added by detection: block picture "+digest, 1)
	if rows := r.hunted("--picture", digest[:12]); len(rows) != 1 || len(digest) != 64 {
		t.Errorf("by the picture %q: %v", digest, rows)
	}

	other := mailmaker.Letter{From: "somebody@else.example", To: "bob@letsdefend.io", Subject: "hello", Body: mailmaker.Text("No code at all.")}
	same := mailmaker.SOC251()
	same.From = "another@wave.example"
	fromThere, fromElsewhere := mailOf(other), mailOf(same)
	fromThere.Client = mailmaker.SOC251Client
	for _, mail := range []postfix.Mail{fromThere, fromElsewhere} {
		if event := r.event(r.accepted(mail)); event["verdict"] != "quarantine" || !strings.Contains(fmt.Sprint(event["reasons"]), "blocked-by-entry") {
			t.Errorf("from %s: %v, %v", mail.Client, event["verdict"], event["reasons"])
		}
	}
	if out, status := r.command("hunt", "--findings"); status != 0 || !strings.Contains(out, "client 158.69.201.47") {
		t.Errorf("status %d: %s", status, out)
	}
}

// Two thousand hunts at once hold up no mail: each is answered or told to come again, and all that was answered meanwhile is
// in the journal.
func TestTwoThousandHuntsWhileMailComes(t *testing.T) {
	r := start(t, daemon.Config{})
	ctx := limited(t)
	var answered, busy atomic.Int64
	var hunts sync.WaitGroup
	for range 2000 {
		hunts.Go(func() {
			c, err := control.Dial(r.filter.StateDir() + "/control.sock")
			if err == nil {
				defer c.Close()
				_, err = c.Hunt(ctx, journal.Filter{}, "")
			}
			if err == nil {
				answered.Add(1)
			} else {
				busy.Add(1)
			}
		})
	}
	var ids []string
	for n := range 5 {
		l := mailmaker.Plain5KB()
		l.ID = fmt.Sprintf("%d@far.example", n)
		ids = append(ids, r.accepted(mailOf(l)))
	}
	hunts.Wait()
	if answered.Load() == 0 || answered.Load()+busy.Load() != 2000 {
		t.Errorf("%d were answered, %d told to come again", answered.Load(), busy.Load())
	}
	for _, id := range ids {
		r.event(id)
	}
	if strings.Contains(r.filter.Log(), "goroutine") {
		t.Error("a panic")
	}
}

// The session of docs/hunting.md, as it would be pasted.
func TestSessionOfHunting(t *testing.T) {
	text, err := os.ReadFile("../../docs/hunting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```sh\n")
	session, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no session")
	}
	r := start(t, daemon.Config{})
	m := mailOf(mailmaker.SOC251())
	m.Client = "158.69.201.47"
	queueID := r.accepted(m)
	id := fmt.Sprint(r.event(queueID)["id"])
	dir := t.TempDir()
	if err := os.Symlink(filepath.Dir(program), filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	shell := exec.CommandContext(limited(t), "bash", "-euo", "pipefail", "-c", session)
	shell.Dir, shell.Env = dir, append(os.Environ(), "C="+r.filter.ConfigFile())
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for what, times := range map[string]int{"security@microsecmfa[.]com  1      158.69.201.47": 4, `"id":"` + id + `"`: 1, "SenderFromAddress  ": 2} {
		if n := strings.Count(string(out), what); n != times {
			t.Errorf("%q is printed %d times, want %d:\n%s", what, n, times, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "pictures", id+"-1.png")); err != nil {
		t.Error(err)
	}
}
