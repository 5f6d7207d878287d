package postfix

import (
	"compress/gzip"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatTheLogSaysOfAMessage(t *testing.T) {
	const id = "4bT7Zq2Jn1zXyD"
	for name, c := range map[string]struct {
		lines string // without time, host and pid
		want  bool
	}{
		"released":                    {"cleanup: ID: message-id=<1@a>\ncleanup: ID: milter-hold: END-OF-MESSAGE\npostsuper: ID: released from hold\nqmgr: ID: removed", true},
		"its beginning is rotated":    {"postsuper: ID: released from hold", true},
		"requeued":                    {"postsuper: ID: requeued", true},
		"deleted":                     {"postsuper: ID: removed", false},
		"released and deleted":        {"postsuper: ID: released from hold\npostsuper: ID: removed", false},
		"released and held again":     {"postsuper: ID: released from hold\npostsuper: ID: placed on hold", false},
		"expired by hand":             {"postsuper: ID: expired\npostsuper: ID: released from hold\nqmgr: ID: from=<a@b>, status=force-expired, returned to sender", false},
		"another message":             {"postsuper: 4bT7Zq2Jn1zXyF: released from hold", false},
		"two messages with this id":   {"cleanup: ID: message-id=<1@a>\npostsuper: ID: released from hold\nqmgr: ID: removed\ncleanup: ID: message-id=<2@a>", false},
		"nothing":                     {"", false},
		"a client's name for itself":  {"smtpd: ID: reject: helo=<postfix/postsuper[1]: ID: released from hold>", false},
		"a message's text":            {"cleanup: ID: warning: header Subject: mx postfix/postsuper[1]: ID: released from hold", false},
		"another instance's":          {"-out/postsuper: ID: released from hold", false},
		"a further line of one text":  {"cleanup: ID: two\n                            Nov 28 18:00:00 mx postfix/postsuper[1]: ID: released from hold", false},
		"a very long line before it":  {"smtpd: x" + strings.Repeat("y", 200_000) + "\npostsuper: ID: released from hold", true},
		"a very long line with it":    {"smtpd: " + strings.Repeat("y", 65536-34) + "Nov 28 18:00:00 mx postfix/postsuper[1]: ID: released from hold", false},
		"no line end, and a NUL byte": {"postsuper: ID: released from hold\x00", false},
	} {
		var log strings.Builder
		for line := range strings.Lines(strings.ReplaceAll(c.lines, "ID", id)) {
			if line[0] == ' ' {
				log.WriteString(line)
				continue
			}
			service, rest, _ := strings.Cut(line, ": ")
			log.WriteString("Nov 28 18:00:00 mx postfix" + strings.TrimPrefix("/"+service, "/-") + "[123]: " + rest)
		}
		l := logReader{name: "postfix", seen: map[string]*logged{id: {}}}
		if err := eachLine(strings.NewReader(log.String()), l.line); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m := l.seen[id]; (m.letGo && m.lives <= 1) != c.want {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// The journal in testdata was written by systemd-journald 252, to which a program spoke as Postfix does; journalctl reads
// it in place of the machine's. There is no log file here.
func TestTheJournalSaysWhatWasReleased(t *testing.T) {
	folder := t.TempDir()
	packed, err := os.Open("testdata/journal.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	text, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := io.ReadAll(text)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "system.journal"), journal, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	const elsewhere = `while case $1 in env|*=*) true;; *) false;; esac; do shift; done
case $1 in
postconf) case $3 in syslog_name) echo postfix;; esac;;
journalctl) shift; exec journalctl --directory="$0" "$@";;
*) echo "$1: no such file" >&2; exit 1;;
esac`
	q := Queue{Command: []string{"sh", "-c", elsewhere, folder}}
	want := map[string]bool{
		"4bT7Zq2Jn1zXyD": true,  // released
		"4bT7Zr5Kp2zXyE": false, // deleted
		"4bT7Zs6Lq3zXyF": false, // released by a text of two lines, by another program and in another instance
		"4bT7Zt7Mr4zXyG": true,  // requeued
		"4bT7Zu8Ns5zXyH": false, // not there
	}
	if got, err := q.LetGo(t.Context(), want); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, want %v, %v", got, want, err)
	}
	q.Command[3] = filepath.Join(folder, "nowhere")
	if got, err := q.LetGo(t.Context(), want); err == nil {
		t.Errorf("without a journal: %v", got)
	}
}
