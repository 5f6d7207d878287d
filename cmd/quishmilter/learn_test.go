package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	if !strings.Contains(out.String(), "8 messages learnt") || !strings.Contains(out.String(), "1 skipped: "+prevalence.ErrNoSender.Error()) {
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
		fmt.Fprintf(&mailbox, "From x\n%s\n", strings.Replace(storedMessage(n, "box@a.example"), "\nFrom here", "\n>From here", 1))
	}
	put(t, mailbox.String(), folder, "b", "mbox")
	put(t, storedMessage(0, "first@a.example"), folder, "a.eml")
	ctx, cancel := context.WithCancel(t.Context())
	broken := &teacher{ctx: ctx, now: learnNow, skipped: map[string]int{}, marks: openBookmarks(s.State)}
	if err := os.MkdirAll(s.State, 0o700); err != nil {
		t.Fatal(err)
	}
	commits := 0
	broken.add = func(context.Context, []prevalence.Record) error {
		if commits++; commits == 2 {
			cancel()
		}
		return nil
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
	if err := learn(t.Context(), s, lesson{paths: []string{filepath.Join(folder, "Spam")}, out: &out, progress: io.Discard, now: learnNow}); err != nil || !strings.Contains(out.String(), "1 messages learnt") {
		t.Errorf("junk that is named itself: %v, %q", err, out.String())
	}
}
