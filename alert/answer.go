package alert

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/verdict"
)

// Report is an alert with the answers to what an analyst asks next. Its JSON form is stable: fields are added, never
// renamed. Texts are as they came; whoever shows them makes them harmless.
type Report struct {
	Alert     Alert          `json:"alert"`
	Says      []Code         `json:"says"`           // what the first message's codes say
	External  bool           `json:"external"`       // the client is neither a user nor a host of ours
	Auth      string         `json:"auth,omitempty"` // whether the author is proven: "pass", "fail", "none"
	QueueID   string         `json:"queue_id,omitempty"`
	Message   string         `json:"message_id,omitempty"`
	Seen      []Seen         `json:"seen"`                      // since when each of its names is known here
	Others    []Others       `json:"others"`                    // what else came with the same client, sender, host, picture
	Scope     []Reached      `json:"scope"`                     // whom the campaign reached, and what became of it, the first 200
	Outcomes  map[string]int `json:"outcomes"`                  // recipients by what became of their message
	Shapes    []Shape        `json:"shapes"`                    // other hosts, pictures, senders and subjects of the campaign, the first 20 of each
	LeftOut   int            `json:"shapes_left_out,omitempty"` // how many more there are
	Hosts     []string       `json:"hosts,omitempty"`           // that the campaign's worst links lead to and that are nobody else's, the first 50
	MoreHosts int            `json:"hosts_left_out,omitempty"`  // how many more there are
	Artefacts []Artefact     `json:"artefacts"`
	Question  string         `json:"question"`      // a text for the recipients, since no log sees the phone
	Cut       bool           `json:"cut,omitempty"` // there is more than was looked at
}

// Code is what a code says. Of secrets that is kind and issuer.
type Code struct {
	Kind    string   `json:"kind"`
	Says    string   `json:"says,omitempty"`
	URL     string   `json:"url,omitempty"`
	Host    string   `json:"host,omitempty"`
	Target  string   `json:"target,omitempty"`
	Issuer  string   `json:"issuer,omitempty"`
	Secret  bool     `json:"secret,omitempty"`
	Carrier string   `json:"carrier,omitempty"`
	Name    string   `json:"name,omitempty"`
	At      string   `json:"at,omitempty"`
	Signals []string `json:"signals,omitempty"`
	Picture string   `json:"picture,omitempty"`
}

// Seen says how long a name is known here, by the histories.
type Seen struct {
	What     string    `json:"what"` // "sender", "envelope", "domain", "network", "host", "picture"
	Value    string    `json:"value"`
	New      bool      `json:"new"` // not before the hour in which the campaign began
	First    time.Time `json:"first,omitzero"`
	Messages int       `json:"messages"`
	Shared   bool      `json:"shared,omitempty"` // a host on which anybody can have a page: no history is kept of it, and the journal is asked
}

// Others is what the journal has of one name of the alert.
type Others struct {
	What       string         `json:"what"` // "client", "sender", "host", "link", "picture"
	Value      string         `json:"value"`
	Messages   int            `json:"messages"`
	Recipients int            `json:"recipients"` // each counted once, as far as the journal names them
	First      time.Time      `json:"first,omitzero"`
	Last       time.Time      `json:"last,omitzero"`
	Went       map[string]int `json:"went"`   // messages by where they are, as far as is known
	Events     []Brief        `json:"events"` // the newest 5

	rcpts map[string]bool
}

// Brief is a message in a line.
type Brief struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	From    string    `json:"from"`
	Rcpt    string    `json:"rcpt,omitempty"` // the first
	NRcpt   int       `json:"nrcpt"`
	Subject string    `json:"subject,omitempty"`
	Where   string    `json:"where"`
}

// Shape is something in which messages of the campaign differ from the first.
type Shape struct {
	What     string `json:"what"` // "host", "picture", "sender", "client", "subject"
	Value    string `json:"value"`
	Messages int    `json:"messages"`
}

// Asked answers questions about the state.
type Asked interface {
	Event(ctx context.Context, id string) (journal.Event, error)
	Hunt(ctx context.Context, filter journal.Filter, from string) (journal.Found, error)
	Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error)
	holder
}

