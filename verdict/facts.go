package verdict

import (
	"slices"
	"strings"

	"quishmilter/payload"
)

// facts is what a rule may ask about. The names in the tags are the language of the rules: add, don't rename.
type facts struct {
	Code    codeFacts    `expr:"code"`
	Sender  senderFacts  `expr:"sender"`
	Message messageFacts `expr:"message"`
}

// codeFacts are about one code. In a message without one all are empty, and rules that ask about them are passed over.
type codeFacts struct {
	Kind            string   `expr:"kind"`
	Valid           bool     `expr:"valid"`      // keeps the rules of its kind's format
	PlainLink       bool     `expr:"plain_link"` // one web link alone, which leads to no other hosts than its own
	Opens           bool     `expr:"opens"`      // asks the phone to open a link or an app, or to link a device; or wraps a link that is suspicious by itself
	Host            string   `expr:"host"`
	Target          string   `expr:"target"`
	Carrier         string   `expr:"carrier"`
	Signals         []string `expr:"signals"`
	Tricks          []string `expr:"tricks"`
	RecipientInLink bool     `expr:"recipient_in_link"`
	Disguised       bool     `expr:"disguised"`
	BareDocument    bool     `expr:"bare_document"`  // stands in a document that holds nothing else and asks to scan it
	SenderHost      bool     `expr:"sender_host"`    // the link stays on the registrable domain of the header From
	SharedHost      bool     `expr:"shared_host"`    // anybody can have a page there, or a link that leads on
	HostNew         bool     `expr:"host_new"`       // never seen here before today
	StrongSignals   []string `expr:"strong_signals"` // see strong.go
	Strong          int      `expr:"strong"`         // how many strong signals there are, of the link, the code and the sender
	StrongInLink    int      `expr:"strong_in_link"` // how many of them are in the link

	HostMessages     int  `expr:"host_messages"` // of messages from outside whose codes led there, in all that is kept
	HostDays         int  `expr:"host_days"`
	HostAgeDays      int  `expr:"host_age_days"` // -1: never seen
	HostAuthMessages int  `expr:"host_auth_messages"`
	OwnHost          bool `expr:"own_host"` // of a plain link
	OwnPicture       bool `expr:"own_picture"`
	PictureMessages  int  `expr:"picture_messages"`
}

type senderFacts struct {
	Address    string `expr:"address"` // in lower case
	Domain     string `expr:"domain"`  // registrable
	Prevalent  bool   `expr:"prevalent"`
	Messages   int    `expr:"messages"`
	Recipients int    `expr:"recipients"`
	Days       int    `expr:"days"`
	AgeDays    int    `expr:"age_days"`   // -1: none
	SinceDays  int    `expr:"since_days"` // -1: none
	Auth       string `expr:"auth"`

	DomainMessages     int  `expr:"domain_messages"`
	DomainDays         int  `expr:"domain_days"`
	ListMessages       int  `expr:"list_messages"`
	PairMessages       int  `expr:"pair_messages"`
	NetworkMessages    int  `expr:"network_messages"`
	KnownCorrespondent bool `expr:"known_correspondent"`

	OwnDomainForged bool     `expr:"own_domain_forged"`
	Signals         []string `expr:"signals"`
}

type messageFacts struct {
	Inbound    bool     `expr:"inbound"`
	Automatic  bool     `expr:"automatic"` // a report of a mail server or an automatic reply
	MarkedSpam bool     `expr:"marked_spam"`
	Complete   bool     `expr:"complete"` // everything could be scanned
	Codes      int      `expr:"codes"`
	Recipients []string `expr:"recipients"` // in lower case
	Client     string   `expr:"client"`
	Subject    string   `expr:"subject"`

	AsksToScan   bool     `expr:"asks_to_scan"`
	LureWords    bool     `expr:"lure_words"`
	EmptyBody    bool     `expr:"empty_body"` // nothing but one attachment
	Signals      []string `expr:"signals"`    // of the words, as tokens
	RemoteUnseen bool     `expr:"remote_picture_unseen"`
	Learning     bool     `expr:"learning"`
}

// maxJudged is how many codes of a message are judged, the worst first, so that a message with thousands of them costs
// what one with hundreds does. The event keeps fewer.
const maxJudged = 256

// maxAsked is how many recipients a condition can go through.
const maxAsked = 1000

