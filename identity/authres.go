package identity

import "strings"

// Bounds on Authentication-Results: fields per message, results per field, octets per field.
const (
	maxResultFields = 20
	maxResults      = 64
	maxResultField  = 16 << 10
)

// authResults is one Authentication-Results field (RFC 8601, section 2.2).
type authResults struct {
	server  string // the authserv-id, A–Z folded; "" where there is none, as in Microsoft's own fields
	results []authResult
}

// authResult is what one method said.
type authResult struct {
	method, result string            // lower case; without the method's version
	properties     map[string]string // by "ptype.property", lower case; values as written, unquoted
	comment        string            // the texts of all comments, lower case: policies stand there by custom
	ambiguous      bool              // a property stands there twice with different values
}

// parseAuthResults reads a field's value. It is lenient on white space and on what it does not know, and gives no
// results for a field that does not parse: a quote or comment left open could hide where a result really ends.
func parseAuthResults(value string) authResults {
	if len(value) > maxResultField {
		return authResults{}
	}
	tokens, ok := resultTokens(value)
	if !ok {
		return authResults{}
	}
	segments := splitTokens(tokens)
	ar := authResults{server: serverOf(segments[0])}
	for _, segment := range segments[1:] {
		if r, ok := parseResult(segment); ok && len(ar.results) < maxResults {
			ar.results = append(ar.results, r)
		}
	}
	return ar
}

// knownVersion is that of the field and of its methods, which need not be written.
const knownVersion = "1"

// serverOf reads the authserv-id. A first segment that is a result already has none, and results in a version that we
// do not know are nobody's (RFC 8601, section 2.2): they may mean anything.
func serverOf(segment []resultToken) string {
	var words []string
	for _, t := range segment {
		switch t.kind {
		case tokenWord:
			words = append(words, t.text)
		case tokenEquals:
			return ""
		}
	}
	if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != knownVersion {
		return ""
	}
	return FoldASCII(words[0])
}

// parseResult reads "method[/version]=result [reason=…] [ptype.property=value …]".
func parseResult(segment []resultToken) (r authResult, ok bool) {
	r.properties = map[string]string{}
	version := knownVersion
	for i, t := range segment {
		switch {
		case t.kind == tokenComment:
			r.comment += strings.ToLower(t.text) + " "
		case t.kind == tokenEquals && i > 0 && i+1 < len(segment):
			name, value := wordBefore(segment[:i]), wordAfter(segment[i+1:])
			switch {
			case name == "":
			case r.method == "":
				method, stated, versioned := strings.Cut(name, "/")
				if r.method = method; versioned {
					version = stated
				}
				r.result = strings.ToLower(value)
			default:
				r.set(name, value)
			}
		}
	}
	return r, r.method != "" && r.result != "" && version == knownVersion
}

func (r *authResult) set(name, value string) {
	if before, twice := r.properties[name]; twice && before != value {
		r.ambiguous = true
	}
	r.properties[name] = value
}

// wordBefore is the name on the left of "="; comments may stand around it, and around the dot of a property.
func wordBefore(tokens []resultToken) string {
	name := ""
	for i := len(tokens) - 1; i >= 0; i-- {
		t := tokens[i]
		if t.kind == tokenComment {
			continue
		}
		if t.kind != tokenWord || t.quoted || name != "" && !joins(name[0]) && !joins(t.text[len(t.text)-1]) {
			break
		}
		name = t.text + name
	}
	return FoldASCII(name)
}

// joins tells the signs within a name: "header.d" and "dkim/1".
func joins(c byte) bool { return c == '.' || c == '/' }

// wordAfter is the value on the right of "=", a word or a quoted string, or an address with a quoted local part.
func wordAfter(tokens []resultToken) string {
	value, started := "", false
	for _, t := range tokens {
		if t.kind == tokenComment && !started {
			continue
		}
		if t.kind != tokenWord || started && !t.joined {
			break
		}
		value, started = value+t.text, true
	}
	return value
}
