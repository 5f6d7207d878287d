package verdict

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"quishmilter/payload"
)

func policy(t testing.TB, preset string, tagOnly bool, own ...Rule) *Policy {
	t.Helper()
	p, err := Compile(preset, own, tagOnly)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	known  = Sender{Address: "a@example.com", Domain: "example.com", Prevalent: true, Messages: 2, AgeDays: 9, Auth: "none"}
	proven = Sender{Address: "a@example.com", Domain: "example.com", AgeDays: -1, Auth: "pass"}
	stolen = Sender{Address: "a@example.com", Domain: "example.com", Prevalent: true, Messages: 9, AgeDays: 13, Auth: "pass"}

	link    = Code{Kind: payload.URL, Valid: true, Carrier: "image", Host: "www.example.net", Domains: []string{"example.net"}, HostAgeDays: -1}
	own     = Code{Kind: payload.URL, Valid: true, Carrier: "image", Host: "www.example.com", Domains: []string{"example.com"}, HostAgeDays: -1}
	contact = Code{Kind: payload.Contact, Valid: true, Carrier: "image", HostAgeDays: -1}
	payment = Code{Kind: payload.Payment, Valid: true, HostAgeDays: -1}
	device  = Code{Kind: payload.DeviceLink, Valid: true, HostAgeDays: -1}
)

// with is the code with signals and what else a test changes.
func with(c Code, signals []string, change ...func(*Code)) []Code {
	c.Signals = signals
	for _, f := range change {
		f(&c)
	}
	return []Code{c}
}

func signals(list ...string) []string { return list }

func carrier(name string) func(*Code) { return func(c *Code) { c.Carrier = name } }
func tricks(list ...string) func(*Code) {
	return func(c *Code) { c.Tricks = list }
}

// seen is a host that codes led to on so many days, the first so long ago.
func seen(age, days int) func(*Code) {
	return func(c *Code) { c.HostAgeDays, c.HostDays, c.HostMessages, c.HostAuthMessages = age, days, days, days }
}

type presetTest struct {
	name, preset string
	e            Evidence
	action       Action
	reasons      string
}

func (test presetTest) run(t *testing.T) {
	t.Helper()
	test.e.Inbound, test.e.ScanComplete = true, true
	d := policy(t, test.preset, false).Decide(test.e)
	if d.Action != test.action || strings.Join(d.Reasons, " ") != test.reasons {
		t.Errorf("%s: %s, %q, want %s, %q", test.name, d.Action, strings.Join(d.Reasons, " "), test.action, test.reasons)
	}
}

const (
	fresh, old = NewSender, KnownSender
	named      = payload.SignalRecipient
)

// on is a link to a host whose name looks like a well-known one, and of an author of that domain.
func on(host string) []Code {
	return with(link, signals(payload.SignalLookAlike), func(c *Code) { c.Host, c.Domains = host, []string{host} })
}

func of(domain, auth string) Sender {
	return Sender{Address: "a@" + domain, Domain: domain, AgeDays: -1, SinceDays: -1, Auth: auth}
}

