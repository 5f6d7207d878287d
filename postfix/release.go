package postfix

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// ErrNotHeld: the message is in the queue, but not on hold.
var ErrNotHeld = errors.New("the message is not on hold any more")

// Release lets a held message go on its way, and says whether Postfix queues it anew.
//
// A message keeps its time of arrival on hold. Once it is older than maximal_queue_lifetime, the first temporary
// failure of its delivery returns it to the sender. So one that is older than half of that is requeued, which gives it
// a new lifetime and a new queue id; a younger one keeps both, and is delivered at once. Where Postfix is stopped the
// message is put back: it would go without anybody seeing whether it does.
func (q Queue) Release(ctx context.Context, m Message, now time.Time) (requeued bool, err error) {
	lifetime, err := q.Lifetime(ctx)
	if err != nil {
		return false, err
	}
	if err := q.running(ctx); err != nil {
		return false, err
	}
	if now.Sub(m.Arrived) > lifetime/2 {
		err := q.super(ctx, "-r", m.ID)
		if err == nil { // pickup looks every minute; woken it takes the message at once, and where it cannot be woken, later
			_, _ = q.run(ctx, text(new([]byte), maxSaid), "postkick", "public", "pickup", "W")
		}
		return true, err
	}
	if err := q.super(ctx, "-H", m.ID); err != nil {
		return false, err
	}
	_, err = q.run(ctx, text(new([]byte), maxSaid), "postqueue", "-i", m.ID)
	if errors.Is(err, ErrStopped) {
		return false, errors.Join(err, q.super(ctx, "-h", m.ID))
	}
	return false, err
}

// running asks postfix, which says nothing beside its exit status where its log does not go to the terminal.
func (q Queue) running(ctx context.Context) error {
	said, err := q.run(ctx, text(new([]byte), maxSaid), "postfix", "status")
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 1 && !strings.Contains(said, "fatal") {
		return ErrStopped
	}
	return err
}

// Delete removes a held message for good. Neither its sender nor its recipients are told.
func (q Queue) Delete(ctx context.Context, m Message) error {
	return q.super(ctx, "-d", m.ID)
}

// supers is what postsuper says when it has done what it was told: of the message, and of all at its end.
var supers = map[string]struct{ one, all string }{
	"-d": {"removed", "Deleted: 1 message"},
	"-r": {"requeued", "Requeued: 1 message"},
	"-H": {"released from hold", "Released from hold: 1 message"},
	"-h": {"placed on hold", "Placed on hold: 1 message"},
}

// super runs postsuper on one held message. It succeeds also where it did nothing, so what it says is looked at.
func (q Queue) super(ctx context.Context, verb, id string) error {
	done := supers[verb]
	if err := CheckID(id); err != nil {
		return err
	}
	args := []string{verb, id}
	if verb == "-d" || verb == "-r" {
		args = append(args, Hold) // of this queue alone: it may have been released meanwhile
	}
	said, err := q.run(ctx, text(new([]byte), maxSaid), "postsuper", args...)
	if strings.Contains(said, id+": "+done.one) { // it may fail afterwards: while Postfix is stopped it cannot write its log
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	if !strings.Contains(said, done.all) {
		return fmt.Errorf("%s: %w", id, ErrNotHeld)
	}
	return nil
}

// Lifetime is how long Postfix tries to deliver a message.
func (q Queue) Lifetime(ctx context.Context) (time.Duration, error) {
	var out []byte
	if _, err := q.run(ctx, text(&out, maxSaid), "postconf", "-h", "maximal_queue_lifetime"); err != nil {
		return 0, err
	}
	return parseTime(strings.TrimSpace(string(out)))
}

// parseTime reads a time of main.cf, for which maximal_queue_lifetime takes days without a unit.
func parseTime(value string) (time.Duration, error) {
	unit := 24 * time.Hour
	if value != "" {
		last := value[len(value)-1]
		if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[last]; ok {
			unit, value = u, value[:len(value)-1]
		}
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || time.Duration(n) > (1<<62)/unit {
		return 0, fmt.Errorf("maximal_queue_lifetime is %.40q, which is no time", value)
	}
	return time.Duration(n) * unit, nil
}
