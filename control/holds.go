package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"quishmilter/journal"
)

// HoldSource keeps the messages that we put on hold.
type HoldSource interface {
	// Holds are up to limit of them after an event's id; open: of those that should be on hold.
	Holds(ctx context.Context, after string, limit int, open bool) ([]journal.Hold, error)
	// Hold is one of them; journal.ErrNotFound when we hold no such message.
	Hold(ctx context.Context, event string) (journal.Hold, error)
	// ActOnHold records what is done with one; a release counts in the history with it.
	ActOnHold(ctx context.Context, event string, act journal.Act) (journal.Hold, error)
}

// MaxHolds is how many holds one answer has at most.
const MaxHolds = 5000

// holdAct is the request of an act.
type holdAct struct {
	Event string      `json:"event"`
	Act   journal.Act `json:"act"`
}

func (s *Server) holds(r *http.Request) (any, error) {
	values := r.URL.Query()
	if id := values.Get("id"); id != "" {
		if err := journal.CheckID(id); err != nil {
			return nil, badRequest{err}
		}
		h, err := s.source.Hold(r.Context(), id)
		return []journal.Hold{h}, err
	}
	limit, err := strconv.Atoi(values.Get("limit"))
	if err != nil || limit < 1 || limit > MaxHolds {
		return nil, badRequest{fmt.Errorf("limit is a number from 1 to %d", MaxHolds)}
	}
	list, err := s.source.Holds(r.Context(), values.Get("after"), limit, values.Get("open") == "true")
	if list == nil {
		list = []journal.Hold{}
	}
	return list, err
}

func (s *Server) actOnHold(r *http.Request) (any, error) {
	var q holdAct
	if err := readAct(r, &q); err != nil {
		return nil, err
	}
	if err := journal.CheckID(q.Event); err != nil {
		return nil, badRequest{err}
	}
	q.Act.Time = s.clock()
	h, err := s.source.ActOnHold(r.Context(), q.Event, q.Act)
	if err == nil {
		s.log.HoldActed(h, q.Act)
	}
	return h, err
}

// Holds asks for held messages.
func (c *Client) Holds(ctx context.Context, after string, limit int, open bool) ([]journal.Hold, error) {
	values := url.Values{"after": {after}, "limit": {strconv.Itoa(limit)}, "open": {strconv.FormatBool(open)}}
	var list []journal.Hold
	return list, c.call(ctx, http.MethodGet, "/v1/holds?"+values.Encode(), nil, &list)
}

// Hold asks for one held message; journal.ErrNotFound when it is none of ours.
func (c *Client) Hold(ctx context.Context, event string) (journal.Hold, error) {
	var list []journal.Hold
	err := c.call(ctx, http.MethodGet, "/v1/holds?"+url.Values{"id": {event}}.Encode(), nil, &list)
	if err == nil && len(list) != 1 {
		err = errors.New("control: the daemon's answer is not of one message")
	}
	if err != nil {
		return journal.Hold{}, err
	}
	return list[0], nil
}

// ActOnHold records what is done with a held message. ErrBusy and ErrOver of the journal are told apart.
func (c *Client) ActOnHold(ctx context.Context, event string, act journal.Act) (h journal.Hold, err error) {
	return h, c.post(ctx, "/v1/holds", holdAct{event, act}, &h)
}