// A stranger's link is held with one strong signal, and tagged without.
func TestStandardStranger(t *testing.T) {
	forged := Sender{Address: "a@example.com", Domain: "example.com", AgeDays: -1, Auth: "fail"}
	ours := Sender{Address: "a@example.org", Domain: "example.org", AgeDays: -1, Auth: "none", OwnDomainForged: true}
	bare := signals(payload.SignalAsksToScan, payload.SignalBareCode)
	blank := signals(payload.SignalBareCode, payload.SignalBlankCode)
	for _, test := range []presetTest{
		{"nothing found", Standard, Evidence{}, Accept, ""},
		{"a link", Standard, Evidence{Codes: []Code{link}}, Tag, fresh},
		{"a link, proven", Standard, Evidence{Codes: []Code{own}, Sender: proven}, Tag, fresh},
		{"names the recipient", Standard, Evidence{Codes: with(link, signals(named))}, Quarantine, fresh + " " + named},
		{"names the recipient, proven, elsewhere", Standard, Evidence{Codes: with(link, signals(named)), Sender: proven}, Quarantine, fresh + " " + named},
		{"names the recipient, proven, own site", Standard, Evidence{Codes: with(own, signals(named)), Sender: proven}, Quarantine, fresh + " " + named},
		{"names the recipient, proven, own site, known for two weeks", Standard, Evidence{Codes: with(own, signals(named)), Sender: Sender{Domain: "example.com", Auth: "pass", SinceDays: 14}}, Tag, fresh + " " + named},
		{"names the recipient, unproven, own site", Standard, Evidence{Codes: with(own, signals(named)), Sender: Sender{Domain: "example.com", Auth: "none"}}, Quarantine, fresh + " " + named},
		{"names the recipient, own site leads to itself", Standard, Evidence{Codes: with(own, signals(named), func(c *Code) { c.Target = "https://example.com" }), Sender: Sender{Domain: "example.com", Auth: "pass", SinceDays: 14}}, Tag, fresh + " " + named},
		{"names the recipient, own site, known for two weeks", Standard, Evidence{Codes: with(own, signals(named)), Sender: Sender{Domain: "example.com", Auth: "none", SinceDays: 14}}, Tag, fresh + " " + named},
		{"names the recipient, own site, known for less", Standard, Evidence{Codes: with(own, signals(named)), Sender: Sender{Domain: "example.com", Auth: "none", SinceDays: 13}}, Quarantine, fresh + " " + named},
		{"names the recipient, own site leads on", Standard, Evidence{Codes: with(own, signals(named), func(c *Code) { c.Target, c.Domains = "https://evil.example", []string{"example.com", "evil.example"} }), Sender: proven}, Quarantine, fresh + " " + named},
		{"names the recipient, host known for two weeks", Standard, Evidence{Codes: with(link, signals(named), seen(14, 1))}, Tag, fresh + " " + named},
		{"names the recipient, host known for less", Standard, Evidence{Codes: with(link, signals(named), seen(13, 9)), Sender: proven}, Quarantine, fresh + " " + named},
		{"forged", Standard, Evidence{Codes: []Code{link}, Sender: forged}, Quarantine, fresh + " " + NotAuthenticated},
		{"our domain forged", Standard, Evidence{Codes: []Code{link}, Sender: ours}, Quarantine, fresh + " " + OwnDomainForged},
		{"split", Standard, Evidence{Codes: with(link, nil, tricks("split"))}, Quarantine, fresh + " " + DisguisedCode},
		{"nested", Standard, Evidence{Codes: with(link, nil, tricks("nested"))}, Quarantine, fresh + " " + DisguisedCode},
		{"hardly to be seen", Standard, Evidence{Codes: with(link, nil, tricks("low-contrast"))}, Quarantine, fresh + " " + DisguisedCode},
		{"fashion", Standard, Evidence{Codes: with(link, nil, tricks("inverted", "coloured", "tiny", "mirrored"))}, Tag, fresh},
		{"made of cells", Standard, Evidence{Codes: with(link, nil, carrier("html-table"))}, Quarantine, fresh + " " + DisguisedCode},
		{"made of boxes", Standard, Evidence{Codes: with(link, nil, carrier("html-css"))}, Quarantine, fresh + " " + DisguisedCode},
		{"made of characters", Standard, Evidence{Codes: with(link, nil, carrier("text-blocks"))}, Quarantine, fresh + " " + DisguisedCode},
		{"device linking", Standard, Evidence{Codes: []Code{device}}, Quarantine, fresh + " " + DeviceLinking},
		{"a bare document that asks", Standard, Evidence{Codes: with(link, bare)}, Quarantine, fresh + " asks-to-scan bare-document"},
		{"a blank document and a letter that asks", Standard, Evidence{Codes: with(link, blank), AsksToScan: true}, Tag, fresh + " bare-document blank-document asks-to-scan"},
		{"a blank document and a letter that lures", Standard, Evidence{Codes: with(link, blank), AsksToScan: true, Signals: signals(payload.SignalLureWords)},
			Quarantine, fresh + " bare-document blank-document asks-to-scan lure-words"},
		{"a blank document", Standard, Evidence{Codes: with(link, blank)}, Tag, fresh + " bare-document blank-document"},
		{"a badge, and a letter that asks", Standard, Evidence{Codes: with(link, blank[:1]), AsksToScan: true}, Tag, fresh + " bare-document asks-to-scan"},
		{"a code that is no link", Standard, Evidence{Codes: with(payment, bare), AsksToScan: true}, Accept, ""},
		{"user info", Standard, Evidence{Codes: with(link, signals(payload.SignalUserInfo))}, Quarantine, fresh + " " + payload.SignalUserInfo},
		{"a name like a well-known one", Standard, Evidence{Codes: with(link, signals(payload.SignalLookAlike)), Sender: proven}, Quarantine, fresh + " " + payload.SignalLookAlike},
		{"a name like a well-known one, the author's own", Standard, Evidence{Codes: on("revolt.tv"), Sender: of("revolt.tv", "pass")}, Tag, fresh + " " + payload.SignalLookAlike},
		{"the same of a bank", Standard, Evidence{Codes: on("citybank.nl"), Sender: of("citybank.nl", "pass")}, Tag, fresh + " " + payload.SignalLookAlike},
		{"the same, unproven", Standard, Evidence{Codes: on("revolt.tv"), Sender: of("revolt.tv", "none")}, Quarantine, fresh + " " + payload.SignalLookAlike},
		{"figures for letters", Standard, Evidence{Codes: on("paypa1.com"), Sender: of("paypa1.com", "pass")}, Quarantine, fresh + " " + payload.SignalLookAlike},
		{"two letters for one", Standard, Evidence{Codes: on("rnicrosoft.com"), Sender: of("rnicrosoft.com", "pass")}, Quarantine, fresh + " " + payload.SignalLookAlike},
		{"weak words", Standard, Evidence{Codes: []Code{link}, AsksToScan: true, Signals: signals(payload.SignalLureWords, payload.SignalEmptyBody),
			Sender: Sender{Signals: signals(payload.SignalBrandSender, "from-several", payload.SignalReplyTo)}},
			Tag, fresh + " asks-to-scan lure-words empty-body brand-in-sender reply-to-elsewhere"},
		{"marked as spam", Standard, Evidence{Codes: with(link, signals(named)), MarkedSpam: true}, Tag, fresh + " " + named + " " + MarkedSpam},
		{"the worst code comes first", Standard, Evidence{Codes: append([]Code{link}, with(link, signals(named))...)}, Quarantine, fresh + " " + named},
		{"asks to scan what is linked", Standard, Evidence{AsksToScan: true, RemoteUnseen: true}, Tag, AsksToScan + " " + RemoteUnseen},
		{"only links pictures", Standard, Evidence{RemoteUnseen: true}, Accept, ""},
	} {
		test.run(t)
	}
}