// holder knows what became of held mail.
type holder interface {
	Hold(ctx context.Context, event string) (journal.Hold, error)
}

// Bounds of an answer.
const (
	maxHunted = 1000 // events of one name
	maxShown  = 5
	maxRows   = 200
	maxShapes = 20 // of one kind
	maxHosts  = 50
	maxSays   = 10
)

// Answer asks what there is to know about an alert. pages bounds each of its hunts: a page looks at 200,000 events.
func Answer(ctx context.Context, asked Asked, a Alert, now time.Time, pages int) (Report, error) {
	r := Report{Alert: a, Says: []Code{}, Seen: []Seen{}, Others: []Others{}, Scope: []Reached{}, Outcomes: map[string]int{}, Shapes: []Shape{}, Artefacts: []Artefact{}}
	first, err := asked.Event(ctx, a.Events[0])
	if err != nil { // it has expired before its alert
		first = journal.Event{ID: a.Events[0], Time: a.Time, HeaderFrom: a.Source, MailFrom: a.MailFrom, ClientAddr: a.Client, Subject: a.Subject, Direction: "inbound"}
	}
	r.External, r.Auth, r.QueueID, r.Message = first.Direction == "inbound", first.Auth, first.QueueID, first.MessageID
	for _, c := range first.Codes[:min(len(first.Codes), maxSays)] {
		r.Says = append(r.Says, codeOf(c))
	}
	if err := r.seen(asked, first, now); err != nil {
		return r, err
	}
	campaign := newCampaign(first)
	for _, n := range namesOf(first) {
		if err := r.hunt(ctx, asked, n, pages, campaign); err != nil {
			return r, err
		}
	}
	for _, id := range a.Events {
		if e, err := asked.Event(ctx, id); err == nil {
			campaign.take(e)
		}
	}
	r.sharedHost(first)
	r.reached(ctx, asked, campaign)
	r.Shapes, r.LeftOut = campaign.shapes()
	r.Hosts, r.MoreHosts = campaign.hosts()
	r.Artefacts = artefacts(campaign)
	r.Question = question(r)
	return r, nil
}

func codeOf(c journal.CodeEvent) Code {
	return Code{Kind: c.Kind, Says: journal.FitText(c.Payload, maxLink), URL: journal.FitText(c.URL, maxLink), Host: c.Host, Target: journal.FitText(c.Target, maxLink),
		Issuer: c.Issuer, Secret: c.Secret, Carrier: c.Carrier, Name: journal.FitText(c.Name, maxSubject), At: c.At, Signals: c.Signals, Picture: c.Picture}
}

// seen asks the histories, which reach back further than the journal. They keep hours, so what began in the hour of the
// alert is new with it.
func (r *Report) seen(asked Asked, e journal.Event, now time.Time) error {
	key, envelope := prevalence.Key(e.HeaderFrom), prevalence.Key(e.MailFrom)
	all := prevalence.Window{Before: prevalence.Retention, Threshold: 1, Unit: prevalence.Messages, Everything: true}
	names := []struct {
		what string
		kind prevalence.Kind
		key  string
	}{{"sender", prevalence.Address, key}, {"envelope", prevalence.Envelope, envelope}, {"domain", prevalence.Domain, prevalence.DomainOf(key)}, {"network", prevalence.Network, networkOf(e.ClientAddr)},
		{"host", prevalence.Host, r.Alert.Host}, {"picture", prevalence.Picture, r.Alert.Picture}}
	var questions []prevalence.Question
	for _, n := range names {
		questions = append(questions, prevalence.Question{Kind: n.kind, Key: n.key, Window: all})
	}
	counts, err := asked.Counts(now, questions...)
	if err != nil {
		return err
	}
	for i, n := range names {
		if n.key != "" {
			isNew := counts[i].Messages == 0 || !counts[i].First.Before(r.Alert.Time.Truncate(time.Hour))
			r.Seen = append(r.Seen, Seen{What: n.what, Value: n.key, New: isNew, First: counts[i].First, Messages: counts[i].Messages})
		}
	}
	return nil
}

