package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
)

// asked is a state with a journal and holds.
type asked struct {
	*journal.Journal
	holds   *journal.Holds
	history *prevalence.Store
}

func (a asked) Event(_ context.Context, id string) (journal.Event, error) { return a.Get(id) }

func (a asked) Hunt(ctx context.Context, f journal.Filter, from string) (journal.Found, error) {
	return a.Find(ctx, f, from)
}

func (a asked) Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error) {
	return a.history.Counts(now, questions...)
}

func (a asked) Hold(_ context.Context, event string) (journal.Hold, error) { return a.holds.Get(event) }

func answered(t *testing.T, events ...journal.Event) Report {
	t.Helper()
	s := newStore(t)
	a := asked{journal.New(s.db), journal.NewHolds(s.db), prevalence.New(s.db, 0)}
	var first Alert
	err := s.db.Update(t.Context(), func(tx *state.Tx) error {
		for n, e := range events {
			if err := a.Add(tx, e); err != nil {
				return err
			}
			if e.Where == journal.Held {
				if err := a.holds.Add(tx, e); err != nil {
					return err
				}
			}
			if change, err := s.Add(tx, e, Cause{Rule: "r", Level: Medium}); err != nil {
				return err
			} else if n == 0 {
				first = change.Alert
			}
			if err := a.history.Add(tx, prevalence.Record{Time: e.Time, From: prevalence.Key(e.HeaderFrom), Recipients: 1, Direction: prevalence.Inbound}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	first, err = s.Get(first.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Answer(t.Context(), a, first, noon.Add(48*time.Hour), 5)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What the analyst asked by hand: what else came from this address, this sender, this link, and to whom.
func TestAnswers(t *testing.T) {
	first := soc251(0)
	first.QueueID, first.MessageID = "4Sabc", "<1@x>"
	before := soc251(-3 * 24 * time.Hour) // of the same sender, without a code
	before.Codes, before.Verdict, before.Where, before.Subject, before.ClientAddr = nil, "tag", journal.Delivered, "hello", "192.0.2.9"
	before.Rcpts = []string{"bob@letsdefend.io"}
	shape := soc251(time.Hour) // the picture with another host, delivered
	shape.Codes[0].URL, shape.Codes[0].Host, shape.Codes[0].Signals = "https://dweb.example/x", "dweb.example", nil
	shape.Where, shape.Verdict, shape.Rcpts = journal.Delivered, "tag", []string{"dora@letsdefend.io"}
	r := answered(t, first, shape, before)

	if len(r.Says) != 1 || r.Says[0].URL != first.Codes[0].URL || !r.External || r.QueueID != "4Sabc" {
		t.Errorf("says %+v, external %v, %s", r.Says, r.External, r.QueueID)
	}
	seen := map[string]bool{}
	for _, s := range r.Seen {
		seen[s.What] = s.New
	}
	if isNew, ok := seen["sender"]; !ok || isNew || !seen["host"] || !seen["picture"] {
		t.Errorf("seen: %+v", r.Seen)
	}
	others := map[string]int{}
	for _, o := range r.Others {
		others[o.What] = o.Messages
	}
	if others["client"] != 2 || others["sender"] != 3 || others["link"] != 1 || others["picture"] != 2 || others["host"] != 1 {
		t.Errorf("others: %v", others)
	}
	var scope []string
	for _, s := range r.Scope {
		scope = append(scope, s.Rcpt+" "+s.Where)
	}
	if got := strings.Join(scope, ", "); got != "Claire@letsdefend.io held, dora@letsdefend.io delivered" {
		t.Errorf("scope: %s", got)
	}
	if len(r.Shapes) != 1 || r.Shapes[0] != (Shape{"host", "dweb.example", 1}) {
		t.Errorf("shapes: %+v", r.Shapes)
	}
	text, _ := json.Marshal(r.Artefacts)
	for _, want := range []string{`{"type":"ip","value":"158.69.201.47","defanged":"158[.]69[.]201[.]47"}`, `"hxxps://dweb[.]example/x"`, `"type":"sha256"`, `"type":"subject"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if !strings.Contains(r.Question, "It may have reached your mailbox.") || !strings.Contains(r.Question, "security@microsecmfa[.]com") {
		t.Error(r.Question)
	}
}

// Twelve messages to one person, each with a host of its own, are one campaign: all its hosts are named, and one recipient.
func TestCampaignOfManyHosts(t *testing.T) {
	var events []journal.Event
	for n := range 60 {
		e := soc251(time.Duration(n) * time.Minute)
		host := fmt.Sprintf("evil%d.example", n)
		e.Codes = []journal.CodeEvent{{Kind: "url", URL: "https://" + host + "/x", Host: host}, {Kind: "url", URL: "https://innocent.example/", Host: "innocent.example"}}
		events = append(events, e)
	}
	r := answered(t, events[:12]...)
	if len(r.Hosts) != 12 || r.Hosts[0] != "evil0.example" || r.Hosts[11] != "evil11.example" || r.MoreHosts != 0 || len(r.Shapes) != 11 || r.LeftOut != 0 {
		t.Errorf("%v %d, %+v %d", r.Hosts, r.MoreHosts, r.Shapes, r.LeftOut)
	}
	if o := r.Others[0]; o.What != "client" || o.Messages != 12 || o.Recipients != 1 {
		t.Errorf("%+v", o)
	}
	if r := answered(t, events...); len(r.Hosts) != maxHosts || r.MoreHosts != 10 || len(r.Shapes) != maxShapes || r.LeftOut != 59-maxShapes {
		t.Errorf("%v %d, %+v %d", r.Hosts, r.MoreHosts, r.Shapes, r.LeftOut)
	}
}

// Of a host on which anybody can have a page there is no history: the journal says since when.
func TestHostThatIsEverybodys(t *testing.T) {
	before := soc251(-2 * time.Hour) // another page there, of somebody else
	before.Codes[0].URL, before.Codes[0].Picture, before.Subject, before.ClientAddr, before.HeaderFrom = "https://ipfs.io/ipfs/other", "", "x", "192.0.2.1", "b@b.example"
	for _, c := range []struct {
		events []journal.Event
		isNew  bool
	}{{[]journal.Event{soc251(0), before}, false}, {[]journal.Event{soc251(0), soc251(time.Minute)}, true}} {
		for _, s := range answered(t, c.events...).Seen {
			if s.What == "host" && (s.Value != "ipfs.io" || !s.Shared || s.New != c.isNew || s.Messages != 2 || s.First.IsZero()) {
				t.Errorf("%+v", s)
			}
		}
	}
}

// What else came is where it is now, as the scope is.
func TestWhatElseCameIsWhereItIs(t *testing.T) {
	r := answered(t, soc251(0))
	if r.Others[0].Went["held"] != 1 || r.Others[0].Events[0].Where != "held" || r.Outcomes["held"] != 1 {
		t.Errorf("%+v, scope %v", r.Others[0], r.Outcomes)
	}
	h := held{journal.Hold{State: journal.Released}}
	if where := placeOf(t.Context(), h, soc251(0)); where != "released" {
		t.Errorf("a released message is %s", where)
	}
}

type held struct{ hold journal.Hold }

func (h held) Hold(context.Context, string) (journal.Hold, error) { return h.hold, nil }

// Of what opens something or moves money nobody is told what it says.
func TestSecretsStayOut(t *testing.T) {
	for kind, payload := range map[string]string{"wifi": "WIFI:T:WPA;S:guest;P:hunter22;;", "otpauth": "otpauth://totp/x?secret=hunter22", "payment": "BCD\n002\n1\nSCT\n\nhunter22\nDE1"} {
		e := soc251(0)
		e.Codes = []journal.CodeEvent{{Kind: kind, Payload: payload, URL: payload, Host: "hunter22.example", Picture: strings.Repeat("c", 64), Shown: []byte("hunter22")}}
		text, _ := json.Marshal(answered(t, e))
		if strings.Contains(string(text), "hunter22") || strings.Contains(string(text), strings.Repeat("c", 64)) {
			t.Errorf("%s: %s", kind, text)
		}
	}
}

// An alert outlives its events.
func TestAnswerWithoutEvents(t *testing.T) {
	s := newStore(t)
	a := add(t, s, soc251(0)).Alert
	r, err := Answer(t.Context(), asked{journal.New(s.db), journal.NewHolds(s.db), prevalence.New(s.db, 0)}, a, noon, 1)
	if err != nil || len(r.Artefacts) == 0 || r.Artefacts[0].Value != "158.69.201.47" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestDefang(t *testing.T) {
	for text, want := range map[string]string{
		"https://a.example/b.c?d=e.f": "hxxps://a[.]example/b[.]c?d=e[.]f",
		"HTTP://X.example":            "hxxp://X[.]example",
		"ftp://x":                     "fxp://x",
		"a\x1b[31m\r\nb":              "a\ufffd[31m\ufffd\ufffdb",
		"evil。example":                "evil[.]example",
	} {
		if got := Defang(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