// Hosts that anybody can have a page on are held where they were never seen before today.
func TestStandardSharedHosts(t *testing.T) {
	for _, list := range []string{payload.SignalIPFS, payload.SignalHosting, payload.SignalTunnel, payload.SignalShortener} {
		for _, test := range []presetTest{
			{"never seen", Standard, Evidence{Codes: with(link, signals(list))}, Quarantine, fresh + " " + list},
			{"seen today", Standard, Evidence{Codes: with(link, signals(list), seen(0, 1))}, Quarantine, fresh + " " + list},
			{"seen yesterday", Standard, Evidence{Codes: with(link, signals(list), seen(1, 1))}, Tag, fresh + " " + list},
			{"known sender", Standard, Evidence{Codes: with(link, signals(list)), Sender: known}, Tag, old + " " + list},
			{"long known, proven", Standard, Evidence{Codes: with(link, signals(list), seen(20, 9)), Sender: proven}, Tag, fresh + " " + list},
		} {
			test.name = list + ", " + test.name
			test.run(t)
		}
	}
	for _, list := range []string{payload.SignalQRService, payload.SignalForms} {
		presetTest{list, Standard, Evidence{Codes: with(link, signals(list))}, Tag, fresh + " " + list}.run(t)
	}
}

// A known sender's link is held with two strong signals, one of them in the link: the account may be stolen.
func TestStandardKnownSender(t *testing.T) {
	both := signals(named, payload.SignalIPFS)
	for _, test := range []presetTest{
		{"a link", Standard, Evidence{Codes: []Code{link}, Sender: known}, Tag, old},
		{"one strong", Standard, Evidence{Codes: with(link, signals(payload.SignalIPFS)), Sender: stolen}, Tag, old + " ipfs-gateway"},
		{"one strong, not in the link", Standard, Evidence{Codes: with(link, nil, tricks("split")), Sender: stolen}, Tag, old + " disguised-code"},
		{"two in the link", Standard, Evidence{Codes: with(link, both), Sender: stolen}, Quarantine, old + " recipient-in-link ipfs-gateway"},
		{"one in the link, one beside it", Standard, Evidence{Codes: with(link, signals(payload.SignalIPFS), tricks("split")), Sender: stolen}, Quarantine, old + " ipfs-gateway disguised-code"},
		{"two beside the link", Standard, Evidence{Codes: with(link, signals(payload.SignalAsksToScan, payload.SignalBareCode), tricks("split")), Sender: stolen},
			Tag, old + " asks-to-scan bare-document disguised-code"},
		{"names the recipient, host unknown", Standard, Evidence{Codes: with(link, signals(named)), Sender: stolen}, Quarantine, old + " " + named},
		{"names the recipient, host known", Standard, Evidence{Codes: with(link, signals(named), seen(5, 1)), Sender: stolen}, Tag, old + " " + named},
		{"names the recipient, own site", Standard, Evidence{Codes: with(own, signals(named)), Sender: stolen, Signals: signals(payload.SignalLureWords)}, Tag, old + " recipient-in-link lure-words"},
		{"asks to scan what is linked", Standard, Evidence{AsksToScan: true, RemoteUnseen: true, Sender: known}, Accept, ""},
	} {
		test.run(t)
	}
}

