package inspect

import (
	"time"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/prevalence"
)

// History says how often somebody wrote, and how far back it reaches.
type History interface {
	Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error)
	Since() (time.Time, error)
}

// Past is what earlier mail says of who has a hand in a message, beside the author's address. Unless it says otherwise
// it holds what may build trust, within the window.
type Past struct {
	Domain, List, Network prevalence.Counts
	Pair                  prevalence.Counts // with the recipient who got most
	Kept                  prevalence.Counts // of the author's address, as far back as history reaches
	Correspondent         bool              // our own people wrote to the author, as far back as history reaches
	Learning              bool              // history is shorter than the window
}

// CodePast is what earlier mail says of a code. It reaches back as far as history does, and ends where the window ends.
type CodePast struct {
	Host       prevalence.Counts // what may build trust; of several hosts, the one that is known least
	HostProven int               // messages of these whose author was proven
	HostAge    int               // days since such a message came first, the newest included; -1: never
	OwnHost    bool              // all hosts are our own
	Picture    int
	OwnPicture bool
}

// Bounds on what is asked for; the record keeps more. The worst codes come first, and those that are not asked for are
// strangers.
const (
	maxAskedPairs = 10
	maxAskedCodes = 16
)

// inquiry collects the questions of one message, so that a shared history is asked once.
type inquiry struct {
	window    prevalence.Window // for the sender
	questions []prevalence.Question
	fill      []func(prevalence.Counts) // takes the answer to the question of the same number
}

func (q *inquiry) ask(kind prevalence.Kind, key string, w prevalence.Window, take func(prevalence.Counts)) {
	if key != "" {
		q.questions = append(q.questions, prevalence.Question{Kind: kind, Key: key, Window: w})
		q.fill = append(q.fill, take)
	}
}

// remember looks up everything that history knows of the sender and of the codes. A history that cannot be read makes
// them unknown, not the mail lost.
func (i *Inspector) remember(r *Report) {
	now := r.Envelope.Arrived
	for n := range r.Codes {
		r.Codes[n].Past.HostAge = -1
	}
	if i.History != nil {
		i.askHistory(r, now)
	}
	for n := range r.Codes { // what a setting says, not history
		r.Codes[n].Past.OwnHost = r.Codes[n].Past.OwnHost || i.ownHost(r.Codes[n])
	}
}

// askHistory fills in what is known of the sender and the codes.
func (i *Inspector) askHistory(r *Report, now time.Time) {
	q := &inquiry{window: i.windowFor(r.Sender.Auth)}
	asked := i.Asked(r.Record.From, r.Record.Spelling, r.Sender.Auth)
	q.ask(asked.Kind, asked.Key, asked.Window, func(c prevalence.Counts) { r.Sender.Counts = c })
	q.sender(r)
	for n := range min(len(r.Codes), maxAskedCodes) {
		q.code(&r.Codes[n], i.hostKeys(r.Codes[n], r.Sender.Key), now)
	}
	counts, err := i.History.Counts(now, q.questions...)
	for n := range min(len(counts), len(q.fill)) {
		q.fill[n](counts[n])
	}
	since, bad := i.History.Since()
	if err != nil || bad != nil {
		r.Problems = append(r.Problems, mime.Problem{Kind: mime.Broken, Detail: "the sender's history cannot be read"})
	}
	r.Sender.Learning = since.IsZero() || since.After(now.Add(-i.Window.Before))
	trusted := i.trusts(r.Sender.Auth, r.Sender.OwnDomainForged)
	r.Sender.Prevalent = trusted && i.Window.Prevalent(r.Sender.Counts, now)
	r.Sender.Correspondent = trusted && r.Sender.Correspondent
}

// trusts says whether an author's history may speak for a message: a forged From is a stranger whatever its history,
// and so is one that nobody vouches for where an admin wants proof.
func (i *Inspector) trusts(auth identity.Auth, ownDomainForged bool) bool {
	return auth != identity.Fail && !ownDomainForged && (auth == identity.Pass || !i.RequireAuth)
}

// Asked is the question by which an author's messages from outside are judged, with what was found out about the author.
func (i *Inspector) Asked(key, spelling string, auth identity.Auth) prevalence.Question {
	q := prevalence.Question{Kind: prevalence.Address, Key: key, Window: i.windowFor(auth)}
	if q.Window.Everything && key != "" { // as the queries do that the presets are named after: letter by letter
		q.Kind, q.Key = prevalence.Exact, spelling
	}
	return q
}

