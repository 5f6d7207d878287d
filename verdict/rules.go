package verdict

import (
	"errors"
	"fmt"
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
	Reason     string // a stable token, lower case with dashes; "" for none
	Text       string // a sentence for people: why, and for Reject the reply

	scope     scope
	learns    bool // tags in place of holding while history is short
	condition *vm.Program
	aboutCode bool // asks about codes: does not match where there is none
	anyOrigin bool // asks where the message comes from; a rule that does not is about mail from outside
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
	Problem      string
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
	rules, ok := presetRules(preset)
	if !ok {
		return nil, fmt.Errorf("the policy %q is not known; write one of %s", preset, strings.Join(Presets, ", "))
	}
	if len(own) > maxRules {
		return nil, fmt.Errorf("%d rules; at most %d are allowed", len(own), maxRules)
	}
	if err := checkGroups(groups); err != nil {
		return nil, err
	}
	p := &Policy{observe: preset == Observe, tagOnly: tagOnly}
	all := append(slices.Clone(own), p.groupRules(groups)...)
	return p, p.compile(append(all, rules...), groups)
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

func (p *Policy) compile(rules []Rule, groups []Group) error {
	names := map[string]bool{}
	for n, r := range rules {
		err := r.compile(groups)
		if err == nil && names[r.Name] {
			err = errors.New("the name is taken; every rule needs one of its own")
		}
		if err != nil {
			failed := RuleError{Index: n, Name: r.Name}
			failed.explain(err)
			return failed
		}
		names[r.Name] = true
		p.scoped = p.scoped || r.scope != nil
		p.rules = append(p.rules, r)
	}
	return nil
}

// Rules are the rules in the order in which they are asked.
func (p *Policy) Rules() []Rule { return p.rules }

var reasonToken = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

func (r *Rule) compile(groups []Group) (err error) {
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
	if err != nil {
		return err
	}
	r.condition, r.aboutCode, r.anyOrigin = program, look.code, look.inbound
	return nil
}

func (r *Rule) check() error {
	switch {
	case r.Name == "":
		return errors.New("it needs a name")
	case !slices.Contains(severity, r.Then):
		return fmt.Errorf("then = %q is not known; write one of %s", r.Then, actions())
	case r.Reason != "" && !reasonToken.MatchString(r.Reason):
		return fmt.Errorf("reason = %q is no token; write lower-case letters, digits and dashes", r.Reason)
	case r.Then == Redirect && (checkMember(r.To) != nil || !strings.Contains(r.To, "@")):
		return fmt.Errorf("to = %q is no mailbox; write for example \"quarantine@example.org\"", r.To)
	case r.Then != Redirect && r.To != "":
		return errors.New(`to = … is for then = "redirect" alone`)
	case strings.TrimSpace(r.When) == "":
		return errors.New(`it needs a condition; write when = "true" for a rule that always matches`)
	case len(r.When) > maxWhen:
		return fmt.Errorf("the condition has %d octets; at most %d are allowed", len(r.When), maxWhen)
	}
	return nil
}

func actions() string {
	var all []string
	for _, a := range severity {
		all = append(all, string(a))
	}
	return strings.Join(all, ", ")
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

// noFact is the compiler's complaint about a fact that does not exist, in the words of our program.
var noFact = regexp.MustCompile(`^type verdict\.(\w+)Facts has no field (\w+)$`)

// explain takes line and column from what the compiler says.
func (e *RuleError) explain(err error) {
	e.Problem = err.Error()
	if strings.HasPrefix(e.Problem, "expected bool") { // of the whole condition, for which the compiler has no place
		e.Line, e.Column = 1, 1
	}
	var at *file.Error
	if errors.As(err, &at) {
		e.Line, e.Column, e.Problem = at.Line, at.Column+1, noFact.ReplaceAllString(at.Message, `there is no fact "$1.$2"`)
	}
}

// asked are the answers of one policy's conditions about one code, each found out at most once.
type asked struct {
	policy  *Policy
	facts   *facts
	answers []answer
	machine *vm.VM
}

type answer uint8

const (
	open answer = iota
	yes
	no
)

// first finds the rule that decides for a class of recipients. A condition that fails while it runs does not match: it
// cannot be true of what it was asked about.
func (a *asked) first(c class) *Rule {
	for n := range a.policy.rules {
		if c.applies[n] && a.matches(n) {
			return &a.policy.rules[n]
		}
	}
	return nil
}

func (a *asked) matches(n int) bool {
	if a.answers[n] == open {
		r := &a.policy.rules[n]
		a.answers[n] = no
		if r.aboutCode && a.facts.Message.Codes == 0 || !r.anyOrigin && !a.facts.Message.Inbound {
			return false
		}
		if is, err := a.machine.Run(r.condition, a.facts); err == nil && is == true {
			a.answers[n] = yes
		}
	}
	return a.answers[n] == yes
}
