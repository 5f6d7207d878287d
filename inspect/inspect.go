package inspect

import (
	"context"
	"net/netip"
	"time"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/verdict"
)

// Limits bound the work on one message.
type Limits struct {
	Time  time.Duration // for everything; what is not done by then is evidence
	Parts int
	Depth int
}

// Inspector takes messages through all stages. It is used by many sessions at once.
type Inspector struct {
	Pool          *Pool
	History       History // nil: nothing is known of any sender
	Window        prevalence.Window
	Policy        *verdict.Policy
	OwnNetworks   []netip.Prefix
	OwnDomains    []string       // in ASCII and lower case
	TrustedRelays []netip.Prefix // our own hosts that hand mail on: the client is who stands behind them
	Auth          *Authenticator // nil: nobody is proven
	RequireAuth   bool           // an author who is not proven is a stranger
	LearnByTag    bool           // while history is short, the strict policy's holds are tags
	SpamMarks     []SpamMark
	Known         *Known  // parts that came before
	Remote        *Remote // fetches linked pictures; nil: they are not fetched
	RemoteMode    RemoteMode
	Lists         payload.Lists // of hosts
	Entries       Entries       // allow and block lists; nil: there are none
	Limits        Limits
}

// SpamMark is a header field with which an earlier filter marks spam.
type SpamMark struct{ Name, Start string } // Start: what the value begins with, in any case of letters

// Inspect is the whole pipeline.
//
//	message ─▶ mime     its parts
//	        ─▶ picture  the pictures in each part       ┐ in a worker process
//	        ─▶ qr       the codes in each picture       ┘
//	        ─▶ its words, and pictures that it only links (fetched where an admin allows it)
//	        ─▶ payload  what each code asks the phone to do
//	        ─▶ identity, prevalence  who is writing, how often before, and what is known of the codes' hosts
//	        ─▶ verdict  what is to be done
func (i *Inspector) Inspect(ctx context.Context, m *Message) Report {
	ctx, cancel := context.WithTimeout(ctx, i.Limits.Time)
	defer cancel()
	watch := newWatch()

	envelope := i.behindRelays(m)
	auth := i.authenticate(ctx, m, envelope)
	tree := mime.Walk(m.Header, m.Body, mime.Limits{Parts: i.Limits.Parts, Depth: i.Limits.Depth})
	watch.lap("mime")
	found, links, looked, problems := i.read(ctx, envelope.QueueID, tree.Parts)
	watch.lap("codes")

	subject := mime.DecodeWords(mime.Value(m.Header, "Subject"))
	text := textOf(subject, tree.Parts, links, len(found))
	if i.wantsRemote(text, len(found)) && i.direction(envelope) == identity.Inbound {
		more, trouble, unseen := i.readRemote(ctx, envelope.QueueID, text.Remote)
		found, problems, text.RemoteSeen = append(found, more...), append(problems, trouble...), !unseen
	}

	r := Report{Text: text, Envelope: envelope, Cut: m.Cut, Problems: append(tree.Problems, problems...), Direction: i.direction(envelope),
		MessageID: mime.Value(m.Header, "Message-ID"), Subject: subject, Automatic: automatic(m)}
	if m.Cut {
		r.Problems = append(r.Problems, mime.Problem{Kind: mime.OverLimit, Detail: "the message is longer than the size limit; its end was not looked at"})
	}
	watch.lap("text")
	r.Codes = understand(found, i.Lists, recipients(m))
	addDigests(r.Codes, tree.Parts)
	watch.lap("payload")
	r.Sender = i.sender(m, r.Direction, auth())
	r.Sender.Signals = append(r.Sender.Signals, r.senderSignals(m)...)
	r.Record = i.recordOf(m, &r)
	i.remember(&r)
	watch.lap("sender")
	r.Scan = scanOf(looked, r)
	r.Evidence = i.evidence(m, r)
	i.noteEntries(&r, m, tree.Parts)
	r.Decision = i.Policy.Decide(r.Evidence)
	watch.lap("verdict")
	r.Stages, r.Took = watch.stages, watch.last.Sub(watch.start)
	return r
}
