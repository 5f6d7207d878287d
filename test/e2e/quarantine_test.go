package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// heldLine is one line of `quarantine list --json`, or of release and delete.
type heldLine struct {
	Event   string   `json:"event"`
	QueueID string   `json:"queue_id"`
	NewID   string   `json:"new_queue_id"`
	State   string   `json:"state"`
	Done    string   `json:"done"`
	Note    string   `json:"note"`
	Error   string   `json:"error"`
	Hosts   []string `json:"hosts"`
	Acts    []struct {
		State, By, Note string
		NewID           string `json:"new_id"`
		UID             int
	}
}

func lines(t *testing.T, out string) (all []heldLine) {
	t.Helper()
	for text := range strings.Lines(out) {
		var h heldLine
		if err := json.Unmarshal([]byte(text), &h); err == nil {
			all = append(all, h)
		}
	}
	return all
}

// holding is a daemon that holds all mail from outside, with commands that know its Postfix.
func holding(t *testing.T, params map[string]string, rules ...string) *rig {
	t.Helper()
	r := startWith(t, daemon.Config{TOML: strings.Join(rules, "\n")}, postfix.Config{Params: params})
	before, err := os.ReadFile(r.filter.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("queue_instances = [%q]\nqueue_group = \"nogroup\"\nqueue_helper = %q\n%s", r.mta.ConfigDir(), r.helperSocket(), before)
	if err := os.WriteFile(r.filter.ConfigFile(), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r.must("block", "add", "network", "203.0.113.0/24")
	return r
}

func (r *rig) helperSocket() string { return filepath.Join(r.filter.Dir, "queue.sock") }

// heldMail sends a letter that is held, and returns its line.
func (r *rig) heldMail(n int) heldLine {
	r.t.Helper()
	l := mailmaker.PNGCode()
	l.ID = fmt.Sprintf("held-%d@example.net", n)
	id := r.accepted(mailOf(l))
	for _, h := range lines(r.t, r.must("quarantine", "list", "--json")) {
		if h.QueueID == id {
			return h
		}
	}
	r.t.Fatalf("%s is not listed", id)
	return heldLine{}
}

// state is what the journal says of a message now.
func (r *rig) state(event string) heldLine {
	r.t.Helper()
	var shown struct{ Hold heldLine }
	if err := json.Unmarshal([]byte(r.must("quarantine", "show", event, "--json")), &shown); err != nil {
		r.t.Fatal(err)
	}
	return shown.Hold
}

func TestQuarantine(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	if h.State != "held" || len(h.Hosts) != 1 || h.Hosts[0] != "www.example.net" {
		t.Errorf("listed: %+v", h)
	}
	l := mailmaker.Plain5KB()
	other := r.accepted(postfix.Mail{Client: "198.51.100.9", From: l.From, Rcpts: []string{l.To}, Data: l.Bytes()})
	if _, err := r.mta.WaitDelivered(limited(t), 1); err != nil {
		t.Fatal(other, err)
	}
	shown := r.must("quarantine", "show", h.QueueID)
	for _, want := range []string{"held since", "www[.]example[.]net", "| Subject: ", "X-Quish-Id: \"" + h.Event + "\"", "part "} {
		if !strings.Contains(shown, want) {
			t.Errorf("show does not say %q:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "http") || strings.Contains(shown, "www.example.net") {
		t.Errorf("show has a live link:\n%s", shown)
	}
	folder := t.TempDir()
	r.must("quarantine", "extract", h.Event, folder)
	r.must("quarantine", "extract", h.Event, folder, "--pictures")
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 2 {
		t.Errorf("extracted: %v %v", files, err)
	}
	if out, status := r.command("quarantine", "extract", h.Event, folder); status != 1 || !strings.Contains(out, "exists") {
		t.Errorf("written over: %d %s", status, out)
	}
	if out, status := r.command("quarantine", "release"); status != 2 || !strings.Contains(out, "say which messages") {
		t.Errorf("released by omission: %d %s", status, out)
	}
	if out, status := r.command("quarantine", "delete", h.Event, "--bounce"); status != 1 || !strings.Contains(out, "did not log in") {
		t.Errorf("a bounce to a stranger: %d %s", status, out)
	}
	if out, status := r.command("quarantine", "release", h.Event, "--allow"); status != 1 || !strings.Contains(out, "is not proven") {
		t.Errorf("a stranger is allowed: %d %s", status, out)
	}
	out := lines(t, r.must("quarantine", "release", h.Event, "--json"))
	if len(out) != 1 || out[0].Done != "released" || !strings.Contains(out[0].Note, "left the queue") {
		t.Errorf("released: %+v", out)
	}
	if d, err := r.mta.WaitDelivered(limited(t), 2); err != nil || len(d) != 2 {
		t.Fatal(err)
	}
	s := r.state(h.Event)
	if s.State != "released" || len(s.Acts) != 2 || s.Acts[1].By == "" {
		t.Errorf("journal: %+v", s)
	}
	if out, status := r.command("quarantine", "release", h.Event); status != 1 || !strings.HasPrefix(out, "quishmilter: "+h.Event+" (queue id "+h.QueueID+") is not on hold: released at ") || strings.Count(out, "\n") != 1 {
		t.Errorf("released twice: %d %s", status, out)
	}
	later := time.Now().Add(72 * time.Hour).Format(time.RFC3339)
	if out := r.must("sender", mailmaker.PNGCode().From, "--now", later); !strings.Contains(out, "in the window, let through:  1 message to") {
		t.Errorf("the release does not count: %s", out)
	}
}

// What others do with our mail, and others' mail, is noticed and left alone.
func TestQuarantineBesideOthers(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	theirs := mailmaker.Plain5KB()
	// Postfix itself holds this one: it is not ours, whatever its id.
	ours := r.heldMail(2)
	command := exec.Command("sendmail", "-C", r.mta.ConfigDir(), "-f", theirs.From, theirs.To)
	command.Stdin = strings.NewReader(string(theirs.Bytes()))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if _, err := r.mta.WaitDelivered(limited(t), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := r.mta.Command(limited(t), "postsuper", "-d", ours.QueueID); err != nil {
		t.Fatal(err)
	}
	out, status := r.command("quarantine", "release", ours.Event)
	if status != 1 || !strings.Contains(out, "is not on hold: Postfix has it in no queue") {
		t.Errorf("deleted by hand: %d %s", status, out)
	}
	if list := lines(t, r.must("quarantine", "list", "--json")); len(list) != 1 || list[0].Event != h.Event {
		t.Errorf("%+v", list)
	}
	text := r.must("quarantine", "list")
	if !strings.Contains(text, "1 held by quishmilter; 0 more") {
		t.Errorf("%s", text)
	}
}

// A release by postsuper counts, once, though the message is delivered before anybody looks; what was deleted does not.
func TestReleasedByHand(t *testing.T) {
	r := holding(t, nil)
	kept, released, requeued, deleted := r.heldMail(1), r.heldMail(2), r.heldMail(3), r.heldMail(4)
	for verb, h := range map[string]heldLine{"-H": released, "-r": requeued, "-d": deleted} {
		if _, err := r.mta.Command(limited(t), "postsuper", verb, h.QueueID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.mta.Command(limited(t), "postqueue", "-f"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.mta.WaitDelivered(limited(t), 2); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(72 * time.Hour).Format(time.RFC3339)
	for range 2 {
		r.must("quarantine", "list")
		for event, want := range map[string]string{kept.Event: "held", released.Event: "released-by-hand", requeued.Event: "released-by-hand", deleted.Event: "held"} {
			if s := r.state(event); s.State != want { // the deleted one is too young to be missed
				t.Errorf("%+v is not %s", s, want)
			}
		}
		if out := r.must("sender", mailmaker.PNGCode().From, "--now", later); !strings.Contains(out, "in the window, let through:  2 messages") {
			t.Errorf("%s", out)
		}
	}
}

func TestQuarantineByFilter(t *testing.T) {
	r := holding(t, nil)
	for n := range 3 {
		r.heldMail(n)
	}
	for _, verb := range []string{"delete", "release", "extract", "show"} {
		args := []string{"quarantine", verb, "--host", "evil.example"}
		said := map[string]string{"delete": "deleted", "release": "released", "extract": "extracted", "show": "shown"}[verb]
		if verb == "extract" {
			args = append(args, t.TempDir())
		}
		if out, status := r.command(args...); status != 0 || out != "quishmilter: nothing is "+said+": no message on hold matches --host evil.example\n" {
			t.Errorf("%s: %d %s", verb, status, out)
		}
	}
	folder := t.TempDir()
	r.must("quarantine", "extract", "--host", "example.net", folder)
	if files, err := os.ReadDir(folder); err != nil || len(files) != 3 {
		t.Errorf("extracted by a filter: %v %v", files, err)
	}
	if out := r.must("quarantine", "show", "--sender", "@example.net"); strings.Count(out, ": held since ") != 3 {
		t.Errorf("shown by a filter: %s", out)
	}
	out := lines(t, r.must("quarantine", "delete", "--host", "example.net", "--reason", "blocked-by-entry", "--json"))
	if len(out) != 3 || out[0].Done != "deleted" {
		t.Errorf("%+v", out)
	}
	if held, err := r.mta.Held(); err != nil || len(held) != 0 {
		t.Errorf("%+v %v", held, err)
	}
	if s := r.state(out[0].Event); s.State != "deleted" {
		t.Errorf("%+v", s)
	}
}

// An old message gets a new queue id, since Postfix would return it at the first temporary failure.
func TestReleaseOfAnOldMessage(t *testing.T) {
	r := holding(t, map[string]string{"maximal_queue_lifetime": "0"})
	h := r.heldMail(1)
	out := lines(t, r.must("quarantine", "release", "--all", "--json"))
	if len(out) != 1 || !strings.Contains(out[0].Note, "sent 1; it was old, so Postfix queued it anew") {
		t.Fatalf("%+v", out)
	}
	if d, err := r.mta.WaitDelivered(limited(t), 1); err != nil || len(d) != 1 || d[0].Field("X-Quish-Verdict")[0] != "quarantined" {
		t.Errorf("%v", err)
	}
	if line, err := r.mta.WaitLog(limited(t), "orig_id="+h.QueueID); err != nil || out[0].NewID == "" || !strings.Contains(line, ": "+out[0].NewID+": ") {
		t.Errorf("new id %q, %v: %s", out[0].NewID, err, line)
	}
	if s := r.state(h.Event); len(s.Acts) != 2 || s.Acts[1].NewID != out[0].NewID {
		t.Errorf("both ids are not in the journal: %+v", s)
	}
}

// A message that bounces has left the queue too: what Postfix's log says of it is what is said and journaled.
func TestReleaseThatBounces(t *testing.T) {
	refuser, err := postfix.Refuser(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	r := holding(t, map[string]string{"virtual_transport": "smtp:" + refuser})
	h := r.heldMail(1)
	out := r.must("quarantine", "release", h.Event)
	if !strings.Contains(out, `but not to all its recipients: bounced 1 ("host 127.0.0.1[127.0.0.1] said: 550 5.1.1 nobody here`) {
		t.Errorf("%s", out)
	}
	if s := r.state(h.Event); len(s.Acts) != 2 || !strings.Contains(s.Acts[1].Note, "bounced 1") {
		t.Errorf("%+v", s)
	}
}

func TestSeveralReleaseAtOnce(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	var both sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 4 {
		both.Go(func() {
			out, _ := exec.CommandContext(limited(t), program, "-c", r.filter.ConfigFile(), "quarantine", "release", h.Event, "--json").CombinedOutput()
			mu.Lock()
			defer mu.Unlock()
			done += strings.Count(string(out), `"done":"released"`)
			if text := string(out); !strings.Contains(text, `"done":"released"`) && !(strings.Contains(text, "releas") && strings.Contains(text, "root")) {
				t.Errorf("who was quicker is not said: %s", text)
			}
		})
	}
	both.Wait()
	if done != 1 {
		t.Errorf("%d of four released it", done)
	}
	if d, err := r.mta.WaitDelivered(limited(t), 1); err != nil || len(d) != 1 {
		t.Errorf("%d delivered, %v", len(d), err)
	}
	if s := r.state(h.Event); s.State != "released" {
		t.Errorf("%+v", s)
	}
}

// With Postfix stopped the list can be read, and nothing is released that nobody would deliver.
func TestQuarantineOfAStoppedPostfix(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	if err := exec.Command("postfix", "-c", r.mta.ConfigDir(), "stop").Run(); err != nil {
		t.Fatal(err)
	}
	out, status := r.command("quarantine", "release", h.Event)
	if status != 1 || !strings.Contains(out, "Postfix is not running; start it") {
		t.Errorf("%d %s", status, out)
	}
	if list := lines(t, r.must("quarantine", "list", "--json")); len(list) != 1 || list[0].State != "held" {
		t.Errorf("%+v", list)
	}
}

// unitCapabilities are those that the helper's unit leaves it, as setpriv writes them.
func unitCapabilities(t *testing.T) string {
	t.Helper()
	unit, err := os.ReadFile("../../packaging/quishmilter-queue-helper.service")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(unit), "\nCapabilityBoundingSet=CAP_")
	if !ok {
		t.Fatal("the unit leaves the helper every capability, or none")
	}
	line, _, _ := strings.Cut(rest, "\n")
	return "-all,+" + strings.ToLower(strings.ReplaceAll(line, " CAP_", ",+"))
}

// helper starts the queue helper, with the rights of its unit, and waits for its socket.
func (r *rig) helper() {
	r.t.Helper()
	command := exec.Command("setpriv", "--no-new-privs", "--bounding-set", unitCapabilities(r.t), "--inh-caps", "-all", program, "-c", r.filter.ConfigFile(), "queue-helper", "--listen", r.helperSocket())
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			r.t.Error(err)
		}
	})
	for ctx := limited(r.t); ; {
		conn, err := net.Dial("unix", r.helperSocket())
		if err == nil {
			conn.Close()
			return
		}
		if ctx.Err() != nil {
			r.t.Fatal(err)
		}
	}
}

// as runs the program as another user, as the unit does: without a way to new rights.
func (r *rig) as(uid string, args ...string) (out string, status int) {
	r.t.Helper()
	words := append([]string{"--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs", program, "-c", r.filter.ConfigFile()}, args...)
	text, err := exec.CommandContext(limited(r.t), "setpriv", words...).CombinedOutput()
	if err != nil {
		status = 1
	}
	return string(text), status
}

func TestQueueHelper(t *testing.T) {
	r := holding(t, nil)
	if err := os.Chmod(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	h, second := r.heldMail(1), r.heldMail(2)
	if out, status := r.as("65534", "quarantine", "list"); status == 0 || !strings.Contains(out, "queue helper") {
		t.Errorf("without a helper: %d %s", status, out)
	}
	if out, _ := r.as("65534", "check"); !strings.Contains(out, "no queue helper answers") {
		t.Errorf("check: %s", out)
	}
	r.helper()
	out, status := r.as("65534", "quarantine", "list", "--json")
	if list := lines(t, out); status != 0 || len(list) != 2 {
		t.Errorf("%d %s", status, out)
	}
	out, status = r.as("65534", "quarantine", "release", h.Event)
	if status != 0 || !strings.Contains(out, "released") {
		t.Errorf("%d %s", status, out)
	}
	if s := r.state(h.Event); s.State != "released" || s.Acts[0].UID != 65534 || s.Acts[0].By != "nobody" {
		t.Errorf("who did it: %+v", s)
	}
	out, status = r.as("65534", "quarantine", "delete", second.QueueID)
	if status != 0 || !strings.Contains(out, "deleted") {
		t.Errorf("%d %s", status, out)
	}
	if err := os.Chmod(r.helperSocket(), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, status := r.as("12345", "quarantine", "list"); status == 0 || !strings.Contains(out, "for root and for the group nogroup (queue_group), which uid 12345 is not in") {
		t.Errorf("a user outside the group: %d %s", status, out)
	}
}

// The helper takes no queue id, no verb but its own, and no event that is not ours.
func TestQueueHelperTrustsNobody(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	r.helper()
	for ask, want := range map[string]string{
		`{"verb":"release","event":"` + h.QueueID + `"}`:            "no event id",
		`{"verb":"release","event":"0000000000000000"}`:             "is no message that quishmilter holds",
		`{"verb":"delete","event":"ALL"}`:                           "no event id",
		`{"verb":"requeue","event":"` + h.Event + `"}`:              "is none of list, release and delete",
		`{"verb":"delete","event":"` + h.Event + `","bounce":true}`: "did not log in",
		`{"verb":"list"` + strings.Repeat(" ", 2000) + `}`:          "cannot be read",
		`x`: "cannot be read",
	} {
		conn, err := net.Dial("unix", r.helperSocket())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(conn, ask)
		var reply struct{ Error string }
		if err := json.NewDecoder(conn).Decode(&reply); err != nil || !strings.Contains(reply.Error, want) {
			t.Errorf("%.60s: %q, %v", ask, reply.Error, err)
		}
		conn.Close()
	}
	if list := lines(t, r.must("quarantine", "list", "--json")); len(list) != 1 {
		t.Errorf("%+v", list)
	}
}

// A sender who logged in is told when his message is deleted.
func TestDeleteWithABounce(t *testing.T) {
	r := holding(t, nil, "[[rule]]", `name = "ours-too"`, `when = '!message.inbound && code.kind == "url"'`, `then = "quarantine"`)
	l := mailmaker.PNGCode()
	m := mailOf(l)
	m.Login = "claire"
	id := r.accepted(m)
	list := lines(t, r.must("quarantine", "list", "--json"))
	if len(list) != 1 || list[0].QueueID != id {
		t.Fatalf("held: %+v", list)
	}
	r.helper() // its rights are enough for sendmail, too
	if out, status := r.as("65534", "quarantine", "delete", id, "--bounce"); status != 0 || !strings.Contains(out, "its sender was told") {
		t.Fatalf("%d %s", status, out)
	}
	d, err := r.mta.WaitDelivered(limited(t), 1)
	if err != nil || len(d) != 1 || d[0].To != l.From || !strings.Contains(d[0].Field("Content-Type")[0], "report-type=delivery-status") {
		t.Errorf("%+v %v", d, err)
	}
}

func TestSomeHundredsOnHold(t *testing.T) {
	const count = 300
	r := holding(t, nil)
	c := r.dial()
	for range count {
		if reply, err := c.Send(mailOf(mailmaker.PNGCode())); err != nil || reply.Code != 250 {
			t.Fatalf("%+v %v", reply, err)
		}
	}
	if out := r.must("quarantine", "list"); !strings.Contains(out, fmt.Sprintf("%d held by quishmilter; 0 more", count)) {
		t.Errorf("%.2000s", out)
	}
	if list := lines(t, r.must("quarantine", "list", "--json", "--older", "1h")); len(list) != 0 {
		t.Errorf("%d are older than an hour", len(list))
	}
	r.helper()
	if out, status := r.as("65534", "quarantine", "list"); status != 0 || !strings.Contains(out, fmt.Sprintf("%d held", count)) {
		t.Errorf("by the helper: %d %.2000s", status, out)
	}
}
