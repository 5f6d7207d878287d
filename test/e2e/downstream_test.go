package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/test/daemon"
	"quishmilter/test/downstream"
	"quishmilter/test/mailmaker"
	"quishmilter/test/postfix"
)

const examples = "../../packaging/downstream/"

// firstOfTwo attaches quishmilter before another milter, to tag alone: "first, tag-only" of postfix-example.cf.
func firstOfTwo(t *testing.T, next string) *rig {
	t.Helper()
	return startWith(t, daemon.Config{TOML: "tag_only = true"},
		postfix.Config{Params: map[string]string{"smtpd_milters": "$quishmilter_address, " + next, "milter_connect_timeout": "60s"}})
}

// A real rspamd behind us scores our fields.
func TestRspamdScoresOurFields(t *testing.T) {
	r := firstOfTwo(t, downstream.Rspamd(t, examples+"rspamd-regexp.conf", nil))
	for _, test := range scored() {
		result := strings.Join(r.delivered(test.mail).Field("X-Spamd-Result"), " ")
		if !strings.Contains(result, "default: ") {
			t.Fatalf("%s: rspamd says nothing: %q", test.name, result)
		}
		for _, symbol := range symbols {
			if want := strings.Contains(test.symbols, symbol); strings.Contains(result, symbol+"(") != want {
				t.Errorf("%s: %s wanted %v in %q", test.name, symbol, want, result)
			}
		}
	}
}

// Beside files like mailcow's the example is loaded too, and what we would hold reaches mailcow's limit for the spam folder.
func TestRspamdAsMailcowMountsIt(t *testing.T) {
	r := firstOfTwo(t, downstream.Rspamd(t, examples+"rspamd-regexp.conf", downstream.Mailcow))
	l := mailmaker.PNGCode()
	l.Fields = []string{"X-Bad: yes"}
	l.ID = "bad@example.net"
	for _, test := range []struct {
		name    string
		mail    postfix.Mail
		symbols []string
		spam    bool
	}{
		{"plain", mailOf(mailmaker.Plain5KB()), nil, false},
		{"tagged, with a header of the map, which the composite takes together", mailOf(l), []string{"LOCAL_BOTH("}, false},
		{"what would be held", mailOf(namesRecipient()), []string{"QUISH_WOULD_HOLD("}, true},
	} {
		result := strings.Join(r.delivered(test.mail).Field("X-Spamd-Result"), " ")
		var score, limit float64
		at := strings.Index(result, "[")
		if at < 0 {
			t.Fatalf("%s: rspamd says nothing: %q", test.name, result)
		}
		if _, err := fmt.Sscanf(result[at:], "[%f / %f]", &score, &limit); err != nil || limit != 15 || score >= 8 != test.spam {
			t.Errorf("%s: %v: %q", test.name, err, result)
		}
		for _, symbol := range test.symbols {
			if !strings.Contains(result, symbol) {
				t.Errorf("%s: %s is missing in %q", test.name, symbol, result)
			}
		}
	}
}

// So does a real SpamAssassin, by spamass-milter.
func TestSpamAssassinScoresOurFields(t *testing.T) {
	r := firstOfTwo(t, downstream.SpamAssassin(t, examples+"spamassassin.cf"))
	for _, test := range scored() {
		d := r.delivered(test.mail)
		status := strings.Join(d.Field("X-Spam-Status"), " ")
		if !strings.Contains(status, "score=") {
			t.Fatalf("%s: SpamAssassin says nothing: %q", test.name, status)
		}
		for _, symbol := range symbols {
			if want := strings.Contains(test.symbols, symbol); strings.Contains(status, symbol) != want {
				t.Errorf("%s: %s wanted %v in %q", test.name, symbol, want, status)
			}
		}
		if isSpam := strings.HasPrefix(status, "Yes"); !isSpam && strings.Contains(test.symbols, "WOULD_HOLD") || isSpam && test.symbols == "" {
			t.Errorf("%s: %q", test.name, status)
		}
	}
}

var symbols = []string{"QUISH_TAGGED", "QUISH_WOULD_HOLD", "QUISH_UNSCANNED", "QUISH_RECIPIENT_IN_LINK"}

type scoredMail struct {
	name    string
	mail    postfix.Mail
	symbols string
}

// scored are messages and what a filter behind us should say of them. The last one bears forged fields.
func scored() []scoredMail {
	forged := mailmaker.Plain5KB()
	forged.Fields = []string{"X-Quish-Would: quarantine", "X-Quish-Reason: recipient-in-link"}
	return []scoredMail{
		{"plain", mailOf(mailmaker.Plain5KB()), ""},
		{"a stranger's link", mailOf(mailmaker.PNGCode()), "QUISH_TAGGED"},
		{"what would be held", mailOf(namesRecipient()), "QUISH_TAGGED QUISH_WOULD_HOLD QUISH_RECIPIENT_IN_LINK"},
		{"unscanned", mailOf(unreadable()), "QUISH_UNSCANNED"},
		{"forged fields", mailOf(forged), ""},
	}
}

func namesRecipient() mailmaker.Letter {
	l := mailmaker.PNGCode()
	l.ID = "names-recipient@example.net"
	l.Body = mailmaker.Inline("", "image/png", "code.png", mailmaker.PNG(mailmaker.CodeImage("https://evil.example/?u=reader%40example.org", 5)))
	return l
}

