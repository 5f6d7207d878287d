package postfix

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// lateLog is how much of the end of a log is read for what has just been: some ten thousand lines.
const lateLog = 8 << 20

// maxFates bounds of how many recipients the log is believed.
const maxFates = 10_000

// Fate is what the mail log says of a message since it was last let go.
type Fate struct {
	NewID   string         // under which a requeued message goes on
	Status  map[string]int // recipients by what came of the last try: "sent", "bounced", "deferred", "expired"
	Why     string         // the first reason why one was not sent
	Removed bool           // it is in no queue any more
}

// Sent says that all recipients that the log names were sent to.
func (f Fate) Sent() bool { return len(f.Status) == 1 && f.Status["sent"] > 0 }

// String is the recipients by what became of them, and why not.
func (f Fate) String() string {
	var words []string
	for _, status := range slices.Sorted(maps.Keys(f.Status)) {
		words = append(words, fmt.Sprintf("%s %d", status, f.Status[status]))
	}
	text := strings.Join(words, ", ")
	if f.Why != "" {
		text += fmt.Sprintf(" (%.120q)", f.Why)
	}
	return text
}

// Fate asks the mail log what became of a message that has just been let go, until the log says that it left the queue,
// or ctx ends, which is no error: Removed is false then. As with LetGo, whoever may write to the system's log can feign it.
func (q Queue) Fate(ctx context.Context, id string) (Fate, error) {
	logs, err := q.logs(ctx)
	if err != nil {
		return Fate{}, err
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		r := fateReader{name: logs.name, id: id}
		err := logs.read(ctx, lateLog, []string{"--since=-5min", "--lines=100000"}, r.line)
		f := r.fate()
		if f.Removed || err != nil && ctx.Err() == nil {
			return f, err
		}
		select {
		case <-ctx.Done():
			return f, nil
		case <-tick.C:
		}
	}
}

// fateReader follows one message through a log, from where postsuper let it go.
type fateReader struct {
	name, id string
	newID    string
	letGo    bool
	removed  bool
	status   map[string]string // by recipient
	why      string
}

var (
	tried    = regexp.MustCompile(`^to=<(.*?)>, .*?, dsn=[0-9.]+, status=(sent|bounced|deferred) \((.*)\)$`)
	returned = regexp.MustCompile(`^from=<.*>, status=(?:force-)?expired, returned to sender$`)
)

func (r *fateReader) line(line []byte) {
	service, id, said, ok := logLine(r.name, line)
	if !ok {
		return
	}
	if service == "postsuper" && id == r.id && (said == "released from hold" || said == "requeued") {
		*r = fateReader{name: r.name, id: r.id, letGo: true, status: map[string]string{}}
		return
	}
	if !r.letGo {
		return
	}
	if service == "pickup" && strings.HasSuffix(said, " orig_id="+r.id) && CheckID(id) == nil {
		r.newID, r.removed = id, false
		return
	}
	if id == r.id && r.newID == "" || id == r.newID {
		r.went(service, said)
	}
}

// went takes what a delivery agent or the queue manager says of the message.
func (r *fateReader) went(service, said string) {
	switch match := tried.FindStringSubmatch(said); {
	case match != nil && len(r.status) < maxFates:
		r.status[match[1]] = match[2]
		if match[2] != "sent" && r.why == "" {
			r.why = match[3]
		}
	case service == "qmgr" && said == "removed":
		r.removed = true
	case service == "qmgr" && returned.MatchString(said):
		for rcpt := range r.status {
			delete(r.status, rcpt)
		}
		r.status[""] = "expired"
	}
}

func (r *fateReader) fate() Fate {
	f := Fate{NewID: r.newID, Removed: r.removed, Status: map[string]int{}}
	for _, status := range r.status {
		if f.Status[status]++; status != "sent" {
			f.Why = r.why
		}
	}
	return f
}
