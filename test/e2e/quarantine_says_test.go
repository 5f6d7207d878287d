package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// What goes wrong is said in one line, which names the message once and says what to do.
func TestQuarantineSaysWhatIsWrong(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	about := h.Event + " (queue id " + h.QueueID + ")"
	folder := t.TempDir()
	r.must("quarantine", "extract", h.Event, folder)
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"quarantine", 2, "write quarantine and one of list, show, release, delete, extract"},
		{"quarantine keep", 2, `"keep" is none of the commands of quarantine: delete, extract, list, release, show`},
		{"quarantine show", 2, "say which messages: an ID, --host, --sender, --reason, --older or --all"},
		{"quarantine show nonsense", 1, `"nonsense" is no message that quishmilter put on hold; quarantine list shows what is on hold now`},
		{"quarantine show 0000000000000000", 1, `"0000000000000000" is no message that quishmilter put on hold; quarantine list shows what is on hold now`},
		{"quarantine release nonsense", 1, `"nonsense" is no message that quishmilter holds; quarantine list shows those that it does`},
		{"quarantine delete 0000000000000000", 1, `"0000000000000000" is no message that quishmilter holds; quarantine list shows those that it does`},
		{"quarantine release --all " + h.Event, 2, "--all does not go with an ID or another choice"},
		{"quarantine release --older soon", 2, `--older: "soon" is no time span; write for example "14d", "24h" or "10s"`},
		{"quarantine release --allow=all " + h.Event, 2, "--allow=all is not known; write address or domain"},
		{"quarantine release --allow " + h.Event, 1, about + ": its sender welcome@example[.]net is not proven, so that an allow entry would do nothing for the next message; release it without --allow"},
		{"quarantine delete --bounce " + h.QueueID, 1, about + ": its sender did not log in here, so that a bounce might go to somebody who did not send it; delete it without --bounce"},
		{"quarantine extract " + h.Event, 2, "say which messages: an ID, --host, --sender, --reason, --older or --all"},
		{"quarantine extract " + h.Event + " " + folder, 1, filepath.Join(folder, h.Event+".eml") + " exists, and nothing is written over: name another folder, or remove it"},
		{"alerts close", 2, "write alerts close ID"},
		{"alerts show nonsense", 1, `"nonsense": no such alert; alerts list --state all shows them`},
		{"alerts note nonsense text", 1, `"nonsense": no such alert; alerts list --state all shows them`},
	} {
		out, status := r.command(strings.Fields(c.args)...)
		if status != c.status || out != "quishmilter: "+c.want+"\n" {
			t.Errorf("%s: status %d, %q, want %q", c.args, status, out, c.want)
		}
	}
}

// Newest first, as alerts; times and addresses are written alike in both, and in show.
func TestQuarantineIsListedByTime(t *testing.T) {
	r := holding(t, nil)
	var want []string
	for n := range 4 {
		want = append([]string{r.heldMail(n).Event}, want...)
	}
	var got []string
	for _, h := range lines(t, r.must("quarantine", "list", "--json")) {
		got = append(got, h.Event)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	row := regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d  \S+ +` + want[0] + `  welcome@example\[\.\]net  reader@example\[\.\]org +www\[\.\]example\[\.\]net `)
	if out := r.must("quarantine", "list"); !row.MatchString(out) {
		t.Errorf("%s", out)
	}
	if out := r.must("quarantine", "show", want[0]); !strings.Contains(out, "\nfrom welcome@example[.]net (envelope welcome@example[.]net), proof: none\nto reader@example[.]org\n") {
		t.Errorf("%s", out)
	}
	if out := r.must("alerts", "list"); !strings.Contains(out, "welcome@example[.]net") {
		t.Errorf("%s", out)
	}
}

// A release by hand has the time at which it was noticed beside that of the hold.
func TestShowSaysWhenAReleaseWasNoticed(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	if _, err := r.mta.Command(limited(t), "postsuper", "-H", h.QueueID); err != nil {
		t.Fatal(err)
	}
	held := r.must("quarantine", "show", h.Event)
	since := regexp.MustCompile(`held since (\S+ \S+ \S+), for`).FindStringSubmatch(held)
	if since == nil {
		t.Fatal(held)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05 -07:00", since[1], time.Local)
	if err != nil {
		t.Fatal(err)
	}
	for time.Since(at) < 2*time.Second { // the times are shown to the second
		time.Sleep(10 * time.Millisecond)
	}
	r.must("quarantine", "list")
	out := r.must("quarantine", "show", h.Event)
	noticed := regexp.MustCompile(`: released-by-hand, noticed at (\S+ \S+ \S+); put on hold at (\S+ \S+ \S+), for`).FindStringSubmatch(out)
	if noticed == nil || noticed[2] != since[1] || noticed[1] <= since[1] {
		t.Errorf("%q of\n%s", noticed, out)
	}
}

// A member of queue_group alone lists and releases; what needs the daemon says which group that takes.
func TestQueueGroupWithoutControlGroup(t *testing.T) {
	r := holding(t, nil)
	h := r.heldMail(1)
	r.openProgram()
	control := filepath.Join(r.filter.StateDir(), "control.sock")
	denied := "this user may not ask the daemon on " + control + ": set control_group to a group of this user, or ask as root\n"
	if out, status := r.as("65534", "quarantine", "list"); status != 1 || out != "quishmilter: held mail is for root, and no queue helper answers on "+r.helperSocket()+" for others: start it (systemctl enable --now quishmilter-queue-helper.socket), or run this as root\n" {
		t.Errorf("no helper: %d %s", status, out)
	}
	r.helper()
	for _, args := range [][]string{{"quarantine", "show", h.Event}, {"quarantine", "extract", h.Event, t.TempDir()}, {"alerts", "list"}, {"alerts", "close", h.Event, "--as", "false-positive"}} {
		if out, status := r.as("65534", args...); status != 1 || out != "quishmilter: "+denied {
			t.Errorf("%v: %d %s", args, status, out)
		}
	}
	if out, status := r.as("12345", "quarantine", "list"); status != 1 || out != "quishmilter: held mail is for root and for the group nogroup (queue_group), which this user is not in: join it, or run this as root\n" {
		t.Errorf("a stranger: %d %s", status, out)
	}
	if out, status := r.as("65534", "quarantine", "release", h.Event); status != 0 || !strings.Contains(out, ": released, it left the queue") {
		t.Errorf("%d %s", status, out)
	}
	if out, status := r.as("65534", "quarantine", "release", h.Event); status != 1 || strings.Count(out, h.Event) != 1 {
		t.Errorf("again: %d %s", status, out)
	}
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	if out, status := r.as("65534", "quarantine", "list"); status != 1 || out != "quishmilter: the queue helper asks the daemon which messages are ours, and it does not answer on "+control+": start it\n" {
		t.Errorf("no daemon: %d %s", status, out)
	}
}

// openProgram lets other users run the program.
func (r *rig) openProgram() {
	r.t.Helper()
	if err := os.Chmod(filepath.Dir(program), 0o755); err != nil {
		r.t.Fatal(err)
	}
}
