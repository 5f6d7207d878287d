package inspect

import (
	"context"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/verdict"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// archive is an inspector with a real history, without workers.
type archive struct {
	*Inspector
	t     *testing.T
	db    *state.DB
	store *prevalence.Store
}

func newArchive(t *testing.T) *archive {
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store := prevalence.New(db, 0)
	return &archive{&Inspector{History: store, Window: prevalence.Default(), OwnDomains: []string{"own.example"}}, t, db, store}
}

// letter is a message with one code, days before noon.
type letter struct {
	days     float64
	from, to string
	auth     identity.Auth
	outbound bool
	mailFrom string // "" is from
	host     string
	target   string
	digest   string
	fields   []mime.Field
	client   string
	text     string // of the code, in place of a link to host
}

func (a *archive) report(l letter) *Report {
	m := &Message{Header: append([]mime.Field{{Name: "From", Value: l.from}}, l.fields...)}
	if l.mailFrom == "" {
		l.mailFrom = l.from
	}
	m.Envelope = Envelope{MailFrom: l.mailFrom, Rcpts: []string{l.to}, Arrived: noon.Add(-time.Duration(l.days * 24 * float64(time.Hour)))}
	if l.client != "" {
		m.Envelope.ClientAddr = netip.MustParseAddr(l.client)
	}
	r := &Report{Envelope: m.Envelope, Direction: identity.Inbound}
	if l.outbound {
		r.Direction = identity.Outbound
	}
	if l.host != "" || l.digest != "" {
		r.Codes = []Code{{Digest: l.digest, Payload: payload.Payload{Kind: payload.URL, URL: "https://" + l.host, Host: l.host, Target: l.target}}}
	}
	if l.text != "" {
		r.Codes = []Code{{Digest: l.digest, Payload: payload.Parse(l.text, true)}}
	}
	r.Sender = a.sender(m, r.Direction, identity.Result{Auth: l.auth})
	r.Record = a.recordOf(m, r)
	a.remember(r)
	return r
}

// came records earlier messages.
func (a *archive) came(letters ...letter) {
	a.t.Helper()
	for _, l := range letters {
		record := a.report(l).Record
		if err := a.db.Update(context.Background(), func(tx *state.Tx) error { return a.store.Add(tx, record) }); err != nil {
			a.t.Fatal(err)
		}
	}
	if err := a.store.CatchUp(context.Background()); err != nil {
		a.t.Fatal(err)
	}
}

const stranger, reader = "x@far.example", "r@own.example"

func TestEveryHistoryIsKeptAndAsked(t *testing.T) {
	a := newArchive(t)
	list := []mime.Field{{Name: "List-Id", Value: "News <news.far.example>"}}
	l := letter{from: stranger, to: reader, auth: identity.None, host: "shop.example", digest: "d1", fields: list, client: "198.51.100.7"}
	for _, days := range []float64{20, 3, 2, 0.5} {
		l.days = days
		a.came(l)
	}
	l.days, l.client = 0, "198.51.100.99"
	r := a.report(l)
	for name, got := range map[string]prevalence.Counts{"address": r.Sender.Counts, "domain": r.Sender.Domain, "list": r.Sender.List, "pair": r.Sender.Pair, "network": r.Sender.Network} {
		if got.Messages != 2 || got.Days != 2 || got.AgeDays(noon) != 3 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := r.Sender.Kept; got.Messages != 3 || got.AgeDays(noon) != 20 {
		t.Errorf("in all that is kept: %+v", got)
	}
	if !r.Sender.Prevalent || r.Sender.Learning || r.Sender.Correspondent {
		t.Errorf("%+v", r.Sender)
	}
	if p := r.Codes[0].Past; p.Host.Messages != 3 || p.Host.Days != 3 || p.HostAge != 20 || p.HostProven != 0 || p.Picture != 3 || p.OwnHost || p.OwnPicture {
		t.Errorf("%+v", p)
	}
	other := a.report(letter{from: "y@else.example", to: reader, host: "new.example", digest: "d2"})
	if p := other.Codes[0].Past; p.Host.Messages != 0 || p.HostAge != -1 || p.Picture != 0 || other.Sender.Prevalent || other.Sender.Network.Messages != 0 {
		t.Errorf("a stranger: %+v", other)
	}
}

// Nobody is proven by the history of somebody who was, and who is proven has both.
func TestAForgerHasNoHistory(t *testing.T) {
	a := newArchive(t)
	for _, days := range []float64{3, 2} {
		a.came(letter{days: days, from: stranger, to: reader, auth: identity.Pass})
	}
	for auth, want := range map[identity.Auth]bool{identity.Pass: true, identity.None: false, identity.Fail: false} {
		if got := a.report(letter{from: stranger, to: reader, auth: auth}); got.Sender.Prevalent != want {
			t.Errorf("%s: %+v", auth, got.Sender)
		}
	}
	a.came(letter{days: 2.1, from: stranger, to: reader, auth: identity.None}, letter{days: 3.1, from: stranger, to: reader, auth: identity.None})
	if got := a.report(letter{from: stranger, to: reader, auth: identity.None}); !got.Sender.Prevalent || got.Sender.Counts.Messages != 2 {
		t.Errorf("a history without proof: %+v", got.Sender)
	}
	if got := a.report(letter{from: stranger, to: reader, auth: identity.Pass}); got.Sender.Counts.Messages != 4 {
		t.Errorf("with proof: %+v", got.Sender)
	}
	a.RequireAuth = true
	if got := a.report(letter{from: stranger, to: reader, auth: identity.None}); got.Sender.Prevalent {
		t.Error("a history without proof counts although proof is required")
	}
}

func TestWhoWeWriteToIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		l    letter
		want bool
	}{
		"a letter":         {letter{from: reader, to: stranger}, true},
		"an absence":       {letter{from: reader, to: stranger, fields: []mime.Field{{Name: "Auto-Submitted", Value: "auto-replied"}}}, false},
		"not automatic":    {letter{from: reader, to: stranger, fields: []mime.Field{{Name: "Auto-Submitted", Value: "no"}}}, true},
		"a newsletter":     {letter{from: reader, to: stranger, fields: []mime.Field{{Name: "Precedence", Value: "Bulk"}}}, false},
		"a forwarded mail": {letter{from: "y@else.example", to: stranger, mailFrom: reader}, false},
	} {
		a := newArchive(t)
		c.l.outbound, c.l.days, c.l.host, c.l.digest = true, 0.1, "our.example", "d1"
		a.came(c.l)
		got := a.report(letter{from: stranger, to: reader, host: "our.example", digest: "d1"})
		if p := got.Codes[0].Past; got.Sender.Correspondent != c.want || p.OwnHost != c.want || p.OwnPicture != c.want {
			t.Errorf("%s: %v, %+v", name, got.Sender.Correspondent, p)
		}
	}
}

