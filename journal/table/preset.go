package table

import (
	"hash/maphash"
	"strings"
	"time"
)

// Preset is one of the two founding queries. In plain words: a code with a link came from somebody who is not
// prevalent, that is, who has not more than one entry in the history that ends 24 hours ago. Both ends of the history
// count (KQL's between); a candidate must be newer than its bound, which does not count (KQL's >). Addresses are
// compared letter by letter, on the whole header From. History takes every direction and every outcome; an empty From
// has none.
type Preset struct {
	Name   string
	Before time.Duration // how far back the history goes
	Newer  time.Duration // how old a candidate may be
	rows   bool          // history counts rows, that is recipients, not messages; and the answer has a row per recipient
}

// exclude is the newest part of the time, which is no history yet.
const exclude = 24 * time.Hour

// The presets. Hunt wants inbound mail and answers with sender, link and message. Rule takes every direction but not
// what was blocked; its candidates overlap its history by a day, so that a mail of 30 hours to two people is its own
// history.
var (
	Hunt = Preset{Name: "hunt", Before: 7 * 24 * time.Hour, Newer: 24 * time.Hour}
	Rule = Preset{Name: "rule", Before: 14 * 24 * time.Hour, Newer: 48 * time.Hour, rows: true}
)

// PresetNamed finds a preset.
func PresetNamed(name string) (Preset, bool) {
	for _, p := range []Preset{Hunt, Rule} {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// Needs are the columns that a preset cannot do without.
func (p Preset) Needs() (events, urls []string) {
	events = []string{"Timestamp", "NetworkMessageId", "SenderFromAddress"}
	if !p.rows {
		events = append(events, "EmailDirection")
	}
	return events, []string{"NetworkMessageId", "Url", "UrlLocation"}
}

// Row is a row of an answer.
type Row struct {
	Timestamp             time.Time `json:"Timestamp"`
	URL                   string    `json:"Url"`
	NetworkMessageID      string    `json:"NetworkMessageId"`
	InternetMessageID     string    `json:"InternetMessageId"`
	RecipientObjectID     string    `json:"RecipientObjectId"`
	ReportID              string    `json:"ReportId"`
	SenderFromAddress     string    `json:"SenderFromAddress"`
	RecipientEmailAddress string    `json:"RecipientEmailAddress"`
}

// Columns are those of the preset's answer: the query's own, and for Rule sender and recipient after them.
func (p Preset) Columns() []string {
	if p.rows {
		return []string{"Timestamp", "Url", "NetworkMessageId", "InternetMessageId", "RecipientObjectId", "ReportId", "SenderFromAddress", "RecipientEmailAddress"}
	}
	return []string{"SenderFromAddress", "Url", "NetworkMessageId"}
}

// Cells are the row's cells in the order of Columns.
func (p Preset) Cells(r Row) []string {
	if p.rows {
		return []string{Time(r.Timestamp), r.URL, r.NetworkMessageID, r.InternetMessageID, r.RecipientObjectID, r.ReportID, r.SenderFromAddress, r.RecipientEmailAddress}
	}
	return []string{r.SenderFromAddress, r.URL, r.NetworkMessageID}
}

// Span is the history's first and last moment.
func (p Preset) Span(now time.Time) (from, to time.Time) {
	return now.Add(-p.Before), now.Add(-exclude)
}

// History says whether the history of that moment holds a time.
func (p Preset) History(t, now time.Time) bool {
	from, to := p.Span(now)
	return !t.Before(from) && !t.After(to)
}

// Candidate says whether a row can be an answer, prevalence apart.
func (p Preset) Candidate(e Event, now time.Time) bool {
	if !e.Timestamp.After(now.Add(-p.Newer)) || e.Timestamp.After(now) {
		return false
	}
	if p.rows {
		return e.DeliveryLocation != "Blocked"
	}
	return e.EmailDirection == "Inbound"
}

// Search answers a preset over rows that come in any order: links first, then events, then Rows.
type Search struct {
	preset Preset
	now    time.Time

	links      map[string][]string // of a message, those in codes, each once
	candidates []Event
	counts     map[string]int      // of a sender: messages, or rows
	known      map[uint64]struct{} // messages of senders that were counted
	rows       map[uint64]struct{} // events with a ReportId: an export that was given twice counts once
	seed       maphash.Seed
}

// NewSearch begins a search as of a moment.
func NewSearch(p Preset, now time.Time) *Search {
	return &Search{preset: p, now: now, links: map[string][]string{}, counts: map[string]int{}, known: map[uint64]struct{}{},
		rows: map[uint64]struct{}{}, seed: maphash.MakeSeed()}
}

// Link takes a row of EmailUrlInfo.
func (s *Search) Link(u URL) {
	if u.Location != QRCode {
		return
	}
	for _, known := range s.links[u.NetworkMessageID] {
		if known == u.URL {
			return
		}
	}
	s.links[u.NetworkMessageID] = append(s.links[u.NetworkMessageID], u.URL)
}

// Event takes a row of EmailEvents. All links must have come before.
func (s *Search) Event(e Event) {
	if e.ReportID != "" && !s.first(s.rows, e.NetworkMessageID, e.ReportID, e.RecipientEmailAddress) {
		return
	}
	if e.SenderFromAddress != "" && s.preset.History(e.Timestamp, s.now) &&
		(s.preset.rows || s.first(s.known, e.SenderFromAddress, e.NetworkMessageID)) {
		if _, known := s.counts[e.SenderFromAddress]; !known {
			s.counts[strings.Clone(e.SenderFromAddress)] = 0 // the cell is a part of its whole line
		}
		s.counts[e.SenderFromAddress]++
	}
	if len(s.links[e.NetworkMessageID]) > 0 && s.preset.Candidate(e, s.now) {
		s.candidates = append(s.candidates, e)
	}
}

// first says whether these texts come for the first time.
func (s *Search) first(seen map[uint64]struct{}, texts ...string) bool {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, text := range texts {
		h.WriteString(text)
		h.WriteByte(0)
	}
	sum := h.Sum64()
	_, known := seen[sum]
	seen[sum] = struct{}{}
	return !known
}

// Prevalent is the threshold of both queries: more than one.
func Prevalent(count int) bool { return count > 1 }

// Rows is the answer, in the order in which the events came.
func (s *Search) Rows() (rows []Row) {
	answered := map[uint64]struct{}{}
	for _, e := range s.candidates {
		if Prevalent(s.counts[e.SenderFromAddress]) {
			continue
		}
		for _, link := range s.links[e.NetworkMessageID] {
			if s.preset.rows || s.first(answered, e.SenderFromAddress, link, e.NetworkMessageID) {
				rows = append(rows, RowOf(e, link))
			}
		}
	}
	return rows
}

// RowOf joins an event and a link.
func RowOf(e Event, link string) Row {
	return Row{Timestamp: e.Timestamp, URL: link, NetworkMessageID: e.NetworkMessageID, InternetMessageID: e.InternetMessageID,
		RecipientObjectID: e.RecipientObjectID, ReportID: e.ReportID, SenderFromAddress: e.SenderFromAddress, RecipientEmailAddress: e.RecipientEmailAddress}
}

// PerRecipient says whether the answer has a row per recipient.
func (p Preset) PerRecipient() bool { return p.rows }
