package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"quishmilter/journal"
)

// HuntSource answers hunts, a page at a time: whoever reads slowly holds nothing in the daemon, and there is no limit
// on how much a hunt finds.
type HuntSource interface {
	// Hunt returns a page of the events that a filter wants; from is "" or what the page before said.
	Hunt(ctx context.Context, filter journal.Filter, from string) (journal.Found, error)
	// Preset returns a page of what a founding query finds as of a moment. An unknown name is an UnknownPreset.
	Preset(ctx context.Context, name string, now time.Time, from string) (journal.Answer, error)
	// Picture returns what an event's code looked like, as PNG.
	Picture(ctx context.Context, id string, code int) ([]byte, error)
	// Findings returns what detections found, newest first.
	Findings(ctx context.Context) ([]journal.Finding, error)
}

// UnknownPreset is the name of a preset that there is none of.
type UnknownPreset string

func (u UnknownPreset) Error() string {
	return fmt.Sprintf("there is no preset %.40q; write hunt or rule", string(u))
}

// Hunts at once. Others wait a little, and when too many wait, or too long, the asker is told: mail comes first.
const (
	maxHunts   = 2
	maxWaiting = 16
	huntWait   = 10 * time.Second
)

// errBusy is answered with status 503.
var errBusy = errors.New("too many hunts at once; try again in a moment")

// picture is the answer to a request for one.
type picture struct {
	PNG []byte `json:"png"`
}

// hunting lets few hunts run at once.
type hunting struct {
	slots chan struct{}
	queue chan struct{}
}

func newHunting() hunting {
	return hunting{slots: make(chan struct{}, maxHunts), queue: make(chan struct{}, maxHunts+maxWaiting)}
}

// enter waits for a slot and returns how to give it back.
func (h hunting) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, errBusy
	}
	patience := time.NewTimer(huntWait)
	defer patience.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue }, nil
	case <-patience.C:
		err = errBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-h.queue
	return nil, err
}

// hunts wraps a handler that reads much of the journal.
func (s *Server) hunts(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return s.answer(func(r *http.Request) (any, error) {
		leave, err := s.hunting.enter(r.Context())
		if err != nil {
			return nil, err
		}
		defer leave()
		return handle(r)
	})
}

func (s *Server) hunt(r *http.Request) (any, error) {
	filter, err := filterOf(r.URL.Query())
	if err != nil {
		return nil, badRequest{err}
	}
	return s.source.Hunt(r.Context(), filter, r.URL.Query().Get("from"))
}

func (s *Server) preset(r *http.Request) (any, error) {
	now := s.clock()
	if text := r.URL.Query().Get("now"); text != "" {
		var err error
		if now, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return nil, badRequest{errors.New("now is no time; write it as 2006-01-02T15:04:05Z")}
		}
	}
	answer, err := s.source.Preset(r.Context(), r.URL.Query().Get("name"), now, r.URL.Query().Get("from"))
	if unknown := UnknownPreset(""); errors.As(err, &unknown) {
		return nil, badRequest{err}
	}
	return answer, err
}

func (s *Server) picture(r *http.Request) (any, error) {
	code, err := strconv.Atoi(r.URL.Query().Get("code"))
	if err != nil {
		return nil, badRequest{errors.New("code is a number, 0 for the first")}
	}
	png, err := s.source.Picture(r.Context(), r.URL.Query().Get("id"), code)
	return picture{png}, err
}

func (s *Server) findings(r *http.Request) (any, error) {
	all, err := s.source.Findings(r.Context())
	if all == nil {
		all = []journal.Finding{}
	}
	return all, err
}

// texts are a filter's texts by the names that requests have for them.
func texts(f *journal.Filter) map[string]*string {
	return map[string]*string{"url": &f.URL, "host": &f.Host, "sender": &f.Sender, "domain": &f.Domain, "rcpt": &f.Recipient,
		"kind": &f.Kind, "reason": &f.Reason, "verdict": &f.Verdict, "picture": &f.Picture}
}

func times(f *journal.Filter) map[string]*time.Time {
	return map[string]*time.Time{"since": &f.Since, "until": &f.Until}
}

// filterOf reads a filter from a request.
func filterOf(values url.Values) (f journal.Filter, err error) {
	for name, text := range texts(&f) {
		*text = values.Get(name)
	}
	for name, at := range times(&f) {
		if text := values.Get(name); text != "" {
			if *at, err = time.Parse(time.RFC3339Nano, text); err != nil {
				return f, fmt.Errorf("%s is no time; write it as 2006-01-02T15:04:05Z", name)
			}
		}
	}
	f.AnyCode = values.Get("codes") != ""
	if text := values.Get("client"); text != "" {
		if f.Client, err = netip.ParsePrefix(text); err != nil {
			return f, errors.New("client is no network; write it as 192.0.2.0/24")
		}
	}
	return f, f.Check()
}

// valuesOf writes a filter into a request.
func valuesOf(f journal.Filter) url.Values {
	values := url.Values{}
	for name, text := range texts(&f) {
		if *text != "" {
			values.Set(name, *text)
		}
	}
	for name, at := range times(&f) {
		if !at.IsZero() {
			values.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	if f.AnyCode {
		values.Set("codes", "1")
	}
	if f.Client.IsValid() {
		values.Set("client", f.Client.String())
	}
	return values
}

// Hunt asks for a page of events.
func (c *Client) Hunt(ctx context.Context, filter journal.Filter, from string) (found journal.Found, err error) {
	values := valuesOf(filter)
	values.Set("from", from)
	return found, c.call(ctx, http.MethodGet, "/v1/hunt?"+values.Encode(), nil, &found)
}

// Preset asks for a page of a founding query's answer.
func (c *Client) Preset(ctx context.Context, name string, now time.Time, from string) (answer journal.Answer, err error) {
	values := url.Values{"name": {name}, "now": {now.Format(time.RFC3339Nano)}, "from": {from}}
	return answer, c.call(ctx, http.MethodGet, "/v1/preset?"+values.Encode(), nil, &answer)
}

// Picture asks what an event's code looked like.
func (c *Client) Picture(ctx context.Context, id string, code int) ([]byte, error) {
	var answer picture
	values := url.Values{"id": {id}, "code": {strconv.Itoa(code)}}
	err := c.call(ctx, http.MethodGet, "/v1/picture?"+values.Encode(), nil, &answer)
	return answer.PNG, err
}

// Findings asks what detections found.
func (c *Client) Findings(ctx context.Context) (all []journal.Finding, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/findings", nil, &all)
}