func networkOf(client string) string {
	addr, err := netip.ParseAddr(client)
	if err != nil {
		return ""
	}
	return prevalence.NetworkOf(addr)
}

// aName is something that other messages may have too.
type aName struct {
	what, value string
	filter      journal.Filter
	campaign    bool // whatever has it belongs to the campaign
}

func namesOf(e journal.Event) (all []aName) {
	if addr, err := netip.ParseAddr(e.ClientAddr); err == nil {
		all = append(all, aName{"client", e.ClientAddr, journal.Filter{Client: netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())}, false})
	}
	if e.HeaderFrom != "" {
		all = append(all, aName{"sender", e.HeaderFrom, journal.Filter{Sender: e.HeaderFrom}, false})
	}
	for _, c := range e.Codes {
		switch link := linkWithoutQuery(c.URL); {
		case c.Host == "":
			continue
		case verdict.SharedHost(c.Signals):
			all = append(all, aName{"link", link, journal.Filter{URL: link}, true}, aName{"host", c.Host, journal.Filter{Host: c.Host}, false})
		default:
			all = append(all, aName{"host", c.Host, journal.Filter{Host: c.Host}, true})
		}
		break // the worst one's
	}
	for _, c := range e.Codes {
		if c.Picture != "" {
			return append(all, aName{"picture", c.Picture, journal.Filter{Picture: c.Picture}, true})
		}
	}
	return all
}

// hunt looks for what else has a name.
func (r *Report) hunt(ctx context.Context, asked Asked, n aName, pages int, c *campaign) error {
	o := Others{What: n.what, Value: n.value, Went: map[string]int{}, Events: []Brief{}, rcpts: map[string]bool{}}
	for from, more := "", true; more; pages-- {
		if pages == 0 || o.Messages >= maxHunted {
			r.Cut = true
			break
		}
		found, err := asked.Hunt(ctx, n.filter, from)
		if err != nil {
			return err
		}
		for _, e := range found.Events {
			o.take(e, placeOf(ctx, asked, e))
			if n.campaign || c.related(e) {
				c.take(e)
			}
		}
		from, more = found.Next, found.Next != ""
	}
	r.Others = append(r.Others, o)
	return nil
}

// take counts an event; they come newest first.
func (o *Others) take(e journal.Event, where string) {
	o.Messages++
	o.Recipients += max(0, e.NRcpt-len(e.Rcpts))
	for _, rcpt := range e.Rcpts {
		if rcpt = strings.ToLower(rcpt); !o.rcpts[rcpt] {
			o.rcpts[rcpt] = true
			o.Recipients++
		}
	}
	o.Went[where]++
	if o.First = e.Time; o.Last.IsZero() {
		o.Last = e.Time
	}
	if len(o.Events) < maxShown {
		o.Events = append(o.Events, briefOf(e, where))
	}
}

// placeOf is where a message is: where it was sent, or what became of it on hold.
func placeOf(ctx context.Context, asked holder, e journal.Event) string {
	if e.Where != journal.Held {
		return e.Where
	}
	if h, err := asked.Hold(ctx, e.ID); err == nil {
		return string(h.State)
	}
	return string(journal.Holding)
}

// sharedHost puts what the journal has of a host in the place of a history that nobody keeps.
func (r *Report) sharedHost(first journal.Event) {
	shared := slices.ContainsFunc(first.Codes, func(c journal.CodeEvent) bool { return c.Host == r.Alert.Host && verdict.SharedHost(c.Signals) })
	for i := range r.Seen {
		s := &r.Seen[i]
		if s.What != "host" || !shared {
			continue
		}
		s.Shared = true
		for _, o := range r.Others {
			if o.What == "host" && o.Value == s.Value {
				s.First, s.Messages, s.New = o.First, o.Messages, !o.First.Before(r.Alert.Time)
			}
		}
	}
}

func briefOf(e journal.Event, where string) Brief {
	b := Brief{ID: e.ID, Time: e.Time, From: journal.FitText(e.HeaderFrom, maxAddress), NRcpt: e.NRcpt, Subject: journal.FitText(e.Subject, maxSubject), Where: where}
	if len(e.Rcpts) > 0 {
		b.Rcpt = journal.FitText(e.Rcpts[0], maxAddress)
	}
	return b
}

