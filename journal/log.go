package journal

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// Log writes every sentence that the operator reads: one method per event, so that all of them can be read, and
// worded alike, in this file. Its methods may be called from any goroutine.
type Log struct {
	out       *slog.Logger
	fields    bool // the format shows more than the sentence
	stateDown atomic.Bool
	busy      atomic.Bool
	busySaid  atomic.Int64 // Unix time in nanoseconds, 0 before the first
	busySince atomic.Int64 // messages
}

// Message: a message was answered.
func (l *Log) Message(e Event) {
	var attrs []slog.Attr
	if l.fields {
		attrs = e.ecs()
	}
	l.say(slog.LevelInfo, e.LogLine(), attrs...)
}

// MessageFailed: a message could not be handled, and this is what Postfix was told instead.
func (l *Log) MessageFailed(queueID, answer string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("%s: the message could not be handled, answered %s: %s",
		orElse(logValue(queueID, 40), "NOQUEUE"), logValue(answer, 40), oneLine(err)),
		slog.String("email.local_id", fitText(queueID, 40)), slog.String("event.action", answer), failure(err))
}

// ForgedFields: fields that only we may write came with a message, and were removed.
func (l *Log) ForgedFields(queueID string, n int) {
	l.say(slog.LevelInfo, fmt.Sprintf("%s: removed %d X-Quish fields that came with the message", orElse(logValue(queueID, 40), "NOQUEUE"), n),
		slog.String("email.local_id", fitText(queueID, 40)))
}

// Starting: the program begins.
func (l *Log) Starting(version, config string) {
	l.say(slog.LevelInfo, fmt.Sprintf("starting, version %s, configuration %s", logValue(version, 80), orElse(logValue(config, 300), "built in")))
}

// Listening: Postfix can connect.
func (l *Log) Listening(addr string) {
	l.say(slog.LevelInfo, "listening for Postfix on "+logValue(addr, 300))
}

// ControlListening: the other commands can connect.
func (l *Log) ControlListening(path string) {
	l.say(slog.LevelInfo, "listening for commands on "+logValue(path, 300))
}

// ListenFailed: accepting a connection failed; it is tried again.
func (l *Log) ListenFailed(addr string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("cannot accept connections on %s, trying again: %s", logValue(addr, 300), oneLine(err)), failure(err))
}

// SocketReplaced: the file of a unix socket was removed or replaced by others, and has been made again.
func (l *Log) SocketReplaced(addr string) {
	l.say(slog.LevelWarn, fmt.Sprintf("the socket %s was removed or replaced, and is there again; see who tidies that folder", logValue(addr, 300)))
}

// Draining: no new mail is taken, what is under way is finished.
func (l *Log) Draining(sessions int, atMost time.Duration) {
	l.say(slog.LevelInfo, fmt.Sprintf("stopping: waiting up to %v for %d sessions", atMost, sessions))
}

// Stopped: the program ends.
func (l *Log) Stopped(answered int64) {
	l.say(slog.LevelInfo, fmt.Sprintf("stopped after %d messages", answered))
}

// Reloaded: the configuration was read again.
func (l *Log) Reloaded(config string) {
	l.say(slog.LevelInfo, "configuration read again from "+orElse(logValue(config, 300), "the built-in defaults"))
}

// ReloadFailed: the configuration could not be read again, and the old one stays.
func (l *Log) ReloadFailed(err error) {
	l.say(slog.LevelError, "the new configuration is not used, the old one stays: "+oneLine(err), failure(err))
}

// EntryAdded: a command added an allow or block entry, which is in force from now on.
func (l *Log) EntryAdded(e Entry) { l.say(slog.LevelInfo, addedText(e)) }

func addedText(e Entry) string {
	until := ""
	if !e.Until.IsZero() {
		until = " until " + e.Until.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("entry added by %s: %s%s, %s", orElse(logValue(e.By, 100), "unknown"), logText(e.Name(), 400), until,
		orElse(logValue(string(e.Action), 20), "accept"))
}

// EntryRemoved: a command took an allow or block entry off its list.
func (l *Log) EntryRemoved(e Entry) {
	l.say(slog.LevelInfo, fmt.Sprintf("entry removed by %s: %s", orElse(logValue(e.By, 100), "unknown"), logText(e.Name(), 400)))
}

// maxTaken is how many entries of other hosts are named one by one.
const maxTaken = 20

// EntriesTaken: other hosts changed allow and block entries, which is in force here from now on.
func (l *Log) EntriesTaken(m Merged) {
	if n := len(m.Added) + len(m.Removed); n > maxTaken {
		l.say(slog.LevelInfo, fmt.Sprintf("%d entries added and %d removed on other hosts", len(m.Added), len(m.Removed)))
		return
	}
	for _, e := range m.Added {
		l.say(slog.LevelInfo, "on another host: "+addedText(e))
	}
	for _, e := range m.Removed {
		l.say(slog.LevelInfo, "on another host: entry removed: "+logText(e.Name(), 400))
	}
}

// EntriesUnreadable: the shared store holds entries that make no sense; they have no effect here.
func (l *Log) EntriesUnreadable(n int, why error) {
	l.say(slog.LevelError, fmt.Sprintf("%d entries in the shared store cannot be used, the first: %s", n, oneLine(why)), failure(why))
}

// EntriesAway: allow and block entries cannot be shared now. It is said once, until EntriesBack.
func (l *Log) EntriesAway(err error) {
	l.say(slog.LevelError, "allow and block entries cannot be shared now; those that this host knows stay in force, and changes wait: "+oneLine(err), failure(err))
}

// EntriesBack: allow and block entries are those of all hosts again.
func (l *Log) EntriesBack() {
	l.say(slog.LevelWarn, "allow and block entries are shared again")
}

// Found: a detection found something that it had not found before.
func (l *Log) Found(f Finding) {
	var attrs []slog.Attr
	if l.fields {
		attrs = f.ecs()
	}
	l.say(slog.LevelWarn, f.LogLine(), attrs...)
}

// DetectionFailed: a hunt of the configuration could not be run; it is tried again when its time comes.
func (l *Log) DetectionFailed(name string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("detection %s failed, trying again later: %s", logValue(name, 100), oneLine(err)), failure(err))
}

// DetectionCut: a detection found more than is kept of one run.
func (l *Log) DetectionCut(name string, found, kept int) {
	l.say(slog.LevelWarn, fmt.Sprintf("detection %s found %d senders and hosts, of which %d are kept; make it narrower", logValue(name, 100), found, kept))
}

// BlockFailed: a finding should have made a block entry, and could not.
func (l *Log) BlockFailed(f Finding, entry string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("finding %s: cannot block %s: %s", logValue(f.ID, 20), logValue(entry, 300), oneLine(err)), failure(err))
}

// LinesLost: lines about events did not reach where they were to go. The journal has the events.
func (l *Log) LinesLost(name string, n int64, err error) {
	l.say(slog.LevelError, fmt.Sprintf("%d lines about events were lost on their way to %s: %s", n, logValue(name, 300), oneLine(err)), failure(err))
}

// ClockJumped: the clock was set, so that nothing expires for a while: a wrong clock must not empty the journal.
func (l *Log) ClockJumped(by, wait time.Duration) {
	l.say(slog.LevelWarn, fmt.Sprintf("the clock jumped by %v; nothing expires for %v, in case it is wrong", by.Round(time.Second), wait))
}

// ClockDoubted: at the start the newest event is so old that all would expire, so that nothing does for a while.
func (l *Log) ClockDoubted(past, wait time.Duration) {
	l.say(slog.LevelWarn, fmt.Sprintf("the newest event is %v old; nothing expires for %v, in case the clock is wrong", past.Round(time.Hour), wait))
}

