package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"quishmilter/mime"
	"quishmilter/prevalence"
)

var learnNow = time.Date(2020, 11, 25, 0, 0, 0, 0, time.UTC)

func storedMessage(n int, from string) string {
	return fmt.Sprintf("Received: from a by b; Wed, 18 Nov 2020 12:00:%02d +0000\nFrom: <%s>\nTo: r@b.example\nMessage-ID: <%d@a.example>\n\nHello\n\nFrom here on: text\n", n%60, from, n)
}

func put(t *testing.T, text string, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// knownMessages is how many messages of a sender the state has, whenever they came.
func knownMessages(t *testing.T, s Settings, from string) int {
	t.Helper()
	src, done, err := openSource(s, true)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	got, err := src.Sender(t.Context(), from, learnNow)
	if err != nil {
		t.Fatal(err)
	}
	return got.All.Messages
}

func learnSettings(t *testing.T) Settings {
	s := defaultSettings()
	s.State = filepath.Join(t.TempDir(), "state")
	s.Control = filepath.Join(t.TempDir(), "control.sock")
	return s
}

func TestLearnReadsWhatMailIsStoredIn(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	var mailbox strings.Builder
	for n := range 3 {
		put(t, storedMessage(n, "dir@a.example"), folder, "Maildir", "cur", fmt.Sprintf("%d.host:2,S", n))
		fmt.Fprintf(&mailbox, "From box@a.example Wed Nov 18 12:00:00 2020\n%s\n", strings.Replace(storedMessage(10+n, "box@a.example"), "\nFrom here", "\n>From here", 1))
	}
	put(t, storedMessage(20, "dir@a.example"), folder, "Maildir", "tmp", "20.host")
	put(t, "binary", folder, "Maildir", "dovecot.index.cache")
	put(t, storedMessage(21, "dir@a.example"), folder, "Maildir", ".Archive", "new", "21.host")
	put(t, mailbox.String(), folder, "inbox")
	put(t, storedMessage(30, "file@a.example"), folder, "one.eml")
	put(t, "no message", folder, "README")
	var out bytes.Buffer
	for range 2 { // a second time changes nothing
		out.Reset()
		if err := learn(t.Context(), s, lesson{paths: []string{folder}, out: &out, progress: io.Discard, now: learnNow}); err != nil {
			t.Fatal(err)
		}
		for from, want := range map[string]int{"dir@a.example": 4, "box@a.example": 3, "file@a.example": 1} {
			if got := knownMessages(t, s, from); got != want {
				t.Errorf("%d messages of %s, want %d\n%s", got, from, want, out.String())
			}
		}
	}
	if !strings.Contains(out.String(), "0 messages learnt\n8 were known already\n") || !strings.Contains(out.String(), "1 skipped: "+prevalence.ErrNoSender.Error()) {
		t.Errorf("it says %q", out.String())
	}
}

func TestLearnFollowsALinkThatIsNamed(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	put(t, storedMessage(1, "dir@a.example"), folder, "Maildir", "cur", "1.host:2,S")
	put(t, storedMessage(2, "file@a.example"), folder, "one.eml")
	put(t, storedMessage(3, "ours@a.example"), folder, "2020", "cur", "3.host:2,S")
	links := t.TempDir()
	var paths []string
	for link, target := range map[string]string{"mail": "Maildir", "one": "one.eml", "Sent": "2020"} {
		paths = append(paths, filepath.Join(links, link))
		if err := os.Symlink(filepath.Join(folder, target), filepath.Join(links, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := learn(t.Context(), s, lesson{paths: paths, out: io.Discard, progress: io.Discard, now: learnNow}); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"dir@a.example", "file@a.example", "ours@a.example"} {
		if got := knownMessages(t, s, from); got != 1 {
			t.Errorf("%d messages of %s", got, from)
		}
	}
	if err := learn(t.Context(), s, lesson{paths: []string{filepath.Join(links, "nowhere")}, out: io.Discard, progress: io.Discard, now: learnNow}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that is not there: %v", err)
	}
	src, done, err := openSource(s, false)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if known, err := src.Sender(t.Context(), "r@b.example", learnNow); err != nil || len(known.Histories) == 0 || known.Histories[0].Kind != prevalence.Correspondent {
		t.Errorf("mail behind a link named Sent is not of our own people: %+v, %v", known.Histories, err)
	}
}

func TestLearnGoesOnWhereItWasBrokenOff(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	var mailbox strings.Builder
	const messages = 3*batch + 100
	for n := range messages {
		fmt.Fprintf(&mailbox, "From x Wed Nov 18 12:00:00 2020\n%s\n", strings.Replace(storedMessage(n, "box@a.example"), "\nFrom here", "\n>From here", 1))
	}
	put(t, mailbox.String(), folder, "b", "mbox")
	put(t, storedMessage(0, "first@a.example"), folder, "a.eml")
	ctx, cancel := context.WithCancel(t.Context())
	judge, err := newStoredJudge(ctx, s, false)
	if err != nil {
		t.Fatal(err)
	}
	broken := &teacher{ctx: ctx, now: learnNow, judge: judge, skipped: map[string]int{}, marks: openBookmarks(s.State)}
	if err := os.MkdirAll(s.State, 0o700); err != nil {
		t.Fatal(err)
	}
	commits := 0
	broken.add = func(context.Context, []prevalence.Record) (int, error) {
		if commits++; commits == 2 {
			cancel()
		}
		return 0, nil
	}
	if err := broken.path(folder); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	var out bytes.Buffer
	if err := learn(t.Context(), s, lesson{paths: []string{folder}, out: &out, progress: io.Discard, now: learnNow}); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d messages learnt", messages+1-2*batch+1); !strings.HasPrefix(out.String(), want) { // the last one is read again
		t.Errorf("it says %q, want %q", out.String(), want)
	}
	if left, err := os.ReadDir(s.State); err != nil || len(left) != 1 {
		t.Errorf("the state has %v, %v", left, err)
	}
}

func TestLearnReadsLogsAndSentMail(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	put(t, "2020-11-18T12:00:00Z mx postfix/smtpd[1]: 4F1: client=a[192.0.2.1]\n2020-11-18T12:00:00Z mx postfix/qmgr[1]: 4F1: from=<log@a.example>, size=1, nrcpt=1 (queue active)\n", folder, "mail.log")
	put(t, storedMessage(1, "me@b.example"), folder, "sent", "1.eml")
	var out bytes.Buffer
	if err := learn(t.Context(), s, lesson{paths: []string{filepath.Join(folder, "sent")}, logs: []string{filepath.Join(folder, "mail.log")}, sent: true, out: &out, progress: io.Discard, now: learnNow}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "2 messages learnt") || knownMessages(t, s, "log@a.example") != 0 {
		t.Errorf("it says %q, and a From is known by its log", out.String())
	}
	if err := learn(t.Context(), s, lesson{paths: []string{filepath.Join(folder, "nowhere")}, out: &out, progress: io.Discard, now: learnNow}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// An mbox without empty lines between its messages: what cannot be told from text is not learnt, and said.
// A sender whose mail always has the same Message-ID gains nothing from a folder that is learnt every night.
func TestLearningAgainAddsNothing(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	for _, day := range []int{2, 6, 12, 18} {
		text := strings.Replace(storedMessage(1, "same@a.example"), "18 Nov", fmt.Sprintf("%02d Nov", day), 1)
		put(t, text, folder, fmt.Sprintf("%02d.eml", day))
	}
	for _, want := range []string{"3 messages learnt\n1 were known already\n", "0 messages learnt\n4 were known already\n", "0 messages learnt\n4 were known already\n"} {
		if got := learned(t, s, lesson{paths: []string{folder}}); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

func TestAnMboxWithoutEmptyLines(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	var box strings.Builder
	for n := range 4 {
		fmt.Fprintf(&box, "From x@a.example Wed Nov 18 12:00:00 2020\nReceived: from a by b; Wed, 18 Nov 2020 12:00:%02d +0000\nFrom: x%d@a.example\nMessage-ID: <%d@a.example>\n\ntext\n", n, n, n)
	}
	put(t, box.String(), folder, "inbox")
	want := "1 message learnt\n3 skipped: in an mbox, with no empty line before its \"From \" line: it may be the text of the message before\n"
	if got := learned(t, s, lesson{paths: []string{folder}}); got != want {
		t.Errorf("it says %q", got)
	}
	put(t, strings.ReplaceAll(box.String(), "text\n", "text\nFrom x@a.example Wed Nov 18 12:00:00 2020\nis what he wrote\n\n"), folder, "inbox") // prose is no message
	if got := learned(t, s, lesson{paths: []string{folder}}); got != "3 messages learnt\n1 were known already\n" {
		t.Errorf("it says %q", got)
	}
}

// What mail servers and programs call the folder of junk, in the languages of most of their users, as files have it.
func TestJunkByManyNames(t *testing.T) {
	for _, name := range []string{"Probably Spam", "probably-spam", "almost-certainly-spam", "Probably_Spam.mbox", "Junk", "Junk E-mail", "Junk Email", "Junk_E-Mail", "Spam", "Bulk",
		".INBOX.Junk", ".[Gmail].Spam", "INBOX.spam", "Junk.sbd", "垃圾邮件", "垃圾郵件", "垃圾邮件.mbox", "जंक ईमेल", "Correo no deseado", "correo basura", "Courrier indésirable", "Indésirables",
		"البريد غير المرغوب فيه", "জাঙ্ক ইমেল", "Lixo Eletrônico", "Нежелательная почта", "Спам", "迷惑メール", "迷惑メール フォルダー", "Spamverdacht", "Unerwünscht", "Unerwu\u0308nscht", "Posta indesiderata",
		".Spam-Verdacht", ".Unerw&APw-nscht", "스팸함", "Önemsiz E-posta", "Thư rác"} {
		if why := whyLeftOut("/home/x/" + name); why != "a folder of junk" {
			t.Errorf("%q: %q", name, why)
		}
	}
	for _, name := range []string{"Inbox", "Spammers", "Not Spam", "Junkers", "junk@a.example", "anti-spam", "Archive"} {
		if why := whyLeftOut("/home/x/" + name); why != "" {
			t.Errorf("%q: %q", name, why)
		}
	}
	for labels, want := range map[string]string{"Spam,Unread": "a folder of junk", "Inbox, \"Trash\"": "a folder of deleted mail", "=?UTF-8?Q?Entw=C3=BCrfe?=": "a folder of drafts", "Inbox,Important": ""} {
		s, folder := learnSettings(t), t.TempDir()
		put(t, "From 1@xxx Wed Nov 18 12:00:00 +0000 2020\nX-Gmail-Labels: "+labels+"\n"+storedMessage(1, "x@a.example"), folder, "All mail Including Spam and Trash.mbox")
		got := learned(t, s, lesson{paths: []string{folder}})
		if want = map[bool]string{true: "1 message learnt\n", false: "0 messages learnt\n1 skipped: " + want + "\n"}[want == ""]; got != want {
			t.Errorf("%s: %q, want %q", labels, got, want)
		}
	}
}

// Junk builds no trust, sent mail makes correspondents, and what is older than history is kept says nothing.
func TestLearnKnowsFolders(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	put(t, storedMessage(1, "junk@a.example"), folder, ".INBOX.Junk", "cur", "1")
	put(t, "From x\n"+storedMessage(2, "spam@a.example"), folder, "Spam")
	put(t, storedMessage(3, "me@b.example"), folder, ".Sent", "cur", "1")
	put(t, storedMessage(4, "good@a.example"), folder, "cur", "1")
	put(t, strings.Replace(storedMessage(5, "old@a.example"), "Nov 2020", "Sep 2020", 1), folder, "cur", "2")
	var out bytes.Buffer
	if err := learn(t.Context(), s, lesson{paths: []string{folder}, out: &out, progress: io.Discard, now: learnNow}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 messages learnt\n", "2 skipped: a folder of junk\n", "1 skipped: older than history is kept, which is 32 days\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, out.String())
		}
	}
	for from, want := range map[string]int{"junk@a.example": 0, "spam@a.example": 0, "good@a.example": 1, "old@a.example": 0} {
		if got := knownMessages(t, s, from); got != want {
			t.Errorf("%d messages of %s, want %d", got, from, want)
		}
	}
	src, done, err := openSource(s, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := src.Sender(t.Context(), "r@b.example", learnNow)
	done()
	if err != nil || len(got.Histories) != 2 || got.Histories[0].Kind != prevalence.Correspondent {
		t.Errorf("whom we wrote to: %+v, %v", got.Histories, err)
	}
	for _, path := range []string{"Spam", ".INBOX.Junk", ".INBOX.Junk/cur", ".INBOX.Junk/cur/1"} { // as a pattern of the shell names them
		for junk, want := range map[bool]string{false: "0 messages learnt\n1 skipped: a folder of junk\n", true: "1 message learnt\n"} {
			if got := learned(t, learnSettings(t), lesson{paths: []string{filepath.Join(folder, path)}, junk: junk}); got != want {
				t.Errorf("%s, taking junk %v: %q", path, junk, got)
			}
		}
	}
}

// learned is what learn says in the end.
func learned(t *testing.T, s Settings, l lesson) string {
	t.Helper()
	var out bytes.Buffer
	l.out, l.progress, l.now = &out, io.Discard, learnNow
	if err := learn(t.Context(), s, l); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFoldersOfMailPrograms(t *testing.T) {
	for name, want := range map[string]string{
		"Junk": "junk", ".Junk": "junk", "INBOX.Spam": "junk", ".INBOX.Junk.2020": "junk", "Junk E-mail.mbox": "junk", "Junk.sbd": "junk", ".Unerw&APw-nscht": "junk", "[Gmail]/Spam": "junk",
		"Trash": "deleted mail", ".Deleted Messages": "deleted mail", "Papierkorb": "deleted mail", "&BBoEPgRABDcEOAQ9BDA-": "deleted mail", ".&XfJSIJZk-": "deleted mail", "Corbeille": "deleted mail",
		".Drafts": "drafts", "Entw&APw-rfe": "drafts", "Outbox": "drafts", "Brouillons": "drafts", "Borradores": "drafts",
		"INBOX": "", ".Archive": "", ".Sent": "", "junk@a.example": "", "not junk": "", "spam.example": "", "1605700000.M1.trash:2,S": "", "&": "", "&x": "", "&Junk": "", "&!-": "", "": "",
	} {
		got := strings.TrimPrefix(whyLeftOut("/mail/"+name), "a folder of ")
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]bool{"Sent": true, ".Sent": true, "Gesendete Elemente": true, "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-": true, "[Gmail]/Sent Mail": true, "Presented": false} {
		if isFolder("/mail/"+name, sentNames) != want {
			t.Errorf("%q is sent mail: %v", name, !want)
		}
	}
}

// Stored mail builds no trust where a filter, a person or its own authentication spoke against it.
func TestLearnJudgesStoredMail(t *testing.T) {
	for name, c := range map[string]struct {
		file   string // below the folder
		fields string
		from   string
		want   string // what learn says beside the number
		trust  int    // messages that build trust
		all    int
	}{
		"plain":                              {"cur/1:2,S", "", "", "", 1, 1},
		"marked by SpamAssassin":             {"cur/1:2,S", "X-Spam-Flag: YES\n", "", "1 skipped: marked as spam\n", 0, 0},
		"its status":                         {"cur/1:2,S", "X-Spam-Status: Yes, score=8.1\n\trequired=5\n", "", "1 skipped: marked as spam\n", 0, 0},
		"no spam":                            {"cur/1:2,S", "X-Spam-Flag: NO\nX-Spam-Status: No, score=0\n", "", "", 1, 1},
		"marked as the settings say":         {"cur/1:2,S", "X-Our-Verdict: bad; 9\n", "", "1 skipped: marked as spam\n", 0, 0},
		"in the trash by a flag":             {"cur/1:2,ST", "", "", "1 skipped: marked as deleted\n", 0, 0},
		"a draft by a flag":                  {"cur/1:2,DS", "", "", "1 skipped: a draft\n", 0, 0},
		"in a folder of drafts":              {".Entw&APw-rfe/cur/1:2,S", "", "", "1 skipped: a folder of drafts\n", 0, 0},
		"deleted from an mbox":               {"inbox", "X-Status: D\n", "", "1 skipped: marked as deleted\n", 0, 0},
		"an mbox of deleted mail":            {"Trash", "", "", "1 skipped: a folder of deleted mail\n", 0, 0},
		"held, and released by a person":     {"cur/1:2,S", "X-Quish-Verdict: quarantined\n", "", "", 1, 1},
		"we found that it failed":            {"cur/1:2,S", "X-Quish-Sender: x@a.example; prevalent=no; messages=0; window=14d-1d; auth=fail\n", "", "1 of them build no trust: its authentication failed\n", 0, 1},
		"a named filter found that it fails": {"cur/1:2,S", "Authentication-Results: gw.example; dmarc=fail (p=reject) header.from=a.example\n", "", "1 of them build no trust: its authentication failed\n", 0, 1},
		"this host's filter did":             {"cur/1:2,S", "Authentication-Results: mx.example; dmarc=fail header.from=a.example\n", "", "1 of them build no trust: its authentication failed\n", 0, 1},
		"somebody says that it fails":        {"cur/1:2,S", "Authentication-Results: other.example; dmarc=fail header.from=a.example\n", "", "", 1, 1},
		"a named filter found that it holds": {"cur/1:2,S", "Authentication-Results: gw.example; dmarc=pass header.from=a.example\n", "", "", 1, 1},
		"our own domain, without proof":      {"cur/1:2,S", "", "x@corp.example", "1 of them build no trust: it bears a domain of own_domains without proof, outside a folder of sent mail\n", 0, 1},
		"our own domain, proven":             {"cur/1:2,S", "Authentication-Results: gw.example; dmarc=pass header.from=corp.example\n", "x@corp.example", "", 1, 1},
		"sent":                               {".Sent/cur/1:2,S", "", "x@corp.example", "", 0, 1},
		"sent by a stranger":                 {".Sent/cur/1:2,S", "", "", "1 skipped: in a folder of sent mail, but not written by people of own_domains, or automatic\n", 0, 0},
		"sent by an absence notice":          {".Sent/cur/1:2,S", "Auto-Submitted: auto-replied\n", "x@corp.example", "1 skipped: in a folder of sent mail, but not written by people of own_domains, or automatic\n", 0, 0},
	} {
		s, folder := learnSettings(t), t.TempDir()
		s.Auth.OwnDomains, s.Auth.TrustedAuthserv, s.SpamMarks = []string{"corp.example"}, []string{"gw.example", "$myhostname"}, []string{"X-Our-Verdict: bad"}
		s.QueueCommand = []string{"sh", "-c", "echo mx.example", "--"} // in the place of postconf
		if c.from == "" {
			c.from = "x@a.example"
		}
		text := c.fields + storedMessage(1, c.from)
		if !strings.Contains(c.file, "cur") {
			text = "From x Wed Nov 18 12:00:00 2020\n" + text
		}
		put(t, text, folder, c.file)
		got := learned(t, s, lesson{paths: []string{folder}})
		src, done, err := openSource(s, false)
		if err != nil {
			t.Fatal(err)
		}
		known, err := src.Sender(t.Context(), c.from, learnNow)
		done()
		if !strings.HasSuffix(got, " learnt\n"+c.want) || known.Counted.Messages != c.trust || known.All.Messages != c.all || err != nil {
			t.Errorf("%s: %q; %d of %d messages build trust, want %d of %d; %v", name, got, known.Counted.Messages, known.All.Messages, c.trust, c.all, err)
		}
	}
}

// What cannot be read is named at the end, and the rest is learnt. Root may read everything, so the folder is one that
// is in the way of its own name, and the log is broken.
func TestLearnGoesOnWhereSomethingCannotBeRead(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	put(t, storedMessage(1, "x@a.example"), folder, "mail", "cur", "1")
	put(t, "\x1f\x8bbroken", folder, "mail.log.gz")
	var out bytes.Buffer
	err := learn(t.Context(), s, lesson{paths: []string{filepath.Join(folder, "nowhere"), filepath.Join(folder, "mail", "cur", "1", "below"), filepath.Join(folder, "mail")},
		logs: []string{filepath.Join(folder, "mail.log.gz"), filepath.Join(folder, "no.log")}, out: &out, progress: io.Discard, now: learnNow})
	if err == nil || !errors.Is(err, os.ErrNotExist) || report(err) != exitFailed || !strings.HasPrefix(err.Error(), "4 files or folders could not be read (the rest was learnt): "+filepath.Join(folder, "nowhere")+": no such file or directory; ") {
		t.Errorf("%v", err)
	}
	if !strings.HasPrefix(out.String(), "1 message learnt\n") || knownMessages(t, s, "x@a.example") != 1 {
		t.Errorf("it says %q", out.String())
	}
	w := &walk{teacher: &teacher{root: folder}}
	denied := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}
	for range maxNamed + 2 {
		if err := w.visit(filepath.Join(folder, "closed"), nil, denied); err != nil {
			t.Errorf("a folder that may not be read ends the walk: %v", err)
		}
	}
	if err := w.unread(); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "12 files or folders") || !strings.HasSuffix(err.Error(), "closed: permission denied; and 2 more") {
		t.Errorf("%v", err)
	}
}

// Root learns for a daemon that runs as somebody else: what it leaves in the state's folder is that user's. A user who
// is not root can only make files of his own.
func TestLearnLeavesNothingOfRoots(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	s.Prevalence.Secret = filepath.Join(folder, "secret")
	owner := os.Getuid()
	if err := os.Mkdir(s.State, 0o700); err != nil {
		t.Fatal(err)
	}
	if owner == 0 {
		owner = 12345
		if err := os.Chown(s.State, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	put(t, storedMessage(1, "x@a.example"), folder, "mail", "1.eml")
	learned(t, s, lesson{paths: []string{filepath.Join(folder, "mail")}})
	if err := openBookmarks(s.State).set("x", bookmark{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{s.stateFile(), filepath.Join(s.State, "learn.json"), s.Prevalence.Secret} {
		var info syscall.Stat_t
		if err := syscall.Stat(name, &info); err != nil || int(info.Uid) != owner {
			t.Errorf("%s belongs to %d, not to %d; %v", name, info.Uid, owner, err)
		}
	}
}

// BenchmarkLearnJudges: what the judgement of a stored message costs beside making its record.
func BenchmarkLearnJudges(b *testing.B) {
	s := defaultSettings()
	s.Auth.OwnDomains = []string{"b.example"}
	judge, err := newStoredJudge(b.Context(), s, false)
	if err != nil {
		b.Fatal(err)
	}
	header := []byte("Return-Path: <x@a.example>\nX-Spam-Status: No, score=-1\nAuthentication-Results: mx.b.example; dkim=pass header.d=a.example; dmarc=pass (p=none) header.from=a.example\n" +
		"DKIM-Signature: v=1; d=a.example; s=x;\n\tb=" + strings.Repeat("abcdefgh", 40) + "\n" + storedMessage(1, "x@a.example"))
	for b.Loop() {
		fields, _ := mime.ParseMessage(header)
		judge.judge(prevalence.Record{}, fields, false)
	}
}
