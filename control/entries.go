package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"quishmilter/journal"
)

// EntrySource keeps the allow and block entries.
type EntrySource interface {
	// Entries are all that are in force, those of a file included.
	Entries(ctx context.Context) ([]journal.Entry, error)
	// PutEntry adds an entry, or replaces the one of the same name, and returns it as it is kept.
	PutEntry(ctx context.Context, e journal.Entry) (journal.Entry, error)
	// RemoveEntry takes an entry off; journal.ErrNoEntry when it is not there.
	RemoveEntry(ctx context.Context, e journal.Entry) error
}

func (s *Server) entries(r *http.Request) (any, error) {
	list, err := s.source.Entries(r.Context())
	if list == nil {
		list = []journal.Entry{}
	}
	return list, err
}

func (s *Server) putEntry(r *http.Request) (any, error) {
	e, err := readEntry(r.Body)
	if err != nil {
		return nil, badRequest{err}
	}
	e.Added, e.Source = s.clock(), ""
	if e.Expired(e.Added) {
		return nil, badRequest{errors.New("the entry's end has passed already")}
	}
	e, err = s.source.PutEntry(r.Context(), e)
	if err == nil {
		s.log.EntryAdded(e)
	}
	return e, err
}

func (s *Server) removeEntry(r *http.Request) (any, error) {
	e, err := readEntry(r.Body)
	if err != nil {
		return nil, badRequest{err}
	}
	if err := s.source.RemoveEntry(r.Context(), e); err != nil {
		return nil, err
	}
	s.log.EntryRemoved(e)
	return e, nil
}

// readEntry checks again what the command has checked: anybody who may open the socket may write to it.
func readEntry(body io.Reader) (journal.Entry, error) {
	var e journal.Entry
	if err := json.NewDecoder(io.LimitReader(body, maxLine)).Decode(&e); err != nil {
		return e, fmt.Errorf("reading an entry: %w", err)
	}
	return e.Check()
}

// Entries asks for the allow and block entries.
func (c *Client) Entries(ctx context.Context) ([]journal.Entry, error) {
	var all []journal.Entry
	return all, c.call(ctx, http.MethodGet, "/v1/entries", nil, &all)
}

// PutEntry adds an entry; it is in force when this returns.
func (c *Client) PutEntry(ctx context.Context, e journal.Entry) (journal.Entry, error) {
	return c.sendEntry(ctx, http.MethodPost, e)
}

// RemoveEntry takes an entry off; journal.ErrNoEntry when it is not there.
func (c *Client) RemoveEntry(ctx context.Context, e journal.Entry) error {
	_, err := c.sendEntry(ctx, http.MethodDelete, e)
	if errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("%w: %s", journal.ErrNoEntry, e.Name())
	}
	return err
}

func (c *Client) sendEntry(ctx context.Context, method string, e journal.Entry) (journal.Entry, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return e, fmt.Errorf("control: %w", err)
	}
	var kept journal.Entry
	return kept, c.call(ctx, method, "/v1/entries", bytes.NewReader(body), &kept)
}
