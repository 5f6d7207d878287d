package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/verdict"
)

// Entries are the allow and block lists.
type Entries interface {
	// Apply notes in the evidence which entries speak about the message and about each code.
	Apply(e *verdict.Evidence, now time.Time)
	// WantsPictures tells whether an entry names a picture, so that those without a code matter too.
	WantsPictures() bool
}

// noteEntries adds to the evidence what the lists ask about and what they say. A code's picture is always given its
// digest, so that an admin can put it on a list.
func (i *Inspector) noteEntries(r *Report, m *Message, parts []mime.Part) {
	e := &r.Evidence
	e.ListID = identity.ListID(m.Header)
	digests := map[string]string{}
	everyFile := i.Entries != nil && i.Entries.WantsPictures()
	for n := range parts {
		p := &parts[n]
		isFile := !strings.HasPrefix(p.Type, "text/") && !strings.HasPrefix(p.Type, "message/")
		if everyFile && isFile || slices.ContainsFunc(r.Codes, func(c Code) bool { return c.Part == p.Path }) {
			digests[p.Path] = fileDigest(p)
			e.Pictures = append(e.Pictures, digests[p.Path])
		}
	}
	for n := range e.Codes {
		e.Codes[n].Picture = digests[r.Codes[n].Part]
	}
	if i.Entries != nil {
		i.Entries.Apply(e, r.Envelope.Arrived)
	}
}

// fileDigest is what sha256sum prints for the file that a mail client saves.
func fileDigest(p *mime.Part) string {
	h := sha256.New()
	if _, err := io.Copy(h, p.Reader()); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}
