package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
	"quishmilter/test/daemon"
	"quishmilter/test/dns"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

// Where nobody would be told, nothing is held.
func TestNothingIsHeldWithoutPostmaster(t *testing.T) {
	r := start(t, daemon.Config{Unwatched: true})
	r.must("block", "add", "network", "203.0.113.0/24")
	fields(t, r.delivered(mailOf(mailmaker.PNGCode())), "X-Quish-Verdict: tagged", "X-Quish-Would: quarantine", "X-Quish-Reason: blocked-by-entry…")
	r.logSays("warning: postmaster is not set, so nothing is held: what the policy would hold is tagged", 0)
	if out, _ := r.command("check"); !strings.Contains(out, "warning postmaster is not set: nobody would be told of held mail, so the daemon tags") {
		t.Errorf("check: %s", out)
	}
	if held, err := r.mta.Held(); err != nil || len(held) != 0 {
		t.Errorf("%+v, %v", held, err)
	}
}

// mails says how to mail people from now on.
func (r *rig) mails(by string) {
	r.t.Helper()
	r.willMail(by)
	if err := r.filter.Reload(); err != nil {
		r.t.Fatal(err)
	}
}

// willMail says so for the next start.
func (r *rig) willMail(by string) {
	r.t.Helper()
	text, err := os.ReadFile(r.filter.ConfigFile())
	if err != nil {
		r.t.Fatal(err)
	}
	changed := strings.Replace(string(text), `mail_by = "smtp:127.0.0.1:1"`, fmt.Sprintf("mail_by = %q", by), 1)
	if err := os.WriteFile(r.filter.ConfigFile(), []byte(changed), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// The mail about a hold comes back through the filter, which would hold whatever else this host sends. It was not taken
// at first, and comes once.
func TestTheFirstHoldIsMailed(t *testing.T) {
	r := holding(t, map[string]string{"non_smtpd_milters": "$smtpd_milters"})
	r.must("block", "add", "network", "127.0.0.0/8")
	h := r.heldMail(1)
	r.logSays("could not tell postmaster@example.org by mail, trying again in 1m0s: the first message of the day on hold", 0)
	r.filter.Kill() // what is not sent is not forgotten
	if err := r.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	r.heldMail(2)
	r.mails("smtp:" + r.mta.Addr)
	got, err := r.mta.WaitDelivered(limited(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	fields(t, got[0], "Auto-Submitted: auto-generated", "To: <postmaster@example.org>", "From: quishmilter <postmaster@example.org>", "Subject: quishmilter: a message is on hold…")
	for _, name := range []string{"X-Quish-Notice", "X-Quish-Verdict"} {
		if v := got[0].Field(name); len(v) > 0 {
			t.Errorf("%s: %q", name, v)
		}
	}
	r.logSays("our own notice, passed unlooked at", 0)
	content, err := os.ReadFile(got[0].File)
	if err != nil || !strings.Contains(string(content), h.Event) || strings.Contains(string(content), "www.example.net") {
		t.Errorf("%v\n%s", err, content)
	}

	// The filter takes its mark off, so that nobody can copy one; one that is made up is worth nothing, even from here.
	_, message, _ := strings.Cut(string(content), "\nFrom: quishmilter")
	forged := fmt.Sprintf("X-Quish-Notice: %d.%s\nFrom: quishmilter%s", time.Now().Unix(), strings.Repeat("ab", 32), message)
	id := r.accepted(postfix.Mail{From: "evil@example.net", Rcpts: []string{"a@example.org"}, Data: []byte(forged)})
	if line := r.logLine(id); !strings.Contains(line, "verdict=quarantine") {
		t.Errorf("a forged mark: %s", line)
	}
	r.heldMail(3)
	if got, err := r.mta.Delivered(); err != nil || len(got) != 1 {
		t.Errorf("%d mails, %v", len(got), err)
	}
}

// journalled gives a state folder holds that no message of this test made, and a digest that is due.
func journalled(t *testing.T, folder string, holds ...journal.Hold) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := state.Open(filepath.Join(folder, "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kept := journal.NewHolds(db)
	err = db.Update(t.Context(), func(tx *state.Tx) error {
		for _, h := range holds {
			e := journal.Event{ID: h.Event, QueueID: h.QueueID, Time: h.Time, HeaderFrom: "a@b.example"}
			if err := kept.Add(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	for _, h := range holds {
		if !h.Announced.IsZero() {
			err = errors.Join(err, kept.SetTold(t.Context(), journal.Told{Digest: h.Time}, []string{h.Event}, h.Announced))
		}
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// unprivileged is a program that runs the daemon as its unit does: as a user without any rights, nor a way to new ones.
// The daemon's files become that user's.
func (r *rig) unprivileged() (path string) {
	r.t.Helper()
	path = filepath.Join(r.filter.Dir, "as-nobody")
	script := fmt.Sprintf("#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set -all --inh-caps -all %s \"$@\"\n", program)
	if err := errors.Join(os.WriteFile(path, []byte(script), 0o755), os.Chmod(filepath.Dir(program), 0o755)); err != nil {
		r.t.Fatal(err)
	}
	if out, err := exec.Command("chown", "-R", "65534:65534", r.filter.Dir).CombinedOutput(); err != nil {
		r.t.Fatalf("%v %s", err, out)
	}
	return path
}

// The daemon itself, without any rights, notices through the queue helper what others did, deletes what was announced long
// enough ago, and mails people.
func TestTheDaemonLooksAfterHeldMail(t *testing.T) {
	r := holding(t, nil, "[quarantine]", `keep = "4d"`, `sweep = "1s"`)
	staying, going, byHand := r.heldMail(1), r.heldMail(2), r.heldMail(3)
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	age(t, r, going.QueueID, 5*24*time.Hour)
	old := time.Now().Add(-5 * 24 * time.Hour)
	over := journal.Hold{Event: journal.NewID(old), QueueID: going.QueueID, Time: old, Announced: time.Now().Add(-73 * time.Hour)}
	vanished := journal.Hold{Event: journal.NewID(old), QueueID: "4Szm0h1DbTz9rxK", Time: old}
	journalled(t, r.filter.StateDir(), over, vanished)
	for _, command := range [][]string{{"postconf", "-e", "defer_transports=virtual"}, {"postfix", "reload"}, {"postsuper", "-H", byHand.QueueID}} { // where it stays
		if _, err := r.mta.Command(limited(t), command[0], command[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	r.willMail("smtp:" + r.mta.Addr)
	nobody := r.unprivileged()
	r.helper()
	if err := r.filter.RestartBy(limited(t), nobody); err != nil {
		t.Fatal(err)
	}
	r.logSays("quarantine: vanished by quishmilter uid=-1 id="+vanished.Event, 0)
	r.logSays("quarantine: released-by-hand by quishmilter uid=-1 id="+byHand.Event, 0)
	r.logSays("quarantine: deleted by daemon uid=65534 id="+over.Event, 0)
	r.logSays("told postmaster@example.org by mail: the first message of the day on hold", 0)
	r.logSays("told postmaster@example.org by mail: digest, ", 0)
	held, err := r.mta.Held()
	if err != nil || len(held) != 1 || held[0].QueueID != staying.QueueID {
		t.Errorf("%+v, %v", held, err)
	}
	if s := r.state(over.Event); s.State != "deleted" || s.Acts[len(s.Acts)-1].By != "daemon" {
		t.Errorf("%+v", s)
	}
}

// A message goes the whole way from the hold to its deletion by age: the digest names it and says when, three days pass,
// and it is deleted, by a daemon without rights. The days are taken off the times in queue and state; what came today stays.
func TestDigestAnnouncesAndTheDaemonDeletes(t *testing.T) {
	r := holding(t, nil, "[quarantine]", `keep = "30d"`, `sweep = "1s"`)
	fresh, old := r.heldMail(1), r.heldMail(2)
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	age(t, r, old.QueueID, 31*24*time.Hour)
	at := time.Now().Add(-31 * 24 * time.Hour)
	event := journal.NewID(at)
	journalled(t, r.filter.StateDir(), journal.Hold{Event: event, QueueID: old.QueueID, Time: at})
	r.daysPass(event, 0)
	r.willMail("smtp:" + r.mta.Addr)
	nobody := r.unprivileged()
	r.helper()
	if err := r.filter.RestartBy(limited(t), nobody); err != nil {
		t.Fatal(err)
	}
	r.logSays("told postmaster@example.org by mail: digest, 2 new on hold, 1 announced", 0)
	day := time.Now().Add(3 * 24 * time.Hour).Format("Mon, 2 Jan 2006")
	if text := r.digest(); !strings.Contains(text, "Subject: quishmilter: 2 messages newly on hold, 1 will be deleted") ||
		!strings.Contains(text, "WILL BE DELETED, unless somebody releases it before\n\n  from "+day) || !strings.Contains(text, event) || strings.Contains(text, "https://") {
		t.Errorf("the digest, of what goes on %s:\n%s", day, text)
	}
	if out := r.must("quarantine", "show", event); !strings.Contains(out, "its deletion was announced at ") || !strings.Contains(out, ": held since ") {
		t.Errorf("%s", out)
	}
	if err := r.filter.Drain(); err != nil {
		t.Fatal(err)
	}
	r.daysPass(event, 3*24*time.Hour)
	if err := r.filter.RestartBy(limited(t), nobody); err != nil {
		t.Fatal(err)
	}
	r.logSays("quarantine: deleted by daemon uid=65534 id="+event, 0)
	held, err := r.mta.Held()
	if err != nil || len(held) != 1 || held[0].QueueID != fresh.QueueID {
		t.Errorf("%+v, %v", held, err)
	}
	if out, status := r.command("quarantine", "release", event); status != 1 || !strings.Contains(out, `is not on hold: deleted at `) || !strings.Contains(out, ` by "daemon"; put on hold at `) {
		t.Errorf("%d %s", status, out)
	}
}

// daysPass takes some time off an old message's record, with its announcement, and lets a digest be due.
func (r *rig) daysPass(event string, by time.Duration) {
	r.t.Helper()
	db, err := state.Open(filepath.Join(r.filter.StateDir(), "state.db"), state.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	kept := journal.NewHolds(db)
	told, err := kept.Told()
	if err == nil && by == 0 {
		told.Digest = time.Now().Add(-25 * time.Hour)
		err = kept.SetTold(r.t.Context(), told, nil, time.Time{})
	} else if err == nil {
		err = kept.SetTold(r.t.Context(), told, []string{event}, time.Now().Add(-by-time.Second))
	}
	if err := errors.Join(err, db.Close()); err != nil {
		r.t.Fatal(err)
	}
}

// digest waits for the digest among what was delivered.
func (r *rig) digest() string {
	r.t.Helper()
	for n := 1; ; n++ {
		delivered, err := r.mta.WaitDelivered(limited(r.t), n)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, d := range delivered {
			if strings.Contains(strings.Join(d.Field("Subject"), ""), " newly on hold") {
				return string(d.Message)
			}
		}
	}
}

// age makes a queue file say that its message came so long ago.
func age(t *testing.T, r *rig, id string, by time.Duration) {
	t.Helper()
	held, err := r.mta.Held()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.mta.QueueDir(), "hold", id)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range held {
		if entry.QueueID == id {
			before, after := strconv.FormatInt(entry.ArrivalTime, 10), strconv.FormatInt(entry.ArrivalTime-int64(by.Seconds()), 10)
			content = bytes.Replace(content, []byte(before), []byte(after), 1) // the time record is the first of them
		}
	}
	if err := os.WriteFile(path, content, 0o700); err != nil {
		t.Fatal(err)
	}
}

// A sender who is proven is allowed with the release, and the next message passes.
func TestReleaseAllowsAProvenSender(t *testing.T) {
	server := dns.Start(t, dns.Zone{TXT: map[string][]string{"good.example": {"v=spf1 ip4:203.0.113.7 -all"}, "_dmarc.good.example": {"v=DMARC1; p=none"}}})
	r := holding(t, nil, "[[rule]]", `name = "all"`, `when = 'code.opens'`, `then = "quarantine"`, "[authentication]", fmt.Sprintf("resolver = %q", server.Addr))
	waitForDNS(t, server)
	r.must("block", "remove", "network", "203.0.113.0/24")
	l := mailmaker.PNGCode()
	l.From = "news@good.example"
	id := r.accepted(mailOf(l))
	if out := r.must("quarantine", "release", id, "--allow"); !strings.Contains(out, "released, ") {
		t.Errorf("%s", out)
	}
	if _, err := r.mta.WaitDelivered(limited(t), 1); err != nil {
		t.Fatal(err)
	}
	if out := r.must("allow", "list"); !strings.Contains(out, "news@good[.]example") || !strings.Contains(out, "released ") {
		t.Errorf("%s", out)
	}
	l.ID = "second@good.example"
	fields(t, r.delivered(mailOf(l)), "X-Quish-Verdict: clean", "X-Quish-Reason: allowed-by-entry")
}

// Two Postfix instances have one daemon: what either holds is listed and released.
func TestQuarantineOfTwoInstances(t *testing.T) {
	r := holding(t, nil)
	second, err := postfix.Start(limited(t), postfix.Config{Milter: r.filter.Address, Example: "../../postfix-example.cf"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Stop() })
	a := r.heldMail(1)
	there := &rig{t, r.filter, second}
	b := there.accepted(mailOf(mailmaker.PNGCode()))
	list := lines(t, r.must("quarantine", "list", "--json")) // the second is not named yet: its message seems to be gone, but may be on its way
	if len(list) != 1 || list[0].QueueID != a.QueueID {
		t.Fatalf("%+v", list)
	}
	text, err := os.ReadFile(r.filter.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	both := strings.Replace(string(text), fmt.Sprintf("[%q]", r.mta.ConfigDir()), fmt.Sprintf("[%q, %q]", r.mta.ConfigDir(), second.ConfigDir()), 1)
	if err := os.WriteFile(r.filter.ConfigFile(), []byte(both), 0o644); err != nil {
		t.Fatal(err)
	}
	out := r.must("quarantine", "list", "--json")
	if list := lines(t, out); len(list) != 2 || !strings.Contains(out, fmt.Sprintf(`"instance":%q`, second.ConfigDir())) {
		t.Fatalf("%s", out)
	}
	if out := r.must("quarantine", "release", b); !strings.Contains(out, "released, it left the queue") {
		t.Errorf("%s", out)
	}
	if d, err := second.WaitDelivered(limited(t), 1); err != nil || len(d) != 1 {
		t.Errorf("%d delivered by the second, %v", len(d), err)
	}
	if held, err := r.mta.Held(); err != nil || len(held) != 1 {
		t.Errorf("the first holds %d, %v", len(held), err)
	}
}

// An instance that cannot be asked stops nobody from working on the others, is named, and makes no message vanish.
func TestQuarantineWithABrokenInstance(t *testing.T) {
	r := holding(t, nil)
	h, second := r.heldMail(1), r.heldMail(2)
	text, err := os.ReadFile(r.filter.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(t.TempDir(), "gone")
	both := strings.Replace(string(text), fmt.Sprintf("[%q]", r.mta.ConfigDir()), fmt.Sprintf("[%q, %q]", gone, r.mta.ConfigDir()), 1)
	if err := os.WriteFile(r.filter.ConfigFile(), []byte(both), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"quarantine", "list", "--json"}, {"quarantine", "show", "--all"}} {
		out, status := r.command(args...)
		if status != 1 || !strings.Contains(out, h.QueueID) || !strings.Contains(out, second.QueueID) || !strings.Contains(out, "1 of queue_instances could not be asked, and its mail is left out: "+gone+": ") {
			t.Errorf("%v: %d %s", args, status, out)
		}
	}
	if out := r.must("quarantine", "release", h.QueueID); !strings.Contains(out, "released, it left the queue") {
		t.Errorf("%s", out)
	}
	if out, status := r.command("quarantine", "release", h.QueueID); status != 1 || !strings.Contains(out, "is not on hold: released at ") {
		t.Errorf("%d %s", status, out)
	}
	if out, _ := r.command("check"); !strings.Contains(out, "warning held mail cannot be reached by Postfix's commands at "+gone+" (queue_instances): ") || strings.Count(out, "cannot be reached") != 1 {
		t.Errorf("%s", out)
	}
	none := filepath.Join(gone, "podmann")
	if err := os.WriteFile(r.filter.ConfigFile(), text, 0o644); err != nil {
		t.Fatal(err)
	}
	r.reach(r.mta.ConfigDir(), none)
	if out, _ := r.command("check"); !strings.Contains(out, fmt.Sprintf("(queue_instances): there are no commands of Postfix here by queue_command: there is no program %q", none)) {
		t.Errorf("%s", out)
	}
	if out, status := r.command("quarantine", "list"); status != 1 || !strings.Contains(out, none) {
		t.Errorf("%d %s", status, out)
	}
}

// A Postfix whose configuration is in another root is reached by queue_command, as one in a container is. In place of a
// container there is a root of its own, with a folder that the host does not have.
func TestQueueCommand(t *testing.T) {
	r := holding(t, nil)
	root := filepath.Join(t.TempDir(), "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	enter := filepath.Join(t.TempDir(), "enter")
	script := fmt.Sprintf("#!/bin/sh\nexec unshare -m sh -c 'mount --rbind / %s && mount --bind %s %s/mnt && exec chroot %s \"$@\"' enter \"$@\"\n", root, r.mta.ConfigDir(), root, root)
	if err := os.WriteFile(enter, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(enter, "true").CombinedOutput(); err != nil {
		t.Fatalf("this machine lets nobody enter another root: %v %s", err, out)
	}
	h := r.heldMail(1)
	r.reach("/mnt", enter)
	if list := lines(t, r.must("quarantine", "list", "--json")); len(list) != 1 || list[0].Event != h.Event {
		t.Fatalf("%+v", list)
	}
	r.releasedInside(h)
}

// reach names another way to Postfix, and where its configuration is on that way.
func (r *rig) reach(config string, words ...string) {
	r.t.Helper()
	text, err := os.ReadFile(r.filter.ConfigFile())
	if err != nil {
		r.t.Fatal(err)
	}
	inside := strings.Replace(string(text), fmt.Sprintf("[%q]", r.mta.ConfigDir()), fmt.Sprintf("[%q]\nqueue_command = [\"%s\"]", config, strings.Join(words, `", "`)), 1)
	if err := os.WriteFile(r.filter.ConfigFile(), []byte(inside), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// releasedInside shows a message and lets it go, by Postfix's commands where they are.
func (r *rig) releasedInside(h heldLine) {
	r.t.Helper()
	if out := r.must("quarantine", "show", h.Event); !strings.Contains(out, "| Subject: ") || !strings.ContainsAny(out, "▀▄█") {
		r.t.Errorf("%s", out)
	}
	if out := r.must("quarantine", "release", h.Event); !strings.Contains(out, "released, it left the queue") {
		r.t.Errorf("%s", out)
	}
	if _, err := r.mta.WaitDelivered(limited(r.t), 1); err != nil {
		r.t.Error(err)
	}
}

// A Postfix in a container: mounts, processes, network, IPC and host name of its own, entered as podman exec and docker
// exec do. Its configuration is nowhere else. In the end the container is
// gone.
func TestQueueCommandIntoAContainer(t *testing.T) {
	r := holding(t, nil, "[[rule]]", `name = "ours-too"`, `when = '!message.inbound && code.kind == "url"'`, `then = "quarantine"`)
	h, second := r.heldMail(1), r.heldMail(2)
	ours := mailOf(mailmaker.PNGCode())
	ours.Login = "claire"
	bounced := r.accepted(ours)
	enter, err := r.mta.Contain(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	r.reach("/mnt", enter...)
	if list := lines(t, r.must("quarantine", "list", "--json")); len(list) != 3 {
		t.Fatalf("%+v", list)
	}
	r.releasedInside(h)
	if out := r.must("quarantine", "delete", second.QueueID); !strings.HasSuffix(out, ": deleted\n") {
		t.Errorf("%s", out)
	}
	if out := r.must("quarantine", "delete", bounced, "--bounce"); !strings.HasSuffix(out, ": deleted, its sender was told\n") {
		t.Errorf("%s", out)
	}
	if d, err := r.mta.WaitDelivered(limited(t), 2); err != nil || len(d) != 2 {
		t.Errorf("%d delivered, %v", len(d), err)
	}
	if err := r.mta.Stop(); err != nil {
		t.Fatal(err)
	}
	if out, status := r.command("quarantine", "list"); status != 1 || !strings.HasPrefix(out, "quishmilter: postqueue: by queue_command: nsenter: ") || strings.Count(out, "\n") != 1 {
		t.Errorf("no container: %d %s", status, out)
	}
}
