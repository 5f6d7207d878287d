package identity

import (
	"net/netip"
	"slices"
	"strings"

	"quishmilter/mime"
)

// Client is who handed a message over by SMTP.
type Client struct {
	Addr netip.Addr // the zero Addr is not known
	HELO string     // "" where it is not known
}

// maxHops bounds the Received fields that are read; a message passes few relays of one organisation.
const maxHops = 20

// maxReceived bounds one field; Postfix writes a few hundred octets.
const maxReceived = 16 << 10

// ClientBehind looks behind our own relays (gateways, a backup MX): while the client is one of them, it is replaced
// by the one that the topmost Received field not yet used names, since that field was written by this relay. What
// stands below was written by strangers and is not read. A field that does not name an address ends the search with
// the zero Client: the true client is not known, and the relay must not be judged in its place.
//
// Postfix adds its own Received after the milters, so the first field is the relay's.
func ClientBehind(direct Client, header []mime.Field, relays []netip.Prefix) Client {
	client := direct
	hops := mime.Values(header, "Received")
	for i := 0; isRelay(client.Addr, relays) && len(relays) > 0; i++ {
		if i == len(hops) || i == maxHops {
			return Client{}
		}
		from, isHop := receivedFrom(hops[i])
		switch {
		case !isHop: // the relay handed the message to itself, through a content filter or a queue
		case from.Addr.IsLoopback():
		case !from.Addr.IsValid():
			return Client{}
		default:
			client = from
		}
	}
	return client
}

func isRelay(addr netip.Addr, relays []netip.Prefix) bool {
	addr = addr.Unmap()
	return slices.ContainsFunc(relays, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// receivedFrom reads "from HELO (NAME [ADDRESS]) by …" (RFC 5321, section 4.4) in the spellings of Postfix, Exim,
// Sendmail, Exchange and qmail. isHop is false for a field that begins otherwise; one that cannot be read is a hop
// from nowhere.
//
// The client chose its HELO, which may hold spaces, brackets and "by" ("HELO x ([192.0.2.1]) by y" passes Postfix's
// defaults). The relay writes the true address behind it, so the last comment with an address before the last "by"
// counts.
func receivedFrom(value string) (from Client, isHop bool) {
	tokens, ok := receivedTokens(value[:min(len(value), maxReceived)])
	if len(tokens) > 0 && (tokens[0].comment || !strings.EqualFold(tokens[0].text, "from")) {
		return Client{}, false
	}
	if !ok || len(value) > maxReceived || len(tokens) < 2 {
		return Client{}, true
	}
	tokens = tokens[1:]
	by := len(tokens)
	for i, t := range tokens {
		if !t.comment && strings.EqualFold(t.text, "by") {
			by = i
		}
	}
	tokens = tokens[:by]
	if len(tokens) == 0 {
		return Client{}, true
	}
	from.HELO = heloIn(tokens)
	for _, t := range slices.Backward(tokens) {
		if addr := addressIn(t.text); t.comment && !aboutClient(t.text) && addr.IsValid() {
			from.Addr = addr
			return from, true
		}
	}
	// Exim without a name for the client: "from [192.0.2.1] (helo=name)".
	if len(tokens) == 2 && strings.Contains(tokens[1].text, "helo=") && tokens[1].comment {
		from.Addr = addressIn(tokens[0].text)
	}
	return from, true
}

// aboutClient tells the comments that Postfix writes behind the address. They hold what the client chose: the name in
// its certificate, its user name.
func aboutClient(comment string) bool {
	for _, start := range []string{"using ", "Client CN ", "Client did not", "No client certificate", "Authenticated sender:"} {
		if strings.HasPrefix(comment, start) {
			return true
		}
	}
	return false
}

// receivedToken is a word or a whole comment, without its parentheses.
type receivedToken struct {
	text    string
	comment bool
}

// receivedTokens fails on a comment that is never closed; what stands before it is returned.
func receivedTokens(s string) (tokens []receivedToken, ok bool) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case c == '(':
			end := skipComment(s, i)
			if end == 0 {
				return tokens, false
			}
			tokens = append(tokens, receivedToken{s[i+1 : end-1], true})
			i = end
		default:
			end := strings.IndexAny(s[i:], " \t\r\n(")
			if end < 0 {
				end = len(s) - i
			}
			tokens = append(tokens, receivedToken{s[i : i+end], false})
			i += end
		}
	}
	return tokens, true
}

// heloIn is the first word, or what Exim and qmail call so.
func heloIn(tokens []receivedToken) string {
	for _, t := range tokens {
		for field := range strings.FieldsSeq(t.text) {
			if name, found := strings.CutPrefix(field, "helo="); found && t.comment {
				return name
			}
		}
		if name, found := strings.CutPrefix(t.text, "HELO "); found && t.comment {
			return name
		}
	}
	return tokens[0].text
}

// addressIn finds the last address in a text: "[192.0.2.1]", "[IPv6:2001:db8::1]", "192.0.2.1", "[192.0.2.1]:25".
func addressIn(text string) netip.Addr {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t()[],;", r) })
	for _, word := range slices.Backward(words) {
		if len(word) > 5 && strings.EqualFold(word[:5], "IPv6:") {
			word = word[5:]
		}
		if addr, err := netip.ParseAddr(word); err == nil && addr.Zone() == "" {
			return addr.Unmap()
		}
	}
	return netip.Addr{}
}
