package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"quishmilter/journal"
	"quishmilter/notify"
	"quishmilter/prevalence"
)

// digestFacts are what a digest tells.
type digestFacts struct {
	since, until, now time.Time
	keep              time.Duration // 0: nothing is deleted by age

	fresh   []journal.Hold                        // put on hold between since and until, whatever became of them
	going   []journal.Hold                        // that will be deleted before the next digest but three
	waiting int                                   // on hold now, by the journal
	became  map[journal.HoldState]int             // what was done between since and until
	others  int                                   // on hold, but not by us
	unseen  string                                // why the queue was not looked at; "" when it was
	event   func(id string) (journal.Event, bool) // what the journal has of a message
}

// gather looks at queue and journal.
func (t *teller) gather(ctx context.Context, since, until, now time.Time) (digestFacts, error) {
	d := digestFacts{since: since, until: until, now: now, became: map[journal.HoldState]int{}, event: t.eventOf}
	d.others, d.unseen = t.lookAtQueue(ctx)
	if t.settings.retains() && d.unseen == "" {
		d.keep = t.settings.Quarantine.Keep.std()
	}
	err := t.holds.Each(time.Time{}, func(h journal.Hold) bool {
		d.add(h)
		return true
	})
	return d, err
}

func (t *teller) eventOf(id string) (journal.Event, bool) {
	e, err := t.events.Get(id)
	return e, err == nil
}

// lookAtQueue lists the hold queue, which journals what others did.
func (t *teller) lookAtQueue(ctx context.Context) (others int, unseen string) {
	k := t.queue()
	if k == nil {
		return 0, "no queue helper runs"
	}
	list, err := k.List(ctx)
	if err != nil {
		return 0, oneLine(err.Error())
	}
	return list.Others, strings.Join(list.Failed, "; ")
}

func (d *digestFacts) add(h journal.Hold) {
	if h.Time.After(d.since) && !h.Time.After(d.until) {
		d.fresh = append(d.fresh, h)
	}
	for _, a := range h.Acts {
		if a.Time.After(d.since) && !a.Time.After(d.until) && !a.State.Open() {
			d.became[a.State]++
		}
	}
	if !h.State.Open() {
		return
	}
	d.waiting++
	// Announced in time for the day after the next digest, which comes within a day.
	if d.keep > 0 && !h.Time.Add(d.keep).After(d.now.Add(announcedFor+24*time.Hour)) {
		d.going = append(d.going, h)
	}
}

// worthTelling says that something happened, or will.
func (d digestFacts) worthTelling() bool { return len(d.fresh)+len(d.going)+len(d.became) > 0 }

// campaign are held messages that are alike: their codes lead to the same host and their authors have the same domain,
// since many strangers share a host such as ipfs.io; or, without a host, they come from the same address.
type campaign struct{ held []journal.Hold }

func campaignOf(h journal.Hold) string {
	if len(h.Hosts) > 0 && h.Hosts[0] != "" {
		return "host " + h.Hosts[0] + " of " + prevalence.DomainOf(prevalence.Key(h.HeaderFrom))
	}
	return "from " + strings.ToLower(h.HeaderFrom)
}

// campaigns groups messages, the largest group first.
func campaigns(all []journal.Hold) (list []campaign) {
	byKind := map[string]int{}
	for _, h := range all {
		n, known := byKind[campaignOf(h)]
		if !known {
			n = len(list)
			byKind[campaignOf(h)] = n
			list = append(list, campaign{})
		}
		list[n].held = append(list[n].held, h)
	}
	slices.SortStableFunc(list, func(a, b campaign) int { return len(b.held) - len(a.held) })
	return list
}

// What a digest has at most: groups in each of its lists, and ids of a group.
const (
	maxCampaigns = 40
	maxIDs       = 8
	maxTold      = 10_000 // recipients
	maxTheirs    = 50     // messages of one recipient
)

// recipientFacts is what one recipient is told.
type recipientFacts struct {
	address string
	held    []journal.Hold
	more    int
	keep    time.Duration
}

// recipients are those of the new messages that are still on hold, in the order of their addresses. Mail of our own
// users, which a rule may hold, has recipients elsewhere: they are not told.
func (d digestFacts) recipients() (list []recipientFacts) {
	byAddress := map[string]*recipientFacts{}
	for _, h := range d.fresh {
		e, known := d.event(h.Event)
		if !h.State.Open() || !known || e.Direction != "inbound" {
			continue
		}
		for _, address := range e.Rcpts {
			if notify.CheckAddress(address) != nil {
				continue
			}
			r := byAddress[address]
			if r == nil {
				r = &recipientFacts{address: address, keep: d.keep}
				byAddress[address] = r
			}
			if len(r.held) < maxTheirs {
				r.held = append(r.held, h)
			} else {
				r.more++
			}
		}
	}
	for _, address := range slices.Sorted(maps.Keys(byAddress)) {
		if list = append(list, *byAddress[address]); len(list) == maxTold {
			break
		}
	}
	return list
}

func messages(n int) string { return journal.Several(int64(n), "message") }
