package verdict

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Rule is one line of a policy.
type Rule struct {
	Name       string   // unique
	When       string   // a condition in the language of expr-lang/expr over code, sender and message
	Recipients []string // addresses, domains and names of groups that it is about; none: everybody
	Then       Action
	To         string // for Redirect: the mailbox
	Reason     string // a stable token, lower case with dashes, no word for a verdict; "" for none
	Text       string // a sentence for people: why, and for Reject and TempFail the reply, in ASCII

	scope     scope
	learns    bool // tags in place of holding while history is short
	condition *vm.Program
	warnings  []*file.Error // about the condition
	aboutCode bool          // asks about codes: does not match where there is none
	anyOrigin bool          // asks where the message comes from; a rule that does not is about mail from outside
}

// Policy is a list of rules that were checked.
type Policy struct {
	rules   []Rule
	special []special // groups for which another preset holds, in the order of the configuration
	scoped  bool      // not all recipients are alike
	observe bool
	tagOnly bool
	noHold  bool
}

// Bounds on what an admin may write. The evaluation of a rule is bounded by its size: a condition may go through the
// recipients, of whom it sees the first thousand, but not through them for each of them.
const (
	maxRules   = 200
	maxWhen    = 2000 // octets
	maxNodes   = 500
	maxGroups  = 50
	maxMembers = 10_000 // of a group
)

// RuleError is a rule that cannot be used.
type RuleError struct {
	Index        int // among the admin's own rules
	Name         string
	Line, Column int // in the condition, from 1 on; 0 where the problem is not in the condition
	Place            // elsewhere
	Problem      string
}

// Place is the setting of a rule or a group that a problem is about.
type Place struct {
	Key  string // "then"; "" for the rule itself
	Item int    // of a list, from 0 on
}

// placed is a problem with its place.
type placed struct {
	Place
	problem string
}

func (p placed) Error() string { return p.problem }

func at(key, format string, a ...any) placed { return placed{Place{key, 0}, fmt.Sprintf(format, a...)} }

// saidAs are words of other filters for our actions.
var saidAs = map[string]string{"hold": "quarantine", "pass": "accept", "allow": "accept", "block": "reject", "bounce": "reject", "defer": "tempfail", "drop": "discard"}

// UnknownWord says what was perhaps meant, and what may stand there.
func UnknownWord(word string, list []string) string {
	like := Nearest(word, list)
	if said := saidAs[word]; slices.Contains(list, said) {
		like = said
	}
	if like != "" {
		return fmt.Sprintf("%q is not known; did you mean %q? write one of %s", word, like, strings.Join(list, ", "))
	}
	return fmt.Sprintf("%q is not known; write one of %s", word, strings.Join(list, ", "))
}

func (e RuleError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("rule %q: %s", e.Name, e.Problem)
	}
	return fmt.Sprintf("rule %q: line %d, column %d of the condition: %s", e.Name, e.Line, e.Column, e.Problem)
}

// Compile puts an admin's rules before those of a preset and checks all of them. With tagOnly nothing is worse than a
// tag: for a place before other milters, where a hold would silence them. The errors are RuleError and GroupError.
func Compile(preset string, own []Rule, tagOnly bool, groups ...Group) (*Policy, error) {
	return Words{}.Compile(preset, own, tagOnly, groups...)
}

// Compile is the same where conditions may use words of the configuration.
func (w Words) Compile(preset string, own []Rule, tagOnly bool, groups ...Group) (*Policy, error) {
	rules, ok := presetRules(preset)
	if !ok {
		return nil, fmt.Errorf("the policy %q is not known; write one of %s", preset, strings.Join(Presets, ", "))
	}
	if err := checkGroups(groups); err != nil {
		return nil, err
	}
	p := &Policy{observe: preset == Observe, tagOnly: tagOnly}
	rules = append(p.groupRules(groups), rules...)
	own, rules, written := written(own, rules)
	if len(own)-written > maxRules {
		return nil, fmt.Errorf("%d rules; at most %d are allowed", len(own)-written, maxRules)
	}
	return p, p.compile(append(own, rules...), len(own), groups, w)
}

// written takes those of the policy's rules out that a configuration holds itself, as `check --print=rules` writes them,
// and says how many. They stay what they are.
func written(own, rules []Rule) (mine, rest []Rule, n int) {
	mine = slices.Clone(own)
	for _, r := range rules {
		at := slices.IndexFunc(mine, r.same)
		if at < 0 {
			rest = append(rest, r)
			continue
		}
		mine[at].learns = r.learns
		n++
	}
	return mine, rest, n
}

