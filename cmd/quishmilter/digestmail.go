package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"quishmilter/journal"
	"quishmilter/notify"
)

// The words of the mails to people. What came in a message is in quotes and defanged, as in the commands; a mail program
// makes no link of it.

func (t *teller) when(at time.Time) string { return at.In(t.zone).Format("Mon, 2 Jan 2006 15:04 MST") }

func host() string {
	name, err := os.Hostname()
	if err != nil {
		return "this host"
	}
	return name
}

// firstMail is about the first hold of a day.
func (t *teller) firstMail(h journal.Hold, now time.Time) notify.Mail {
	var b strings.Builder
	fmt.Fprintf(&b, "quishmilter on %s put a message on hold, the first of this day. It lies in Postfix's hold queue\nuntil somebody decides.\n\n", host())
	t.describe(&b, h, now)
	b.WriteString("\nWhat else is held today comes with the digest.\n")
	b.WriteString(howTo(t.settings.self()))
	return notify.Mail{To: []string{t.settings.Postmaster}, Subject: "quishmilter: a message is on hold, from " + defangedText(h.HeaderFrom), Body: b.String()}
}

// howTo are the commands of the program as these settings' daemon was started.
func howTo(self string) string {
	var b strings.Builder
	b.WriteString("\nAs root, or in the group of the queue helper:\n\n")
	for _, c := range []struct{ command, does string }{
		{self + " quarantine show ID", "evidence, header and text, with links made useless"},
		{self + " quarantine release ID", "let it go to its recipients"},
		{self + " quarantine delete ID", "remove it for good; neither end is told"},
		{self + " quarantine list", "what else is on hold; --host, --sender, --reason choose,"},
		{"", "for release and delete too"},
	} {
		fmt.Fprintf(&b, "  %-*s    %s\n", len(self)+len(" quarantine release ID"), c.command, c.does)
	}
	return b.String()
}

// describe writes the lines about one message.
func (t *teller) describe(b *strings.Builder, h journal.Hold, now time.Time) {
	fmt.Fprintf(b, "  %s  held %s, %s ago, queue id %s\n", h.Event, t.when(h.Time), age(now.Sub(h.Time)), h.QueueID)
	fmt.Fprintf(b, "    from     %s, proof: %s\n", safe(h.HeaderFrom), orDash(h.Auth))
	to := make([]string, len(h.Rcpts))
	for n, rcpt := range h.Rcpts {
		to[n] = safe(rcpt)
	}
	fmt.Fprintf(b, "    to       %s", strings.Join(to, ", "))
	if more := h.NRcpt - len(h.Rcpts); more > 0 {
		fmt.Fprintf(b, " and %d more", more)
	}
	fmt.Fprintf(b, "\n    subject  %s\n    reasons  %s\n", safe(h.Subject), strings.Join(h.Reasons, ", "))
	if e, known := t.eventOf(h.Event); known {
		for n, c := range e.Codes[:min(len(e.Codes), 3)] {
			fmt.Fprintf(b, "    code %d   %s: %s\n", n+1, c.Kind, safe(says(c)))
		}
	}
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// age is a time span in words: minutes, hours or days.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(max(0, d.Minutes())))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return journal.Several(int64(d.Hours()/24), "day")
}

// digestMail writes the digest, and returns the events of which it says that they will be deleted.
func (t *teller) digestMail(d digestFacts) (m notify.Mail, announced []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "quishmilter on %s, %s\n\n", host(), t.when(d.until))
	fmt.Fprintf(&b, "%s put on hold since %s; %d on hold now.\n", messages(len(d.fresh)), t.when(d.since), d.waiting)
	if d.unseen == "" {
		fmt.Fprintf(&b, "%d more on hold, but not by quishmilter.\n", d.others)
	} else {
		fmt.Fprintf(&b, "The hold queue itself was not looked at, and nothing is deleted by age: %s.\n", d.unseen)
	}
	for _, became := range []struct {
		state journal.HoldState
		words string
	}{{journal.Released, "released"}, {journal.Deleted, "deleted"}, {journal.ByHand, "released by hand, not by quishmilter"}, {journal.Vanished, "gone from the queue, and not by quishmilter"}} {
		if n := d.became[became.state]; n > 0 {
			fmt.Fprintf(&b, "%s %s.\n", messages(n), became.words)
		}
	}
	if held := stillHeld(d.fresh); len(held) > 0 {
		b.WriteString("\nNEW ON HOLD\n")
		t.describeAll(&b, held, d.now)
	}
	if len(d.going) > 0 {
		announced = t.announce(&b, d)
	}
	b.WriteString(howTo(t.settings.self()))
	subject := fmt.Sprintf("quishmilter: %s newly on hold", messages(len(d.fresh)))
	if len(d.going) > 0 {
		subject += fmt.Sprintf(", %d will be deleted", len(d.going))
	}
	return notify.Mail{To: []string{t.settings.Postmaster}, Subject: subject, Body: b.String()}, announced
}

