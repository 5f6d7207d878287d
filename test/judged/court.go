package judged

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"quishmilter/inspect"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

// Court judges messages as the daemon does, with real workers and a real history.
type Court struct {
	pool  *inspect.Pool
	known *inspect.Known
	dir   string
}

// Open starts workers of the built program.
func Open(program string) (*Court, error) {
	program, err := filepath.Abs(program) // workers have a folder of their own
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(program); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "quishmilter-judged-")
	if err != nil {
		return nil, err
	}
	pool, err := inspect.NewPool(inspect.PoolConfig{Command: []string{program, "worker"}, CacheDir: filepath.Join(dir, "cache"), Size: 2})
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start the workers: %w", err)
	}
	return &Court{pool: pool, known: inspect.NewKnown(), dir: dir}, nil
}

// Close ends the workers and removes what was kept.
func (c *Court) Close() {
	c.pool.Close()
	os.RemoveAll(c.dir)
}

// Case is a message with what is known of it beside its content.
type Case struct {
	Message  []byte
	MailFrom string
	Rcpts    []string
	Auth     string // "pass", "fail" or "none"
	At       time.Time
}

// Past is a history of its own.
type Past struct {
	db    *state.DB
	store *prevalence.Store
}

// NewPast makes an empty one.
func (c *Court) NewPast(name string) (*Past, error) {
	db, err := state.Open(filepath.Join(c.dir, name+".db"), state.Options{})
	if err != nil {
		return nil, err
	}
	return &Past{db, prevalence.New(db, 0)}, nil
}

// Close closes it.
func (p *Past) Close() error { return p.db.Close() }

// Add puts records into the history.
func (p *Past) Add(records ...prevalence.Record) error {
	ctx := context.Background()
	for _, r := range records {
		if err := p.db.Update(ctx, func(tx *state.Tx) error { return p.store.Add(tx, r) }); err != nil {
			return err
		}
	}
	return p.store.CatchUp(ctx)
}

// timeLimit is for one message. A loaded machine must not change what is found.
const timeLimit = 2 * time.Minute

// Judge says what a preset does with a case. Without a past nothing is known of anybody.
func (c *Court) Judge(preset string, of Case, past *Past) (inspect.Report, error) {
	policy, err := verdict.Compile(preset, nil, false)
	if err != nil {
		return inspect.Report{}, err
	}
	i := &inspect.Inspector{Pool: c.pool, Known: c.known, Window: prevalence.Default(), Policy: policy, Lists: payload.BuiltinLists(),
		Limits: inspect.Limits{Time: timeLimit, Parts: 500, Depth: 100}}
	if past != nil {
		i.History = past.store
	}
	m := &inspect.Message{Envelope: inspect.Envelope{MailFrom: of.MailFrom, Rcpts: of.Rcpts, Auth: of.Auth, Arrived: of.At, ClientPort: 25}}
	m.Header, m.Body = mime.ParseMessage(of.Message)
	return i.Inspect(context.Background(), m), nil
}

// Accepted are the records of messages that came before and were let through, or released by a person.
func Accepted(r inspect.Report, at ...time.Time) (all []prevalence.Record) {
	for _, t := range at {
		record := r.Record
		record.Time, record.ID = t, prevalence.Fingerprint{}
		all = append(all, record)
	}
	return all
}
