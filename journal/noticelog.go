package journal

import (
	"fmt"
	"log/slog"
	"time"
)

// NoticeSent: Postfix took a mail of ours to people.
func (l *Log) NoticeSent(what, to string) {
	l.say(slog.LevelInfo, fmt.Sprintf("told %s by mail: %s", logValue(to, 260), logText(what, 200)))
}

// NoticeFailed: a mail of ours was not taken; it is tried again.
func (l *Log) NoticeFailed(what, to string, again time.Duration, err error) {
	l.say(slog.LevelError, fmt.Sprintf("could not tell %s by mail, trying again in %v: %s: %s", logValue(to, 260), again, logText(what, 200), oneLine(err)), failure(err))
}

// NoticeRefused: a mail of ours was refused for good, and is given up.
func (l *Log) NoticeRefused(what, to string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("could not tell %s by mail, which was refused: %s: %s", logValue(to, 260), logText(what, 200), oneLine(err)), failure(err))
}

// HoldsNothing: the policy may want to hold mail, and nobody would be told.
func (l *Log) HoldsNothing() {
	l.say(slog.LevelWarn, "postmaster is not set, so nothing is held: what the policy would hold is tagged")
}

// OwnNotice: a mail of ours came back through the filter, which lets it pass.
func (l *Log) OwnNotice(queueID string) {
	l.say(slog.LevelInfo, orElse(logValue(queueID, 40), "NOQUEUE")+": our own notice, passed unlooked at", slog.String("email.local_id", fitText(queueID, 40)))
}

// RetentionFailed: a held message whose time is over could not be deleted; it is tried again.
func (l *Log) RetentionFailed(event string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("quarantine: %s could not be deleted although its time is over: %s", logValue(event, 40), oneLine(err)), failure(err))
}
