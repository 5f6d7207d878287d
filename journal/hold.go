package journal

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// HoldState is where a message is that we put on hold.
type HoldState string

// The states. The first three are open.
const (
	Holding   HoldState = "held"
	Releasing HoldState = "releasing" // somebody works on it
	Deleting  HoldState = "deleting"  // likewise
	Released  HoldState = "released"
	Deleted   HoldState = "deleted"
	ByHand    HoldState = "released-by-hand" // it was seen in another queue, and not by us
	Vanished  HoldState = "vanished"         // it is in no queue, and not by us
)

// Open says that the message should be in the hold queue.
func (s HoldState) Open() bool { return s == Holding || s == Releasing || s == Deleting }

// sought says that it may be in the hold queue: one that seemed to have vanished may lie in another instance's.
func (s HoldState) sought() bool { return s.Open() || s == Vanished }

// Hold is a message that we asked Postfix to hold, and what people did with it since.
type Hold struct {
	Event      string    `json:"event"` // the id of the event
	QueueID    string    `json:"queue_id"`
	Time       time.Time `json:"time"`
	State      HoldState `json:"state"`
	HeaderFrom string    `json:"header_from"`
	MailFrom   string    `json:"mail_from"`
	Rcpts      []string  `json:"rcpts,omitempty"` // the first 3
	NRcpt      int       `json:"nrcpt"`
	Auth       string    `json:"auth,omitempty"`
	AuthUser   string    `json:"auth_user,omitempty"`
	Subject    string    `json:"subject,omitempty"`
	Hosts      []string  `json:"hosts,omitempty"` // of its codes, the first 3
	Reasons    []string  `json:"reasons,omitempty"`
	Acts       []Act     `json:"acts,omitempty"` // the first, and the newest 19

	Announced time.Time `json:"announced,omitzero"` // when a digest said that it will be deleted
}

// Act is one thing that was done with a held message.
type Act struct {
	Time  time.Time `json:"time"`
	State HoldState `json:"state"` // that it came to be in
	By    string    `json:"by"`    // name of the user; "quishmilter" for what we noticed
	UID   int       `json:"uid"`   // -1 where no user did it
	NewID string    `json:"new_id,omitempty"`
	Note  string    `json:"note,omitempty"`
}

const (
	maxActs  = 20
	maxNote  = 300
	actsTime = 2 * time.Minute // after which somebody's unfinished work may be taken over
)

// What can stand against an act.
var (
	ErrBusy = errors.New("somebody is at work on this message")
	ErrOver = errors.New("this message is not held any more")
)

// CheckID says what is wrong with the id of an event.
func CheckID(event string) error {
	_, err := parseID(event)
	return err
}

// holdOf is what is kept of a held message for the quarantine.
func holdOf(e Event) Hold {
	e = e.fit()
	return Hold{Event: e.ID, QueueID: e.QueueID, Time: e.Time, State: Holding, HeaderFrom: fitText(e.HeaderFrom, 260), MailFrom: fitText(e.MailFrom, 260),
		Rcpts: slices.Clone(e.Rcpts[:min(3, len(e.Rcpts))]), NRcpt: e.NRcpt, Auth: e.Auth, AuthUser: fitText(e.AuthUser, 260), Subject: fitText(e.Subject, 200),
		Hosts: hosts(e.Codes[:min(3, len(e.Codes))]), Reasons: e.Reasons}
}

// after is the hold once somebody has acted, or why that may not be.
func (h Hold) after(a Act) (Hold, error) {
	a.By, a.Note, a.NewID = fitText(a.By, 100), fitText(a.Note, maxNote), fitText(a.NewID, 40)
	last := Act{State: h.State}
	if len(h.Acts) > 0 {
		last = h.Acts[len(h.Acts)-1]
	}
	switch {
	case h.State == Vanished && (a.State == Holding || a.State == ByHand): // it was in a queue that nobody asked
	case !h.State.Open():
		return h, fmt.Errorf("%s: %w: %s by %s at %s", h.Event, ErrOver, h.State, orElse(logValue(last.By, 100), "nobody"), last.Time.Format(time.RFC3339))
	case h.State != Holding && !h.finishes(a, last) && a.Time.Sub(last.Time) < actsTime:
		return h, fmt.Errorf("%s: %w: %s, %s, since %s; see what comes of it, or take over two minutes after that", h.Event, ErrBusy, orElse(logValue(last.By, 100), "?"), h.State, last.Time.Format(time.RFC3339))
	case h.State == Holding && (a.State == Holding || a.State == Released || a.State == Deleted):
		return h, fmt.Errorf("%s: it has to be claimed before it is %s", h.Event, a.State)
	}
	h.State = a.State
	if len(h.Acts) == maxActs {
		h.Acts = slices.Delete(slices.Clone(h.Acts), 1, 2)
	}
	h.Acts = append(slices.Clone(h.Acts), a)
	return h, nil
}

// finishes says that the one who claimed the message says how it went.
func (h Hold) finishes(a, last Act) bool {
	if a.By != last.By || a.UID != last.UID {
		return false
	}
	return a.State == Holding || h.State == Releasing && a.State == Released || h.State == Deleting && a.State == Deleted
}

// known refuses states that nobody may ask for.
func (s HoldState) known() bool {
	return slices.Contains([]HoldState{Holding, Releasing, Deleting, Released, Deleted, ByHand, Vanished}, s)
}
