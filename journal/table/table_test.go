package table_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	. "quishmilter/journal/table"
	"quishmilter/journal/tabletest"
)

// What others export: other columns beside ours, other orders, marks, times and wrappings.
func TestExportsOfOthers(t *testing.T) {
	const hours = "2026-11-21T11:00:00Z"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("Timestamp\tNetworkMessageId\tSenderFromAddress\tEmailDirection\n" + hours + "\tm\tx@a\tInbound\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, events := range map[string]string{
		"a byte-order mark, quotes, other columns": "\uFEFF\"Timestamp\",\"ThreatTypes\",\"SenderFromAddress\",\"NetworkMessageId\",\"EmailDirection\"\r\n\"2026-11-21T11:00:00.0000000Z\",\"[\"\"Phish\"\"]\",\"x@a\",\"m\",\"Inbound\"\r\n",
		"semicolons and the portal's times":        "NetworkMessageId;SenderFromAddress;EmailDirection;Timestamp\nm;x@a;Inbound;\"Nov 21, 2026 11:00:00 AM\"\n",
		"Log Analytics":                            "\"TimeGenerated [UTC]\",NetworkMessageId,SenderFromAddress,EmailDirection\n\"11/21/2026, 11:00:00.123 AM\",m,x@a,Inbound\n",
		"UTF-16 with tabs":                         utf16,
		"lines of JSON":                            `{"Timestamp":"` + hours + `","NetworkMessageId":"m","EmailDirection":"Inbound","SenderFromAddress":"x@a","Tags":["a"],"Nothing":null}` + "\n\n",
		"an array":                                 "\uFEFF [\n" + `{"Timestamp":"` + hours + `","NetworkMessageId":"m","EmailDirection":"Inbound","SenderFromAddress":"x@a","BulkComplaintLevel":4}` + "]",
		"the answer of the interface":              `{"Stats":{"ExecutionTime":0.1},"Schema":[{"Name":"Timestamp"}],"Results":[{"Timestamp":"` + hours + `","NetworkMessageId":"m","EmailDirection":"Inbound","SenderFromAddress":"x@a"}]}`,
		"short rows":                               "Timestamp,NetworkMessageId,SenderFromAddress,EmailDirection,Subject\n" + hours + ",m,x@a,Inbound\n",
	} {
		urls := bytes.NewBufferString("NetworkMessageId,Url,UrlLocation\nm,L,QRCode\nm,L,QRCode\n")
		rows := search(t, Hunt, bytes.NewBufferString(events), urls)
		if got := tabletest.Shown(Hunt, rows, nil); got != "x@a L m" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"Timestamp,NetworkMessageId,EmailDirection\n2026-11-21T11:00:00Z,m,Inbound\n": "the column SenderFromAddress is missing",
		"a,b\n": "the column NetworkMessageId is missing",
		"Timestamp,NetworkMessageId,SenderFromAddress,EmailDirection\nyesterday,m,x@a,Inbound\n": `row 1: the time "yesterday" cannot be read`,
		`{"Timestamp":"2026-11-21T11:00:00Z","NetworkMessageId":"m","SenderFromAddress":"x@a"}`:  "the column EmailDirection is missing",
		`[{"Timestamp":"2026-11-21T11:00:00Z"`:                                                   "row 1: ",
		`["a"]`:                                                                                  "row 1: ",
		`{"Results":7}`:                                                                          "Results is no list of rows",
	} {
		needs, _ := Hunt.Needs()
		if err := ReadEvents(strings.NewReader(text), needs, func(Event) {}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A table that was exported twice counts once.
func TestTheSameRowsTwice(t *testing.T) {
	s := NewSearch(Rule, now)
	s.Link(URL{NetworkMessageID: "m", URL: "L", Location: QRCode})
	old := Event{Timestamp: at(-72), NetworkMessageID: "o", SenderFromAddress: "x@a", ReportID: "o-1"}
	candidate := Event{Timestamp: at(-1), NetworkMessageID: "m", SenderFromAddress: "x@a", ReportID: "m-1"}
	for range 2 {
		s.Event(old)
		s.Event(candidate)
	}
	if rows := s.Rows(); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
}

// The edges of the windows, to the nanosecond: history includes both ends, candidates exclude theirs.
func TestEdges(t *testing.T) {
	for _, p := range []Preset{Hunt, Rule} {
		for offset, want := range map[time.Duration]bool{
			-p.Before - 1: false, -p.Before: true, -24 * time.Hour: true, -24*time.Hour + 1: false,
		} {
			if p.History(now.Add(offset), now) != want {
				t.Errorf("%s: history at %v", p.Name, offset)
			}
		}
		for offset, want := range map[time.Duration]bool{-p.Newer: false, -p.Newer + 1: true, 0: true, 1: false} {
			if p.Candidate(Event{Timestamp: now.Add(offset), EmailDirection: "Inbound"}, now) != want {
				t.Errorf("%s: candidate at %v", p.Name, offset)
			}
		}
	}
}

// No cell is taken for a formula, and every cell comes back as it was.
func TestFormulas(t *testing.T) {
	for _, cell := range []string{
		"", "plain", "=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1", "'plain", "  =1", "a=b", "'", "' '-",
		"=HYPERLINK(\"https://evil.example\")", "x,\"y\"\nz",
		"a;=1+1", "a;;@x", "a; \t+1", "a\";=1", "a\t=1", "a\n=1", "a\r\n-1", "a;'=1", "'a;''=1", ";=1", "=1;=1", "a;b;-", "a;",
		"＝1+1", "＋1", "－1", "＠x", "a;＝1", "\x00=1", "\u00a0=1", "\u200b=1", "\ufeff@x", "\v=1", "\u2003'\u2003=1", "\x00", "\xff=1", "\u3000＝1",
	} {
		safe := Safe(cell)
		for n, piece := range strings.FieldsFunc("x"+safe, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
			if n == 0 {
				piece = piece[1:]
			}
			if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(piece, " \v\x00\u00a0\u2003\u200b\u3000\ufeff")); strings.ContainsRune("=+-@＝＋－＠", r) {
				t.Errorf("%q is written as %q", cell, safe)
			}
		}
		if strings.ContainsAny(safe[:min(1, len(safe))], "\t\r\n\x00") {
			t.Errorf("%q is written as %q", cell, safe)
		}
		if Plain(safe) != cell {
			t.Errorf("%q comes back as %q", cell, Plain(safe))
		}
	}
	quoted := URL{NetworkMessageID: "m", URL: "'=1", Location: QRCode}
	if err := ReadURLs(strings.NewReader(`{"NetworkMessageId":"m","Url":"'=1","UrlLocation":"QRCode"}`), nil, func(u URL) {
		if u != quoted {
			t.Errorf("%+v is read as %+v: JSON has no formulas", quoted, u)
		}
	}); err != nil {
		t.Fatal(err)
	}
	hostile := URL{Timestamp: at(-1), NetworkMessageID: "m", URL: "=cmd|' /C calc'!A0", Domain: "@x\r\n\"y\"", Location: QRCode}
	var got URL
	if err := ReadURLs(written(t, CSV, EmailUrlInfo, [][]string{hostile.Cells()}), nil, func(u URL) { got = u }); err != nil {
		t.Fatal(err)
	}
	hostile.Domain = "@x\n\"y\"" // CSV has one line break
	if got != hostile {
		t.Errorf("%+v comes back as %+v", hostile, got)
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a;'=1")
	f.Add("'\n'＝")
	f.Fuzz(func(t *testing.T, cell string) {
		if got := Plain(Safe(cell)); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Timestamp,NetworkMessageId\n2026-11-21T11:00:00Z,m\n"))
	f.Add([]byte(`[{"NetworkMessageId":"m","a":[{}]}]`))
	f.Add([]byte(`{"Results":[{"NetworkMessageId":"m"}]}`))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_ = ReadEvents(bytes.NewReader(data), []string{"NetworkMessageId"}, func(Event) {})
		_ = ReadURLs(bytes.NewReader(data), nil, func(URL) {})
	})
}
