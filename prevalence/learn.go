package prevalence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/mail"
	"strings"
	"time"

	"quishmilter/identity"
)

// Why a stored message teaches nothing.
var (
	ErrNoSender = errors.New("no single sender address in From")
	ErrNoDate   = errors.New("no usable date in Received or Date")
	ErrFuture   = errors.New("dated in the future")
)

// Bounds on the header of a message that is learnt from; a longer field, and what comes later, is as if missing.
const (
	maxHeader = 1 << 20
	maxFields = 2000
	maxField  = 64 << 10
)

// earliest is the oldest date believed; 1970 and 1980 are clocks that were never set.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// FromMessage makes the record of a message that was stored some time ago, from its header (what follows the
// header is ignored). It counts as accepted inbound mail without an authentication result.
//
// When did it come? The sender writes Date and every Received field below those of our own hosts; it could so date
// two messages three days back and be prevalent today. Only the topmost Received was written by the last hop, the
// host that stored the message, so its time is the time. A message without any Received (a sent copy, a file made
// by hand) has Date alone, which is believed. When there are Received fields but the topmost cannot be read, the
// newest of all other dates is taken, because a forged one can gain nothing by being newer. A date after now, or
// before 1990, is no date.
func FromMessage(header []byte, now time.Time) (Record, error) {
	fields := headerFields(header)
	author := identity.ReadAuthor(fields["from"])
	from := author.Key
	if from == "" {
		return Record{}, ErrNoSender
	}
	arrived, err := arrival(fields["received"], fields["date"], now)
	if err != nil {
		return Record{}, err
	}
	recipients := addressees(append(fields["to"], fields["cc"]...))
	record := Record{Time: arrived, From: from, Recipients: max(len(recipients), 1), Domain: DomainOf(from), List: identity.ReadListID(fields["list-id"]),
		Spelling: author.Address}
	for _, recipient := range recipients[:min(len(recipients), maxPairs)] {
		if key := Key(recipient); key != "" {
			record.To = append(record.To, key)
		}
	}
	if ids := fields["message-id"]; len(ids) == 1 && strings.TrimSpace(ids[0]) != "" {
		record.ID = NewFingerprint(unfold(ids[0]), from, recipients)
	} else { // a stored message is there to be learnt again
		digest := sha256.Sum256(header)
		record.ID = NewFingerprint("header "+hex.EncodeToString(digest[:]), from, nil)
	}
	return record, nil
}

// Sent makes the record of a message that our own people sent: its recipients become correspondents.
func (r Record) Sent() Record {
	r.Direction, r.Domain = Outbound, ""
	return r
}

func arrival(received, date []string, now time.Time) (time.Time, error) {
	var newest time.Time
	for i, value := range append(received, date...) {
		if i < len(received) {
			value = value[strings.LastIndexByte(value, ';')+1:]
		}
		t, ok := parseDate(value)
		if ok && t.After(newest) {
			newest = t
		}
		if ok && i == 0 {
			break
		}
	}
	switch {
	case newest.Before(earliest):
		return time.Time{}, ErrNoDate
	case newest.After(now):
		return time.Time{}, ErrFuture
	}
	return newest.UTC(), nil
}

// parseDate reads RFC 5322 section 3.3 with its obsolete forms, and the ISO form that some programs write.
func parseDate(value string) (time.Time, bool) {
	value = unfold(value)
	if len(value) > 200 {
		return time.Time{}, false
	}
	if t, err := mail.ParseDate(value); err == nil {
		return t, true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 -0700", time.ANSIC} {
		if t, err := time.Parse(layout, value); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// addressees are the addresses in To and Cc, at most 1,000; a field without any counts as one.
func addressees(values []string) (all []string) {
	for _, value := range values {
		if found := identity.Addresses(value); len(found) > 0 {
			all = append(all, found...)
		} else {
			all = append(all, unfold(value))
		}
		if len(all) > 1000 {
			return all[:1000]
		}
	}
	return all
}

func unfold(value string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(value))
}

// headerFields collects the fields that matter here, by lower-case name, top to bottom, unfolded. Lines that are
// no field (an mbox separator, garbage) are passed over.
func headerFields(header []byte) map[string][]string {
	fields := map[string][]string{"from": nil, "date": nil, "received": nil, "message-id": nil, "to": nil, "cc": nil, "list-id": nil}
	header = bytes.ReplaceAll(header[:min(len(header), maxHeader)], []byte("\r\n"), []byte("\n"))
	header, _, _ = bytes.Cut(header, []byte("\n\n"))
	header = bytes.ReplaceAll(header, []byte("\n "), []byte(" "))
	header = bytes.ReplaceAll(header, []byte("\n\t"), []byte("\t"))
	n := 0
	for line := range bytes.Lines(header) {
		name, value, found := bytes.Cut(line, []byte(":"))
		key := strings.ToLower(strings.TrimRight(string(name), " \t"))
		if _, wanted := fields[key]; !found || !wanted || len(value) > maxField || n == maxFields {
			continue
		}
		n++
		fields[key] = append(fields[key], string(value))
	}
	return fields
}
