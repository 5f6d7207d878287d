package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/control"
	"quishmilter/prevalence"
	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
	"quishmilter/test/redis"
)

// control talks to the rig's daemon.
func (r *rig) control() *control.Client {
	r.t.Helper()
	c, err := control.Dial(r.filter.StateDir() + "/control.sock")
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

// learn hands a record of some days ago to the daemon.
func (r *rig) learn(records ...prevalence.Record) {
	r.t.Helper()
	if _, err := r.control().Learn(r.t.Context(), records); err != nil {
		r.t.Fatal(err)
	}
}

// wait returns when a history holds so many messages, whatever became of them.
func (r *rig) wait(kind prevalence.Kind, key string, messages int) {
	r.t.Helper()
	w := prevalence.Hunt()
	w.Before, w.Exclude = prevalence.Retention, 0
	c, ctx := r.control(), limited(r.t)
	for {
		got, err := c.Counts(time.Now(), prevalence.Question{Kind: kind, Key: key, Window: w})
		if err == nil && got[0].Messages == messages {
			return
		}
		if ctx.Err() != nil {
			r.t.Fatalf("%s %q: %+v, %v, want %d messages", kind, key, got, err, messages)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// said is how often the daemon has said something.
func (r *rig) said(text string) int { return strings.Count(r.filter.Log(), text) }

// waitLog returns when the daemon has said something so often.
func (r *rig) waitLog(text string, times int) {
	r.t.Helper()
	for ctx := limited(r.t); r.said(text) < times; time.Sleep(5 * time.Millisecond) {
		if ctx.Err() != nil {
			r.t.Fatalf("%q is not said %d times", text, times)
		}
	}
}

func daysAgo(n int) time.Time { return time.Now().Add(-time.Duration(n) * 24 * time.Hour) }

// Two filters share their histories through Redis. While it is away mail flows, each goes on with what it knows, and
// what is recorded meanwhile arrives once when it is back.
func TestSharedHistory(t *testing.T) {
	server := redis.Start(t)
	config := daemon.Config{TOML: fmt.Sprintf("store = %q\n", server.URL())}
	first, second := start(t, config), start(t, config)
	l := mailmaker.PNGCode()
	key := prevalence.Key(l.From)
	earlier := func(n int) prevalence.Record {
		return prevalence.Record{Time: daysAgo(n), From: key, Recipients: 1, ID: prevalence.NewFingerprint(fmt.Sprint(n), key, nil)}
	}
	first.learn(earlier(3), earlier(5))
	second.wait(prevalence.Address, key, 2)
	known := "X-Quish-Sender: " + key + "; prevalent=yes; messages=2; window=14d-1d; auth=none"
	fields(t, second.delivered(mailOf(l)), known)
	first.wait(prevalence.Address, key, 3)
	second.wait(prevalence.Address, key, 3)
	first.waitDelivered()
	second.waitDelivered()

	const goes, comes = "the shared store does not answer", "the shared store answers again"
	rigs := []*rig{first, second}
	var went, came [2]int // on a busy machine it may have seemed away before
	for n, r := range rigs {
		went[n], came[n] = r.said(goes), r.said(comes)
	}
	server.Kill()
	l.ID = "while-it-is-away@far.example"
	fields(t, second.delivered(mailOf(l)), known)
	first.learn(earlier(4))
	for n, r := range rigs {
		r.waitLog(goes, went[n]+1)
	}
	if out, status := first.command("check"); !strings.Contains(out, "this is what this host knows; ") || !strings.Contains(out, "wait for the shared store") || status != 1 {
		t.Errorf("check: status %d: %s", status, out)
	}

	server.Run()
	for n, r := range rigs {
		r.waitLog(comes, came[n]+1)
		r.wait(prevalence.Address, key, 5)
	}
	l.ID = "when-it-is-back@far.example"
	fields(t, second.delivered(mailOf(l)), strings.Replace(known, "messages=2", "messages=3", 1))
	for _, r := range rigs {
		if went, came := r.said(goes), r.said(comes); went != came && went != came+1 {
			t.Errorf("it is told %d times that the store went, %d times that it came:\n%s", went, came, r.filter.Log())
		}
	}
}

// waitDelivered returns when nothing waits for the shared store.
func (r *rig) waitDelivered() {
	r.t.Helper()
	for c, ctx := r.control(), limited(r.t); ; time.Sleep(5 * time.Millisecond) {
		h, err := c.History(ctx)
		if err == nil && h.Waiting == 0 && !h.Away {
			return
		}
		if ctx.Err() != nil {
			r.t.Fatalf("%+v, %v", h, err)
		}
	}
}

// While history is shorter than the window, strict tags where it would hold, and the daemon says until when.
func TestStrictLearns(t *testing.T) {
	r := start(t, daemon.Config{Policy: "strict"})
	fields(t, r.delivered(mailOf(mailmaker.Newsletter())), "X-Quish-Verdict: tagged", "X-Quish-Would: quarantine", "X-Quish-Reason: qr-link-from-new-sender…")
	r.waitLog("; there is no history yet, and until then every sender seems new, and the strict policy tags", 1)
	since := regexp.MustCompile(`learning since (\S+), until (\S+); there is no history yet`).FindStringSubmatch(r.filter.Log())
	begun, err := time.Parse(time.RFC3339, since[1])
	if until, bad := time.Parse(time.RFC3339, since[2]); err != nil || bad != nil || until.Sub(begun) != 14*24*time.Hour || time.Since(begun) > time.Hour {
		t.Errorf("it says %q", since[0])
	}
	r.learn(prevalence.Record{Time: daysAgo(13), From: "x@far.example", Recipients: 1})
	if out, status := r.command("check"); status != 0 || !strings.Contains(out, "and is shorter than the window until ") {
		t.Errorf("check: status %d: %s", status, out)
	}
	again := mailmaker.Newsletter()
	again.ID = "again@far.example"
	fields(t, r.delivered(mailOf(again)), "X-Quish-Would: quarantine")

	r.learn(prevalence.Record{Time: daysAgo(15), From: "x@far.example", Recipients: 1})
	again.ID = "later@far.example"
	id := r.accepted(mailOf(again))
	if held, err := r.mta.Held(); err != nil || len(held) != 1 || held[0].QueueID != id {
		t.Errorf("%+v %v", held, err)
	}
}

// What is known of a code's host, of its picture and of whom we wrote to reaches the rules.
func TestRulesAskForOtherHistories(t *testing.T) {
	r := start(t, daemon.Config{TOML: `
[authentication]
own_domains = ["example.org"]
[[rule]]
name = "ours"
when = 'sender.known_correspondent && code.own_host && code.own_picture'
then = "tag"
reason = "our-own-code"
[[rule]]
name = "known-host"
when = 'code.host_messages == 2 && code.host_days == 2 && code.host_age_days == 5 && code.host_auth_messages == 1'
then = "tag"
reason = "host-seen-for-days"
`})
	host := "tickets.example"
	for n, auth := range map[int]prevalence.Auth{3: prevalence.AuthPass, 5: prevalence.AuthNone} {
		r.learn(prevalence.Record{Time: daysAgo(n), From: "y@far.example", Recipients: 1, Auth: auth, Hosts: []string{host}})
	}
	r.wait(prevalence.Host, host, 2)
	l := mailmaker.PNGCode()
	l.Body = mailmaker.Mixed(mailmaker.Text("Your ticket."), mailmaker.Attached("image/png", "t.png", mailmaker.PNG(mailmaker.CodeImage("https://"+host+"/1", 6))))
	fields(t, r.delivered(mailOf(l)), "X-Quish-Reason: host-seen-for-days…")

	ours := mailmaker.PNGCode()
	ours.From, ours.To = "claire@example.org", "customer@far.example"
	ours.Body = mailmaker.Mixed(mailmaker.Text("Our shop."), mailmaker.Attached("image/png", "s.png", mailmaker.PNG(mailmaker.CodeImage("https://our-shop.example/", 6))))
	out := mailOf(ours)
	out.Login, out.Rcpts = "claire", []string{"customer@far.example"}
	r.delivered(out)
	r.wait(prevalence.Correspondent, "customer@far.example", 1)
	ours.From, ours.To, ours.ID = "customer@far.example", "claire@example.org", "answer@far.example"
	fields(t, r.delivered(mailOf(ours)), "X-Quish-Reason: our-own-code…")
	r.wait(prevalence.Pair, prevalence.PairKey("customer@far.example", "claire@example.org"), 1)
	if out, status := r.command("sender", "customer@far.example"); status != 0 || !strings.Contains(out, `history of the correspondent "customer@far[.]example": 1 message to 1 recipient on 1 day, `) ||
		!strings.Contains(out, `history of the pair "customer@far[.]example to claire@example[.]org": 1 message to 1 recipient on 1 day, `) {
		t.Errorf("sender: status %d: %s", status, out)
	}
	if out, status := r.command("sender", "--forget", "customer@far.example"); status != 0 || !strings.Contains(out, "histories of") {
		t.Errorf("forget: status %d: %s", status, out)
	}
	if out, status := r.command("sender", "customer@far.example"); status != 0 || strings.Contains(out, "correspondent") || strings.Contains(out, "pair") {
		t.Errorf("after forgetting: status %d: %s", status, out)
	}
}

// With a secret, names are hashed, and everything that asks for one finds it as without.
func TestHashedNames(t *testing.T) {
	l := mailmaker.SOC251()
	secret := t.TempDir() + "/secret"
	r := start(t, daemon.Config{Learn: [][]byte{before(l, 3), before(l, 5)}, TOML: fmt.Sprintf("[prevalence]\nsecret = %q\n", secret)})
	fields(t, r.delivered(mailOf(mailmaker.Plain5KB())), "X-Quish-Verdict: clean")
	if out, status := r.command("sender", l.From); status != 0 || !strings.Contains(out, "is prevalent") {
		t.Errorf("sender: status %d: %s", status, out)
	}
}

// A user who forwards phishing to the help desk, moments after it came, does not open the door to the rest of it.
func TestAForwardDoesNotVouchForAHost(t *testing.T) {
	r := start(t, daemon.Config{TOML: "[authentication]\nown_domains = [\"example.org\"]\n"})
	l := mailmaker.PNGCode()
	l.Body = mailmaker.Inline("Please scan.", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("https://evil.example/?u=reader%40example.org", 5)))
	wave := func(n int) {
		l.ID = fmt.Sprintf("wave%d@far.example", n)
		id := r.accepted(mailOf(l))
		if held, err := r.mta.Held(); err != nil || len(held) != n || !slices.ContainsFunc(held, func(m postfix.QueueEntry) bool { return m.QueueID == id }) {
			t.Errorf("mail %d: %+v %v", n, held, err)
		}
	}
	wave(1)
	forward := l
	forward.ID, forward.From, forward.To, forward.Subject = "forward@example.org", "first@example.org", "desk@far.example", "Fwd: is this phishing?"
	out := mailOf(forward)
	out.Login = "claire"
	r.delivered(out)
	r.wait(prevalence.Host, "evil.example", 2)
	wave(2)
}
