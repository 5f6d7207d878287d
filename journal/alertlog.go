package journal

import (
	"fmt"
	"log/slog"
)

// AlertRaised: a campaign is new that somebody should look at.
func (l *Log) AlertRaised(id, level, rule, from, host string) {
	l.say(slog.LevelWarn, fmt.Sprintf("alert: id=%s level=%s rule=%s header_from=%s host=%s", logValue(id, 40), logValue(level, 20), orElse(logValue(rule, 200), "-"),
		logAddress(from), orElse(logValue(host, 250), "-")), slog.String("event.kind", "alert"), slog.String("event.id", fitText(id, 40)), slog.String("rule.name", fitText(rule, 200)))
}

// AlertActed: somebody did something about an alert.
func (l *Log) AlertActed(id, what, as, by string, uid int) {
	sentence := fmt.Sprintf("alert: %s by %s uid=%d id=%s", logValue(what, 20), orElse(logValue(by, 100), "?"), uid, logValue(id, 40))
	if as != "" {
		sentence += " as=" + logValue(as, 20)
	}
	l.say(slog.LevelInfo, sentence, slog.String("event.id", fitText(id, 40)), slog.String("event.action", "alert-"+fitText(what, 20)), slog.String("user.name", fitText(by, 100)))
}

// AlertFailed: those who are told of alerts could not be, the n-th time in a row; it is tried again. The 1st, 2nd, 4th …
// is said.
func (l *Log) AlertFailed(way string, n int64, err error) {
	if n&(n-1) == 0 {
		l.say(slog.LevelWarn, fmt.Sprintf("alerts: %s failed %s in a row, trying again: %s", logText(way, 300), Several(n, "time"), oneLine(err)), failure(err))
	}
}

// AlertWorks: they can be told again.
func (l *Log) AlertWorks(way string, n int64) {
	l.say(slog.LevelWarn, fmt.Sprintf("alerts: %s works again after %s", logText(way, 300), Several(n, "failure")))
}

// AlertDropped: they were never told of something. The alerts are there all the same.
func (l *Log) AlertDropped(way string, n uint64, why string) {
	l.say(slog.LevelError, fmt.Sprintf("alerts: %s never reached %s: %s", Several(int64(n), "message"), logText(way, 300), logText(why, 300)))
}

// Several is a number of things, in words whose plural has an s more.
func Several(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
