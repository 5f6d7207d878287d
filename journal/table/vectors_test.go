package table

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// sent is one recipient's row of a message, hours from now.
type sent struct {
	hours          float64
	message        string
	from, to       string
	direction, loc string // "" is Inbound, and the inbox
}

type vector struct {
	name       string
	sent       []sent
	links      []string // in codes of message m
	inText     []string // in the text of message m
	hunt, rule string   // rows, blanks between cells, commas between rows
}

func from(hours float64, message, to string) sent {
	return sent{hours: hours, message: message, from: "x@a", to: to}
}

func with(s sent, change func(*sent)) sent { change(&s); return s }

func outbound(s *sent)    { s.direction, s.to = "Outbound", "z" }
func quarantined(s *sent) { s.loc = "Quarantine" }

var one = []string{"L"}

// vectors are worked cases of the two queries.
var vectors = []vector{
	{"a new sender", []sent{from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"one earlier, to one", []sent{from(-72, "o", "r1"), from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"one earlier, to two", []sent{from(-72, "o", "r1"), from(-72, "o", "r2"), from(-1, "m", "r1")}, one, nil, "x@a L m", ""},
	{"two earlier", []sent{from(-72, "o", "r1"), from(-73, "p", "r1"), from(-1, "m", "r1")}, one, nil, "", ""},
	{"two, 10 days ago", []sent{from(-240, "o", "r1"), from(-241, "p", "r1"), from(-1, "m", "r1")}, one, nil, "x@a L m", ""},
	{"two, 15 days ago", []sent{from(-360, "o", "r1"), from(-361, "p", "r1"), from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"two, exactly 24 hours ago", []sent{from(-24, "o", "r1"), from(-24, "p", "r1"), from(-1, "m", "r1")}, one, nil, "", ""},
	{"fifty within five hours", append(burst(), from(-1, "m", "r1")), one, nil, "x@a L m", "L m r1"},
	{"history in other case", []sent{with(from(-72, "o", "r1"), upper), with(from(-73, "p", "r1"), upper), from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"history only outbound", []sent{with(from(-72, "o", ""), outbound), with(from(-73, "p", ""), outbound), from(-1, "m", "r1")}, one, nil, "", ""},
	{"history all quarantined", []sent{with(from(-72, "o", "r1"), quarantined), with(from(-73, "p", "r1"), quarantined), from(-1, "m", "r1")}, one, nil, "", ""},
	{"itself quarantined", []sent{with(from(-1, "m", "r1"), quarantined)}, one, nil, "x@a L m", "L m r1"},
	{"itself blocked", []sent{with(from(-1, "m", "r1"), func(s *sent) { s.loc = "Blocked" })}, one, nil, "x@a L m", ""},
	{"itself outbound", []sent{with(from(-1, "m", "r1"), func(s *sent) { s.direction = "Outbound" })}, one, nil, "", "L m r1"},
	{"an empty From", []sent{with(from(-1, "m", "r1"), func(s *sent) { s.from = "" })}, one, nil, " L m", "L m r1"},
	{"itself 30 hours ago, to one", []sent{from(-30, "m", "r1")}, one, nil, "", "L m r1"},
	{"itself 30 hours ago, to two", []sent{from(-30, "m", "r1"), from(-30, "m", "r2")}, one, nil, "", ""},
	{"two links to three", []sent{from(-1, "m", "r0"), from(-1, "m", "r1"), from(-1, "m", "r2")}, []string{"L1", "L2"}, nil,
		"x@a L1 m,x@a L2 m", "L1 m r0,L1 m r1,L1 m r2,L2 m r0,L2 m r1,L2 m r2"},
	{"a link in the text, no code", []sent{from(-1, "m", "r1")}, nil, one, "", ""},
}

func upper(s *sent) { s.from = "X@A" }

func burst() (all []sent) {
	for i := range 50 {
		all = append(all, from(-5+0.05*float64(i), fmt.Sprintf("b%d", i), fmt.Sprintf("r%d", i)))
	}
	return all
}

// tables writes a case as two exported tables.
func (v vector) tables(t *testing.T, format string) (events, urls *bytes.Buffer) {
	t.Helper()
	events, urls = new(bytes.Buffer), new(bytes.Buffer)
	eventRows, err := NewWriter(events, format, Columns(EmailEvents))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range v.sent {
		e := Event{Timestamp: at(s.hours), NetworkMessageID: s.message, SenderFromAddress: s.from, RecipientEmailAddress: s.to,
			RecipientObjectID: s.to, EmailDirection: or(s.direction, "Inbound"), DeliveryLocation: or(s.loc, "Inbox/Folder")}
		if err := eventRows.Write(e.Cells()); err != nil {
			t.Fatal(err)
		}
	}
	urlRows, err := NewWriter(urls, format, Columns(EmailUrlInfo))
	if err != nil {
		t.Fatal(err)
	}
	for location, links := range map[string][]string{QRCode: v.links, "Body": v.inText} {
		for _, link := range links {
			u := URL{Timestamp: at(v.sent[len(v.sent)-1].hours), NetworkMessageID: "m", URL: link, Location: location}
			if err := urlRows.Write(u.Cells()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := eventRows.Flush(); err != nil {
		t.Fatal(err)
	}
	return events, flushed(t, urlRows, urls)
}

func flushed(t *testing.T, w *Writer, out *bytes.Buffer) *bytes.Buffer {
	t.Helper()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out
}

func at(hours float64) time.Time { return now.Add(time.Duration(hours * float64(time.Hour))) }

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func TestTheWorkedCasesOverExportedTables(t *testing.T) {
	for _, v := range vectors {
		for _, format := range []string{CSV, JSON} {
			for preset, want := range map[string]string{"hunt": v.hunt, "rule": v.rule} {
				p, _ := PresetNamed(preset)
				events, urls := v.tables(t, format)
				if got := answer(t, p, events, urls); got != want {
					t.Errorf("%s, %s, %s: %q, want %q", v.name, preset, format, got, want)
				}
			}
		}
	}
}

// answer is what a preset finds in two files, as the vectors write rows.
func answer(t *testing.T, p Preset, events, urls *bytes.Buffer) string {
	t.Helper()
	needEvents, needURLs := p.Needs()
	s := NewSearch(p, now)
	if err := ReadURLs(urls, needURLs, s.Link); err != nil && urls.Len() > 0 {
		t.Fatal(err)
	}
	if err := ReadEvents(events, needEvents, s.Event); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, r := range s.Rows() {
		if p.PerRecipient() {
			rows = append(rows, r.URL+" "+r.NetworkMessageID+" "+r.RecipientObjectID)
		} else {
			rows = append(rows, r.SenderFromAddress+" "+r.URL+" "+r.NetworkMessageID)
		}
	}
	slices.Sort(rows)
	return strings.Join(rows, ",")
}
