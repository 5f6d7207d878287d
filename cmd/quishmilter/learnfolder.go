package main

import (
	"path/filepath"
	"slices"
	"strings"
)

// Names under which mail programs keep what is junk and what was sent, in lower case.
var (
	junkNames = []string{"junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk mail"}
	sentNames = []string{"sent", "sent items", "sent messages", "sent mail", "sent-mail", "gesendet", "gesendete elemente", "gesendete objekte"}
)

// isFolder compares the last part of a folder's name, as Maildir++ (".INBOX.Junk") and plain trees ("mail/Junk") have
// it, without the end of an mbox file.
func isFolder(name string, names []string) bool {
	base := strings.TrimSuffix(strings.ToLower(filepath.Base(name)), ".mbox")
	base = base[strings.LastIndexByte(base, '.')+1:]
	return slices.Contains(names, base)
}

// isSent says whether a file lies in a folder of sent mail, below the named path or being it.
func isSent(root, name string) bool {
	if isFolder(root, sentNames) {
		return true
	}
	rest, err := filepath.Rel(root, name)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(strings.Split(rest, string(filepath.Separator)), func(part string) bool { return isFolder(part, sentNames) })
}
