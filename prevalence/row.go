package prevalence

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Bounds of each party's part of one sender's row, so that a sender with a million messages costs as much as one with a
// thousand.
const (
	maxExact = 64   // seconds kept exactly, the newest ones
	maxHours = 1024 // hours kept; a retention of 32 days has 768
	maxDays  = 512
)

// party is who a message counts for. Each has bounds of its own, so that a flood of mail that bears somebody's address
// makes neither what he has proven nor what our own people sent any coarser. record.lua has the same parties.
type party uint8

const (
	anybody party = iota
	author        // proven
	ours
	parties
)

func (c class) party() party {
	switch {
	case c.own():
		return ours
	case c.proven():
		return author
	}
	return anybody
}

// grain is how coarse an entry is: the whole of what happened in one second, hour or day (UTC).
type grain uint8

const (
	second grain = iota
	hour
	day
)

var grainSeconds = [...]int64{second: 1, hour: 3600, day: 86400}

// entry is some messages of one class in one second, hour or day.
type entry struct {
	at         int64 // its first second, Unix time
	grain      grain
	class      class
	messages   uint32
	recipients uint32
}

func (e entry) end() int64 { return e.at + grainSeconds[e.grain] - 1 }

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.grain, b.grain), cmp.Compare(a.class, b.class))
}

// row is one sender's history, in the order of compareEntries, no two entries alike in time, grain and class.
type row []entry

func (r row) add(e entry) row {
	i, found := slices.BinarySearchFunc(r, e, compareEntries)
	if !found {
		return slices.Insert(r, i, e)
	}
	r[i].messages = saturate(r[i].messages, e.messages)
	r[i].recipients = saturate(r[i].recipients, e.recipients)
	return r
}

// remove takes one message out again, wherever compaction has put it, and says whether it was there.
func (r row) remove(at int64, k class, recipients uint32) (row, bool) {
	i := -1
	for j, e := range r {
		if e.class == k && e.at <= at && at <= e.end() && (i < 0 || e.grain < r[i].grain) {
			i = j
		}
	}
	if i < 0 {
		return r, false
	}
	r[i].messages--
	r[i].recipients -= min(r[i].recipients, recipients)
	if r[i].messages == 0 {
		r = slices.Delete(r, i, i+1)
	}
	return r, true
}

// compact holds the row within its bounds: the oldest seconds become hours, the oldest hours days.
func (r row) compact() row {
	if len(r) <= maxExact {
		return r
	}
	var have [parties][day + 1]int
	for _, e := range r {
		have[e.class.party()][e.grain]++
	}
	for p := range parties {
		if have[p][second] > maxExact || have[p][hour] > maxHours || have[p][day] > maxDays {
			r = r.bound(p)
		}
	}
	return r
}

func (r row) bound(p party) row {
	r = r.coarsen(p, second, maxExact)
	r = r.coarsen(p, hour, maxHours)
	for r.count(p, day) > maxDays {
		i := r.first(p, day)
		r = slices.Delete(r, i, i+1)
	}
	return r
}

func (r row) coarsen(p party, fine grain, limit int) row {
	for excess := r.count(p, fine) - limit; excess > 0; excess-- {
		i := r.first(p, fine)
		e := r[i]
		e.grain++
		e.at -= e.at % grainSeconds[e.grain]
		r = slices.Delete(r, i, i+1).add(e)
	}
	return r
}

func (r row) first(p party, g grain) int {
	return slices.IndexFunc(r, func(e entry) bool { return e.grain == g && e.class.party() == p })
}

func (r row) count(p party, g grain) (n int) {
	for _, e := range r {
		if e.grain == g && e.class.party() == p {
			n++
		}
	}
	return n
}

// since drops what ended before the given second.
func (r row) since(cut int64) row {
	return slices.DeleteFunc(r, func(e entry) bool { return e.end() < cut })
}

