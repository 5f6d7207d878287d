// Package tabletest has worked cases of the two founding queries, for the tests of everything that answers them.
package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"quishmilter/journal/table"
)

// Sent is one recipient's row of a message, hours from now.
type Sent struct {
	Hours     float64
	Message   string
	From, To  string
	Direction string // of EmailDirection
	Location  string // of DeliveryLocation
}

// Vector is one case: what passed, and what the presets must find. Times are hours from the moment of the hunt.
type Vector struct {
	Name       string
	Sent       []Sent
	Links      []string // in codes of message m
	InText     []string // in the text of message m
	Hunt, Rule string   // rows, sorted: blanks between cells (From, link, message; link, message, recipient), commas between rows
}

func from(hours float64, message, to string) Sent {
	return Sent{Hours: hours, Message: message, From: "x@a", To: to, Direction: "Inbound", Location: "Inbox/Folder"}
}

func with(s Sent, change func(*Sent)) Sent { change(&s); return s }

func outbound(s *Sent)    { s.Direction, s.To = "Outbound", "z" }
func quarantined(s *Sent) { s.Location = "Quarantine" }

var one = []string{"L"}

// Vectors are the worked cases of the two queries.
var Vectors = []Vector{
	{"a new sender", []Sent{from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"one earlier, to one", []Sent{from(-72, "o", "r1"), from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"one earlier, to two", []Sent{from(-72, "o", "r1"), from(-72, "o", "r2"), from(-1, "m", "r1")}, one, nil, "x@a L m", ""},
	{"two earlier", []Sent{from(-72, "o", "r1"), from(-73, "p", "r1"), from(-1, "m", "r1")}, one, nil, "", ""},
	{"two, 10 days ago", []Sent{from(-240, "o", "r1"), from(-241, "p", "r1"), from(-1, "m", "r1")}, one, nil, "x@a L m", ""},
	{"two, 15 days ago", []Sent{from(-360, "o", "r1"), from(-361, "p", "r1"), from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"two, exactly 24 hours ago", []Sent{from(-24, "o", "r1"), from(-24, "p", "r1"), from(-1, "m", "r1")}, one, nil, "", ""},
	{"fifty within five hours", append(burst(), from(-1, "m", "r1")), one, nil, "x@a L m", "L m r1"},
	{"history in other case", []Sent{with(from(-72, "o", "r1"), upper), with(from(-73, "p", "r1"), upper), from(-1, "m", "r1")}, one, nil, "x@a L m", "L m r1"},
	{"history only outbound", []Sent{with(from(-72, "o", ""), outbound), with(from(-73, "p", ""), outbound), from(-1, "m", "r1")}, one, nil, "", ""},
	{"history all quarantined", []Sent{with(from(-72, "o", "r1"), quarantined), with(from(-73, "p", "r1"), quarantined), from(-1, "m", "r1")}, one, nil, "", ""},
	{"itself quarantined", []Sent{with(from(-1, "m", "r1"), quarantined)}, one, nil, "x@a L m", "L m r1"},
	{"itself blocked", []Sent{with(from(-1, "m", "r1"), func(s *Sent) { s.Location = "Blocked" })}, one, nil, "x@a L m", ""},
	{"itself outbound", []Sent{with(from(-1, "m", "r1"), func(s *Sent) { s.Direction = "Outbound" })}, one, nil, "", "L m r1"},
	{"an empty From", []Sent{with(from(-1, "m", "r1"), func(s *Sent) { s.From = "" })}, one, nil, " L m", "L m r1"},
	{"itself 30 hours ago, to one", []Sent{from(-30, "m", "r1")}, one, nil, "", "L m r1"},
	{"itself 30 hours ago, to two", []Sent{from(-30, "m", "r1"), from(-30, "m", "r2")}, one, nil, "", ""},
	{"two links to three", []Sent{from(-1, "m", "r0"), from(-1, "m", "r1"), from(-1, "m", "r2")}, []string{"L1", "L2"}, nil,
		"x@a L1 m,x@a L2 m", "L1 m r0,L1 m r1,L1 m r2,L2 m r0,L2 m r1,L2 m r2"},
	{"a link in the text, no code", []Sent{from(-1, "m", "r1")}, nil, one, "", ""},
}

func upper(s *Sent) { s.From = "X@A" }

func burst() (all []Sent) {
	for i := range 50 {
		all = append(all, from(-5+0.05*float64(i), fmt.Sprintf("b%d", i), fmt.Sprintf("r%d", i)))
	}
	return all
}

// Events are the case's rows of EmailEvents as of a moment.
func (v Vector) Events(now time.Time) (rows []table.Event) {
	for _, s := range v.Sent {
		rows = append(rows, table.Event{Timestamp: s.At(now), NetworkMessageID: s.Message, SenderFromAddress: s.From,
			RecipientEmailAddress: s.To, RecipientObjectID: s.To, EmailDirection: s.Direction, DeliveryLocation: s.Location})
	}
	return rows
}

// URLs are the case's rows of EmailUrlInfo.
func (v Vector) URLs(now time.Time) (rows []table.URL) {
	at := v.Sent[len(v.Sent)-1].At(now)
	for _, link := range v.Links {
		rows = append(rows, table.URL{Timestamp: at, NetworkMessageID: "m", URL: link, Location: table.QRCode})
	}
	for _, link := range v.InText {
		rows = append(rows, table.URL{Timestamp: at, NetworkMessageID: "m", URL: link, Location: "Body"})
	}
	return rows
}

// At is when it was sent.
func (s Sent) At(now time.Time) time.Time {
	return now.Add(time.Duration(s.Hours * float64(time.Hour)))
}

// Want is what a preset must find.
func (v Vector) Want(p table.Preset) string {
	if p.PerRecipient() {
		return v.Rule
	}
	return v.Hunt
}

// Shown writes rows as the cases have them. named says which message a NetworkMessageId is, nil for its own name.
func Shown(p table.Preset, rows []table.Row, named map[string]string) string {
	var all []string
	for _, r := range rows {
		message := r.NetworkMessageID
		if named != nil {
			message = named[message]
		}
		if p.PerRecipient() {
			all = append(all, r.URL+" "+message+" "+r.RecipientObjectID)
		} else {
			all = append(all, r.SenderFromAddress+" "+r.URL+" "+message)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}
