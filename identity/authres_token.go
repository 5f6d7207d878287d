package identity

import "strings"

type tokenKind uint8

const (
	tokenWord tokenKind = iota
	tokenEquals
	tokenSemicolon
	tokenComment
)

// resultToken is a piece of an Authentication-Results field.
type resultToken struct {
	kind   tokenKind
	text   string
	quoted bool
	joined bool // follows the token before it without white space or comment
}

// resultTokens takes a field apart. It fails on a quoted string or a comment that is never closed.
func resultTokens(s string) (tokens []resultToken, ok bool) {
	joined := false
	for i := 0; i < len(s); {
		t := resultToken{joined: joined}
		end := i + 1
		switch s[i] {
		case ' ', '\t', '\r', '\n':
			i, joined = end, false
			continue
		case ';':
			t.kind = tokenSemicolon
		case '=':
			t.kind = tokenEquals
		case '(':
			if end = skipComment(s, i); end == 0 {
				return nil, false
			}
			t.kind, t.text = tokenComment, s[i+1:end-1]
		case '"':
			if end = closingQuote(s, i) + 1; end == 0 {
				return nil, false
			}
			t.text, t.quoted = unescape(s[i+1:end-1]), true
		default:
			end = wordEnd(s, i)
			t.text = s[i:end]
		}
		tokens = append(tokens, t)
		joined = t.kind != tokenComment
		i = end
	}
	return tokens, true
}

// wordEnd finds the end of a word. Values such as "user=tag@example.org" and "Zm9v==" are written without quotes by
// many: behind the "=" of a property the word goes on to the next white space, semicolon, comment or quote.
func wordEnd(s string, start int) int {
	stops := " \t\r\n;=(\""
	if start > 0 && s[start-1] == '=' {
		stops = " \t\r\n;(\""
	}
	if n := strings.IndexAny(s[start:], stops); n >= 0 {
		return start + n
	}
	return len(s)
}

// splitTokens cuts at the semicolons; there is at least one segment.
func splitTokens(tokens []resultToken) [][]resultToken {
	segments := [][]resultToken{nil}
	for _, t := range tokens {
		if t.kind == tokenSemicolon {
			segments = append(segments, nil)
			continue
		}
		segments[len(segments)-1] = append(segments[len(segments)-1], t)
	}
	return segments
}
