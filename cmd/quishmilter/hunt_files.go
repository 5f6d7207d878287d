package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"quishmilter/identity"
	"quishmilter/journal"
	"quishmilter/journal/table"
)

// runFiles hunts over exported tables.
func (h *hunt) runFiles(print *printer, filter journal.Filter, now time.Time) error {
	if preset, ok := table.PresetNamed(h.preset); ok {
		s := table.NewSearch(preset, now)
		needEvents, needURLs := preset.Needs()
		if err := readFiles(h.urls, needURLs, table.ReadURLs, s.Link); err != nil {
			return err
		}
		if err := readFiles(h.events, needEvents, table.ReadEvents, s.Event); err != nil {
			return err
		}
		rows := s.Rows()
		if h.limit > 0 {
			rows = rows[:min(len(rows), h.limit)]
		}
		return errors.Join(print.presetRows(preset, rows), print.flushPreset(preset))
	}
	events, err := h.fileEvents(filter)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := print.event(e); err != nil {
			return err
		}
	}
	return print.flush()
}

// readFiles calls fn with each row of some files.
func readFiles[Row any](names, need []string, read func(io.Reader, []string, func(Row)) error, fn func(Row)) error {
	for _, name := range names {
		in := os.Stdin
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				return err
			}
			defer file.Close()
			in = file
		}
		size := int64(-1)
		if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		bar := newBytes(os.Stderr, "reading "+shown(filepath.Base(name)), size)
		err := read(io.TeeReader(in, bar), need, fn)
		bar.Finish()
		if errors.Is(err, table.ErrEmpty) && strings.Contains(filepath.Ext(name), "json") {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// fileEvents puts the rows of exported tables together to events, and returns those that are wanted, newest first.
func (h *hunt) fileEvents(filter journal.Filter) (wanted []journal.Event, err error) {
	filter = filter.Folded()
	codes := map[string][]journal.CodeEvent{}
	err = readFiles(h.urls, []string{"NetworkMessageId", "Url", "UrlLocation"}, table.ReadURLs, func(u table.URL) {
		if u.Location == table.QRCode {
			codes[u.NetworkMessageID] = append(codes[u.NetworkMessageID], journal.CodeEvent{Kind: "url", URL: u.URL, Host: identity.FoldDomain(cmp.Or(u.Domain, journal.HostOf(u.URL)))})
		}
	})
	if err != nil {
		return nil, err
	}
	byID := map[string]*journal.Event{}
	err = readFiles(h.events, []string{"Timestamp", "NetworkMessageId"}, table.ReadEvents, func(row table.Event) {
		e := byID[row.NetworkMessageID]
		if e == nil {
			fresh := rowEvent(row)
			fresh.Codes = codes[fresh.ID]
			if e = &fresh; !mayBecome(filter, e) {
				return
			}
			e.NCodes = len(e.Codes)
			byID[e.ID] = e
		}
		e.NRcpt++
		if row.RecipientEmailAddress != "" {
			e.Rcpts = append(e.Rcpts, row.RecipientEmailAddress)
		}
	})
	for _, e := range byID {
		if filter.Match(e) {
			wanted = append(wanted, *e)
		}
	}
	slices.SortFunc(wanted, func(a, b journal.Event) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	if h.limit > 0 {
		wanted = wanted[:min(len(wanted), h.limit)]
	}
	return wanted, err
}

// mayBecome is the filter as far as a first row can tell: recipients come later.
func mayBecome(filter journal.Filter, e *journal.Event) bool {
	filter.Recipient = ""
	return filter.Match(e)
}

func rowEvent(row table.Event) journal.Event {
	return journal.Event{Time: row.Timestamp, ID: row.NetworkMessageID, MessageID: row.InternetMessageID, HeaderFrom: row.SenderFromAddress,
		MailFrom: row.SenderMailFromAddress, ClientAddr: row.SenderIPv4 + row.SenderIPv6, Subject: row.Subject,
		Direction: strings.ToLower(row.EmailDirection), Where: row.DeliveryLocation}
}
