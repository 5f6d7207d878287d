// Package control is how the other commands talk to the running daemon: HTTP with JSON over a unix socket. The
// state file is held by one process, so that a question about a sender must go through the one that holds it.
//
// In go requests of people who may open the socket; out comes what the daemon's Source answers, to each what the kernel
// says that he may ask: see routes. The paths are stable, and described in docs/control-openapi.yaml.
//
// An error is {"error":"one sentence"} with a fitting status.
//
// # Limits
//
// A request's body has at most 8 MiB a line of it 64 KiB, and 1,000 records; headers 16 KiB; an answer at most 1,000 events. A
// request takes at most 30 seconds, 64 connections are served at once, and of hunts 2: 16 more wait up to 10 seconds, and
// beyond that the answer is 503. One backup is made at a time, and may take as long as it moves. A TCP port, where there is
// one, serves 8 connections.
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
	// Forget removes every history of an address and says how many there were, and where.
	Forget(ctx context.Context, address string) (prevalence.Forgotten, error)
	// Counts says what windows hold of histories.
	Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error)
	// History says how far back history reaches.
	History(ctx context.Context) (History, error)
	// Learn adds records to the history, all or none, and says how many of them were known already.
	Learn(ctx context.Context, records []prevalence.Record) (known int, err error)
	// Events answers a query, newest first; journal.ErrNotFound when an id is unknown.
	Events(ctx context.Context, query Query) ([]journal.Event, error)
	HuntSource
	HealthSource
	BackupSource
	EntrySource
	HoldSource
	AlertSource
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

// learned is the answer to a learning request.
type learned struct {
	Learned int `json:"learned"` // that were taken
	Known   int `json:"known"`   // of these, known already
}

// failure is the answer when something went wrong.
type failure struct {
	Error string `json:"error"`
}