// What is wanted is neither held nor tagged.
func TestWantedClasses(t *testing.T) {
	ours := func(c *Code) { c.OwnHost = true }
	quoted := func(c *Code) { c.OwnPicture = true }
	for _, test := range []presetTest{
		{"payment", Standard, Evidence{Codes: []Code{payment}}, Accept, ""},
		{"contact", Standard, Evidence{Codes: with(Code{Kind: payload.Contact, Valid: true}, nil)}, Accept, ""},
		{"contact with its own page", Standard, Evidence{Codes: with(contact, signals(payload.SignalLinkInText))}, Accept, ""},
		{"contact with its own page, strict", Strict, Evidence{Codes: with(contact, signals(payload.SignalLinkInText))}, Accept, ""},
		{"contact that wraps a link on IPFS", Standard, Evidence{Codes: with(contact, signals(payload.SignalIPFS, payload.SignalLinkInText))}, Quarantine, fresh + " ipfs-gateway link-in-text"},
		{"contact that wraps a link which names the recipient", Standard, Evidence{Codes: with(contact, signals(named, payload.SignalLinkInText))}, Quarantine, fresh + " recipient-in-link link-in-text"},
		{"the same, of somebody known", Standard, Evidence{Codes: with(contact, signals(named, payload.SignalLinkInText)), Sender: stolen}, Quarantine, old + " recipient-in-link link-in-text"},
		{"contact with a form", Standard, Evidence{Codes: with(contact, signals(payload.SignalForms, payload.SignalLinkInText))}, Accept, ""},
		{"contact of an author who is known, names the recipient on the author's site", Standard, Evidence{Codes: with(contact, signals(named, payload.SignalLinkInText), func(c *Code) { c.Domains = []string{"example.com"} }), Sender: Sender{Domain: "example.com", SinceDays: 14}}, Accept, ""},
		{"disguised contact", Standard, Evidence{Codes: with(contact, signals(payload.SignalLinkInText), tricks("split"))}, Quarantine, fresh + " link-in-text disguised-code"},
		{"disguised contact without a link", Standard, Evidence{Codes: with(contact, nil, tricks("split"))}, Accept, ""},
		{"wraps a page that links a device", Standard, Evidence{Codes: with(contact, signals(payload.SignalLinkInText, DeviceLinking))}, Quarantine, fresh + " link-in-text device-linking"},
		{"contact that links a device", Standard, Evidence{Codes: with(contact, signals(DeviceLinking))}, Quarantine, fresh + " device-linking"},
		{"payment that links a device", Standard, Evidence{Codes: with(payment, signals(DeviceLinking))}, Quarantine, fresh + " device-linking"},
		{"ticket that links a device", Standard, Evidence{Codes: with(Code{Kind: payload.Ticket}, signals(DeviceLinking))}, Quarantine, fresh + " device-linking"},
		{"eSIM with a link that names the recipient", Standard, Evidence{Codes: with(Code{Kind: payload.AppLink, Secret: true, HostAgeDays: -1}, signals(named, payload.SignalLinkInText))},
			Quarantine, fresh + " recipient-in-link link-in-text"},
		{"forwards all calls, and names the recipient", Standard, Evidence{Codes: with(Code{Kind: payload.Phone}, signals(named, payload.SignalLinkInText, payload.SignalServiceCode))},
			Quarantine, fresh + " recipient-in-link link-in-text service-code"},
		{"link into an app that names the recipient, host known for two weeks", Standard, Evidence{Codes: with(Code{Kind: payload.AppLink}, signals(named), seen(20, 9)), Sender: proven},
			Quarantine, fresh + " " + named},
		{"link into an app that names a host of ours", Standard, Evidence{Codes: with(Code{Kind: payload.AppLink}, nil, ours)}, Tag, fresh},
		{"a link of ours and another line", Standard, Evidence{Codes: with(link, nil, ours, func(c *Code) { c.Mixed = true })}, Tag, fresh},
		{"long known, and another line", Standard, Evidence{Codes: with(link, nil, seen(20, 9), func(c *Code) { c.Mixed = true }), Sender: proven}, Tag, fresh},
		{"more links than are judged", Standard, Evidence{Codes: with(contact, signals(payload.SignalLinkInText, payload.SignalManyLinks))}, Quarantine, fresh + " link-in-text many-links"},
		{"ticket", Standard, Evidence{Codes: with(Code{Kind: payload.Ticket}, nil)}, Accept, ""},
		{"eSIM", Standard, Evidence{Codes: with(Code{Kind: payload.AppLink, Valid: true, Secret: true}, nil)}, Accept, ""},
		{"link into an app", Standard, Evidence{Codes: with(Code{Kind: payload.AppLink, Valid: true}, nil)}, Tag, fresh},
		{"forwards all calls", Standard, Evidence{Codes: with(Code{Kind: payload.Phone, Valid: true}, signals(payload.SignalServiceCode))}, Tag, payload.SignalServiceCode},
		{"payment beside a link", Standard, Evidence{Codes: []Code{payment, link}}, Tag, fresh},
		{"own host", Standard, Evidence{Codes: with(link, signals(named), ours)}, Accept, ""},
		{"a shortener that we used once", Standard, Evidence{Codes: with(link, signals(payload.SignalShortener), ours)}, Quarantine, fresh + " shortener"},
		{"long known, proven", Standard, Evidence{Codes: with(link, signals(named), seen(14, 2)), Sender: proven}, Accept, ""},
		{"long known redirector", Standard, Evidence{Codes: with(link, signals(payload.SignalOpaque), seen(20, 9)), Sender: proven}, Tag, fresh + " opaque-redirect"},
		{"long known, if it is that host", Standard, Evidence{Codes: with(link, signals(payload.SignalBrokenLink), seen(20, 9)), Sender: proven}, Tag, fresh + " broken-link"},
		{"not long known", Standard, Evidence{Codes: with(link, nil, seen(13, 5)), Sender: proven}, Tag, fresh},
		{"seen on one day", Standard, Evidence{Codes: with(link, nil, seen(20, 1)), Sender: proven}, Tag, fresh},
		{"long known, unproven", Standard, Evidence{Codes: with(link, nil, seen(20, 9)), Sender: known}, Tag, old},
		{"long known and split", Standard, Evidence{Codes: with(link, nil, seen(20, 9), tricks("split")), Sender: proven}, Quarantine, fresh + " disguised-code"},
		{"bounce of our own code", Standard, Evidence{Codes: with(link, signals(payload.SignalShortener), quoted), Automatic: true}, Accept, ""},
		{"our own code sent by somebody", Standard, Evidence{Codes: with(link, signals(payload.SignalShortener), quoted)}, Quarantine, fresh + " shortener"},
		{"bounce of another code", Standard, Evidence{Codes: with(link, signals(payload.SignalShortener)), Automatic: true}, Quarantine, fresh + " shortener"},
	} {
		test.run(t)
	}
	outbound := Evidence{Codes: with(link, signals(named)), ScanComplete: true}
	for _, preset := range Presets {
		if d := policy(t, preset, false).Decide(outbound); d.Action != Accept || len(d.Reasons) > 0 {
			t.Errorf("%s: our own mail: %+v", preset, d)
		}
	}
}

