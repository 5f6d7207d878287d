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
	Name   string // unique
	When   string // a condition in the language of expr-lang/expr over code, sender and message
	Then   Action
	Reason string // a stable token, lower case with dashes; "" for none
	Text   string // a sentence for people: why, and for Reject the reply

	condition *vm.Program
	aboutCode bool // asks about codes: does not match where there is none
	anyOrigin bool // asks where the message comes from; a rule that does not is about mail from outside
}

// Policy is a list of rules that were checked.
type Policy struct {
	rules   []Rule
	observe bool
	tagOnly bool
}

// Bounds on what an admin may write; the evaluation of a rule is bounded by its size, since the language has no loops
// of its own.
const (
	maxRules = 200
	maxWhen  = 2000 // octets
	maxNodes = 500
)

// Compile puts an admin's rules before those of a preset and checks all of them. With tagOnly nothing is worse than a
// tag: for a place before other milters, where a hold would silence them.
func Compile(preset string, own []Rule, tagOnly bool) (*Policy, error) {
	rules, ok := presetRules(preset)
	if !ok {
		return nil, fmt.Errorf("the policy %q is not known; write one of %s", preset, strings.Join(Presets, ", "))
	}
	if len(own) > maxRules {
		return nil, fmt.Errorf("%d rules; at most %d are allowed", len(own), maxRules)
	}
	p := &Policy{observe: preset == Observe, tagOnly: tagOnly}
	names := map[string]bool{}
	for _, r := range append(slices.Clone(own), rules...) {
		if err := r.compile(); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.Name, err)
		}
		if names[r.Name] {
			return nil, fmt.Errorf("rule %q: the name is taken; every rule needs one of its own", r.Name)
		}
		names[r.Name] = true
		p.rules = append(p.rules, r)
	}
	return p, nil
}

// Rules are the rules in the order in which they are asked.
func (p *Policy) Rules() []Rule { return p.rules }

var reasonToken = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

func (r *Rule) compile() error {
	switch {
	case r.Name == "":
		return errors.New("it needs a name")
	case !slices.Contains(severity, r.Then):
		return fmt.Errorf("then = %q is not known; write one of %s", r.Then, actions())
	case r.Reason != "" && !reasonToken.MatchString(r.Reason):
		return fmt.Errorf("reason = %q is no token; write lower-case letters, digits and dashes", r.Reason)
	case strings.TrimSpace(r.When) == "":
		return errors.New(`it needs a condition; write when = "true" for a rule that always matches`)
	case len(r.When) > maxWhen:
		return fmt.Errorf("the condition has %d octets; at most %d are allowed", len(r.When), maxWhen)
	}
	look := &codeLook{}
	program, err := expr.Compile(r.When, expr.Env(facts{}), expr.AsBool(), expr.MaxNodes(maxNodes), expr.Patch(look))
	if err != nil {
		return where(err)
	}
	r.condition, r.aboutCode, r.anyOrigin = program, look.code, look.inbound
	return nil
}

func actions() string {
	var all []string
	for _, a := range severity {
		all = append(all, string(a))
	}
	return strings.Join(all, ", ")
}

// codeLook notes what a condition asks about.
type codeLook struct{ code, inbound bool }

// Visit looks at one node of the condition.
func (l *codeLook) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		l.code = l.code || n.Value == "code"
	case *ast.MemberNode:
		name, ok := n.Property.(*ast.StringNode)
		l.inbound = l.inbound || ok && name.Value == "inbound"
	}
}

// where puts line and column in front of what the compiler says.
func where(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return err
	}
	return fmt.Errorf("line %d, column %d: %s", at.Line, at.Column+1, at.Message)
}

// first finds the rule that decides. A condition that fails while it runs does not match: it cannot be true of what it
// was asked about.
func (p *Policy) first(f facts) *Rule {
	for n := range p.rules {
		r := &p.rules[n]
		if r.aboutCode && f.Message.Codes == 0 || !r.anyOrigin && !f.Message.Inbound {
			continue
		}
		if yes, err := expr.Run(r.condition, f); err == nil && yes == true {
			return r
		}
	}
	return nil
}
