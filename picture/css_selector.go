package picture

import (
	"strconv"
	"strings"
)

// compound is what a selector asks of one element.
type compound struct {
	tag, id string
	classes []string
	attrs   []markupAttr // name, and value where one is asked for
	nthA    int
	nthB    int // of :nth-child(An+B), where nth is set
	nth     bool
	never   bool // asks for something that is not known here
}

// parseSelector reads compounds joined by descendant and child combinators; nil for others.
func parseSelector(s string) *rule {
	s = strings.ReplaceAll(strings.TrimSpace(s), ">", " > ")
	fields := splitTop(s, ' ')
	if len(fields) == 0 || len(fields) > 8 || strings.ContainsAny(s, "+~") && !strings.Contains(s, "nth-") {
		return nil
	}
	r := &rule{}
	for _, f := range fields {
		f = strings.TrimSpace(f)
		if f == "" {
			continue
		}
		if f == ">" {
			if len(r.direct) > 0 {
				r.direct[len(r.direct)-1] = true
			}
			continue
		}
		c, weight := parseCompound(f)
		if c.never {
			return nil
		}
		r.compounds, r.direct, r.weight = append(r.compounds, c), append(r.direct, false), r.weight+weight
	}
	if len(r.compounds) == 0 {
		return nil
	}
	return r
}

// parseCompound reads "td.dark#a[x=y]:nth-child(3)".
func parseCompound(s string) (c compound, weight int) {
	for s != "" {
		kind := s[0]
		rest := s
		if strings.IndexByte(".#:[", kind) >= 0 {
			rest = s[1:]
		} else {
			kind = 0
		}
		end := strings.IndexAny(rest, ".#:[")
		if kind == ':' && strings.Contains(rest, "(") {
			end = strings.IndexByte(rest, ')') + 1
		}
		if kind == '[' {
			end = strings.IndexByte(rest, ']') + 1
		}
		if end <= 0 {
			end = len(rest)
		}
		name := rest[:end]
		s = rest[end:]
		switch kind {
		case 0:
			if name != "*" {
				c.tag, weight = strings.ToLower(name), weight+1
			}
		case '.':
			c.classes, weight = append(c.classes, name), weight+100
		case '#':
			c.id, weight = name, weight+10_000
		case '[':
			attr, value, _ := strings.Cut(strings.TrimSuffix(name, "]"), "=")
			c.attrs = append(c.attrs, markupAttr{strings.ToLower(strings.TrimSpace(attr)), strings.Trim(value, `"' `)})
			weight += 100
		case ':':
			c.pseudo(strings.ToLower(name))
			weight += 100
		}
	}
	return c, weight
}

// pseudo understands the structural classes that can paint a cell; all others match nothing, except :root.
func (c *compound) pseudo(name string) {
	argument, isNth := strings.CutPrefix(strings.TrimSuffix(name, ")"), "nth-child(")
	switch {
	case name == "root":
	case name == "first-child":
		c.nth, c.nthB = true, 1
	case isNth:
		c.nth = true
		c.nthA, c.nthB = parseNth(strings.ReplaceAll(argument, " ", ""))
	default:
		c.never = true
	}
}

// parseNth reads An+B (CSS Syntax 3, section 6).
func parseNth(s string) (a, b int) {
	switch s {
	case "odd":
		return 2, 1
	case "even":
		return 2, 0
	}
	before, after, hasN := strings.Cut(s, "n")
	if !hasN {
		b, _ = strconv.Atoi(before)
		return 0, b
	}
	switch before {
	case "", "+":
		a = 1
	case "-":
		a = -1
	default:
		a, _ = strconv.Atoi(before)
	}
	b, _ = strconv.Atoi(after)
	return a, b
}

func (r *rule) matches(n *node) bool {
	i := len(r.compounds) - 1
	if !r.compounds[i].matches(n) {
		return false
	}
	for i--; i >= 0; i-- {
		for n = n.parent; n != nil && !r.direct[i] && !r.compounds[i].matches(n); n = n.parent {
		}
		if n == nil || !r.compounds[i].matches(n) {
			return false
		}
	}
	return true
}

func (c *compound) matches(n *node) bool {
	if c.tag != "" && c.tag != n.tag || c.id != "" && c.id != n.attr("id") || c.nth && !nthMatches(n.nth, c.nthA, c.nthB) {
		return false
	}
	for _, class := range c.classes {
		if !hasWord(n.attr("class"), class) {
			return false
		}
	}
	for _, a := range c.attrs {
		if got := n.attr(a.name); a.value != "" && got != a.value || a.value == "" && got == "" {
			return false
		}
	}
	return true
}

func nthMatches(nth, a, b int) bool {
	if a == 0 {
		return nth == b
	}
	return (nth-b)%a == 0 && (nth-b)/a >= 0
}

func hasWord(list, word string) bool {
	for _, w := range strings.Fields(list) {
		if w == word {
			return true
		}
	}
	return false
}