// A rule of the admin's may ask about our own mail; observe holds it back there too, and without a reason of its own the
// rule is named.
func TestRulesAboutOwnMail(t *testing.T) {
	refuse := Rule{Name: "no-links-out", When: "!message.inbound && code.opens", Then: Reject}
	outbound := Evidence{Codes: []Code{link}, ScanComplete: true}
	if d := policy(t, Standard, false, refuse).Decide(outbound); d.Action != Reject || !slices.Contains(d.Reasons, "no-links-out") {
		t.Errorf("standard: %+v", d)
	}
	if d := policy(t, Observe, false, refuse).Decide(outbound); d.Action != Accept || d.Would != Reject {
		t.Errorf("observe: %+v", d)
	}
}

func TestStrict(t *testing.T) {
	for _, test := range []presetTest{
		{"stranger", Strict, Evidence{Codes: []Code{link}}, Quarantine, fresh},
		{"proven stranger", Strict, Evidence{Codes: with(own, nil, seen(20, 9)), Sender: proven}, Quarantine, fresh},
		{"known", Strict, Evidence{Codes: []Code{link}, Sender: known}, Tag, old},
		{"known, names the recipient on a host never seen", Strict, Evidence{Codes: with(link, signals(named)), Sender: known}, Quarantine, old + " " + named},
		{"marked as spam", Strict, Evidence{Codes: []Code{link}, MarkedSpam: true}, Tag, fresh + " " + MarkedSpam},
		{"payment", Strict, Evidence{Codes: []Code{payment}}, Accept, ""},
	} {
		test.run(t)
	}
}

