package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/postfix"
)

// quarantine joins Postfix's hold queue with what the journal says that we put there. It needs root's rights on the
// queue; everybody else's way is the queue helper, which is one of these.
type quarantine struct {
	src    control.HoldSource
	queues []postfix.Queue
	by     string // who acts
	uid    int
}

// heldMail is a message of ours in the hold queue.
type heldMail struct {
	journal.Hold
	Size     int64  `json:"size"`
	Instance string `json:"instance,omitempty"` // configuration folder of its Postfix
}

// heldList is the hold queue as it is now.
type heldList struct {
	Held    []heldMail     `json:"held"`
	Others  int            `json:"others"`            // on hold, but not by us
	Noticed []journal.Hold `json:"noticed,omitempty"` // that were found to be gone by this look
	Failed  []string       `json:"failed,omitempty"`  // why an instance of several could not be asked
}

// The event of a message is written at its end, its queue file begun at its first recipient. Whole seconds and two
// clocks' rounding make the slack; more than a day no client takes for one message.
const (
	arrivalSlack = 2 * time.Second
	longestMail  = 24 * time.Hour
)

// arrivedAs says whether the queue's message can be the hold's: short queue ids are used again.
func arrivedAs(h journal.Hold, m postfix.Message) bool {
	after := h.Time.Sub(m.Arrived)
	return h.QueueID == m.ID && after >= -arrivalSlack && after <= longestMail
}

// List looks at the whole queue, newest first, and notices what is not on hold any more.
func (q *quarantine) List(ctx context.Context) (heldList, error) {
	list := heldList{Held: []heldMail{}}
	open, queued, before, err := q.look(ctx, &list.Failed)
	if err != nil {
		return heldList{}, err
	}
	moved := map[string]bool{} // by id of the event: it is in another queue
	for _, m := range queued {
		h, ours := open.take(m.Message)
		switch {
		case ours && m.Queue == postfix.Hold:
			list.Held = append(list.Held, heldMail{h, m.Size, m.config})
		case ours:
			moved[h.Event] = true
			open[h.QueueID] = append(open[h.QueueID], h)
		case m.Queue == postfix.Hold:
			list.Others++
		}
	}
	if len(list.Failed) > 0 {
		open.keep(moved) // what was not seen may be where nobody could look
	}
	list.Noticed, err = q.notice(ctx, open, moved, before)
	for n := range list.Held {
		if list.Held[n].State == journal.Vanished { // its Postfix was not among those that were asked
			list.Held[n].Hold, err = q.act(ctx, list.Held[n].Event, journal.Holding, "it is on hold after all")
		}
	}
	slices.SortFunc(list.Held, func(a, b heldMail) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.Event, a.Event)) })
	return list, err
}

// queuedMail is a message in the queue of one instance.
type queuedMail struct {
	postfix.Message
	config string
}

// look asks journal and queue at the same time. What the journal does not have yet then counts as others' until the
// next look, and what is held since before is not in doubt: see graceTime. An instance that cannot be asked stops the
// others only if there are none.
func (q *quarantine) look(ctx context.Context, failed *[]string) (open openHolds, queued []queuedMail, before time.Time, err error) {
	before = time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	journalled := make(chan error, 1)
	go func() {
		var err error
		open, err = q.open(ctx)
		journalled <- err
	}()
	var wrong []error
	for _, queue := range q.queues {
		if err := queue.List(ctx, func(m postfix.Message) bool {
			m.Rcpts = nil // of 50,000 messages they would fill the memory
			queued = append(queued, queuedMail{m, queue.Config})
			return true
		}); err != nil {
			wrong = append(wrong, q.instanceError(queue, err))
			*failed = append(*failed, oneLine(wrong[len(wrong)-1].Error()))
		}
	}
	if len(wrong) == len(q.queues) || ctx.Err() != nil {
		err = errors.Join(wrong...)
		cancel()
	}
	if err2 := <-journalled; err == nil {
		err = err2
	}
	return open, queued, before, err
}

// openHolds are the messages that should be on hold, by their queue ids.
type openHolds map[string][]journal.Hold

func (q *quarantine) open(ctx context.Context) (openHolds, error) {
	all := openHolds{}
	for after := ""; ; {
		page, err := q.src.Holds(ctx, after, control.MaxHolds, true)
		if err != nil {
			return nil, err
		}
		for _, h := range page {
			all[h.QueueID] = append(all[h.QueueID], h)
			after = h.Event
		}
		if len(page) < control.MaxHolds {
			return all, nil
		}
	}
}

// take takes out the hold of a message: of several with its queue id, the first after it arrived.
func (o openHolds) take(m postfix.Message) (journal.Hold, bool) {
	best := -1
	for n, h := range o[m.ID] {
		if arrivedAs(h, m) && (best < 0 || h.Time.Before(o[m.ID][best].Time)) {
			best = n
		}
	}
	if best < 0 {
		return journal.Hold{}, false
	}
	h := o[m.ID][best]
	o[m.ID] = append(o[m.ID][:best:best], o[m.ID][best+1:]...)
	return h, true
}