// Prevalent says whether an author is, by the answer to that question.
func (i *Inspector) Prevalent(author identity.Author, auth identity.Auth, counted prevalence.Counts, now time.Time) bool {
	return i.trusts(auth, identity.OwnDomainForged(author, auth, i.OwnDomains)) && i.Window.Prevalent(counted, now)
}

// windowFor keeps the history of those who prove nothing apart: what somebody has proven must not vouch for one who
// only bears the same name.
func (i *Inspector) windowFor(auth identity.Auth) prevalence.Window {
	w := i.Window
	w.Unproven = auth == identity.None && !w.Everything
	return w
}

func (q *inquiry) sender(r *Report) {
	s, names, w := &r.Sender, r.Record, q.window
	if r.Direction != identity.Inbound {
		return
	}
	q.ask(prevalence.Address, names.From, w.Kept(), func(c prevalence.Counts) { s.Kept = c })
	q.ask(prevalence.Domain, names.Domain, w, func(c prevalence.Counts) { s.Domain = c })
	q.ask(prevalence.List, names.List, w, func(c prevalence.Counts) { s.List = c })
	for _, to := range names.To[:min(len(names.To), maxAskedPairs)] {
		q.ask(prevalence.Pair, prevalence.PairKey(names.From, to), w, func(c prevalence.Counts) {
			if c.Messages > s.Pair.Messages {
				s.Pair = c
			}
		})
	}
	w.Unproven = false // a network cannot be forged
	q.ask(prevalence.Network, names.Network, w, func(c prevalence.Counts) { s.Network = c })
	q.ask(prevalence.Correspondent, names.From, w.Kept().Ours(), func(c prevalence.Counts) { s.Correspondent = c.Messages > 0 })
}

// code asks for the hosts and the picture of a code.
func (q *inquiry) code(c *Code, hosts []string, now time.Time) {
	kept := q.window.Kept()
	proven, recent := kept, kept
	proven.Proven, recent.Exclude = true, 0
	asked := 0
	for _, host := range hosts {
		var past CodePast
		var theirs prevalence.Counts
		q.ask(prevalence.Host, host, kept, func(n prevalence.Counts) { past.Host = n })
		q.ask(prevalence.Host, host, proven, func(n prevalence.Counts) { past.HostProven = n.Messages })
		q.ask(prevalence.Host, host, recent, func(n prevalence.Counts) { past.HostAge = n.AgeDays(now) })
		q.ask(prevalence.Host, host, kept.Theirs(), func(n prevalence.Counts) { theirs = n })
		q.ask(prevalence.Host, host, kept.Ours(), func(n prevalence.Counts) {
			past.OwnHost = own(n, theirs)
			if asked++; asked == 1 {
				past.Picture, past.OwnPicture = c.Past.Picture, c.Past.OwnPicture
				c.Past = past
				return
			}
			c.Past.least(past)
		})
	}
	var theirs prevalence.Counts
	q.ask(prevalence.Picture, c.Digest, kept, func(n prevalence.Counts) { c.Past.Picture = n.Messages })
	q.ask(prevalence.Picture, c.Digest, kept.Theirs(), func(n prevalence.Counts) { theirs = n })
	q.ask(prevalence.Picture, c.Digest, kept.Ours(), func(n prevalence.Counts) { c.Past.OwnPicture = own(n, theirs) })
}

// least takes over what another host of the same link is known less for.
func (p *CodePast) least(other CodePast) {
	if other.Host.Messages < p.Host.Messages {
		p.Host = other.Host
	}
	p.HostProven, p.HostAge = min(p.HostProven, other.HostProven), min(p.HostAge, other.HostAge)
	p.OwnHost = p.OwnHost && other.OwnHost
}

// own says whether something is our own by our mail. Whoever answers a stranger sends the stranger's code back, so it
// is ours only when we had it first, or when it goes out on several days and more often than it comes in. We had it
// first when that is beyond doubt: in the same second, or in an hour of which only the sum is kept, nobody was first.
func own(ours, theirs prevalence.Counts) bool {
	if ours.Messages == 0 {
		return false
	}
	first := theirs.Messages == 0 || ours.FirstBy.Before(theirs.First)
	return first || ours.Days >= 3 && ours.Messages > theirs.Messages
}

// ownHost says whether every host of a code lies under a domain of ours.
func (i *Inspector) ownHost(c Code) bool {
	hosts := c.Hosts()
	for _, host := range hosts {
		if !identity.IsOwn(host, i.OwnDomains) {
			return false
		}
	}
	return len(hosts) > 0
}