// counts sums up what lies in the window and passes the filter; nil passes all.
func (r row) counts(w Window, now time.Time, only func(class) bool) Counts {
	var c Counts
	lastDay := int64(-1)
	for _, e := range r {
		if !w.holds(e, now) || !w.takes(e.class) || only != nil && !only(e.class) {
			continue
		}
		c.Messages += int(e.messages)
		c.Recipients += int(e.recipients)
		if day := e.at / grainSeconds[day]; day != lastDay { // entries come in the order of time
			c.Days++
			lastDay = day
		}
		if c.First.IsZero() {
			c.First = time.Unix(e.at, 0).UTC()
		}
		if end := time.Unix(e.end(), 0).UTC(); c.FirstBy.IsZero() || end.Before(c.FirstBy) {
			c.FirstBy = end
		}
		c.Last = time.Unix(e.at, 0).UTC()
	}
	return c
}

// holds says whether an entry counts by its time. An hour or a day must lie in the window as a whole, since nobody
// knows which part of it does. The one that runs counts where nothing is too recent, for all of it is past; and of mail
// that is not ours the one at the window's far edge does too, since there the doubt is to count against us.
func (w Window) holds(e entry, now time.Time) bool {
	from, to := w.edges(now)
	begins, ends := e.at, e.end()
	if w.Others {
		begins = ends
	}
	if w.Exclude == 0 {
		ends = e.at
	}
	return begins >= from && ends <= to
}

// longForm marks an entry that is not one message in one second. Its count is followed by the grain in two bits;
// wide there (from format 2 on) says that grain and spelling are in a byte of their own.
const (
	longForm = 0x80
	wide     = 3
)

// encode writes the row: per entry the seconds since the one before (from 1970 for the first), the class, for the
// long form count and grain, and the recipients. One message takes 7 bytes, two take 11 or so.
func (r row) encode() []byte {
	out := make([]byte, 0, 8+6*len(r))
	var last int64
	for _, e := range r {
		out = binary.AppendUvarint(out, uint64(e.at-last))
		last = e.at
		switch {
		case e.class&respelled != 0:
			out = append(out, byte(e.class&^respelled)|longForm)
			out = binary.AppendUvarint(out, uint64(e.messages)<<2|wide)
			out = append(out, byte(e.grain))
		case e.messages == 1 && e.grain == second:
			out = append(out, byte(e.class))
		default:
			out = append(out, byte(e.class)|longForm)
			out = binary.AppendUvarint(out, uint64(e.messages)<<2|uint64(e.grain))
		}
		out = binary.AppendUvarint(out, uint64(e.recipients))
	}
	return out
}

// decodeRow reads a row; ok is false when it is damaged, and the row then ends before the damage.
func decodeRow(data []byte) (r row, ok bool) {
	in := reader{data: data, ok: true}
	r = make(row, 0, len(data)/4+2)
	var at int64
	for len(in.data) > 0 {
		at += int64(in.uvarint(maxTime))
		flags := in.byte()
		e := entry{at: at, class: class(flags &^ longForm), messages: 1}
		if flags&longForm != 0 {
			count := in.uvarint(math.MaxUint32<<2 | 3)
			e.messages, e.grain = uint32(count>>2), grain(count&3)
			if e.grain == wide {
				e.grain, e.class = grain(in.byte()), e.class|respelled
			}
		}
		e.recipients = uint32(in.uvarint(math.MaxUint32))
		if !in.ok || e.grain > day || e.messages == 0 || at > maxTime {
			return r, false
		}
		r = append(r, e)
	}
	return r, true
}

// reader takes numbers off the front of some bytes; ok becomes false, for good, at the first that is not there.
type reader struct {
	data []byte
	ok   bool
}

func (in *reader) uvarint(limit uint64) uint64 {
	value, n := binary.Uvarint(in.data)
	if n <= 0 || value > limit {
		in.data, in.ok = nil, false
		return 0
	}
	in.data = in.data[n:]
	return value
}

func (in *reader) bytes(n uint64) []byte {
	if uint64(len(in.data)) < n {
		in.data, in.ok = nil, false
		return nil
	}
	taken := in.data[:n]
	in.data = in.data[n:]
	return taken
}

func (in *reader) byte() byte {
	if len(in.data) == 0 {
		in.ok = false
		return 0
	}
	b := in.data[0]
	in.data = in.data[1:]
	return b
}

func saturate(a, b uint32) uint32 {
	return uint32(min(uint64(a)+uint64(b), math.MaxUint32>>3))
}
