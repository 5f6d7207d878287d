package inspect

import (
	"context"
	"time"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
)

// Sender is who writes, and what is known of them.
type Sender struct {
	From            string // the header From, as mail clients show it
	Key             string // under which its history is kept; "" has none
	Signals         []string
	Auth            identity.Auth
	AuthDetail      string        // why, for people
	DNSTime         time.Duration // that our own check waited for DNS
	OwnDomainForged bool          // the author bears a domain of ours, and nothing proves it
	Prevalent       bool
	Counts          prevalence.Counts // within the window
	Past
}

// behindRelays is the envelope with the client that our own relays took the message from.
func (i *Inspector) behindRelays(m *Message) Envelope {
	e := m.Envelope
	direct := identity.Client{Addr: e.ClientAddr, HELO: e.HELO}
	if behind := identity.ClientBehind(direct, m.Header, i.TrustedRelays); behind != direct {
		e.ClientAddr, e.HELO, e.ClientName = behind.Addr, behind.HELO, ""
	}
	return e
}

// Inbound tells whether a message is one from outside, as far as its envelope says.
func (i *Inspector) Inbound(e Envelope) bool { return i.direction(e) == identity.Inbound }

func (i *Inspector) direction(e Envelope) identity.Direction {
	return identity.DirectionOf(identity.Origin{Client: e.ClientAddr, Name: e.ClientName, Port: e.ClientPort, User: e.AuthUser}, i.OwnNetworks)
}

// authenticate finds out, beside the reading of pictures, whether the author is proven. The result is taken by calling
// what it returns.
func (i *Inspector) authenticate(ctx context.Context, m *Message, e Envelope) func() identity.Result {
	if e.Auth != "" {
		return func() identity.Result { return identity.Result{Auth: identity.Auth(e.Auth), Detail: "as told"} }
	}
	if i.Auth == nil || i.direction(e) != identity.Inbound {
		return func() identity.Result { return identity.Result{Auth: identity.None} }
	}
	done := make(chan identity.Result, 1)
	go func() {
		done <- i.Auth.check(ctx, identity.Input{Header: m.Header, Body: m.Body, Cut: m.Cut, Client: e.ClientAddr, HELO: e.HELO,
			MailFrom: e.MailFrom, Host: e.Macros["j"], Now: e.Arrived})
	}()
	return func() identity.Result { return <-done } // the body must not be used after Inspect returns
}

// senderSignals says what is remarkable about the names that the header gives, where a message's words are looked at.
func (r *Report) senderSignals(m *Message) []string {
	if !r.worthWords() {
		return nil
	}
	author := identity.AuthorOf(m.Header)
	letter := payload.Letter{From: author.Address, Name: author.Name}
	for _, value := range mime.Values(m.Header, "Reply-To") {
		letter.ReplyTo = append(letter.ReplyTo, identity.Addresses(value)...)
	}
	return letter.SenderSignals()
}

// sender is who writes.
func (i *Inspector) sender(m *Message, direction identity.Direction, auth identity.Result) Sender {
	author := identity.AuthorOf(m.Header)
	s := Sender{From: author.Address, Key: author.Key, Auth: auth.Auth, AuthDetail: auth.Detail,
		OwnDomainForged: direction == identity.Inbound && identity.OwnDomainForged(author, auth.Auth, i.OwnDomains), DNSTime: auth.DNSTime}
	for _, signal := range author.Signals {
		s.Signals = append(s.Signals, string(signal))
	}
	return s
}
