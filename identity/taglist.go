package identity

import (
	"encoding/base64"
	"strings"
)

// maxTags bounds the tags of a list; DKIM defines 14.
const maxTags = 64

// tagList is the "name=value; name=value" of DKIM signatures and keys, ARC fields and DMARC records (RFC 6376,
// section 3.2). Names are case-sensitive, values are trimmed at both ends.
type tagList map[string]string

// parseTags fails on a name that stands there twice and on what is no tag.
func parseTags(s string) (tagList, bool) {
	tags := tagList{}
	for part := range strings.SplitSeq(s, ";") {
		name, value, found := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); !found && name == "" {
			continue
		}
		if _, twice := tags[name]; !found || name == "" || twice || len(tags) == maxTags {
			return nil, false
		}
		tags[name] = strings.TrimSpace(value)
	}
	return tags, true
}

// word is a value in which white space means nothing, such as a folded domain.
func (t tagList) word(name string) string { return strings.Join(strings.Fields(t[name]), "") }

// words is a value that is a list with colons, lower-cased.
func (t tagList) words(name string) []string {
	if t.word(name) == "" {
		return nil
	}
	return strings.Split(FoldASCII(t.word(name)), ":")
}

func (t tagList) base64(name string) []byte {
	decoded, err := base64.StdEncoding.DecodeString(t.word(name))
	if err != nil {
		return nil
	}
	return decoded
}

// withoutSignature empties the b= tag of a signature field's value and leaves every other octet as it is (RFC 6376,
// section 3.7).
func withoutSignature(value string) string {
	parts := strings.Split(value, ";")
	for i, part := range parts {
		if name, _, found := strings.Cut(part, "="); found && strings.TrimSpace(name) == "b" {
			parts[i] = name + "="
		}
	}
	return strings.Join(parts, ";")
}