func TestABounceMakesNobodyKnown(t *testing.T) {
	a := newArchive(t)
	m := &Message{Header: []mime.Field{{Name: "From", Value: "MAILER-DAEMON@own.example"}}, Envelope: Envelope{Rcpts: []string{stranger}, Arrived: noon}}
	r := &Report{Envelope: m.Envelope, Direction: identity.Outbound}
	r.Sender = a.sender(m, identity.Inbound, identity.Result{})
	if got := a.recordOf(m, r); len(got.To) != 0 {
		t.Errorf("%+v", got)
	}
}

// A payment's host has a history as every link's has; what opens something leaves none, nor does a payment's picture.
func TestPaymentsHaveHosts(t *testing.T) {
	const link = "BCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30\n\n\nhttps://pay.far.example/i/7"
	for text, want := range map[string][]string{
		link: {"pay.far.example"},
		"WIFI:T:WPA;S:Guest;P:https\\://pay.far.example/secret;;":                          nil,
		"otpauth://totp/A:claire?secret=JBSWY3DPEHPK3PXP&issuer=https://pay.far.example/x": nil,
		"LPA:1$smdp.far.example$ABC":                                                       nil,
		"https://pay.far.example/":                                                         {"pay.far.example"},
	} {
		got := newArchive(t).report(letter{from: stranger, to: reader, text: text, digest: "d"}).Record
		if !slices.Equal(got.Hosts, want) || (len(got.Pictures) > 0) != strings.HasPrefix(text, "https:") {
			t.Errorf("%q: hosts %q, pictures %q", text, got.Hosts, got.Pictures)
		}
	}
	a := newArchive(t)
	a.came(letter{days: 20, from: stranger, to: reader, auth: identity.Pass, text: link}, letter{days: 3, from: stranger, to: reader, text: link})
	if p := a.report(letter{from: stranger, to: reader, text: link}).Codes[0].Past; p.Host.Messages != 2 || p.HostAge != 20 || p.HostProven != 1 {
		t.Errorf("%+v", p)
	}
}

