package prevalence

// The same message again, in plain words. Message-ID, From and recipients are the sender's to write, so whoever had a
// message held may send a harmless one under the same three, and who knows them of somebody else's message may send a
// forged one. A second sighting therefore lifts nothing and ages nothing: it may only make worse what is recorded, and
// only with the same proof and in the same direction.
//
//   - A deferred message is tried again: the next answer takes its place, at its time.
//   - A held one stays held until a person releases it. What a person released stays let through, whatever becomes of
//     its copies: each is one more question about what was decided.
//   - A refused one (rejected, discarded, redirected) stays recorded, and what comes of a later attempt counts as
//     another message, at the later time.
//   - One that was let through takes a worse outcome, at its time, from a sighting with the same proof.
//
// In histories where the first sighting was not (the host of a link that only the second has) the time is the
// second's. record.lua has the same rules.

// worse orders the outcomes.
var worse = [...]int{Accepted: 0, Released: 0, Tagged: 1, Deferred: 2, Held: 3, Rejected: refused, Discarded: refused, Redirected: refused}

const refused = 4

// again is what a change comes to when the same message was recorded before; news is false when that stays as it is.
func (c change) again(before entry) (settled change, news bool) {
	was, direction, auth := before.class.parts()
	outcome, newDirection, newAuth := c.class.parts()
	switch {
	case c.class == before.class:
		return c, false
	case was == Deferred:
	case was == Held && outcome == Released, worse[outcome] > worse[was] && was != Held && was != Released && direction == newDirection && auth == newAuth:
		c.class = before.class&^7 | class(outcome)
	case worse[was] == refused && worse[outcome] < refused:
		c.undo = false
		return c, true
	default:
		return c, false
	}
	c.undo, c.was, c.first = true, before.class, before.at
	return c, true
}
