package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"quishmilter/alert"
	"quishmilter/journal"
	"quishmilter/prevalence"
)

// Client asks a running daemon.
type Client struct{ http http.Client }

// Dial makes sure that a daemon listens at the path; ErrNoDaemon says that none does. Other errors (no permission,
// above all) mean that one may.
func Dial(path string) (*Client, error) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
	}
	conn, err := dial(context.Background(), "", "")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("control: %s: %w", path, ErrNoDaemon)
	}
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	if err := conn.Close(); err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	return &Client{http.Client{
		Transport: &http.Transport{DialContext: dial, DisableCompression: true},
		Timeout:   requestTime,
	}}, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Sender asks what is known of an address; the zero time is the daemon's present.
func (c *Client) Sender(ctx context.Context, address string, now time.Time) (Sender, error) {
	values := url.Values{"address": {address}}
	if !now.IsZero() {
		values.Set("now", now.Format(time.RFC3339))
	}
	var answer Sender
	return answer, c.call(ctx, http.MethodGet, "/v1/sender?"+values.Encode(), nil, &answer)
}

// Forget removes every history of an address and says how many there were, and where.
func (c *Client) Forget(ctx context.Context, address string) (prevalence.Forgotten, error) {
	var answer prevalence.Forgotten
	err := c.call(ctx, http.MethodDelete, "/v1/sender?"+url.Values{"address": {address}}.Encode(), nil, &answer)
	return answer, err
}

// batch is how many records go in one request: one commit of them takes the daemon some 20 ms, which is what mail
// may have to wait for it.
const batch = 500

// Learn adds records to the history and says how many of them were known already; with an error, those before it are kept.
func (c *Client) Learn(ctx context.Context, records []prevalence.Record) (known int, err error) {
	for len(records) > 0 {
		n := min(batch, len(records))
		var body bytes.Buffer
		lines := json.NewEncoder(&body)
		for _, record := range records[:n] {
			if err := lines.Encode(record); err != nil {
				return known, fmt.Errorf("control: %w", err)
			}
		}
		var answer learned
		if err := c.call(ctx, http.MethodPost, "/v1/learn", &body, &answer); err != nil {
			return known, err
		}
		known += answer.Known
		records = records[n:]
	}
	return known, nil
}

// Events asks for events, newest first.
func (c *Client) Events(ctx context.Context, query Query) ([]journal.Event, error) {
	values := url.Values{}
	for name, value := range map[string]string{"id": query.ID, "queue_id": query.QueueID, "before": query.Before} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if query.Limit > 0 {
		values.Set("limit", strconv.Itoa(query.Limit))
	}
	var answer []journal.Event
	err := c.call(ctx, http.MethodGet, "/v1/events?"+values.Encode(), nil, &answer)
	return answer, err
}

// Health is nil when the daemon says that it works.
func (c *Client) Health(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/healthz", nil, &struct{}{})
}

// call makes one request and reads its answer, or the sentence that says what is wrong.
func (c *Client) call(ctx context.Context, method, path string, body io.Reader, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, "http://quishmilter"+path, body)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(answer); err != nil {
			return fmt.Errorf("control: the daemon's answer cannot be read: %w", err)
		}
		return nil
	}
	return refusal(response, request.URL.Path)
}

// refusal is the error that an answer means.
func refusal(response *http.Response, path string) error {
	var wrong failure
	err := json.NewDecoder(io.LimitReader(response.Body, maxLine)).Decode(&wrong)
	switch {
	case err != nil || wrong.Error == "":
		return fmt.Errorf("control: the daemon answered %s to %s; is it of another version?", response.Status, path)
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("control: %w", journal.ErrNotFound)
	}
	if response.StatusCode == http.StatusConflict {
		return conflictOf(wrong.Error)
	}
	return fmt.Errorf("control: the daemon says: %s", wrong.Error)
}

// conflict is what the daemon says about an act that cannot be, which goes by the name of one of our errors.
type conflict struct {
	kind error
	said string
}

func (c conflict) Error() string { return c.said }
func (c conflict) Unwrap() error { return c.kind }

func conflictOf(said string) error {
	for _, kind := range []error{journal.ErrBusy, journal.ErrOver, alert.ErrClosed} {
		if strings.Contains(said, kind.Error()) {
			return conflict{kind, said}
		}
	}
	return errors.New(said)
}

// post sends one question as JSON.
func (c *Client) post(ctx context.Context, path string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	return c.call(ctx, http.MethodPost, path, bytes.NewReader(body), answer)
}
