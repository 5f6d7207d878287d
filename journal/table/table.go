// Package table speaks the tables of Microsoft Defender's advanced hunting, in which others write their queries:
// EmailEvents, one row per recipient of a message, and EmailUrlInfo, one row per link. It writes them, reads what
// others exported of them, and answers the two queries that this program was founded on (see Preset).
//
// # Limits
//
// Reading holds one row in memory at a time; a file is taken as far as 4 GiB. Files are the admin's own, but their
// cells came in mail: they are handed on as they are, and whoever shows them quotes them.
package table

import "time"

// The tables.
const (
	EmailEvents  = "EmailEvents"
	EmailUrlInfo = "EmailUrlInfo"
)

// QRCode is the UrlLocation of a link that a code held.
const QRCode = "QRCode"

// Event is a row of EmailEvents: a message and one of its recipients.
type Event struct {
	Timestamp             time.Time
	NetworkMessageID      string
	InternetMessageID     string
	SenderFromAddress     string
	SenderMailFromAddress string
	SenderIPv4            string
	SenderIPv6            string
	RecipientEmailAddress string
	RecipientObjectID     string
	Subject               string
	EmailDirection        string // "Inbound", "Outbound", "Intra-org"
	DeliveryAction        string
	DeliveryLocation      string
	ReportID              string
}

// URL is a row of EmailUrlInfo: a message and one of its links.
type URL struct {
	Timestamp        time.Time
	NetworkMessageID string
	URL              string
	Domain           string
	Location         string
	ReportID         string
}

// column is a cell with its name. The time is text here, as in a file.
type column struct {
	name string
	cell *string
}

func (e *Event) columns(timestamp *string) []column {
	return []column{
		{"Timestamp", timestamp}, {"NetworkMessageId", &e.NetworkMessageID}, {"InternetMessageId", &e.InternetMessageID},
		{"SenderFromAddress", &e.SenderFromAddress}, {"SenderMailFromAddress", &e.SenderMailFromAddress},
		{"SenderIPv4", &e.SenderIPv4}, {"SenderIPv6", &e.SenderIPv6}, {"RecipientEmailAddress", &e.RecipientEmailAddress},
		{"RecipientObjectId", &e.RecipientObjectID}, {"Subject", &e.Subject}, {"EmailDirection", &e.EmailDirection},
		{"DeliveryAction", &e.DeliveryAction}, {"DeliveryLocation", &e.DeliveryLocation}, {"ReportId", &e.ReportID},
	}
}

func (u *URL) columns(timestamp *string) []column {
	return []column{
		{"Timestamp", timestamp}, {"NetworkMessageId", &u.NetworkMessageID}, {"Url", &u.URL}, {"UrlDomain", &u.Domain},
		{"UrlLocation", &u.Location}, {"ReportId", &u.ReportID},
	}
}

// Columns are the names of a table's columns, nil for a table that is not known.
func Columns(table string) []string {
	switch table {
	case EmailEvents:
		return names(new(Event).columns(nil))
	case EmailUrlInfo:
		return names(new(URL).columns(nil))
	}
	return nil
}

// Cells are the row's cells in the order of Columns.
func (e Event) Cells() []string {
	text := Time(e.Timestamp)
	return cells(e.columns(&text))
}

// Cells are the row's cells in the order of Columns.
func (u URL) Cells() []string {
	text := Time(u.Timestamp)
	return cells(u.columns(&text))
}

func names(columns []column) (all []string) {
	for _, c := range columns {
		all = append(all, c.name)
	}
	return all
}

func cells(columns []column) (all []string) {
	for _, c := range columns {
		all = append(all, *c.cell)
	}
	return all
}

// Time writes a time as the tables have it.
func Time(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
