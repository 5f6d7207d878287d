package inspect

import (
	"slices"
	"strings"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
)

// recordOf names the histories that a message belongs to. What becomes of the message is for the caller to say.
func (i *Inspector) recordOf(m *Message, r *Report) prevalence.Record {
	e := r.Envelope
	record := prevalence.Record{Time: e.Arrived, From: r.Sender.Key, Spelling: r.Sender.From, Recipients: len(e.Rcpts),
		Envelope: prevalence.Key(identity.EnvelopeKey(e.MailFrom, e.Rcpts...)), List: identity.ListID(m.Header)}
	switch r.Sender.Auth {
	case identity.Pass:
		record.Auth = prevalence.AuthPass
	case identity.Fail:
		record.Auth = prevalence.AuthFail
	}
	if r.MessageID != "" {
		record.ID = prevalence.NewFingerprint(r.MessageID, r.Sender.Key, e.Rcpts)
	}
	if r.Direction == identity.Outbound {
		record.Direction = prevalence.Outbound
		if m.Envelope.MailFrom == "" || !WrittenByUs(m.Header, i.OwnDomains) {
			return record
		}
	} else {
		record.Domain, record.Network = prevalence.DomainOf(r.Sender.Key), prevalence.NetworkOf(e.ClientAddr)
	}
	for _, address := range e.Rcpts[:min(len(e.Rcpts), maxRecipients)] {
		if key := prevalence.Key(address); key != "" {
			record.To = append(record.To, key)
		}
	}
	if r.Direction == identity.Outbound && answers(m) {
		return record
	}
	for _, c := range r.Codes {
		if c.Payload.Secret() && c.Kind != payload.Payment {
			continue // of keys nothing is written down
		}
		record.Hosts = append(record.Hosts, i.hostKeys(c, r.Sender.Key)...) // of a payment the hosts alone
		if c.Kind == payload.Payment {
			continue
		}
		if c.Digest != "" {
			record.Pictures = append(record.Pictures, c.Digest)
		}
	}
	return record
}

// WrittenByUs says whether people of ours wrote a message that goes out, which a bounce (without an envelope sender)
// is not in any case. An absence notice, a bounce and mail that is only forwarded go to, and hold, what a stranger
// chose: they make nobody known.
func WrittenByUs(header []mime.Field, own []string) bool {
	if len(mime.Values(header, "X-Autoreply")) > 0 {
		return false
	}
	if kind := mime.Value(header, "Auto-Submitted"); kind != "" && !strings.EqualFold(kind, "no") { // RFC 3834, section 5
		return false
	}
	switch strings.ToLower(mime.Value(header, "Precedence")) {
	case "bulk", "junk", "list", "auto_reply":
		return false
	}
	return len(own) == 0 || identity.IsOwn(identity.AuthorOf(header).Domain(), own)
}

// answers says whether a message answers or forwards another (RFC 5322, section 3.6.4). Its codes may be the other's.
func answers(m *Message) bool {
	return len(mime.Values(m.Header, "In-Reply-To")) > 0 || len(mime.Values(m.Header, "References")) > 0
}

// hostKeys are the names under which history keeps the hosts of a code's links. A host where the path says whose a page
// is (bit.ly, ipfs.io) has no history of its own, or one wanted link would let every stranger's pass: it has one for each
// domain of authors, and for each author at a provider of mailboxes.
func (i *Inspector) hostKeys(c Code, author string) []string {
	hosts := c.Hosts()
	for n, host := range hosts {
		if i.Lists.Shared(host) {
			by := prevalence.DomainOf(author)
			if by == "" {
				by = author
			}
			hosts[n] = host + " " + by
		}
	}
	return hosts
}

// addDigests tells pictures apart by the content of the part that they are or lie in. A code that was put together has
// none, since it depends on more than its part.
func addDigests(codes []Code, parts []mime.Part) {
	known := map[string]string{}
	for n := range codes {
		c := &codes[n]
		if slices.Contains(c.Tricks, "split") {
			continue
		}
		digest, done := known[c.Part]
		if at := slices.IndexFunc(parts, func(p mime.Part) bool { return p.Path == c.Part }); !done && at >= 0 && !strings.HasPrefix(parts[at].Type, "text/") {
			digest = fileDigest(&parts[at])
		}
		known[c.Part], c.Digest = digest, digest
	}
}
