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

// PostfixLog makes records from a Postfix log: the envelope sender alone, since the header From is not in it. Such
// records count as Envelope history, and for no address in a From. Mail of authenticated clients, of the local host
// and of those that own says are ours is outbound: its recipients become correspondents. A message is yielded when
// Postfix removes it, or at the end of the log. Lines that are none of Postfix's are passed over; the year that
// traditional time stamps lack is the newest that is not in the future.
func PostfixLog(r io.Reader, now time.Time, own func(netip.Addr) bool, yield func(Record) error) error {
	p := postfixLog{now: now, own: own, open: map[string]*logged{}}
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if done := p.line(string(line)); done != nil {
			if err := p.finish(done, yield); err != nil {
				return err
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil && err != bufio.ErrBufferFull {
			return err
		}
	}
	for _, m := range p.open {
		if err := p.finish(m, yield); err != nil {
			return err
		}
	}
	return nil
}

type postfixLog struct {
	now  time.Time
	own  func(netip.Addr) bool
	open map[string]*logged // by queue id
}

// logged is what the log has said of a message so far.
type logged struct {
	id       string // host and queue id
	at       time.Time
	from     string
	outbound bool
	held     bool
	rcpts    int
	to       []string
}

// line takes one line in, and returns the message that is complete with it.
func (p *postfixLog) line(line string) *logged {
	stamp, host, service, id, rest, ok := cutLine(line)
	if !ok {
		return nil
	}
	if rest == "removed\n" || rest == "removed" {
		m := p.open[id]
		delete(p.open, id)
		return m
	}
	m := p.open[id]
	if m == nil {
		if service != "smtpd" && service != "pickup" && service != "qmgr" {
			return nil
		}
		if len(p.open) >= maxLogged {
			clear(p.open)
		}
		m = &logged{id: host + " " + id}
		p.open[id] = m
	}
	p.note(m, stamp, service, rest)
	return nil
}

func (p *postfixLog) note(m *logged, stamp, service, rest string) {
	switch {
	case service == "smtpd" && strings.HasPrefix(rest, "client="):
		_, addr, _ := strings.Cut(rest, "[")
		addr, _, _ = strings.Cut(addr, "]")
		client, err := netip.ParseAddr(addr)
		m.outbound = strings.Contains(rest, "sasl_username=") || err == nil && (client.IsLoopback() || p.own(client))
	case service == "pickup":
		m.outbound = true
	case service == "qmgr" && strings.HasPrefix(rest, "from=<") && m.at.IsZero(): // again at every retry
		m.from = between(rest, "from=<", ">")
		m.rcpts, _ = strconv.Atoi(between(rest, "nrcpt=", " "))
		m.at = p.time(stamp)
	case service == "cleanup" && strings.HasPrefix(rest, "milter-hold"):
		m.held = true
	case strings.HasPrefix(rest, "to=<") && strings.Contains(rest, " status=sent"):
		if len(m.to) < maxPairs {
			m.to = append(m.to, Key(between(rest, "to=<", ">")))
		}
	}
}

func (p *postfixLog) finish(m *logged, yield func(Record) error) error {
	key := Key(identity.EnvelopeKey(m.from, m.to...))
	if key == "" || m.at.IsZero() || m.at.After(p.now) {
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
	r.ID = NewFingerprint("postfix "+m.id+" "+m.at.Format(time.DateOnly), key, nil)
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
