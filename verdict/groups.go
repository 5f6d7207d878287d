package verdict

import (
	"fmt"
	"slices"
	"strings"
)

// Group is recipients for whom an admin writes rules of their own, or for whom another preset holds.
type Group struct {
	Name    string
	Members []string // addresses, "example.org" for a domain, ".example.org" or "*.example.org" for the domains below it
	Policy  string   // a preset; "" for the one that holds for everybody
}

// scope is the recipients that a rule speaks about: addresses, domains, and domains with a dot before them for those
// below. nil: all.
type scope map[string]bool

// readScope takes addresses, domains and names of groups.
func readScope(list []string, groups []Group) (scope, error) {
	if len(list) == 0 {
		return nil, nil
	}
	s := scope{}
	for at, item := range list {
		if n := slices.IndexFunc(groups, func(g Group) bool { return g.Name == item }); n >= 0 {
			s.add(groups[n].Members)
			continue
		}
		if err := checkMember(item); err != nil {
			return nil, placed{Place{"recipients", at}, fmt.Sprintf("recipients: %v, nor the name of a [[group]]%s", err, meant(Nearest(item, namesOf(groups))))}
		}
		s.add([]string{item})
	}
	return s, nil
}

func namesOf(groups []Group) (all []string) {
	for _, g := range groups {
		all = append(all, g.Name)
	}
	return all
}

func (s scope) add(members []string) {
	for _, m := range members {
		s[strings.TrimPrefix(strings.ToLower(m), "*")] = true // "*.example.org", as entries have it
	}
}

func checkMember(item string) error {
	local, domain, address := strings.Cut(item, "@")
	if !address {
		local, domain = "x", strings.TrimPrefix(strings.TrimPrefix(item, "*."), ".")
	}
	if local == "" || domain == "" || strings.ContainsAny(local+domain, " \t<>,;\"*") || !address && !strings.Contains(domain, ".") {
		return fmt.Errorf("%.100q is neither an address (\"claire@example.org\") nor a domain (\"example.org\", \".example.org\" or \"*.example.org\" for those below it)", item)
	}
	return nil
}

// covers tells whether a recipient is meant. An address is meant with any extension (claire+news@) too.
func (s scope) covers(recipient string) bool {
	recipient = strings.ToLower(recipient)
	at := strings.LastIndexByte(recipient, '@')
	local, domain := recipient[:max(at, 0)], recipient[at+1:]
	plain, _, _ := strings.Cut(local, "+")
	if s[recipient] || s[domain] || plain != "" && s[plain+"@"+domain] {
		return true
	}
	for at := strings.IndexByte(domain, '.'); at >= 0 && len(domain) <= 253; {
		if s[domain[at:]] {
			return true
		}
		next := strings.IndexByte(domain[at+1:], '.')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return false
}

// checkGroups looks at the groups themselves.
func checkGroups(groups []Group) error {
	if len(groups) > maxGroups {
		return fmt.Errorf("%d groups; at most %d are allowed", len(groups), maxGroups)
	}
	known := map[string]bool{}
	for n, g := range groups {
		if err := g.check(known); err != nil {
			err.Index, err.Name = n, g.Name
			return *err
		}
		known[g.Name] = true
	}
	return nil
}

// check looks at one group, and at the names of those before it.
func (g Group) check(known map[string]bool) *GroupError {
	switch {
	case g.Name == "" || strings.ContainsAny(g.Name, "@. "):
		return groupError("name", 0, "a group needs a name without \"@\", dot and blank")
	case known[g.Name]:
		return groupError("name", 0, "the name is taken")
	case len(g.Members) == 0:
		return groupError("members", 0, "it has no members")
	case len(g.Members) > maxMembers:
		return groupError("members", 0, fmt.Sprintf("%d members; at most %d are allowed, a domain says the same in one", len(g.Members), maxMembers))
	case g.Policy != "" && !slices.Contains(Presets, g.Policy):
		return groupError("policy", 0, "the policy "+UnknownWord(g.Policy, Presets))
	}
	for n, m := range g.Members {
		if err := checkMember(m); err != nil {
			return groupError("members", n, err.Error())
		}
	}
	return nil
}

func groupError(key string, item int, problem string) *GroupError {
	return &GroupError{Place: Place{key, item}, Problem: problem}
}

// special is a group for which another preset holds.
type special struct {
	scope
	policy string
}

// GroupError is a group that cannot be used.
type GroupError struct {
	Index int // among the groups of the configuration
	Name  string
	Place
	Problem string
}

func (e GroupError) Error() string { return fmt.Sprintf("group %q: %s", e.Name, e.Problem) }

// class is recipients to whom the same rules apply: a policy group.
type class struct {
	applies    []bool // by rule
	observe    bool
	recipients []string
}

// Redirects tells whether a rule may send mail to another mailbox.
func (p *Policy) Redirects() bool {
	return !p.tagOnly && slices.ContainsFunc(p.rules, func(r Rule) bool { return r.Then == Redirect })
}

// Scoped tells whether not all recipients are alike.
func (p *Policy) Scoped() bool { return p.scoped }

// Class names the policy group of a recipient: two recipients of one name are judged alike.
func (p *Policy) Class(recipient string) string {
	if !p.scoped {
		return ""
	}
	name := make([]byte, 0, len(p.rules)+1)
	for n := range p.rules {
		if s := p.rules[n].scope; s != nil {
			name = append(name, "-+"[asBit(s.covers(recipient))])
		}
	}
	return string(append(name, "-o"[asBit(p.observes(recipient))]))
}

func asBit(is bool) int {
	if is {
		return 1
	}
	return 0
}

// observes tells whether nothing is done to a recipient's mail: the first group with a policy of its own says so.
func (p *Policy) observes(recipient string) bool {
	for _, g := range p.special {
		if g.covers(recipient) {
			return g.policy == Observe
		}
	}
	return p.observe
}

// classes sorts the recipients of a message by what applies to them. Without any there is one class, to which the rules
// for everybody apply.
func (p *Policy) classes(recipients []string) []class {
	if !p.scoped || len(recipients) == 0 {
		return []class{p.newClass("", recipients)}
	}
	var all []class
	place := map[string]int{}
	for _, r := range recipients {
		name := p.Class(r)
		n, known := place[name]
		if !known {
			n = len(all)
			place[name] = n
			all = append(all, p.newClass(r, nil))
		}
		all[n].recipients = append(all[n].recipients, r)
	}
	return all
}

func (p *Policy) newClass(recipient string, all []string) class {
	c := class{applies: make([]bool, len(p.rules)), observe: p.observe, recipients: all}
	for n := range p.rules {
		c.applies[n] = p.rules[n].scope == nil || p.rules[n].scope.covers(recipient)
	}
	if p.scoped && recipient != "" {
		c.observe = p.observes(recipient)
	}
	return c
}