func unreadable() mailmaker.Letter {
	png := mailmaker.PNG(mailmaker.CodeImage("https://example.net/", 5))
	return mailmaker.Letter{From: "a@example.net", To: "reader@example.org", ID: "cut@example.net", Body: mailmaker.Attached("image/png", "cut.png", png[:len(png)/3])}
}

// filed is a delivered message and the folder that the examples put it in; "" is the inbox.
type filed struct {
	name, folder string
	d            postfix.Delivered
}

// messages come as a mailbox gets them: judged, and one of them released from the hold queue by a person.
func messages(t *testing.T) []filed {
	t.Helper()
	last := start(t, daemon.Config{})
	first := start(t, daemon.Config{TOML: "tag_only = true"})
	list := []filed{
		{"plain", "", last.delivered(mailOf(mailmaker.Plain5KB()))},
		{"tagged", "QR", last.delivered(mailOf(mailmaker.PNGCode()))},
		{"unscanned", "", last.delivered(mailOf(unreadable()))},
		{"would be held", "Junk", first.delivered(mailOf(namesRecipient()))},
	}
	id := last.accepted(mailOf(namesRecipient()))
	if _, err := last.mta.Command(limited(t), "postsuper", "-H", id); err != nil {
		t.Fatal(err)
	}
	if _, err := last.mta.Command(limited(t), "postqueue", "-i", id); err != nil {
		t.Fatal(err)
	}
	all, err := last.mta.WaitDelivered(limited(t), 4)
	if err != nil {
		t.Fatal(err)
	}
	released := all[len(all)-1]
	fields(t, released, "X-Quish-Verdict: quarantined")
	return append(list, filed{"released", "", released})
}

// The examples for mailboxes sort delivered mail, each in its real program. What a person released stays in the inbox.
func TestMailboxesSortByOurFields(t *testing.T) {
	list := messages(t)
	t.Run("sieve", func(t *testing.T) {
		script := openCopy(t, examples+"quishmilter.sieve")
		for _, m := range list {
			folder := map[string]string{"": "INBOX", "QR": "QR codes", "Junk": "Junk"}[m.folder]
			out, err := exec.CommandContext(limited(t), "sieve-test", "-o", "mail_uid=nobody", "-o", "mail_gid=nogroup", script, m.d.File).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "store message in folder: "+folder+"\n") {
				t.Errorf("%s: %v, not into %q:\n%s", m.name, err, folder, out)
			}
			if flagged := strings.Contains(string(out), "$Unscanned"); flagged != (m.name == "unscanned") {
				t.Errorf("%s: flagged %v", m.name, flagged)
			}
		}
	})
	t.Run("procmail", func(t *testing.T) {
		dir := t.TempDir()
		rc := filepath.Join(dir, "rc")
		write(t, rc, "MAILDIR="+dir+"/\nDEFAULT="+dir+"/inbox/\nLOGFILE="+dir+"/log\nINCLUDERC="+absolute(t, examples+"procmailrc")+"\n")
		sorts(t, list, map[string]string{"": dir + "/inbox", "QR": dir + "/.QR-codes", "Junk": dir + "/.Junk"}, "procmail", rc)
	})
	t.Run("maildrop", func(t *testing.T) {
		dir := t.TempDir()
		rc := filepath.Join(dir, "rc")
		write(t, rc, "HOME=\""+dir+"\"\nDEFAULT=\""+dir+"/Maildir/\"\ninclude \""+absolute(t, examples+"mailfilter")+"\"\n")
		folders := map[string]string{"": dir + "/Maildir", "QR": dir + "/Maildir/.QR-codes", "Junk": dir + "/Maildir/.Junk"}
		for _, folder := range folders {
			for _, sub := range []string{"new", "cur", "tmp"} {
				if err := os.MkdirAll(filepath.Join(folder, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
		}
		sorts(t, list, folders, "maildrop", rc)
	})
}

// sorts hands each message to a delivery program and looks where it went.
func sorts(t *testing.T, list []filed, folders map[string]string, program ...string) {
	t.Helper()
	for _, m := range list {
		before := counts(folders)
		cmd := exec.CommandContext(limited(t), program[0], program[1:]...)
		in, err := os.Open(m.d.File)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdin = in
		out, err := cmd.CombinedOutput()
		in.Close()
		if err != nil {
			t.Fatalf("%s: %v: %s", m.name, err, out)
		}
		before[m.folder]++
		if after := counts(folders); after[""] != before[""] || after["QR"] != before["QR"] || after["Junk"] != before["Junk"] {
			t.Errorf("%s: now %v, want %v", m.name, after, before)
		}
	}
}

// counts is how many messages each folder has.
func counts(folders map[string]string) map[string]int {
	n := map[string]int{}
	for name, folder := range folders {
		entries, _ := os.ReadDir(filepath.Join(folder, "new")) // one that is missing is empty
		n[name] = len(entries)
	}
	return n
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// openCopy copies a file to where unprivileged users can read it, as sieve-test does.
func openCopy(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "quishmilter-sieve-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	file := filepath.Join(dir, filepath.Base(name))
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}
