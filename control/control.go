// Package control is how the other commands talk to the running daemon: HTTP with JSON over a unix socket. The
// state file is held by one process, so that a question about a sender must go through the one that holds it.
//
// In go requests of people who may open the socket (mode 0660: its owner and group); out comes what the daemon's
// Source answers. The paths are stable:
//
//	GET  /v1/sender?address=A&now=RFC3339   what is known of a sender
//	DELETE /v1/sender?address=A             forget an address, answered with how many histories that were
//	POST /v1/counts                         what windows hold of histories, asked and answered in JSON
//	GET  /v1/history                        since when there is history, and where it is kept
//	POST /v1/learn                          JSON lines of records, answered with how many were taken
//	GET  /v1/events?id=I | queue_id=Q | limit=N [before=I]   events, newest first
//	GET, POST, DELETE /v1/entries           allow and block entries: all of them; one to add; one to remove
//	GET  /v1/hunt?host=H&since=T&…          a page of the events that a filter wants, and where the next page begins
//	GET  /v1/preset?name=hunt|rule&now=T    a page of what a founding query finds
//	GET  /v1/picture?id=I&code=N            what a code looked like, PNG in base64
//	GET  /v1/findings                       what detections found
//	GET  /healthz                           200 when the daemon works
//
// An error is {"error":"one sentence"} with a fitting status.
//
// # Limits
//
// A request's body has at most 8 MiB a line of it 64 KiB, and 1,000 records; headers 16 KiB; an answer at most 1,000 events. A
// request takes at most 30 seconds, 64 connections are served at once, and of hunts 2: 16 more wait up to 10 seconds, and
// beyond that the answer is 503.
package control

import (
	"context"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
)

// Limits of the interface.
const (
	maxBody     = 8 << 20
	maxLine     = 64 << 10
	maxRecords  = 1000
	maxEvents   = 1000
	maxAnswer   = 64 << 20 // what the client reads at most
	maxConns    = 64
	requestTime = 30 * time.Second
)

// Source is what the daemon knows; its errors are shown to the asker, so they hold no secrets.
type Source interface {
	// Sender says what is known of an address at a time.
	Sender(ctx context.Context, address string, now time.Time) (Sender, error)
	// Forget removes every history of an address and says how many there were.
	Forget(ctx context.Context, address string) (int, error)
	// Counts says what windows hold of histories.
	Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error)
	// History says how far back history reaches.
	History(ctx context.Context) (History, error)
	// Learn adds records to the history, all or none.
	Learn(ctx context.Context, records []prevalence.Record) error
	// Events answers a query, newest first; journal.ErrNotFound when an id is unknown.
	Events(ctx context.Context, query Query) ([]journal.Event, error)
	HuntSource
	// Health is nil when mail is being filtered.
	Health(ctx context.Context) error

	EntrySource
}

// Sender is the answer about one address.
type Sender struct {
	Address   string            `json:"address"` // as asked for
	Key       string            `json:"key"`     // under which history is kept; "" when it is no address
	Prevalent bool              `json:"prevalent"`
	Window    string            `json:"window"`
	Threshold int               `json:"threshold"`
	Days      int               `json:"days"`
	Age       string            `json:"age"`
	Unit      string            `json:"unit"`
	Counted   prevalence.Counts `json:"counted"`  // in the window, what builds trust for messages of the address that are proven
	Unproven  prevalence.Counts `json:"unproven"` // of these, what builds trust for messages without proof
	// PrevalentUnproven is Prevalent for a message without proof.
	PrevalentUnproven bool               `json:"prevalent_unproven"`
	All               prevalence.Counts  `json:"all"`                 // until now, as far as history reaches, everything
	Histories         []prevalence.Known `json:"histories,omitempty"` // all that is kept about the address
	More              bool               `json:"more,omitempty"`      // there are more pairs than are listed
	History           History            `json:"history"`
}

// Query says which events are wanted: one by its id, those of a queue id, or the newest.
type Query struct {
	ID      string
	QueueID string
	Before  string // of the newest: only those older than the event with this id
	Limit   int
}

// forgotten is the answer to a request to forget.
type forgotten struct {
	Forgotten int `json:"forgotten"`
}

// learned is the answer to a learning request.
type learned struct {
	Learned int `json:"learned"`
}

// failure is the answer when something went wrong.
type failure struct {
	Error string `json:"error"`
}
