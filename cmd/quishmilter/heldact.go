package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"quishmilter/journal"
	"quishmilter/postfix"
)

// handled is what became of one message.
type handled struct {
	Event   string `json:"event"`
	QueueID string `json:"queue_id,omitempty"`
	NewID   string `json:"new_queue_id,omitempty"`
	Done    string `json:"done,omitempty"`
	Note    string `json:"note,omitempty"`
	Error   string `json:"error,omitempty"`
}

// watchTime is how long a released message is watched: a requeued one waits up to a minute for pickup. It is shorter
// than the time after which others may take over.
const watchTime = 70 * time.Second

// Release claims the message in the journal, lets it go, and watches it leave. Of two people one is told that the other
// is at work.
func (q *quarantine) Release(ctx context.Context, event string, watch time.Duration) (handled, error) {
	h, queue, m, err := q.find(ctx, event)
	if err != nil {
		return handled{}, err
	}
	if _, err := q.act(ctx, event, journal.Releasing, ""); err != nil {
		return handled{}, err
	}
	requeued, err := queue.Release(ctx, m, time.Now())
	if err != nil {
		return handled{}, q.giveBack(ctx, event, err)
	}
	done := handled{Event: event, QueueID: h.QueueID, Done: string(journal.Released)}
	done.Note, done.NewID = watched(ctx, queue, m, requeued, event, min(watch, watchTime))
	act := journal.Act{State: journal.Released, By: q.by, UID: q.uid, NewID: done.NewID, Note: done.Note}
	if _, err := q.actAs(context.WithoutCancel(ctx), event, act); err != nil {
		return done, fmt.Errorf("the message is released, but that could not be recorded: %w", err)
	}
	return done, nil
}

// loggedTime is how long the log may lag behind the queue.
const loggedTime = 2 * time.Second

// watched says in words what was seen of a released message: in the queue, and in Postfix's log where that can be read.
func watched(ctx context.Context, queue postfix.Queue, m postfix.Message, requeued bool, event string, patience time.Duration) (note, newID string) {
	watching, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	outcome, err := queue.Watch(watching, m, requeued, []byte("X-Quish-Id: "+event))
	newID = outcome.NewID
	switch {
	case err != nil:
		note = "what became of it was not seen: " + err.Error()
	case outcome.Left:
		note = fmt.Sprintf("it left the queue within %d s", 1+int(time.Since(start).Seconds()))
		var fate string
		fate, newID = fateOf(ctx, queue, m, newID)
		note += fate
	case outcome.Delay != "":
		note = fmt.Sprintf("its delivery is deferred: %.200q", outcome.Delay)
	default:
		note = "it was still in the queue"
	}
	if requeued {
		note += "; it was old, so Postfix queued it anew"
		if newID == "" {
			note += ", under a queue id that Postfix's log has as orig_id=" + m.ID
		}
	}
	return note, newID
}

// fateOf says by Postfix's log how a message left the queue, and under which new id. That it left says no more than that
// Postfix is done with it: it may have been returned.
func fateOf(ctx context.Context, queue postfix.Queue, m postfix.Message, newID string) (note, id string) {
	ctx, cancel := context.WithTimeout(ctx, loggedTime)
	defer cancel()
	fate, err := queue.Fate(ctx, m.ID)
	id = cmp.Or(newID, fate.NewID)
	switch {
	case err != nil || len(fate.Status) == 0:
		return ", delivered or returned: Postfix's log says which, and could not be read here", id
	case fate.Sent():
		return ": " + fate.String(), id
	}
	return ", but not to all its recipients: " + fate.String(), id
}

// Delete removes the message for good; with bounce its sender is told.
func (q *quarantine) Delete(ctx context.Context, event string, bounce bool) (handled, error) {
	h, queue, m, err := q.find(ctx, event)
	if err != nil {
		return handled{}, err
	}
	if bounce && (h.AuthUser == "" || m.Sender == "") {
		return handled{}, errors.New("its sender did not log in here, so that a bounce might go to somebody who did not send it; delete it without --bounce")
	}
	var header []byte
	if bounce {
		if header, err = queue.Header(ctx, m.ID); err != nil {
			return handled{}, err
		}
	}
	if _, err := q.act(ctx, event, journal.Deleting, ""); err != nil {
		return handled{}, err
	}
	if err := queue.Delete(ctx, m); err != nil {
		return handled{}, q.giveBack(ctx, event, err)
	}
	done := handled{Event: event, QueueID: h.QueueID, Done: string(journal.Deleted)}
	if bounce {
		done.Note = "its sender was told"
		if err = queue.Bounce(ctx, m, h.Rcpts, header, time.Now()); err != nil {
			done.Note = fmt.Sprintf("its sender could not be told: %.200s", err)
		}
	}
	if _, err2 := q.act(context.WithoutCancel(ctx), event, journal.Deleted, done.Note); err2 != nil {
		err = errors.Join(err, fmt.Errorf("the message is deleted, but that could not be recorded: %w", err2))
	}
	return done, err
}

// giveBack ends a claim without anything done.
func (q *quarantine) giveBack(ctx context.Context, event string, why error) error {
	_, err := q.act(context.WithoutCancel(ctx), event, journal.Holding, "it failed: "+why.Error())
	return errors.Join(why, err)
}
