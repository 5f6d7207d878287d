package alert

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"quishmilter/journal"
	"quishmilter/verdict"
)

// keyBytes is the length of what a campaign is found again by.
const keyBytes = 16

// maxKeys bounds how many of them one message has.
const maxKeys = 8

// keysOf are what a message has in common with the rest of its campaign, the surest first.
func keysOf(e journal.Event) (keys [][]byte) {
	add := func(parts ...string) {
		if len(keys) < maxKeys && !slices.Contains(parts, "") {
			sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(parts, "\x00"))))
			keys = append(keys, sum[:keyBytes])
		}
	}
	for _, c := range e.Codes {
		add("picture", c.Picture)
	}
	for _, c := range e.Codes {
		if verdict.SharedHost(c.Signals) {
			add("link", linkWithoutQuery(c.URL))
			add("author and host", e.HeaderFrom, c.Host)
		} else {
			add("host", c.Host)
		}
		add("host", journal.HostOf(c.Target))
	}
	add("client and subject", e.ClientAddr, shapeOf(e.Subject, e.Rcpts))
	return keys
}

// linkWithoutQuery leaves out what often differs from recipient to recipient.
func linkWithoutQuery(link string) string {
	if i := strings.IndexAny(link, "?#"); i >= 0 {
		link = link[:i]
	}
	return strings.TrimRight(link, "/")
}

var replyMarks = regexp.MustCompile(`^(?i:\s*(?:re|fwd?|aw|wg)\s*:)+`)

// shapeOf is a subject without what differs from recipient to recipient: numbers, their names, case and spaces. It is ""
// for subjects of which nothing is left.
func shapeOf(subject string, rcpts []string) string {
	names := map[string]bool{}
	for _, rcpt := range rcpts {
		local, domain, _ := strings.Cut(strings.ToLower(rcpt), "@")
		names[domain] = true
		for _, name := range strings.FieldsFunc(local, notLetter) {
			names[name] = true
		}
	}
	var words []string
	some := false
	for _, word := range strings.Fields(strings.ToLower(replyMarks.ReplaceAllString(subject, ""))) {
		switch bare := strings.TrimFunc(word, notLetter); {
		case strings.ContainsAny(word, "0123456789"), strings.Contains(word, "@"), names[bare]:
			word = "#"
		case bare == "":
			continue
		default:
			word, some = bare, true
		}
		if len(words) == 0 || word != "#" || words[len(words)-1] != "#" {
			words = append(words, word)
		}
	}
	if !some {
		return ""
	}
	return strings.Join(words, " ")
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }
