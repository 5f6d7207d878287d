package journal

import (
	"fmt"
	"log/slog"
)

// HoldActed: something was done with a held message, or happened to it.
func (l *Log) HoldActed(h Hold, a Act) {
	sentence := fmt.Sprintf("%s: quarantine: %s by %s uid=%d id=%s", orElse(logValue(h.QueueID, 40), "NOQUEUE"), logValue(string(a.State), 40),
		orElse(logValue(a.By, 100), "?"), a.UID, logValue(h.Event, 40))
	if a.NewID != "" {
		sentence += " new_id=" + logValue(a.NewID, 40)
	}
	if a.Note != "" {
		sentence += " note=" + logValue(a.Note, maxNote)
	}
	l.say(slog.LevelInfo, sentence, slog.String("email.local_id", fitText(h.QueueID, 40)), slog.String("event.action", "quarantine-"+string(a.State)))
}