// Whoever answers a stranger sends the stranger's code back: that makes it no code of ours.
func TestAnAnswerMakesNoHostOurOwn(t *testing.T) {
	a := newArchive(t)
	a.came(letter{days: 5, from: stranger, to: reader, host: "evil.example", digest: "d"},
		letter{days: 4.9, from: reader, to: stranger, outbound: true, host: "evil.example", digest: "d"})
	if p := a.report(letter{from: stranger, to: reader, host: "evil.example", digest: "d"}).Codes[0].Past; p.OwnHost || p.OwnPicture {
		t.Errorf("%+v", p)
	}
	for _, days := range []float64{9, 8, 7} { // our own code goes out, and comes back in answers
		a.came(letter{days: days, from: reader, to: stranger, outbound: true, host: "our.example", digest: "o"})
	}
	a.came(letter{days: 10, from: stranger, to: reader, host: "our.example", digest: "o"}, letter{days: 6, from: stranger, to: reader, host: "our.example", digest: "o"})
	if p := a.report(letter{from: stranger, to: reader, host: "our.example", digest: "o"}).Codes[0].Past; !p.OwnHost || !p.OwnPicture {
		t.Errorf("%+v", p)
	}
}

// A host where the path says whose a page is (bit.ly) is known by what one author's domain had there: neither a wanted
// link, nor one of our own people, makes strangers' links known or our own.
func TestASharedHostIsKnownForEachAuthor(t *testing.T) {
	a := newArchive(t)
	a.Lists = payload.BuiltinLists()
	friend := letter{from: "news@friend.example", to: reader, host: "bit.ly"}
	friend.days = 20
	a.came(friend)
	friend.days = 5
	a.came(friend, letter{days: 9, from: "y@gmail.com", to: reader, host: "bit.ly"}, letter{days: 9, from: "y@gmail.com", to: reader, host: "shop.pages.dev"})
	for _, days := range []float64{9, 8, 7} {
		a.came(letter{days: days, from: reader, to: stranger, outbound: true, host: "bit.ly"})
	}
	friend.days = 0
	friend.from = "offers@friend.example"
	for name, c := range map[string]struct {
		l    letter
		age  int
		ours bool
	}{
		"the same domain":                {friend, 20, false},
		"a stranger":                     {letter{from: stranger, to: reader, host: "bit.ly"}, -1, false},
		"a stranger, with www":           {letter{from: stranger, to: reader, host: "www.bit.ly"}, -1, false},
		"the same mailbox":               {letter{from: "y@gmail.com", to: reader, host: "bit.ly"}, 9, false},
		"another at the same provider":   {letter{from: "z@gmail.com", to: reader, host: "bit.ly"}, -1, false},
		"a stranger at a page of a name": {letter{from: stranger, to: reader, host: "shop.pages.dev"}, 9, false},
		"one who bears our domain":       {letter{from: "boss@own.example", to: reader, host: "bit.ly"}, -1, true},
	} {
		p := a.report(c.l).Codes[0].Past
		if p.HostAge != c.age || p.OwnHost != c.ours {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Of a redirector that our people use and a target that nobody knows the target counts, also where strangers never sent
// the redirector.
func TestAnOwnRedirectorToElsewhere(t *testing.T) {
	a := newArchive(t)
	for _, days := range []float64{9, 8, 7} {
		a.came(letter{days: days, from: reader, to: stranger, outbound: true, host: "www.bing.com"})
	}
	if p := a.report(letter{from: stranger, to: reader, host: "www.bing.com", target: "https://evil.example/"}).Codes[0].Past; p.OwnHost {
		t.Errorf("%+v", p)
	}
	if p := a.report(letter{from: stranger, to: reader, host: "www.bing.com"}).Codes[0].Past; !p.OwnHost {
		t.Errorf("%+v", p)
	}
}

// One who forwards a stranger's mail does not make its host ours: not in the same second, not while the hour of which
// only the sum is kept runs, and not after it.
func TestAForwardDuringAWaveMakesNoHostOurOwn(t *testing.T) {
	const second = 1.0 / 86400
	for name, apart := range map[string]float64{"in one second": 0, "minutes later": 180 * second} {
		a := newArchive(t)
		attack := letter{days: 3000 * second, from: stranger, to: reader, host: "evil.example", digest: "d"}
		a.came(attack, letter{days: attack.days - apart, from: reader, to: "desk@else.example", outbound: true, host: "evil.example", digest: "d"})
		begin := attack.days - 300*second
		for n := range 75 {
			attack.days = begin - float64(7*n)*second
			if p := a.report(attack).Codes[0].Past; p.OwnHost || p.OwnPicture {
				t.Fatalf("%s, mail %d: %+v", name, n, p)
			}
			a.came(attack)
		}
		attack.days = -0.1
		if p := a.report(attack).Codes[0].Past; p.OwnHost || p.OwnPicture || p.HostAge != 0 {
			t.Errorf("%s, later: %+v", name, p)
		}
	}
}

func TestWhatWeHadAnHourBeforeIsOurs(t *testing.T) {
	a := newArchive(t)
	a.came(letter{days: 0.2, from: reader, to: stranger, outbound: true, host: "our.example", digest: "o"})
	back := letter{from: stranger, to: reader, host: "our.example", digest: "o"}
	for n := range 75 {
		back.days = 0.1 - float64(n)/86400
		a.came(back)
	}
	if p := a.report(back).Codes[0].Past; !p.OwnHost || !p.OwnPicture {
		t.Errorf("%+v", p)
	}
}

// The stranger's mail may have come before there was any history.
func TestAnAnswerToUnknownMailMakesNothingOurOwn(t *testing.T) {
	for _, field := range []string{"In-Reply-To", "References"} {
		a := newArchive(t)
		a.came(letter{days: 1, from: reader, to: stranger, outbound: true, host: "evil.example", digest: "d",
			fields: []mime.Field{{Name: field, Value: "<1@far.example>"}}})
		got := a.report(letter{from: stranger, to: reader, host: "evil.example", digest: "d"})
		if p := got.Codes[0].Past; p.OwnHost || p.OwnPicture || !got.Sender.Correspondent {
			t.Errorf("%s: %+v", field, got)
		}
	}
}

func TestTheLessKnownOfTwoHostsCounts(t *testing.T) {
	a := newArchive(t)
	for _, days := range []float64{9, 8, 7} {
		a.came(letter{days: days, from: stranger, to: reader, host: "www.own.example"})
	}
	direct := a.report(letter{from: stranger, to: reader, host: "www.own.example"}).Codes[0].Past
	behind := a.report(letter{from: stranger, to: reader, host: "www.own.example", target: "https://evil.example/x"}).Codes[0].Past
	if !direct.OwnHost || direct.Host.Messages != 3 || behind.OwnHost || behind.Host.Messages != 0 || behind.HostAge != -1 {
		t.Errorf("direct %+v, behind a redirect %+v", direct, behind)
	}
}

func TestLearningEndsWithTheWindow(t *testing.T) {
	a := newArchive(t)
	if r := a.report(letter{from: stranger, to: reader}); !r.Sender.Learning {
		t.Error("without any history")
	}
	a.came(letter{days: 13.99, from: "y@else.example", to: reader})
	if r := a.report(letter{from: stranger, to: reader}); !r.Sender.Learning {
		t.Error("a little less than the window")
	}
	a.came(letter{days: 14, from: "y@else.example", to: reader})
	if r := a.report(letter{from: stranger, to: reader}); r.Sender.Learning {
		t.Error("as long as the window")
	}
}

// The presets compare letter by letter, and count whatever became of a message.
func TestPresetsAskForTheSpelling(t *testing.T) {
	a := newArchive(t)
	a.came(letter{days: 2, from: "X@far.example", to: reader, auth: identity.Fail}, letter{days: 2.1, from: "X@far.example", to: reader})
	a.Window = prevalence.Hunt()
	for from, want := range map[string]bool{"X@far.example": true, "x@far.example": false} {
		if r := a.report(letter{from: from, to: reader}); r.Sender.Prevalent != want {
			t.Errorf("%s: %+v", from, r.Sender)
		}
	}
	if r := a.report(letter{from: "X@far.example, z@far.example", to: reader}); r.Sender.Prevalent {
		t.Error("several authors are prevalent")
	}
}

// The same picture is known however it is encoded for transfer; another one, or a code of several parts, is not.
func TestPicturesAreKnownByContent(t *testing.T) {
	parts := []mime.Part{
		{Path: "1", Type: "image/png", Encoding: "base64", Raw: []byte("aGVs\r\nbG8=")}, {Path: "2", Type: "image/png", Encoding: "7bit", Raw: []byte("hello")},
		{Path: "3", Type: "image/png", Encoding: "7bit", Raw: []byte("hello!")}, {Path: "4", Type: "text/html", Encoding: "7bit", Raw: []byte("hello")},
	}
	codes := make([]Code, 6)
	for n, path := range []string{"1", "2", "3", "4", "1", "remote.1"} {
		codes[n].Part = path
	}
	codes[4].Tricks = []string{"split"}
	addDigests(codes, parts)
	if codes[0].Digest == "" || codes[0].Digest != codes[1].Digest || codes[2].Digest == codes[0].Digest || codes[3].Digest+codes[4].Digest+codes[5].Digest != "" {
		t.Errorf("%+v", codes)
	}
}

// The range of days that conditions are checked against is that of the histories.
func TestDaysThatConditionsKnow(t *testing.T) {
	if verdict.MaxKept*24*time.Hour != prevalence.Retention {
		t.Errorf("histories are kept for %v, conditions know %d days", prevalence.Retention, verdict.MaxKept)
	}
}
