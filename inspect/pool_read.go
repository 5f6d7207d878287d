package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"quishmilter/mime"
)

// Part is what a worker is given: a leaf of the MIME tree. Reader yields its decoded bytes.
type Part struct {
	Path      string
	Name      string
	Type      string
	Charset   string
	CID       string   // Content-ID
	Passwords []string // words of the message that may open the part
	Size      int64    // a hint, 0 when unknown
	Reader    io.Reader
	Again     func() io.Reader // begins anew; nil: the part can be read once only
}

// Read has the part looked into. It returns within the time of ctx (plus what killing a process takes), with all
// codes that were read until then and with what could not be looked at. A part for which the memory did not do is read
// once more with as much as there is, when others have given it back.
func (l *Lease) Read(ctx context.Context, part Part) ([]Found, []mime.Problem) {
	r, err := l.read(ctx, part)
	if errors.Is(err, errWasDead) { // it died or slept while it waited, so the part is not to blame
		r, _ = l.read(ctx, part)
	}
	if r.short && part.Again != nil && l.grow(ctx) == nil {
		part.Reader = part.Again()
		if again, _ := l.read(ctx, part); len(again.found) >= len(r.found) {
			r = again
		}
	}
	l.kept, l.links = r.kept, r.links
	return r.found, r.problems
}

// errWasDead says that a worker was found dead, or asleep, before it was given anything of the part.
var errWasDead = errors.New("the worker died or stood still while it waited")

func (l *Lease) read(ctx context.Context, part Part) (reading, error) {
	r := reading{part: part, last: l.last}
	if l.memory == 0 {
		r.problem(mime.Overload, "there was no memory for this in time")
		return r, nil
	}
	c, err := l.slot.take(ctx, l.memory)
	if err != nil {
		r.problem(mime.Overload, "no worker was ready in time")
		return r, nil
	}
	if ctx.Err() != nil {
		r.problem(mime.Timeout, "the time was up before this was looked at")
		return r, nil
	}
	r.child, l.last = c, c
	stop := c.within(ctx)
	retire, err := r.run(ctx, l.slot.pool.config)
	stop()
	if err != nil {
		l.slot.replace(l.slot.pool.room.usual)
		r.died(ctx, l, c, err)
	} else if retire {
		l.slot.replace(l.slot.pool.room.usual)
	}
	return r, err
}

// within makes everything on the worker's socket fail when ctx ends.
func (c *child) within(ctx context.Context) (stop func()) {
	c.conn.SetDeadline(deadlineOf(ctx))
	ended := make(chan struct{})
	after := context.AfterFunc(ctx, func() {
		c.conn.SetDeadline(time.Unix(1, 0))
		close(ended)
	})
	return func() {
		if !after() {
			<-ended // or it would hit the next part
		}
	}
}

// deadlineOf is the end of ctx; the zero time is none, as for sockets.
func deadlineOf(ctx context.Context) time.Time {
	deadline, _ := ctx.Deadline()
	return deadline
}

// reading is one part on its way through a worker.
type reading struct {
	child    *child
	last     *child // the worker that looked at the part before
	part     Part
	found    []Found
	problems []mime.Problem
	links    []Link
	kept     bool // the worker keeps something of the part for what comes
	short    bool // more memory may help
}

func (r *reading) problem(kind mime.Kind, detail string) {
	r.problems = append(r.problems, mime.Problem{Part: r.part.Path, Kind: kind, Detail: detail})
}

// run sends the part and takes the answers. An error means that the worker is of no use any more.
func (r *reading) run(ctx context.Context, config PoolConfig) (retire bool, err error) {
	p := r.part
	j := job{Path: p.Path, Name: cutPlace(p.Name), Type: cutPlace(p.Type), Charset: cutPlace(p.Charset), CID: cutPlace(p.CID), Passwords: p.Passwords,
		First: r.child != r.last, Size: p.Size, Limits: config.Limits, Budget: softBudget(ctx)}
	if err := writeHeader(r.child.conn, j); err != nil {
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
			err = fmt.Errorf("%w: %w", errWasDead, err)
		}
		return false, err
	}
	if j.First {
		if err := r.begun(ctx); err != nil {
			return false, err
		}
	}
	cut, reading, err := writeBody(r.child.conn, p.Reader)
	if err != nil {
		return false, err
	}
	if cut {
		r.problem(mime.OverLimit, fmt.Sprintf("only the first %d MiB were looked at", maxPart>>20))
	}
	if reading != nil {
		r.problem(mime.Broken, "the part's encoding is damaged; what decodes was looked at")
	}
	return r.answers()
}

// wakeTime is how long a worker that waited may take to say that it has heard: many times what a busy machine needs, and
// little of a message's time.
const wakeTime = time.Second

// begun waits until the worker says that it has taken the message up. One that stands still while it waits is noticed
// here, before it costs the message its time.
func (r *reading) begun(ctx context.Context) error {
	wake, cancel := context.WithTimeout(ctx, wakeTime)
	defer cancel()
	stop := r.child.within(wake)
	a, err := readAnswer(r.child.in)
	stop()
	if err == nil && a.Begun {
		r.child.conn.SetDeadline(deadlineOf(ctx))
		return nil
	}
	if err == nil {
		return errGarbage
	}
	if ctx.Err() == nil && (wake.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded)) { // the socket may notice before the context does
		return fmt.Errorf("%w: it stood still: %w", errWasDead, err)
	}
	return err
}

// answers takes what the worker says about the part, until it is done.
func (r *reading) answers() (retire bool, err error) {
	for range maxAnswers {
		a, err := readAnswer(r.child.in)
		switch {
		case err != nil:
			return false, err
		case a.Done != nil:
			r.kept, r.short = a.Done.Kept, a.Done.Short
			return a.Done.Retire, nil
		case a.Found != nil && len(r.found) < maxFound:
			a.Found.Part = r.part.Path
			r.found = append(r.found, *a.Found)
		case a.Link != nil && len(r.links) < maxLinks:
			r.links = append(r.links, *a.Link)
		case a.Problem != nil:
			a.Problem.Part = r.part.Path
			r.problems = append(r.problems, *a.Problem)
		default:
			return false, errGarbage
		}
	}
	return false, errGarbage
}

// noDeadline is the budget of a part whose context has none.
const noDeadline = time.Minute

// softBudget is the time after which the worker stops by itself, in milliseconds: a little before it would be
// killed, so that it can be kept and say what it left out.
func softBudget(ctx context.Context) int64 {
	left := noDeadline
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	return (left - min(left/10, 250*time.Millisecond)).Milliseconds()
}

// died turns the loss of a worker into evidence and a log line.
func (r *reading) died(ctx context.Context, l *Lease, c *child, err error) {
	l.slot.pool.counts.replaced.Add(1)
	switch {
	case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		r.problem(mime.Timeout, "the time was up while this was looked at")
	case errors.Is(err, errGarbage):
		r.problem(mime.Broken, "the worker that looked at this answered nonsense")
	case errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET):
		r.short = true
		r.problem(mime.OverLimit, "the worker that looked at this died, most likely for want of memory")
	default:
		r.problem(mime.OverLimit, "the worker that looked at this was lost")
	}
	l.slot.pool.config.Log.Warn("a worker was replaced", "queue_id", l.queueID, "part", r.part.Path, "problem", r.problems[len(r.problems)-1].Kind,
		"err", err, "ended", fmt.Sprint(c.state), "stderr", c.stderr.quoted())
}
