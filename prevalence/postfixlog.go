package prevalence

import (
	"bufio"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"quishmilter/identity"
)

// maxLogged bounds the messages whose lines are still being collected; the oldest knowledge goes first.
const maxLogged = 100_000

// Why a logged message teaches nothing.
const (
	loggedRefused = "refused or bounced, as the log says"
	loggedDeleted = "deleted from the queue, as the log says"
)

// PostfixLog makes records from a Postfix log: the envelope sender alone, since the header From is not in it. Such
// records count as Envelope history, and for no address in a From. Mail of authenticated clients, of the local host
// and of those that own says are ours is outbound: its recipients become correspondents. A message is yielded when
// Postfix removes it, or at the end of the log. Lines that are none of Postfix's are passed over; the year that
// traditional time stamps lack is the newest that is not in the future.
//
// A content filter hands a message back under a second queue id, and so does a requeued one: it counts once, by what
// became of it in the end. One that is still on hold is Held. One that reached nobody, because it was refused, bounced
// or deleted, is not yielded; left says how many there were and why.
func PostfixLog(r io.Reader, now time.Time, own func(netip.Addr) bool, yield func(Record) error) (left map[string]int, err error) {
	p := postfixLog{now: now, own: own, open: map[string]*logged{}, known: map[string]*logged{}, left: map[string]int{}}
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if done := p.line(string(line)); done != nil {
			if err := p.finish(done, yield); err != nil {
				return p.left, err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil && err != bufio.ErrBufferFull {
			return p.left, err
		}
	}
	for _, m := range p.open {
		if err := p.finish(m, yield); err != nil {
			return p.left, err
		}
	}
	return p.left, nil
}

type postfixLog struct {
	now   time.Time
	own   func(netip.Addr) bool
	open  map[string]*logged // by queue id; several may be one message's
	known map[string]*logged // by Message-ID
	left  map[string]int
}

// logged is what the log has said of a message so far.
type logged struct {
	host, id string // queue id, the first
	message  string // Message-ID
	queued   int    // queue ids that are not removed yet
	finished bool
	at       time.Time
	from     string
	local    bool // a host of ours handed it in
	outbound bool
	handed   bool // back, by a filter: what became of it is said under another queue id
	held     bool
	refused  bool
	deleted  bool
	sent     bool
	rcpts    int
	to       []string
}

// line takes one line in, and returns the message that is complete with it.
func (p *postfixLog) line(line string) *logged {
	stamp, host, service, id, rest, ok := cutLine(line)
	if !ok {
		return nil
	}
	m := p.open[id]
	if rest = strings.TrimSuffix(rest, "\n"); rest == "removed" {
		delete(p.open, id)
		if m != nil {
			m.queued--
			m.deleted = m.deleted || service == "postsuper"
		}
		if m == nil || m.queued > 0 {
			return nil
		}
		return m
	}
	if m == nil {
		if service != "smtpd" && service != "pickup" && service != "qmgr" {
			return nil
		}
		if len(p.open) >= maxLogged {
			clear(p.open)
		}
		m = &logged{host: host, id: id, queued: 1}
		p.open[id] = m
	}
	p.note(m, id, stamp, service, rest)
	return nil
}

// note takes in what a service says of a message.
func (p *postfixLog) note(m *logged, id, stamp, service, rest string) {
	switch service {
	case "smtpd":
		if strings.HasPrefix(rest, "client=") {
			p.client(m, id, rest)
		}
	case "pickup":
		m.local, m.outbound = true, true
		p.join(m, id, p.open[between(rest, "orig_id=", " ")])
	case "cleanup":
		if message := between(rest, "message-id=", " "); message != "" && strings.HasPrefix(rest, "message-id=") {
			p.message(m, id, message)
		}
	case "qmgr":
		if strings.HasPrefix(rest, "from=<") && m.at.IsZero() { // again at every retry
			m.from = between(rest, "from=<", ">")
			m.rcpts, _ = strconv.Atoi(between(rest, "nrcpt=", " "))
			m.at = p.time(stamp)
		}
	}
	switch {
	case strings.HasPrefix(rest, "milter-hold:"), strings.HasPrefix(rest, "hold:"), rest == "placed on hold":
		m.held = true
	case rest == "released from hold":
		m.held = false
	case rest == "requeued": // it comes again by pickup, and is not said to be removed
		m.held, m.queued = false, m.queued-1
	case service == "cleanup" && (strings.HasPrefix(rest, "milter-reject:") || strings.HasPrefix(rest, "reject:") || strings.HasPrefix(rest, "milter-discard:") || strings.HasPrefix(rest, "discard:")):
		m.refused = true
	case strings.HasPrefix(rest, "to=<") && (!m.handed || id != m.id):
		m.delivery(rest)
	}
}

// delivery takes in what became of one recipient.
func (m *logged) delivery(rest string) {
	switch {
	case strings.Contains(rest, " status=sent"):
		m.sent, m.held = true, false
		if len(m.to) < maxPairs {
			m.to = append(m.to, Key(between(rest, "to=<", ">")))
		}
	case strings.Contains(rest, " status=bounced"), strings.Contains(rest, " status=expired"):
		m.refused = true
	}
}

// client is who handed the message over. A filter on this host names the one before it (XFORWARD).
func (p *postfixLog) client(m *logged, id, rest string) {
	addr, _ := netip.ParseAddr(between(rest, "[", "]"))
	m.local = addr.IsLoopback() || addr.IsValid() && p.own(addr)
	if before, err := netip.ParseAddr(between(between(rest, ", orig_client=", ", "), "[", "]")); err == nil && m.local {
		addr = before
	}
	m.outbound = strings.Contains(rest, "sasl_username=") || addr.IsLoopback() || addr.IsValid() && p.own(addr)
	p.join(m, id, p.open[between(rest, ", orig_queue_id=", ",")])
}

// message looks whether one of this Message-ID was handed back. Strangers may send the same Message-ID again: that is
// no part of the first.
func (p *postfixLog) message(m *logged, id, message string) {
	if len(message) > maxKey {
		return
	}
	if first := p.known[message]; first != nil && m.local {
		p.join(m, id, first)
		return
	}
	if len(p.known) >= maxLogged {
		clear(p.known)
	}
	m.message = message
	p.known[message] = m
}

// join makes a queue id one more of an earlier message's.
func (p *postfixLog) join(m *logged, id string, first *logged) {
	if first == nil || first == m || m.host != first.host || p.open[id] != m {
		return
	}
	p.open[id] = first
	first.queued++
	first.handed = true
}

func (p *postfixLog) finish(m *logged, yield func(Record) error) error {
	key := Key(identity.EnvelopeKey(m.from, m.to...))
	if key == "" || m.at.IsZero() || m.at.After(p.now) || m.finished {
		return nil
	}
	m.finished = true
	switch {
	case m.deleted && !m.sent:
		p.left[loggedDeleted]++
		return nil
	case m.refused && !m.sent:
		p.left[loggedRefused]++
		return nil
	}
	r := Record{Time: m.at, Envelope: key, Recipients: max(m.rcpts, 1), To: m.to}
	if m.outbound {
		r.Direction = Outbound
	} else {
		r.To = nil // pairs are of the From
	}
	if m.held {
		r.Outcome = Held
	}
	name := m.message // on a second host, too
	if name == "" {
		name = m.host + " " + m.id + " " + m.at.Format(time.DateOnly)
	}
	r.ID = NewFingerprint("postfix "+name, key, nil)
	return yield(r)
}

// cutLine takes a line like "Nov 21 12:00:00 mx postfix/smtpd[12]: 4F1…: rest" apart; the time may be RFC 3339.
func cutLine(line string) (stamp, host, service, id, rest string, ok bool) {
	head, tail, ok := strings.Cut(line, "]: ")
	if !ok {
		return
	}
	bracket := strings.LastIndexByte(head, '[')
	space := strings.LastIndexByte(head, ' ')
	if bracket < 0 || space < 0 || bracket < space || !strings.HasPrefix(head[space+1:], "postfix") {
		return "", "", "", "", "", false
	}
	program := head[space+1 : bracket]
	service = program[strings.LastIndexByte(program, '/')+1:]
	stamp, host = head[:space], ""
	if i := strings.LastIndexByte(stamp, ' '); i > 0 {
		stamp, host = stamp[:i], stamp[i+1:]
	}
	id, rest, ok = strings.Cut(tail, ": ")
	if !ok || len(id) > 64 || id == "NOQUEUE" || id == "warning" || strings.ContainsRune(id, ' ') {
		return "", "", "", "", "", false
	}
	return stamp, host, service, id, rest, true
}

func (p *postfixLog) time(stamp string) time.Time {
	if t, err := time.Parse(time.RFC3339, stamp); err == nil {
		return t.UTC()
	}
	t, err := time.ParseInLocation("2006 Jan _2 15:04:05", strconv.Itoa(p.now.Year())+" "+stamp, p.now.Location())
	if err != nil {
		return time.Time{}
	}
	if t.After(p.now) {
		t = t.AddDate(-1, 0, 0)
	}
	return t.UTC()
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}