// While history is short, strict says what it would do, and a rule of the admin's still does it.
func TestLearning(t *testing.T) {
	e := Evidence{Inbound: true, ScanComplete: true, Learning: true, Codes: []Code{link}}
	if d := policy(t, Strict, false).Decide(e); d.Action != Tag || d.Would != Quarantine {
		t.Errorf("%+v", d)
	}
	if d := policy(t, Strict, false, Rule{Name: "mine", When: "code.opens", Then: Quarantine}).Decide(e); d.Action != Quarantine || d.Would != "" {
		t.Errorf("an admin's rule: %+v", d)
	}
	e.Codes = with(link, signals(named))
	for _, preset := range []string{Standard, Strict} { // what standard holds, strict holds too
		if d := policy(t, preset, false).Decide(e); d.Action != Quarantine {
			t.Errorf("%s: %+v", preset, d)
		}
	}
	e.Learning = false
	if d := policy(t, Strict, false).Decide(e); d.Action != Quarantine || d.Would != "" {
		t.Errorf("learnt: %+v", d)
	}
}

func TestObserve(t *testing.T) {
	e := Evidence{Inbound: true, ScanComplete: true, Codes: with(link, signals(named))}
	if d := policy(t, Observe, false).Decide(e); d.Action != Accept || d.Would != Quarantine || !slices.Equal(d.Reasons, []string{fresh, named}) {
		t.Errorf("%+v", d)
	}
}