// same tells whether two rules were written alike.
func (r Rule) same(other Rule) bool {
	return r.Name == other.Name && r.When == other.When && slices.Equal(r.Recipients, other.Recipients) && r.Then == other.Then && r.To == other.To &&
		r.Reason == other.Reason && r.Text == other.Text
}

// WithoutHold is the policy for a place where nobody would look at held mail: what it would hold is tagged, and all else
// stays as it is.
func (p *Policy) WithoutHold() *Policy {
	without := *p
	without.noHold = true
	return &without
}

// groupRules are the presets of groups, each for its members alone. They stand before the preset for everybody.
func (p *Policy) groupRules(groups []Group) (all []Rule) {
	for _, g := range groups {
		if g.Policy == "" {
			continue
		}
		s := scope{}
		s.add(g.Members)
		p.special = append(p.special, special{s, g.Policy})
		rules, _ := presetRules(g.Policy) // checked
		for _, r := range rules {
			r.Name, r.Recipients = g.Name+"/"+r.Name, []string{g.Name}
			all = append(all, r)
		}
	}
	return all
}

// compile checks the rules, of which so many are in the configuration.
func (p *Policy) compile(rules []Rule, own int, groups []Group, w Words) error {
	names := map[string]int{}
	for n, r := range rules {
		err := r.compile(groups, w)
		if first, taken := names[r.Name]; err == nil && taken {
			if n >= own { // the policy's own rules stand in no file
				n = first
			}
			err = at("name", "the name is taken, perhaps by a rule of the policy; every rule needs one of its own")
		}
		if err != nil {
			failed := RuleError{Index: n, Name: r.Name}
			failed.explain(err)
			return failed
		}
		names[r.Name] = n
		p.scoped = p.scoped || r.scope != nil
		p.rules = append(p.rules, r)
	}
	return nil
}

// Warnings are what is of no use in the conditions of rules, though it does no harm.
func (p *Policy) Warnings() (all []RuleError) {
	for n, r := range p.rules {
		for _, w := range r.warnings {
			all = append(all, RuleError{Index: n, Name: r.Name, Line: w.Line, Column: w.Column + 1, Problem: w.Message})
		}
	}
	return all
}

// Rules are the rules in the order in which they are asked.
func (p *Policy) Rules() []Rule { return p.rules }

var reasonToken = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

func (r *Rule) compile(groups []Group, w Words) (err error) {
	if err := r.check(); err != nil {
		return err
	}
	if r.scope, err = readScope(r.Recipients, groups); err != nil {
		return err
	}
	look := &look{}
	program, err := expr.Compile(r.When, expr.Env(facts{}), expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableBuiltin("now"), expr.Patch(look))
	if err == nil {
		err = look.nested(r.When)
	}
	if err == nil {
		r.warnings, err = w.check(r.When)
	}
	if err != nil {
		return err
	}
	r.condition, r.aboutCode, r.anyOrigin = program, look.code, look.inbound
	return nil
}

func (r *Rule) check() error {
	switch {
	case r.Name == "":
		return at("name", "it needs a name")
	case !slices.Contains(severity, r.Then):
		return at("then", "then = %s", UnknownWord(string(r.Then), actionNames()))
	case r.Reason != "" && !reasonToken.MatchString(r.Reason):
		return at("reason", "reason = %q is no token; write lower-case letters, digits and dashes", r.Reason)
	case slices.Contains(verdictWords, r.Reason):
		return at("reason", "reason = %q is a word for verdicts; filters that look for it would take the one for the other", r.Reason)
	case (r.Then == Reject || r.Then == TempFail) && strings.ContainsFunc(r.Text, func(c rune) bool { return c > '~' }):
		return at("text", "text = %q goes into an SMTP reply, which is ASCII (RFC 5321, section 4.2): write it without other letters", r.Text)
	case r.Then == Redirect && (checkMember(r.To) != nil || !strings.Contains(r.To, "@")):
		return at("to", "to = %q is no mailbox; write for example \"quarantine@example.org\"", r.To)
	case r.Then != Redirect && r.To != "":
		return at("to", `to = … is for then = "redirect" alone`)
	case strings.TrimSpace(r.When) == "":
		return at("when", `it needs a condition; write when = "true" for a rule that always matches`)
	case len(r.When) > maxWhen:
		return at("when", "the condition has %d octets; at most %d are allowed", len(r.When), maxWhen)
	}
	return nil
}