// StateOpened: the state file is in use.
func (l *Log) StateOpened(path string, bytes int64) {
	l.say(slog.LevelInfo, fmt.Sprintf("state file %s, %d bytes", logValue(path, 300), bytes))
}

// StateFailed: a record could not be made durable. Every message fails so while a disk is full, so only the first
// is said, until StateWorks.
func (l *Log) StateFailed(err error) {
	if !l.stateDown.Swap(true) {
		l.say(slog.LevelError, "cannot write to the state file; mail is answered by the failure setting until it works again: "+oneLine(err), failure(err))
	}
}

// StateWorks: a record was made durable. It is called for each, and speaks only after StateFailed.
func (l *Log) StateWorks() {
	if l.stateDown.Load() && l.stateDown.Swap(false) {
		l.say(slog.LevelWarn, "the state file can be written again")
	}
}

// Learning: history is shorter than the window; meaning says what that does to the mail.
func (l *Log) Learning(since, until time.Time, meaning string) {
	l.say(slog.LevelInfo, fmt.Sprintf("learning since %s, until %s; %s", since.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339), logText(meaning, 300)))
}

// Learned: history is as long as the window.
func (l *Log) Learned(since time.Time) {
	l.say(slog.LevelInfo, "learning is over: history reaches back to "+since.UTC().Format(time.RFC3339)+", as far as the window")
}

// HistoryFailed: work on histories behind the mail failed; it is tried again.
func (l *Log) HistoryFailed(err error) {
	l.say(slog.LevelError, "working on histories failed, trying again: "+oneLine(err), failure(err))
}

// SharedAway: the store that hosts share does not answer. It is said once, until SharedBack.
func (l *Log) SharedAway(err error) {
	l.say(slog.LevelError, "the shared store does not answer; this host goes on with what it knows, and its records wait: "+oneLine(err), failure(err))
}

// SharedBack: the store that hosts share answers again.
func (l *Log) SharedBack(waiting uint64) {
	l.say(slog.LevelWarn, fmt.Sprintf("the shared store answers again; %d records that waited go there now", waiting))
}

// SharedDropped: the store that hosts share was away for too long.
func (l *Log) SharedDropped(n uint64) {
	l.say(slog.LevelError, fmt.Sprintf("%d records waited for the shared store in vain: they are in this host's history alone", n))
}

// Expired: old history and events were removed.
func (l *Log) Expired(events int) {
	l.say(slog.LevelInfo, fmt.Sprintf("expiry finished, %d events removed", events))
}

// JournalFull: events were removed before their time, since the journal would have grown beyond what it may.
func (l *Log) JournalFull(removed int64, oldest time.Time, keep, size string) {
	l.say(slog.LevelWarn, fmt.Sprintf("the journal is full (journal.size = %q): %d events were removed before journal.keep = %q was over; it begins at %s now. Raise journal.size to look back further",
		size, removed, keep, oldest.UTC().Format(time.RFC3339)))
}

// ExpiryFailed: old history and events could not be removed; it is tried again.
func (l *Log) ExpiryFailed(err error) {
	l.say(slog.LevelError, "expiry failed, trying again later: "+oneLine(err), failure(err))
}

// WorkerReplaced: a decoder process was ended, or ended by itself, and another took its place.
func (l *Log) WorkerReplaced(pid int, why string) {
	l.say(slog.LevelWarn, fmt.Sprintf("worker %d replaced: %s", pid, logText(why, 300)), slog.Int("process.pid", pid))
}

// WorkerFailed: a decoder process could not be started; parts of mail stay unread until one can.
func (l *Log) WorkerFailed(err error) {
	l.say(slog.LevelError, "cannot start a worker, pictures and documents are not read until one starts: "+oneLine(err), failure(err))
}

// Overloaded: the n-th connection since the start was refused because limit are open. The 1st, 2nd, 4th, 8th … is
// said.
func (l *Log) Overloaded(n int64, limit int) {
	if n > 0 && n&(n-1) == 0 {
		l.say(slog.LevelWarn, fmt.Sprintf("all %d connections are in use, %d refused with a temporary error since the start; raise the limit here or lower Postfix's process limit", limit, n))
	}
}

