package verdict

import (
	"slices"

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
	Opens           bool     `expr:"opens"` // asks the phone to open a link or to link a device
	Host            string   `expr:"host"`
	Target          string   `expr:"target"`
	Carrier         string   `expr:"carrier"`
	Signals         []string `expr:"signals"`
	Tricks          []string `expr:"tricks"`
	RecipientInLink bool     `expr:"recipient_in_link"`
	Disguised       bool     `expr:"disguised"`
	Strong          int      `expr:"strong"`         // how many strong signals there are, of the link, the code and the sender
	StrongInLink    int      `expr:"strong_in_link"` // how many of them are in the link

	HostMessages     int  `expr:"host_messages"` // of messages from outside whose codes led there, in all that is kept
	HostDays         int  `expr:"host_days"`
	HostAgeDays      int  `expr:"host_age_days"` // -1: never seen
	HostAuthMessages int  `expr:"host_auth_messages"`
	OwnHost          bool `expr:"own_host"`
	OwnPicture       bool `expr:"own_picture"`
	PictureMessages  int  `expr:"picture_messages"`
}

type senderFacts struct {
	Address    string `expr:"address"`
	Prevalent  bool   `expr:"prevalent"`
	Messages   int    `expr:"messages"`
	Recipients int    `expr:"recipients"`
	Days       int    `expr:"days"`
	AgeDays    int    `expr:"age_days"` // -1: none
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
	MarkedSpam bool     `expr:"marked_spam"`
	Complete   bool     `expr:"complete"` // everything could be scanned
	Codes      int      `expr:"codes"`
	Recipients []string `expr:"recipients"`
	Client     string   `expr:"client"`
	Subject    string   `expr:"subject"`

	AsksToScan   bool `expr:"asks_to_scan"`
	RemoteUnseen bool `expr:"remote_picture_unseen"`
	Learning     bool `expr:"learning"`
}

// Signals that make a link worth holding, where the link is a stranger's.
var strongInLink = []string{
	payload.SignalRecipient, payload.SignalIPFS, payload.SignalTunnel, payload.SignalUserInfo,
	payload.SignalLookAlike, payload.SignalMixedScript, payload.SignalFakePayment,
}

// disguises are tricks that nobody plays by accident. Colours, inversion and small size are fashion.
var disguises = []string{"split", "nested", "low-contrast"}

// drawn are carriers in which somebody put a code together out of characters or boxes.
var drawn = []string{"html-table", "html-css", "text-blocks"}

// Reasons for what the facts say beside the signals of the link.
const (
	DisguisedCode    = "disguised-code"
	NotAuthenticated = "sender-not-authenticated"
	DeviceLinking    = "device-linking"
	OwnDomainForged  = "own-domain-forged"
	AsksToScan       = "asks-to-scan"
	RemoteUnseen     = "remote-picture-unseen"
)

// environments are the facts for each code, or those of a message without one.
func environments(e Evidence) []facts {
	base := facts{
		Sender: senderFacts(e.Sender),
		Message: messageFacts{Inbound: e.Inbound, MarkedSpam: e.MarkedSpam, Complete: e.ScanComplete, Codes: len(e.Codes),
			Recipients: e.Recipients, Client: e.Client, Subject: e.Subject,
			AsksToScan: e.AsksToScan, RemoteUnseen: e.RemoteUnseen, Learning: e.Learning},
	}
	if len(e.Codes) == 0 {
		return []facts{base}
	}
	all := make([]facts, 0, len(e.Codes))
	for _, c := range e.Codes {
		base.Code = aboutCode(c, e.Sender)
		all = append(all, base)
	}
	return all
}

func aboutCode(c Code, s Sender) codeFacts {
	f := codeFacts{Kind: string(c.Kind), Host: c.Host, Target: c.Target, Carrier: c.Carrier, Signals: c.Signals, Tricks: c.Tricks,
		Opens:        c.Kind == payload.URL || c.Kind == payload.DeviceLink,
		HostMessages: c.HostMessages, HostDays: c.HostDays, HostAgeDays: c.HostAgeDays, HostAuthMessages: c.HostAuthMessages,
		OwnHost: c.OwnHost, OwnPicture: c.OwnPicture, PictureMessages: c.PictureMessages,
		RecipientInLink: slices.Contains(c.Signals, payload.SignalRecipient),
		Disguised:       slices.Contains(drawn, c.Carrier) || slices.ContainsFunc(c.Tricks, func(t string) bool { return slices.Contains(disguises, t) }),
	}
	for _, signal := range c.Signals {
		if slices.Contains(strongInLink, signal) {
			f.StrongInLink++
		}
	}
	f.Strong = f.StrongInLink
	for _, is := range []bool{f.Disguised, s.Auth == "fail" || s.OwnDomainForged, c.Kind == payload.DeviceLink} {
		if is {
			f.Strong++
		}
	}
	return f
}

// reasons are the rule's own, and everything remarkable about the code that it decided on.
func (r *Rule) reasons(f facts) []string {
	var list []string
	if r.Reason != "" {
		list = append(list, r.Reason)
	}
	if r.Then == Accept {
		return list
	}
	list = append(list, f.Code.Signals...)
	for _, also := range []struct {
		reason string
		is     bool
	}{
		{DisguisedCode, f.Code.Disguised},
		{DeviceLinking, f.Code.Kind == string(payload.DeviceLink)},
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
	return list
}