func TestUnscanned(t *testing.T) {
	if d := policy(t, Standard, false).Decide(Evidence{Inbound: true}); d.Action != Accept || !slices.Equal(d.Reasons, []string{UnscannablePart}) {
		t.Errorf("%+v", d)
	}
	e := Evidence{Inbound: true, Codes: with(link, signals(named))}
	if d := policy(t, Standard, false).Decide(e); d.Action != Quarantine || !slices.Equal(d.Reasons, []string{fresh, named, UnscannablePart}) {
		t.Errorf("%+v", d)
	}
}

// A message with more codes than are judged is judged by the worst, which come first.
func TestManyCodes(t *testing.T) {
	e := Evidence{Inbound: true, ScanComplete: true, Codes: with(link, signals(named))}
	for range 10 * maxJudged {
		e.Codes = append(e.Codes, link)
	}
	if d := policy(t, Standard, false).Decide(e); d.Action != Quarantine {
		t.Errorf("%+v", d)
	}
}

func TestTagOnly(t *testing.T) {
	stranger := Evidence{Inbound: true, ScanComplete: true, Codes: []Code{link}}
	if d := policy(t, Strict, true).Decide(stranger); d.Action != Tag || d.Would != Quarantine {
		t.Errorf("%+v", d)
	}
	if d := policy(t, Standard, true).Decide(stranger); d.Action != Tag || d.Would != "" {
		t.Errorf("%+v", d)
	}
}