// keep leaves only some events.
func (o openHolds) keep(events map[string]bool) {
	for id, holds := range o {
		o[id] = slices.DeleteFunc(holds, func(h journal.Hold) bool { return !events[h.Event] })
	}
}

// graceTime is how long a message may be on its way from our answer to the hold queue.
const graceTime = time.Minute

// logTime is how long after a message vanished the mail log may still tell why.
const logTime = time.Hour

// letGo asks the mail logs which of the messages that are in no queue somebody released. A log that cannot be read says
// nothing.
func (q *quarantine) letGo(ctx context.Context, left openHolds, moved map[string]bool, before time.Time) map[string]bool {
	gone := map[string]bool{} // by queue id
	for id, holds := range left {
		for _, h := range holds {
			old := h.State == journal.Vanished && before.Sub(h.Acts[len(h.Acts)-1].Time) > logTime
			if !moved[h.Event] && !old && postfix.CheckID(id) == nil {
				gone[id] = len(holds) == 1
			}
		}
	}
	released := map[string]bool{}
	if len(gone) == 0 {
		return released
	}
	for _, queue := range q.queues {
		said, err := queue.LetGo(ctx, gone)
		if err != nil {
			continue
		}
		for id, yes := range said {
			released[id] = released[id] || yes && gone[id]
		}
	}
	return released
}

// notice journals what somebody else did with messages of ours. One that is in no queue was released if the mail log
// says so; else nobody knows whether it was delivered or deleted.
func (q *quarantine) notice(ctx context.Context, left openHolds, moved map[string]bool, before time.Time) (noticed []journal.Hold, err error) {
	released := q.letGo(ctx, left, moved, before)
	for _, holds := range left {
		for _, h := range holds {
			act := journal.Act{State: journal.Vanished, By: "quishmilter", UID: -1, Note: "it is in no queue: delivered or deleted, but not by quishmilter"}
			switch {
			case moved[h.Event]:
				act.State, act.Note = journal.ByHand, "it is in another queue, but not by quishmilter"
			case released[h.QueueID]:
				act.State, act.Note = journal.ByHand, "it is in no queue, and Postfix's log says that it was released, but not by quishmilter"
			case h.State == journal.Vanished || before.Sub(h.Time) < graceTime:
				continue
			}
			seen, err := q.actAs(ctx, h.Event, act)
			if errors.Is(err, journal.ErrBusy) || errors.Is(err, journal.ErrOver) || errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil {
				return noticed, err
			}
			noticed = append(noticed, seen)
		}
	}
	return noticed, nil
}

func (q *quarantine) act(ctx context.Context, event string, state journal.HoldState, note string) (journal.Hold, error) {
	return q.actAs(ctx, event, journal.Act{State: state, By: q.by, UID: q.uid, Note: note})
}

func (q *quarantine) actAs(ctx context.Context, event string, a journal.Act) (journal.Hold, error) {
	a.Time = time.Now()
	return q.src.ActOnHold(ctx, event, a)
}

// find looks up one message in the hold queue, and makes sure that it is the event's.
func (q *quarantine) find(ctx context.Context, event string) (journal.Hold, postfix.Queue, postfix.Message, error) {
	h, err := q.src.Hold(ctx, event)
	if errors.Is(err, journal.ErrNotFound) {
		err = noneOfOurs(event)
	}
	if err != nil {
		return h, postfix.Queue{}, postfix.Message{}, err
	}
	if h.State == journal.Released || h.State == journal.Deleted {
		return h, postfix.Queue{}, postfix.Message{}, fmt.Errorf("%s: %w: %s", event, journal.ErrOver, stateText(h))
	}
	var wrong error
	for _, queue := range q.queues {
		m, err := queue.Look(ctx, h.QueueID)
		switch {
		case errors.Is(err, postfix.ErrGone) || err == nil && !arrivedAs(h, m):
		case err != nil:
			wrong = errors.Join(wrong, q.instanceError(queue, err)) // another instance may have it
		case m.Queue != postfix.Hold:
			return h, queue, m, q.taken(ctx, h, fmt.Errorf("%s: %w: it is %s", h.QueueID, postfix.ErrNotHeld, m.Queue))
		default:
			return h, queue, m, nil
		}
	}
	if wrong == nil {
		wrong = q.taken(ctx, h, fmt.Errorf("%s: %w; quarantine list says what became of it", h.QueueID, postfix.ErrGone))
	}
	return h, postfix.Queue{}, postfix.Message{}, wrong
}

// taken says who was quicker, where somebody was: between a look at the journal and one at the queue others may have
// acted. Else it is the error as it is.
func (q *quarantine) taken(ctx context.Context, h journal.Hold, err error) error {
	now, wrong := q.src.Hold(ctx, h.Event)
	if wrong != nil || now.State == journal.Holding {
		return err
	}
	return fmt.Errorf("%s: %w: %s", h.Event, journal.ErrOver, becameOf(now))
}

// instanceError names the instance, where there are several.
func (q *quarantine) instanceError(queue postfix.Queue, err error) error {
	if len(q.queues) == 1 {
		return err
	}
	return fmt.Errorf("%s: %w", queue.Config, err)
}
