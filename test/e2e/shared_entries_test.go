package e2e

import (
	"fmt"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/mailmaker"
	"quishmilter/test/redis"
)

// linkTo is a message with a code that links to a host.
func linkTo(id, host string) mailmaker.Letter {
	l := mailmaker.PNGCode()
	l.ID = id + "@far.example"
	l.Body = mailmaker.Inline("Please look.", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("https://"+host+"/"+id, 5)))
	return l
}

// judged sends a message with a code and returns what was decided, and by which entry.
func (r *rig) judged(id, host string) string {
	r.t.Helper()
	event := r.event(r.accepted(mailOf(linkTo(id, host))))
	return fmt.Sprint(event["verdict"], " ", event["rules"])
}

// An entry that is added on one host is in force on the others, and so are its removal and what a finding blocks. While
// Redis is away each host goes on with what it knows; what was changed meanwhile is in force everywhere when it is back.
func TestSharedEntries(t *testing.T) {
	server := redis.Start(t)
	config := fmt.Sprintf("store = %q\n", server.URL())
	first := start(t, daemon.Config{TOML: config + "[[detection]]\nname = \"reported\"\nurl = \"campaign.example\"\nevery = \"1s\"\nblock = [\"host\"]\n"})
	second := start(t, daemon.Config{TOML: config})
	const added, removed = "on another host: entry added by claire: block host ", "on another host: entry removed: block host "

	first.must("block", "add", "host", "evil.example", "--for", "30d", "--comment", "ticket 42", "--by", "claire")
	second.waitLog(added+"evil.example until ", 1)
	if out := second.must("block", "list"); !strings.Contains(out, `"evil[.]example"`) || !strings.Contains(out, `"ticket 42"`) || !strings.Contains(out, `"claire"`) {
		t.Errorf("list: %s", out)
	}
	if got, want := second.judged("1", "evil.example"), "quarantine [block host evil.example]"; got != want {
		t.Errorf("on the other host: %s, want %s", got, want)
	}
	second.must("block", "remove", "host", "evil.example")
	first.waitLog(removed+"evil.example", 1)
	if got := first.judged("2", "evil.example"); strings.Contains(got, "block host") {
		t.Errorf("after it was removed on the other host: %s", got)
	}

	first.judged("3", "www.campaign.example")
	second.waitLog("on another host: entry added by detection: block host www.campaign.example until ", 1)
	if got, want := second.judged("4", "www.campaign.example"), "quarantine [block host www.campaign.example]"; got != want {
		t.Errorf("what a finding blocks, on the other host: %s, want %s", got, want)
	}

	first.must("block", "add", "host", "old.example", "--by", "claire")
	second.waitLog(added+"old.example", 1)
	server.Kill()
	if got, want := second.judged("5", "www.campaign.example"), "quarantine [block host www.campaign.example]"; got != want {
		t.Errorf("while Redis is away: %s, want %s", got, want)
	}
	first.must("block", "add", "host", "new.example", "--by", "claire")
	second.must("block", "remove", "host", "old.example")
	first.filter.Kill() // what waits is on the disk
	if err := first.filter.Restart(limited(t)); err != nil {
		t.Fatal(err)
	}
	server.Run()
	second.waitLog(added+"new.example", 1)
	first.waitLog(removed+"old.example", 1)
	if got, want := second.judged("6", "new.example"), "quarantine [block host new.example]"; got != want {
		t.Errorf("what was added while Redis was away: %s, want %s", got, want)
	}
	if out := first.must("block", "list"); strings.Contains(out, "old") {
		t.Errorf("what was removed while Redis was away: %s", out)
	}
}
