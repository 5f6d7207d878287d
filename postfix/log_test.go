package postfix

import (
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
		"a very long line before it":  {"smtpd: x" + strings.Repeat("y", 200_000) + "\npostsuper: ID: released from hold", true},
		"a very long line with it":    {"smtpd: " + strings.Repeat("y", 65536-34) + "Nov 28 18:00:00 mx postfix/postsuper[1]: ID: released from hold", false},
		"no line end, and a NUL byte": {"postsuper: ID: released from hold\x00", false},
	} {
		var log strings.Builder
		for line := range strings.Lines(strings.ReplaceAll(c.lines, "ID", id)) {
			service, rest, _ := strings.Cut(line, ": ")
			log.WriteString("Nov 28 18:00:00 mx postfix" + strings.TrimPrefix("/"+service, "/-") + "[123]: " + rest)
		}
		l := logReader{name: "postfix", seen: map[string]*logged{id: {}}}
		if err := l.read(strings.NewReader(log.String())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m := l.seen[id]; (m.letGo && m.lives <= 1) != c.want {
			t.Errorf("%s: %+v", name, m)
		}
	}
}
