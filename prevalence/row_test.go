package prevalence

import (
	"slices"
	"testing"
)

func TestARowSurvivesItsEncoding(t *testing.T) {
	rows := []row{
		{},
		{{at: 1, messages: 1, recipients: 1}},
		{{at: 0, class: 127, messages: 1, recipients: 300}, {at: 0, grain: day, messages: 7, recipients: 9}, {at: 3600, grain: hour, class: 3, messages: 1, recipients: 1}, {at: maxTime, messages: 1 << 29, recipients: 1<<32 - 1}},
	}
	for _, want := range rows {
		if got, ok := decodeRow(want.encode()); !ok || !slices.Equal(got, want) {
			t.Errorf("got %v (%v), want %v", got, ok, want)
		}
	}
}

func TestTheRowOfAStrangerIsSmall(t *testing.T) {
	r := row{}.add(entry{at: now.Unix(), messages: 1, recipients: 1})
	if got := len(r.encode()); got != 7 {
		t.Errorf("one message takes %d bytes", got)
	}
	r = r.add(entry{at: now.Unix() + 86400*3, messages: 1, recipients: 1})
	if got := len(r.encode()); got > 12 {
		t.Errorf("two messages take %d bytes", got)
	}
}

func TestCompactionAtItsLimits(t *testing.T) {
	var r row
	for i := range maxExact {
		r = r.add(entry{at: int64(i) * 10, messages: 1, recipients: 2}).compact()
	}
	if r.count(anybody, second) != maxExact || r.count(anybody, hour) != 0 {
		t.Errorf("at the limit: %d seconds, %d hours", r.count(anybody, second), r.count(anybody, hour))
	}
	r = r.add(entry{at: 10_000, messages: 1, recipients: 2}).compact()
	if r.count(anybody, second) != maxExact || r.count(anybody, hour) != 1 || r[0] != (entry{at: 0, grain: second, messages: 1, recipients: 2}) && r[0].grain != hour {
		t.Errorf("over the limit: %v", r)
	}
	r, found := r.remove(0, 0, 2) // the oldest, which is in the hour now
	if !found || r.count(anybody, hour) != 0 {
		t.Errorf("a message that compaction moved cannot be taken out: %v", r)
	}
	for i := range 3 * (maxHours + maxDays) {
		r = r.add(entry{at: int64(i) * 86400, messages: 1, recipients: 1}).compact()
	}
	if len(r) > maxExact+maxHours+maxDays || len(r.encode()) > 20_000 {
		t.Errorf("%d entries, %d bytes", len(r), len(r.encode()))
	}
	if !slices.IsSortedFunc(r, compareEntries) {
		t.Error("the row is out of order")
	}
}

func TestARowOfEverybodyIsBounded(t *testing.T) {
	var r row
	classes := []class{Record{}.class(), Record{Auth: AuthPass}.class(), Record{Direction: Outbound}.class(), Record{Outcome: Held}.class(), Record{Outcome: Rejected, Auth: AuthFail}.class() | respelled}
	for i := range maxExact + maxHours + 2*maxDays {
		for _, c := range classes {
			r = r.add(entry{at: now.Unix() + int64(i)*86400, class: c, messages: 1000, recipients: 1000})
		}
		r = r.compact()
	}
	if most := int(parties) * (maxExact + maxHours + maxDays); len(r) != most || len(r.encode()) > 50_000 {
		t.Errorf("%d entries, %d bytes", len(r), len(r.encode()))
	}
}

func FuzzDecodeRow(f *testing.F) {
	f.Add(row{{at: 5, messages: 2, recipients: 3}, {at: 7200, grain: hour, messages: 1, recipients: 1}}.encode())
	f.Add([]byte{0x80, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, data []byte) {
		r, ok := decodeRow(data)
		r.counts(Rule(), now, nil)
		if again, good := decodeRow(r.encode()); ok && (!good || !slices.Equal(again, r)) {
			t.Errorf("%v became %v", r, again)
		}
	})
}
