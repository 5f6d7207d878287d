package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

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
	if err := json.NewDecoder(io.LimitReader(r.Body, maxLine)).Decode(&q); err != nil {
		return nil, badRequest{fmt.Errorf("the act cannot be read: %w", err)}
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
	if errors.Is(err, journal.ErrNotFound) {
		err = fmt.Errorf("%s: we hold no message of that id: %w", event, err)
	}
	if err != nil {
		return journal.Hold{}, err
	}
	return list[0], nil
}

// conflict is what the daemon says, which goes by the name of an error of the journal.
type conflict struct{ kind, said error }

func (c conflict) Error() string   { return c.said.Error() }
func (c conflict) Unwrap() []error { return []error{c.kind, c.said} }

// ActOnHold records what is done with a held message. ErrBusy and ErrOver of the journal are told apart.
func (c *Client) ActOnHold(ctx context.Context, event string, act journal.Act) (journal.Hold, error) {
	body, err := json.Marshal(holdAct{event, act})
	if err != nil {
		return journal.Hold{}, fmt.Errorf("control: %w", err)
	}
	var h journal.Hold
	err = c.call(ctx, http.MethodPost, "/v1/holds", bytes.NewReader(body), &h)
	for _, known := range []error{journal.ErrBusy, journal.ErrOver} {
		if err != nil && strings.Contains(err.Error(), known.Error()) {
			return h, conflict{known, err}
		}
	}
	return h, err
}