// stillHeld leaves out what was released or deleted meanwhile, or has gone.
func stillHeld(all []journal.Hold) []journal.Hold {
	return slices.DeleteFunc(slices.Clone(all), func(h journal.Hold) bool { return !h.State.Open() })
}

// describeAll writes one message of each campaign, and the ids of some of the others.
func (t *teller) describeAll(b *strings.Builder, all []journal.Hold, now time.Time) {
	list := campaigns(all)
	left := 0
	for n, c := range list {
		if n >= maxCampaigns {
			left += len(c.held)
			continue
		}
		b.WriteString("\n")
		t.describe(b, c.held[0], now)
		if more := c.held[1:]; len(more) > 0 {
			fmt.Fprintf(b, "    and %s like it: %s\n", messages(len(more)), ids(more))
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "\n  and %s of %s: %s quarantine list\n", messages(left), journal.Several(int64(len(list)-maxCampaigns), "other kind"), t.settings.self())
	}
}

func ids(all []journal.Hold) string {
	var list []string
	for _, h := range all[:min(len(all), maxIDs)] {
		list = append(list, h.Event)
	}
	if len(all) > maxIDs {
		list = append(list, "…")
	}
	return strings.Join(list, " ")
}

// announce writes what will be deleted. What there is no room for is not deleted: the next digest says it.
func (t *teller) announce(b *strings.Builder, d digestFacts) (announced []string) {
	b.WriteString("\nWILL BE DELETED, unless somebody releases it before\n")
	list := campaigns(d.going)
	for _, c := range list[:min(len(list), maxCampaigns)] {
		first, last := time.Time{}, time.Time{}
		for _, h := range c.held {
			at := deletedOn(h, d.keep, announcedAt(h, d.now))
			if first.IsZero() || at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
			announced = append(announced, h.Event)
		}
		h := c.held[0]
		fmt.Fprintf(b, "\n  from %s", t.when(first))
		if !last.Equal(first) {
			fmt.Fprintf(b, " to %s", t.when(last))
		}
		fmt.Fprintf(b, ": %s, %s\n    %s\n    from %s, subject %s\n", messages(len(c.held)), campaignWords(h), ids(c.held), safe(h.HeaderFrom), safe(h.Subject))
	}
	if len(list) > maxCampaigns {
		b.WriteString("\n  More is as old; it stays until a digest has named it.\n")
	}
	return slices.DeleteFunc(announced, func(event string) bool { return t.announcedBefore(event) })
}

// announcedAt is when the message is announced: now, unless it was before.
func announcedAt(h journal.Hold, now time.Time) time.Time {
	if h.Announced.IsZero() {
		return now
	}
	return h.Announced
}

// announcedBefore keeps the first announcement of a message: its time does not begin anew with each digest.
func (t *teller) announcedBefore(event string) bool {
	h, err := t.holds.Get(event)
	return err == nil && !h.Announced.IsZero()
}

func campaignWords(h journal.Hold) string {
	if len(h.Hosts) > 0 && h.Hosts[0] != "" {
		return "codes that lead to " + safe(h.Hosts[0])
	}
	return "without a host"
}

// recipientMail tells a recipient what is held of their mail, and nothing of anybody else's.
func (t *teller) recipientMail(r recipientFacts, now time.Time) notify.Mail {
	why, which, gone := "there is a code in it that looks like fraud.\nPostmaster holds it", "it", "it is"
	if len(r.held)+r.more > 1 {
		why, which, gone = "there are codes in them that look like fraud.\nPostmaster holds them", "one of them", "they are"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s to you, %s, did not reach you: %s.\n", messages(len(r.held)+r.more), defangedText(r.address), why)
	for _, h := range r.held {
		fmt.Fprintf(&b, "\n  %s  %s\n    from     %s\n    subject  %s\n    reasons  %s\n", h.Event, t.when(h.Time), safe(h.HeaderFrom), safe(h.Subject), strings.Join(h.Reasons, ", "))
	}
	if r.more > 0 {
		fmt.Fprintf(&b, "\n  and %s\n", journal.Several(int64(r.more), "more message"))
	}
	fmt.Fprintf(&b, "\nIf you expect %s, answer this mail and name its id, the first word above its lines. A person\nwill look at it. If you do not, there is nothing to do", which)
	if r.keep > 0 {
		fmt.Fprintf(&b, ": %s deleted after %s", gone, age(r.keep))
	}
	b.WriteString(".\nAnybody can write any name into From and Subject: if you do not know the sender otherwise, leave it.\n")
	return notify.Mail{To: []string{r.address}, Subject: messages(len(r.held)+r.more) + " to you on hold", Body: b.String()}
}
