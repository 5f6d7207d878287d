package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/user"
	"strconv"
	"time"

	"quishmilter/alert"
	"quishmilter/journal"
)

// AlertSource keeps the alerts.
type AlertSource interface {
	// Alerts returns a page of them; from is "" or what the page before said.
	Alerts(ctx context.Context, query alert.Query, from string) (alert.Page, error)
	// Alert is one of them with its answers, by its id or that of a message of its campaign; alert.ErrNone when there is
	// none.
	Alert(ctx context.Context, id string) (alert.Report, error)
	// ActOnAlert records what somebody does about one; alert.ErrClosed when it is closed already.
	ActOnAlert(ctx context.Context, id string, act alert.Act) (alert.Alert, error)
}

// alertAct is the request of an act.
type alertAct struct {
	Alert string    `json:"alert"`
	Act   alert.Act `json:"act"`
}

func (s *Server) alerts(r *http.Request) (any, error) {
	values := r.URL.Query()
	q := alert.Query{State: alert.State(values.Get("state")), Level: alert.Level(values.Get("level"))}
	if text := values.Get("since"); text != "" {
		var err error
		if q.Since, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return nil, badRequest{errors.New("since is no time; write it as 2006-01-02T15:04:05Z")}
		}
	}
	if err := q.Check(); err != nil {
		return nil, badRequest{err}
	}
	return s.source.Alerts(r.Context(), q, values.Get("from"))
}

func (s *Server) alert(r *http.Request) (any, error) {
	return s.source.Alert(r.Context(), r.URL.Query().Get("id"))
}

// actOnAlert takes from the kernel who acts. Root may act for the person behind sudo.
func (s *Server) actOnAlert(r *http.Request) (any, error) {
	var q alertAct
	if err := readAct(r, &q); err != nil {
		return nil, err
	}
	if err := q.Act.Check(); err != nil {
		return nil, badRequest{err}
	}
	p, known := r.Context().Value(peerKey{}).(peer)
	if !known || p.err != nil {
		return nil, errors.New("who asks cannot be told")
	}
	if p.uid != 0 {
		q.Act.By, q.Act.UID = nameOf(p.uid), int(p.uid)
	}
	q.Act.Time = s.clock()
	a, err := s.source.ActOnAlert(r.Context(), q.Alert, q.Act)
	if err == nil {
		s.log.AlertActed(a.ID, q.Act.What, string(q.Act.As), q.Act.By, q.Act.UID)
	}
	return a, err
}

// readAct reads the body of a request to act.
func readAct(r *http.Request, q any) error {
	if err := json.NewDecoder(io.LimitReader(r.Body, maxLine)).Decode(q); err != nil {
		return badRequest{fmt.Errorf("the act cannot be read: %w", err)}
	}
	return nil
}

func nameOf(uid uint32) string {
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return "user " + strconv.FormatUint(uint64(uid), 10)
	}
	return u.Username
}

// Alerts asks for a page of alerts.
func (c *Client) Alerts(ctx context.Context, q alert.Query, from string) (page alert.Page, err error) {
	values := url.Values{"from": {from}, "state": {string(q.State)}, "level": {string(q.Level)}}
	if !q.Since.IsZero() {
		values.Set("since", q.Since.Format(time.RFC3339Nano))
	}
	return page, c.call(ctx, http.MethodGet, "/v1/alerts?"+values.Encode(), nil, &page)
}

// Alert asks for one alert with its answers; alert.ErrNone when there is none.
func (c *Client) Alert(ctx context.Context, id string) (r alert.Report, err error) {
	return r, asAlertError(id, c.call(ctx, http.MethodGet, "/v1/alert?"+url.Values{"id": {id}}.Encode(), nil, &r))
}

// ActOnAlert records what is done about an alert. alert.ErrNone and alert.ErrClosed are told apart.
func (c *Client) ActOnAlert(ctx context.Context, id string, act alert.Act) (a alert.Alert, err error) {
	return a, asAlertError(id, c.post(ctx, "/v1/alerts", alertAct{id, act}, &a))
}

func asAlertError(id string, err error) error {
	if errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("%.40q: %w", id, alert.ErrNone)
	}
	return err
}