// RuleFailed: the condition of a rule could not be answered about a message, for the n-th time since the start. The 1st,
// 2nd, 4th, 8th … is said.
func (l *Log) RuleFailed(queueID, rule, problem string, n int64) {
	if n > 0 && n&(n-1) == 0 {
		l.say(slog.LevelError, fmt.Sprintf("%s: the condition of rule %s could not be answered, %d times since the start: %s; what it might have held is tagged at least; ask the condition whether it can be answered first",
			orElse(logValue(queueID, 40), "no queue id"), logValue(rule, 100), n, logText(problem, 300)), slog.String("rule.name", logText(rule, 100)))
	}
}

// Confined: what the workers gave up, or that they did not.
func (l *Log) Confined(text string) { l.say(slog.LevelInfo, logText(text, 600)) }

// busyEvery is how often it is said that there is more work than workers can do.
const busyEvery = 5 * time.Second

// Busy: no worker or memory was free in time for a message, which is answered as the setting says. Of many messages
// one is said, with the number of those since.
func (l *Log) Busy(answer string) {
	l.busySince.Add(1)
	l.busy.Store(true)
	now := time.Now().UnixNano()
	if last := l.busySaid.Load(); last != 0 && now-last < int64(busyEvery) || !l.busySaid.CompareAndSwap(l.busySaid.Load(), now) {
		return
	}
	l.say(slog.LevelWarn, fmt.Sprintf("more to scan than the workers can do: %d messages found no worker or memory in time, and are answered by the failure setting (%s)",
		l.busySince.Swap(0), logValue(answer, 40)))
}

// KeepsUp: a message found all that it needed, and no other waits. It is called for each, and speaks only after Busy, some seconds later.
func (l *Log) KeepsUp() {
	if l.busy.Load() && time.Now().UnixNano()-l.busySaid.Load() >= int64(busyEvery) && l.busy.Swap(false) {
		l.say(slog.LevelWarn, fmt.Sprintf("the workers keep up again; %d more messages had found none", l.busySince.Swap(0)))
	}
}

// SessionFailed: the conversation with Postfix broke off.
func (l *Log) SessionFailed(client string, err error) {
	l.say(slog.LevelWarn, fmt.Sprintf("session of %s ended early: %s", orElse(logValue(client, 200), "unknown"), oneLine(err)), failure(err))
}

// Panicked: a defect of ours, with the stack for the report.
func (l *Log) Panicked(where string, value any, stack []byte) {
	l.say(slog.LevelError, fmt.Sprintf("defect in %s, please report it: %s; stack: %s", logValue(where, 100), logText(fmt.Sprint(value), 500), logText(string(stack), 6000)))
}

// ControlRefused: a command asked for what its user may not do.
func (l *Log) ControlRefused(what string, err error) {
	l.say(slog.LevelWarn, fmt.Sprintf("control: refused %s: %s", logValue(what, 100), oneLine(err)), failure(err))
}

// ControlFailed: a command's question could not be answered.
func (l *Log) ControlFailed(what string, err error) {
	l.say(slog.LevelError, fmt.Sprintf("control: %s: %s", logValue(what, 100), oneLine(err)), failure(err))
}

func (l *Log) say(level slog.Level, sentence string, attrs ...slog.Attr) {
	l.out.LogAttrs(context.Background(), level, sentence, attrs...)
}

func failure(err error) slog.Attr { return slog.String("error.message", oneLine(err)) }

func oneLine(err error) string {
	if err == nil {
		return "no error"
	}
	return logText(err.Error(), 1000)
}

// logText shows a sentence that may quote a message: spaces stay, line breaks become " | ", every other character
// that is not printable becomes a question mark.
func logText(text string, limit int) string {
	text = strings.NewReplacer("\r\n", " | ", "\n", " | ", "\t", " ").Replace(fitText(text, limit))
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
