package table_test

import (
	"bytes"
	"testing"
	"time"

	. "quishmilter/journal/table"
	"quishmilter/journal/tabletest"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestTheWorkedCasesOverExportedTables(t *testing.T) {
	for _, v := range tabletest.Vectors {
		for _, format := range []string{CSV, JSON} {
			for _, p := range []Preset{Hunt, Rule} {
				var events, urls [][]string
				for _, e := range v.Events(now) {
					events = append(events, e.Cells())
				}
				for _, u := range v.URLs(now) {
					urls = append(urls, u.Cells())
				}
				rows := search(t, p, written(t, format, EmailEvents, events), written(t, format, EmailUrlInfo, urls))
				if got := tabletest.Shown(p, rows, nil); got != v.Want(p) {
					t.Errorf("%s, %s, %s: %q, want %q", v.Name, p.Name, format, got, v.Want(p))
				}
			}
		}
	}
}

func written(t *testing.T, format, table string, rows [][]string) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, format, Columns(table))
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range rows {
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return &out
}

// search is what a preset finds in two files.
func search(t *testing.T, p Preset, events, urls *bytes.Buffer) []Row {
	t.Helper()
	needEvents, needURLs := p.Needs()
	s := NewSearch(p, now)
	if err := ReadURLs(urls, needURLs, s.Link); err != nil {
		t.Fatal(err)
	}
	if err := ReadEvents(events, needEvents, s.Event); err != nil {
		t.Fatal(err)
	}
	return s.Rows()
}

func at(hours float64) time.Time { return now.Add(time.Duration(hours * float64(time.Hour))) }