func TestOwnRules(t *testing.T) {
	own := []Rule{
		{Name: "partner", When: `code.host == "pay.example" && sender.auth == "pass"`, Then: Accept},
		{Name: "no-codes-for-the-board", When: `code.opens && any(message.recipients, # startsWith "board@")`, Then: Reject, Reason: "board", Text: "No codes, please."},
		{Name: "unscanned", When: `!message.complete`, Then: Quarantine, Reason: "not-scanned"},
	}
	p := policy(t, Standard, false, own...)
	tests := []struct {
		name   string
		e      Evidence
		action Action
		rule   string
	}{
		{"the first that matches", Evidence{ScanComplete: true, Codes: []Code{{Kind: payload.URL, Host: "pay.example"}}, Sender: Sender{Auth: "pass"}}, Accept, "partner"},
		{"not that one", Evidence{ScanComplete: true, Codes: []Code{{Kind: payload.URL, Host: "pay.example"}}}, Tag, "new-sender"},
		{"by recipient", Evidence{ScanComplete: true, Codes: []Code{link}, Recipients: []string{"board@example.org"}}, Reject, "no-codes-for-the-board"},
		{"about the message", Evidence{}, Quarantine, "unscanned"},
	}
	for _, test := range tests {
		test.e.Inbound = true
		if d := p.Decide(test.e); d.Action != test.action || !slices.Contains(d.Rules, test.rule) {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
	if d := p.Decide(Evidence{Codes: []Code{link}, Recipients: []string{"board@example.org"}}); d.Action != Accept {
		t.Errorf("a rule that does not ask about the direction held our own mail: %+v", d)
	}
}

func TestBrokenRules(t *testing.T) {
	for want, r := range map[string]Rule{
		"it needs a name": {When: "true", Then: Tag},
		`then = "hold" is not known; did you mean "quarantine"?`:                             {Name: "x", When: "true", Then: "hold"},
		`reason = "Very Bad" is no token`:                                                    {Name: "x", When: "true", Then: Tag, Reason: "Very Bad"},
		"it needs a condition":                                                               {Name: "x", Then: Tag},
		`line 2, column 11 of the condition: there is no fact "sender.prevalant"`:            {Name: "x", When: "code.opens &&\n   sender.prevalant", Then: Tag},
		"line 1, column 1 of the condition: there is no \"sendr\"; did you mean \"sender\"?": {Name: "x", When: "sendr.prevalent", Then: Tag},
		"column 25 of the condition: any, all, filter and the like may not stand inside one another": {Name: "x", Then: Tag,
			When: `any(message.recipients, all(message.recipients, # != "x"))`},
		"there is no \"now\": rules know no clock":       {Name: "x", When: `now().Year() > 2026`, Then: Tag},
		"at most 2000 are allowed":                       {Name: "x", When: strings.Repeat("true && ", 300) + "true", Then: Tag},
		"expected bool":                                  {Name: "x", When: "code.host", Then: Tag},
		"the name is taken":                              {Name: "new-sender", When: "true", Then: Tag},
		`to = "" is no mailbox`:                          {Name: "x", When: "true", Then: Redirect},
		`to = "example.org" is no mailb`:                 {Name: "x", When: "true", Then: Redirect, To: "example.org"},
		`to = … is for then = "redirec`:                  {Name: "x", When: "true", Then: Tag, To: "a@example.org"},
		`recipients: "board" is neither`:                 {Name: "x", When: "true", Then: Tag, Recipients: []string{"board"}},
		`reason = "clean" is a word for verdicts`:        {Name: "x", When: "true", Then: Tag, Reason: "clean"},
		`text = "Nicht für uns" goes into an SMTP reply`: {Name: "x", When: "true", Then: Reject, Text: "Nicht für uns"},
		`which is ASCII (RFC 5321, section 4.2)`:         {Name: "x", When: "true", Then: TempFail, Text: "später"},
		`recipients: "a@" is neither`:                    {Name: "x", When: "true", Then: Tag, Recipients: []string{"a@"}},
	} {
		if _, err := Compile(Standard, []Rule{r}, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", r, err, want)
		}
	}
	if _, err := Compile("lax", nil, false); err == nil || !strings.Contains(err.Error(), "observe, standard, strict") {
		t.Errorf("%v", err)
	}
	if _, err := Compile(Standard, make([]Rule, maxRules+1), false); err == nil || !strings.Contains(err.Error(), "at most 200 are allowed") {
		t.Errorf("%v", err)
	}
}

func BenchmarkDecide(b *testing.B) {
	p := policy(b, Standard, false)
	e := Evidence{Inbound: true, ScanComplete: true, Codes: with(link, signals(named, payload.SignalIPFS), carrier("html-table")), Sender: stolen,
		Recipients: []string{"claire@example.org", "paul@example.org"}}
	for b.Loop() {
		p.Decide(e)
	}
}

// Every fact that a rule may ask for is in docs/policy.md.
func TestFactsDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	all := reflect.TypeFor[facts]()
	for n := range all.NumField() {
		subject := all.Field(n)
		for i := range subject.Type.NumField() {
			name := subject.Tag.Get("expr") + "." + subject.Type.Field(i).Tag.Get("expr")
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("docs/policy.md says nothing about %s", name)
			}
		}
	}
}

// Where nobody would look at held mail, holding alone is left out.
func TestWithoutHold(t *testing.T) {
	for then, want := range map[Action][2]Action{Quarantine: {Tag, Quarantine}, Reject: {Reject, ""}, Redirect: {Redirect, ""}, Tag: {Tag, ""}} {
		r := Rule{Name: "mine", When: "true", Then: then}
		if then == Redirect {
			r.To = "review@example.org"
		}
		p := policy(t, Standard, false, r)
		e := Evidence{Inbound: true, Sender: known, Codes: []Code{link}}
		if d := p.WithoutHold().Decide(e); d.Action != want[0] || d.Would != want[1] {
			t.Errorf("%s: %s, would %q", then, d.Action, d.Would)
		}
		if d := p.Decide(e); d.Action != then {
			t.Errorf("%s changed the policy itself: %s", then, d.Action)
		}
	}
}