// campaign is all messages that are known to belong together.
type campaign struct {
	first  journal.Event
	shape  string
	events []journal.Event
	known  map[string]bool
}

const maxCampaign = 2000

func newCampaign(first journal.Event) *campaign {
	c := &campaign{first: first, shape: shapeOf(first.Subject, first.Rcpts), known: map[string]bool{}}
	c.take(first)
	return c
}

func (c *campaign) take(e journal.Event) {
	if !c.known[e.ID] && len(c.events) < maxCampaign {
		c.known[e.ID] = true
		e.Evidence = nil
		c.events = append(c.events, e)
	}
}

// related tells a message of the same client with the same subject.
func (c *campaign) related(e journal.Event) bool {
	return c.shape != "" && e.ClientAddr == c.first.ClientAddr && e.ClientAddr != "" && shapeOf(e.Subject, e.Rcpts) == c.shape
}

// reached says whom the campaign reached, the oldest first, and what became of what was held.
func (r *Report) reached(ctx context.Context, asked Asked, c *campaign) {
	slices.SortStableFunc(c.events, func(a, b journal.Event) int { return a.Time.Compare(b.Time) })
	for _, e := range c.events {
		where := placeOf(ctx, asked, e)
		r.Outcomes[where] += max(e.NRcpt, len(e.Rcpts))
		for _, rcpt := range e.Rcpts[:min(len(e.Rcpts), maxRows-len(r.Scope))] {
			r.Scope = append(r.Scope, Reached{journal.FitText(rcpt, maxAddress), e.ID, e.Time, where})
		}
	}
}

// hosts are those that the worst link of each message leads to, the first message's first, without those on which anybody
// can have a page. Other codes of a message may lead to somebody who has nothing to do with it.
func (c *campaign) hosts() (all []string, more int) {
	known := map[string]bool{}
	for _, e := range append([]journal.Event{c.first}, c.events...) {
		n := slices.IndexFunc(e.Codes, func(code journal.CodeEvent) bool { return code.Host != "" })
		if n < 0 || known[e.Codes[n].Host] || verdict.SharedHost(e.Codes[n].Signals) {
			continue
		}
		known[e.Codes[n].Host] = true
		if len(all) == maxHosts {
			more++
			continue
		}
		all = append(all, e.Codes[n].Host)
	}
	return all, more
}

// shapes are the names in which others of the campaign differ from its first message, and how many are left out.
func (c *campaign) shapes() (all []Shape, leftOut int) {
	counts := map[Shape]int{}
	var order []Shape
	add := func(what, value string, own func(journal.Event) bool) {
		s := Shape{What: what, Value: journal.FitText(value, maxAddress)}
		if value == "" || own(c.first) {
			return
		}
		if counts[s]++; counts[s] == 1 {
			order = append(order, s)
		}
	}
	for _, e := range c.events {
		hosts, pictures := map[string]bool{}, map[string]bool{}
		for _, code := range e.Codes {
			hosts[code.Host], pictures[code.Picture] = true, true
		}
		for host := range hosts {
			add("host", host, func(f journal.Event) bool {
				return slices.ContainsFunc(f.Codes, func(c journal.CodeEvent) bool { return c.Host == host })
			})
		}
		for picture := range pictures {
			add("picture", picture, func(f journal.Event) bool {
				return slices.ContainsFunc(f.Codes, func(c journal.CodeEvent) bool { return c.Picture == picture })
			})
		}
		add("sender", e.HeaderFrom, func(f journal.Event) bool { return strings.EqualFold(f.HeaderFrom, e.HeaderFrom) })
		add("client", e.ClientAddr, func(f journal.Event) bool { return f.ClientAddr == e.ClientAddr })
		add("subject", e.Subject, func(f journal.Event) bool { return f.Subject == e.Subject })
	}
	all = []Shape{}
	some := map[string]int{}
	for _, s := range order {
		if some[s.What]++; some[s.What] > maxShapes {
			leftOut++
			continue
		}
		s.Messages = counts[s]
		all = append(all, s)
	}
	return all, leftOut
}
