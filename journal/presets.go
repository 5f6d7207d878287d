package journal

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"quishmilter/journal/table"
)

// Answer is a page of what a preset finds, newest messages first.
type Answer struct {
	Rows    []table.Row `json:"rows"`
	Next    string      `json:"next,omitempty"` // where the next page begins; "" when this is the last
	Damaged int         `json:"damaged,omitempty"`
}

// pageRows is how many rows of a preset make a page full.
const pageRows = 20_000

// Preset answers one of the founding queries as of a moment. It goes over the candidates, who are few, and then over
// the history, for their senders alone.
func (j *Journal) Preset(ctx context.Context, p table.Preset, now time.Time, from string) (Answer, error) {
	answer := Answer{Rows: []table.Row{}}
	candidates, err := j.candidates(ctx, p, now, from, &answer)
	if err != nil || len(candidates) == 0 {
		return answer, err
	}
	counts := map[string]int{}
	for _, e := range candidates {
		counts[e.HeaderFrom] = 0
	}
	delete(counts, "") // nobody has no history
	if err := j.history(ctx, p, now, counts); err != nil {
		return answer, err
	}
	for _, e := range candidates {
		if table.Prevalent(counts[e.HeaderFrom]) {
			continue
		}
		rows := e.EventRows()
		if !p.PerRecipient() {
			rows = rows[:1]
		}
		for _, link := range e.links() {
			for _, row := range rows {
				answer.Rows = append(answer.Rows, table.RowOf(row, link))
			}
		}
	}
	return answer, nil
}

// candidates are messages with a link in a code, new enough, as many as make a page.
func (j *Journal) candidates(ctx context.Context, p table.Preset, now time.Time, from string, answer *Answer) (all []Event, err error) {
	s := scan{filter: Filter{Since: now.Add(-p.Newer), Until: now}, most: math.MaxInt}
	s.filter.AnyCode = true
	rows := 0
	answer.Next, err = j.scan(ctx, &s, from, func(e Event, _ int) bool {
		table := e.EventRows()
		if links := e.links(); len(links) > 0 && len(table) > 0 && p.Candidate(table[0], now) {
			for i := range e.Codes {
				e.Codes[i] = CodeEvent{URL: e.Codes[i].URL} // no more is needed, and they may be many
			}
			all = append(all, e)
			rows += len(links) * len(table)
		}
		return rows < pageRows
	})
	answer.Damaged = s.damaged
	return all, err
}

// history counts what wanted senders sent in the preset's history: messages, or rows.
func (j *Journal) history(ctx context.Context, p table.Preset, now time.Time, wanted map[string]int) error {
	from, to := p.Span(now)
	oldest, before := firstID(from), firstID(to.Add(time.Millisecond))
	for before != nil {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		var err error
		before, err = j.count(oldest, before, func(s summary) {
			n, want := wanted[string(s.from)]
			if !want || string(s.where) == Deferred || !p.History(time.UnixMilli(s.time), now) {
				return
			}
			if p.PerRecipient() {
				wanted[string(s.from)] = n + max(s.rcpts, 1)
			} else {
				wanted[string(s.from)] = n + 1
			}
		})
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// links are those of a message's codes, each once, as EmailUrlInfo has them.
func (e *Event) links() (all []string) {
	for _, c := range e.Codes {
		if c.URL != "" && !slices.Contains(all, c.URL) {
			all = append(all, c.URL)
		}
	}
	return all
}

// EventRows are the message's rows of EmailEvents, one per recipient. Of plain mail the recipients are not kept: their
// rows have no address, so that whoever counts rows counts right. A message that was answered with a temporary error
// has no row, since it comes again.
func (e *Event) EventRows() (rows []table.Event) {
	if e.Where == Deferred {
		return nil
	}
	one := table.Event{Timestamp: e.Time, NetworkMessageID: e.ID, InternetMessageID: e.MessageID, SenderFromAddress: e.HeaderFrom,
		SenderMailFromAddress: e.MailFrom, Subject: e.Subject, EmailDirection: directions[e.Direction]}
	one.DeliveryAction, one.DeliveryLocation = delivery(e)
	if client, err := netip.ParseAddr(e.ClientAddr); err == nil && client.Unmap().Is4() {
		one.SenderIPv4 = client.Unmap().String()
	} else if err == nil {
		one.SenderIPv6 = client.String()
	}
	for i := range max(e.NRcpt, 1) {
		one.RecipientEmailAddress = ""
		if i < len(e.Rcpts) {
			one.RecipientEmailAddress = e.Rcpts[i]
		}
		one.RecipientObjectID = one.RecipientEmailAddress
		one.ReportID = fmt.Sprintf("%s-%d", e.ID, i+1)
		rows = append(rows, one)
	}
	return rows
}

// URLRows are the message's rows of EmailUrlInfo.
func (e *Event) URLRows() (rows []table.URL) {
	if e.Where == Deferred {
		return nil
	}
	for _, c := range e.Codes {
		if c.URL == "" || slices.ContainsFunc(rows, func(u table.URL) bool { return u.URL == c.URL }) {
			continue
		}
		rows = append(rows, table.URL{Timestamp: e.Time, NetworkMessageID: e.ID, URL: c.URL, Domain: c.Host, Location: table.QRCode,
			ReportID: fmt.Sprintf("%s-u%d", e.ID, len(rows)+1)})
	}
	return rows
}

var directions = map[string]string{"inbound": "Inbound", "outbound": "Outbound", "internal": "Intra-org"}

// delivery says what became of a message in Defender's words. Its own tables say "Failed" or "Dropped" where we say
// "Blocked" for a location; but the rule that is to run over these rows leaves out what is "Blocked", and means that.
func delivery(e *Event) (action, location string) {
	switch {
	case e.Where == Held, e.Where == Redirected:
		return "Blocked", "Quarantine"
	case e.Where == Refused, e.Where == Dropped:
		return "Blocked", "Blocked"
	case e.Direction == "outbound":
		return "Delivered", "On-premises/External"
	}
	return "Delivered", "Inbox/folder"
}
