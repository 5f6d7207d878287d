package picture

import (
	"sort"
	"strings"
)

// Bounds of style sheets: mail has some hundred rules; a code may need one rule for each module.
const (
	sheetRules = 40_000
	sheetBytes = 4 << 20
	matchTries = 2_000_000 // of rules against elements
)

// declaration is one "property: value".
type declaration struct {
	property, value string
	important       bool
}

// rule is a selector with its declarations.
type rule struct {
	compounds []compound // from the left; ancestors before the element itself
	direct    []bool     // the compound at this index is the parent of the next, not just an ancestor
	weight    int        // specificity (Selectors 3, section 9)
	order     int
	body      []declaration
}

// stylesheet is a set of rules, found by the id, class or tag that their element must have.
type stylesheet struct {
	rules map[string][]*rule
	count int
	tries int
	cut   bool
}

// parseSheets reads the style elements of a document.
func parseSheets(texts []string) *stylesheet {
	s := &stylesheet{rules: map[string][]*rule{}}
	room := sheetBytes
	for _, text := range texts {
		if len(text) > room {
			s.cut = true
			break
		}
		room -= len(text)
		s.parse(stripComments(text), 0)
	}
	return s
}

func stripComments(s string) string {
	s = strings.NewReplacer("<!--", "", "-->", "").Replace(s)
	if !strings.Contains(s, "/*") {
		return s
	}
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "/*")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		_, s, _ = strings.Cut(rest, "*/")
	}
}

// parse reads rules. What stands in @media and @supports counts whatever the condition is, except for print: one
// mail client or another shows it.
func (s *stylesheet) parse(text string, depth int) {
	for text != "" {
		open := strings.IndexAny(text, "{;")
		if open < 0 {
			return
		}
		prelude := strings.TrimSpace(text[:open])
		if text[open] == ';' { // @import and the like
			text = text[open+1:]
			continue
		}
		end := closing(text, open)
		body := text[open+1 : end]
		text = text[min(end+1, len(text)):]
		switch {
		case !strings.HasPrefix(prelude, "@"):
			s.add(prelude, body)
		case strings.Contains(body, "{") && !strings.Contains(prelude, "print") && depth < 4:
			s.parse(body, depth+1)
		}
	}
}

// closing finds the brace that closes the one at open, or the end.
func closing(s string, open int) int {
	depth := 0
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

func (s *stylesheet) add(prelude, body string) {
	declarations := parseDeclarations(body)
	if len(declarations) == 0 {
		return
	}
	for _, selector := range splitTop(prelude, ',') {
		if s.count++; s.count > sheetRules {
			s.cut = true
			return
		}
		r := parseSelector(selector)
		if r == nil {
			continue
		}
		r.order, r.body = s.count, declarations
		last := r.compounds[len(r.compounds)-1]
		key := "*"
		switch {
		case last.id != "":
			key = "#" + last.id
		case len(last.classes) > 0:
			key = "." + last.classes[0]
		case last.tag != "":
			key = last.tag
		}
		s.rules[key] = append(s.rules[key], r)
	}
}

// parseDeclarations reads what stands between braces or in a style attribute.
func parseDeclarations(body string) []declaration {
	var list []declaration
	for _, part := range splitTop(body, ';') {
		name, value, ok := strings.Cut(part, ":")
		if !ok || len(list) >= 256 {
			continue
		}
		d := declaration{property: strings.ToLower(strings.TrimSpace(name)), value: strings.TrimSpace(value)}
		if cut := strings.LastIndexByte(d.value, '!'); cut >= 0 && strings.Contains(strings.ToLower(d.value[cut:]), "important") {
			d.value, d.important = strings.TrimSpace(d.value[:cut]), true
		}
		list = append(list, d)
	}
	return list
}

// declarations returns what the sheet says about an element, the weakest first.
func (s *stylesheet) declarations(n *node) []declaration {
	if s.count == 0 || s.tries > matchTries {
		s.cut = s.cut || s.tries > matchTries
		return nil
	}
	var matched []*rule
	try := func(key string) {
		for _, r := range s.rules[key] {
			if s.tries++; s.tries <= matchTries && r.matches(n) {
				matched = append(matched, r)
			}
		}
	}
	try("*")
	try(n.tag)
	for _, class := range strings.Fields(n.attr("class")) {
		try("." + class)
	}
	if id := n.attr("id"); id != "" {
		try("#" + id)
	}
	sort.SliceStable(matched, func(i, j int) bool {
		if matched[i].weight != matched[j].weight {
			return matched[i].weight < matched[j].weight
		}
		return matched[i].order < matched[j].order
	})
	var list []declaration
	for _, r := range matched {
		list = append(list, r.body...)
	}
	return list
}
