package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/mime"
	"quishmilter/postfix"
	"quishmilter/prevalence"
)

// storedJudge decides what a stored message may teach, as the daemon decides on mail that comes in: what was found to
// be spam or is not from whom it says it is must not build trust.
type storedJudge struct {
	own   []string // domains
	auth  identity.Config
	host  string // this host's name
	marks []inspect.SpamMark
	junk  bool // what is marked as spam, too
}

// Why a message is left out, or builds no trust.
const (
	becauseSpam    = "marked as spam"
	becauseDeleted = "marked as deleted"
	becauseDraft   = "a draft"
	becauseGlued   = "in an mbox, with no empty line before its \"From \" line: it may be the text of the message before"
	becauseNotOurs = "in a folder of sent mail, but not written by people of own_domains, or automatic"
	noTrustFailed  = "its authentication failed"
	noTrustOwn     = "it bears a domain of own_domains without proof, outside a folder of sent mail"
)

// storedMarks are what spam filters write that nobody needs to name; more are in the setting spam_marks.
var storedMarks = []inspect.SpamMark{{Name: "X-Spam-Flag", Start: "YES"}, {Name: "X-Spam-Status", Start: "Yes"}, {Name: "X-Spam", Start: "Yes"}}

func newStoredJudge(ctx context.Context, s Settings, junk bool) (*storedJudge, error) {
	marks, err := spamMarks(s.SpamMarks)
	if err != nil {
		return nil, err
	}
	resolver, err := identity.NewResolver(s.Auth.Resolver) // nobody is asked: what holds today says nothing of a message of last week
	if err != nil {
		return nil, err
	}
	j := &storedJudge{own: folded(s.Auth.OwnDomains), marks: append(marks, storedMarks...), junk: junk,
		auth: identity.Config{TrustedAuthserv: s.Auth.TrustedAuthserv, Resolver: resolver}}
	if !slices.Contains(s.Auth.TrustedAuthserv, identity.MyHostname) {
		return j, nil
	}
	if j.host, err = (postfix.Queue{Command: s.QueueCommand}).HostName(ctx); err != nil {
		j.host, _ = os.Hostname()
	}
	return j, nil
}

// judge says what of a record may count, and why a message is left out or builds no trust.
func (j *storedJudge) judge(record prevalence.Record, header []mime.Field, sent bool) (judged prevalence.Record, left, noTrust string) {
	if !j.junk && inspect.MarkedAsSpam(header, j.marks) {
		return record, becauseSpam, ""
	}
	if why := whyLabelled(mime.DecodeWords(mime.Value(header, "X-Gmail-Labels"))); why != "" && !j.junk {
		return record, why, ""
	}
	switch status := mime.Value(header, "X-Status"); { // of an mbox: D and T are a Maildir's T and D
	case !j.junk && strings.Contains(status, "D"):
		return record, becauseDeleted, ""
	case !j.junk && strings.Contains(status, "T"):
		return record, becauseDraft, ""
	}
	if sent {
		if !inspect.WrittenByUs(header, j.own) {
			return record, becauseNotOurs, ""
		}
		return record.Sent(), "", ""
	}
	author := identity.Author{Address: record.From, Key: record.From}
	switch auth := j.proven(header); {
	case auth == identity.Fail:
		record.Auth, noTrust = prevalence.AuthFail, noTrustFailed
	case identity.OwnDomainForged(author, auth, j.own):
		record.Auth, noTrust = prevalence.AuthFail, noTrustOwn
	case auth == identity.Pass:
		record.Auth = prevalence.AuthPass
	}
	if mime.Value(header, "X-Quish-Verdict") == "quarantined" { // and delivered: a person released it
		record.Outcome = prevalence.Released
	}
	return record, "", noTrust
}

// proven reads what was found when the message came: by named filters, and by ourselves. Of ours a failure counts
// alone, since nobody gains by forging one.
func (j *storedJudge) proven(header []mime.Field) identity.Auth {
	if strings.HasSuffix(mime.Value(header, "X-Quish-Sender"), "; auth=fail") {
		return identity.Fail
	}
	if mime.Value(header, "Authentication-Results") == "" {
		return identity.None
	}
	return identity.Authenticate(context.Background(), identity.Input{Header: header, Host: j.host}, j.auth).Auth
}