// environments are the facts for each code, or those of a message without one.
func environments(e Evidence) []facts {
	base := facts{Sender: senderFacts(e.Sender), Message: aboutMessage(e)}
	base.Sender.Address = strings.ToLower(base.Sender.Address)
	if len(e.Codes) == 0 {
		return []facts{base}
	}
	codes := e.Codes[:min(len(e.Codes), maxJudged)]
	all := make([]facts, len(codes))
	for n, c := range codes {
		all[n] = base
		all[n].Code = aboutCode(c, e.Sender)
		all[n].weigh()
	}
	return all
}

func aboutMessage(e Evidence) messageFacts {
	return messageFacts{Inbound: e.Inbound, Automatic: e.Automatic, MarkedSpam: e.MarkedSpam, Complete: e.ScanComplete, Codes: len(e.Codes),
		Recipients: lowered(e.Recipients[:min(len(e.Recipients), maxAsked)]), Client: e.Client, Subject: e.Subject, AsksToScan: e.AsksToScan,
		LureWords: slices.Contains(e.Signals, payload.SignalLureWords), EmptyBody: slices.Contains(e.Signals, payload.SignalEmptyBody),
		Signals: e.Signals, RemoteUnseen: e.RemoteUnseen, Learning: e.Learning}
}

// lowered are addresses in lower case, as histories and entries take them: a rule must not be evaded by capitals.
func lowered(addresses []string) []string {
	if !slices.ContainsFunc(addresses, func(a string) bool { return a != strings.ToLower(a) }) {
		return addresses
	}
	all := make([]string, len(addresses))
	for n, a := range addresses {
		all[n] = strings.ToLower(a)
	}
	return all
}

func aboutCode(c Code, s Sender) codeFacts {
	if c.Kind == payload.DeviceLink && !slices.Contains(c.Signals, DeviceLinking) {
		c.Signals = append(slices.Clone(c.Signals), DeviceLinking) // by itself, and not something in it
	}
	return codeFacts{Kind: string(c.Kind), Valid: c.Valid, Host: c.Host, Target: c.Target, Carrier: c.Carrier, Signals: c.Signals, Tricks: c.Tricks,
		Opens: c.opens(), PlainLink: c.PlainLink(),
		HostMessages: c.HostMessages, HostDays: c.HostDays, HostAgeDays: c.HostAgeDays, HostAuthMessages: c.HostAuthMessages,
		OwnHost: c.OwnHost && c.PlainLink(), OwnPicture: c.OwnPicture, PictureMessages: c.PictureMessages,
		RecipientInLink: slices.Contains(c.Signals, payload.SignalRecipient),
		Disguised:       slices.Contains(drawn, c.Carrier) || anyOf(c.Tricks, disguises),
		SharedHost:      anyOf(c.Signals, shared),
		HostNew:         c.HostAgeDays < 1,
		SenderHost:      onDomain(c.Domains, s.Domain),
	}
}

// opens tells whether the phone would open something: a page, an app, an account to another device. An eSIM, a secret
// that is written as a link into an app, opens nothing that was not asked for.
func (c Code) opens() bool {
	return c.Kind == payload.URL || c.Kind == payload.DeviceLink || c.Kind == payload.AppLink && !c.Secret
}

func anyOf(have, wanted []string) bool {
	return slices.ContainsFunc(have, func(token string) bool { return slices.Contains(wanted, token) })
}

// reasons are the rule's own, and everything remarkable about the code that it decided on.
func (r *Rule) reasons(f *facts) []string {
	var list []string
	if r.Reason != "" {
		list = append(list, r.Reason)
	}
	if r.Then == Accept {
		return list
	}
	if r.Reason == "" && reasonToken.MatchString(r.Name) {
		list = append(list, r.Name) // so that a log line names what decided
	}
	list = append(list, f.Code.Signals...)
	for _, also := range []struct {
		reason string
		is     bool
	}{
		{DisguisedCode, f.Code.Disguised},
		{NotAuthenticated, f.Sender.Auth == "fail"},
		{OwnDomainForged, f.Sender.OwnDomainForged},
		{AsksToScan, f.Message.AsksToScan},
		{RemoteUnseen, f.Message.AsksToScan && f.Message.RemoteUnseen},
		{MarkedSpam, f.Message.MarkedSpam},
	} {
		if also.is {
			list = append(list, also.reason)
		}
	}
	return append(append(list, f.Message.Signals...), senderReasons(f.Sender.Signals)...)
}

// senderReasons are the signals of the sender that are reasons too; the others speak of the form of the field.
func senderReasons(signals []string) (list []string) {
	for _, s := range signals {
		if s == payload.SignalBrandSender || s == payload.SignalNameAddress || s == payload.SignalReplyTo {
			list = append(list, s)
		}
	}
	return list
}