// verdictWords are the values of X-Quish-Verdict.
var verdictWords = []string{"clean", "tagged", "quarantined", "unscanned"}

func actionNames() (all []string) {
	for _, a := range severity {
		all = append(all, string(a))
	}
	return all
}

// look notes what a condition asks about.
type look struct {
	code, inbound bool
	loops         []*ast.BuiltinNode
}

// Visit looks at one node of the condition. Inner nodes come before those that they stand in.
func (l *look) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		l.code = l.code || n.Value == "code"
	case *ast.MemberNode:
		name, ok := n.Property.(*ast.StringNode)
		l.inbound = l.inbound || ok && name.Value == "inbound"
	case *ast.BuiltinNode:
		if slices.ContainsFunc(n.Arguments, func(a ast.Node) bool { _, is := a.(*ast.PredicateNode); return is }) {
			l.loops = append(l.loops, n)
		}
	}
}

// nested refuses a loop within a loop: its time would be the product of both.
func (l *look) nested(when string) error {
	for _, loop := range l.loops {
		inner := &look{}
		for n := range loop.Arguments {
			ast.Walk(&loop.Arguments[n], inner)
		}
		if len(inner.loops) > 0 {
			err := &file.Error{Location: inner.loops[0].Location(), Message: "any, all, filter and the like may not stand inside one another"}
			return err.Bind(file.NewSource(when))
		}
	}
	return nil
}

// explain takes the place from what the compiler says.
func (e *RuleError) explain(err error) {
	e.Problem = err.Error()
	if strings.HasPrefix(e.Problem, "expected bool") { // of the whole condition, for which the compiler has no place
		e.Line, e.Column = 1, 1
	}
	var where placed
	if errors.As(err, &where) {
		e.Place = where.Place
	}
	var at *file.Error
	if errors.As(err, &at) {
		e.Line, e.Column, e.Problem = at.Line, at.Column+1, hinted(at.Message)
	}
}

// asked are the answers of one policy's conditions about one code, each found out at most once.
type asked struct {
	policy   *Policy
	facts    *facts
	answers  []answer
	problems map[int]string // why a condition could not be answered, by its rule
	machine  *vm.VM
}

type answer uint8

const (
	open answer = iota
	yes
	no
	broken
)

// first finds the rule that decides for a class of recipients. A condition that fails while it runs (a place of a list
// that is not there, a division by zero) does not match. But what it would have tagged or held is not accepted unseen:
// where it stands before a rule that accepts, or before none, the message is tagged.
func (a *asked) first(c class) *Rule {
	var failed *Rule
	for n := range a.policy.rules {
		r := &a.policy.rules[n]
		switch {
		case !c.applies[n]:
		case a.matches(n):
			if r.Then == Accept && failed != nil {
				return failed
			}
			return r
		case a.answers[n] == broken && failed == nil && r.Then != Accept:
			failed = &Rule{Name: r.Name, Then: Tag, Reason: RuleFailed, Text: "The condition of a rule could not be answered."}
		}
	}
	return failed
}

func (a *asked) matches(n int) bool {
	if a.answers[n] == open {
		r := &a.policy.rules[n]
		a.answers[n] = no
		if r.aboutCode && a.facts.Message.Codes == 0 || !r.anyOrigin && !a.facts.Message.Inbound {
			return false
		}
		is, err := a.machine.Run(r.condition, a.facts)
		switch {
		case err != nil:
			a.answers[n] = broken
			if a.problems == nil {
				a.problems = map[int]string{}
			}
			a.problems[n] = runError(err)
		case is == true:
			a.answers[n] = yes
		}
	}
	return a.answers[n] == yes
}

// runError is why a condition failed, without the picture of it that the language draws.
func runError(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// failures are the conditions that could not be answered, each with the first reason, in the order of the rules.
func (p *Policy) failures(subjects []asked) (all []Failure) {
	var problems map[int]string
	for _, a := range subjects {
		if problems == nil {
			problems = a.problems
			continue
		}
		for n, problem := range a.problems {
			if _, known := problems[n]; !known {
				problems[n] = problem
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(problems)) {
		all = append(all, Failure{p.rules[n].Name, problems[n]})
	}
	return all
}
