package verdict

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Explanation is how the rules answered about one code, or about a message without one.
type Explanation struct {
	Code  int          `json:"code"` // its place in the evidence, from 0; -1 for a message without a code
	Rules []RuleAnswer `json:"rules"`
}

// RuleAnswer is what one rule said. Rules behind the one that decides are answered too: they show what would happen
// without it.
type RuleAnswer struct {
	Name    string   `json:"name"`
	When    string   `json:"when,omitempty"` // "" for an entry of the allow and block lists
	Then    Action   `json:"then"`
	Reason  string   `json:"reason,omitempty"`
	Text    string   `json:"text,omitempty"`
	Matches bool     `json:"matches"`
	Decides bool     `json:"decides"`           // the first that matches, or one with a problem, for which the message is tagged
	Unasked string   `json:"unasked,omitempty"` // why it was passed over
	Untrue  []string `json:"untrue,omitempty"`  // those conditions of the ones joined by && that did not hold
	Facts   []Fact   `json:"facts,omitempty"`   // what the condition asks about
	Problem string   `json:"problem,omitempty"` // why the condition could not be answered
}

// Fact is a value that a condition asked for.
type Fact struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// Explain says for every code how every rule answered, and why. Where recipients have policies of their own it speaks of
// those whose policy decided.
func (p *Policy) Explain(e Evidence) []Explanation {
	var all []Explanation
	_, decisive := p.decide(e)
	for n, env := range environments(e) {
		x := Explanation{Code: n}
		if len(e.Codes) == 0 {
			x.Code = -1
		}
		if r := e.entryRule(n); r != nil {
			x.Rules = append(x.Rules, RuleAnswer{Name: r.Name, Then: r.Then, Reason: r.Reason, Text: r.Text, Matches: true})
		}
		for i := range p.rules {
			x.Rules = append(x.Rules, p.rules[i].explain(env, decisive.applies[i]))
		}
		if first := decisiveOf(x.Rules); first >= 0 {
			x.Rules[first].Decides = true
		}
		all = append(all, x)
	}
	return all
}

// decisiveOf is the place of the answer that decides: the first that matches, or before one that accepts, the first that
// could not be given and might have tagged or held. -1: none.
func decisiveOf(answers []RuleAnswer) int {
	failed := -1
	for n, a := range answers {
		switch {
		case a.Matches && a.Then == Accept && failed >= 0:
			return failed
		case a.Matches:
			return n
		case a.Problem != "" && a.Then != Accept && failed < 0:
			failed = n
		}
	}
	return failed
}

func (r *Rule) explain(f facts, applies bool) RuleAnswer {
	a := RuleAnswer{Name: r.Name, When: r.When, Then: r.Then, Reason: r.Reason, Text: r.Text, Unasked: r.unasked(f)}
	if !applies {
		a.Unasked = "it is about other recipients than those whose policy decides"
	}
	tree, err := parser.Parse(r.When)
	if err != nil {
		a.Problem = err.Error()
		return a
	}
	a.Facts = askedFor(tree.Node, f)
	if a.Unasked != "" {
		return a
	}
	yes, err := expr.Run(r.condition, f)
	if err != nil {
		a.Problem = runError(err)
		return a
	}
	if a.Matches = yes == true; !a.Matches {
		a.Untrue = untrue(tree.Node, f)
	}
	return a
}

// unasked says why a rule is passed over; "" when it is asked.
func (r *Rule) unasked(f facts) string {
	switch {
	case r.aboutCode && f.Message.Codes == 0:
		return "it asks about a code, and the message has none"
	case !r.anyOrigin && !f.Message.Inbound:
		return "it is about mail from outside, and this is not"
	}
	return ""
}

// untrue are the conditions joined by && that do not hold. One that cannot be answered by itself is left out.
func untrue(node ast.Node, f facts) []string {
	if and, ok := node.(*ast.BinaryNode); ok && (and.Operator == "&&" || and.Operator == "and") {
		return append(untrue(and.Left, f), untrue(and.Right, f)...)
	}
	text := node.String()
	program, err := expr.Compile(text, expr.Env(facts{}), expr.AsBool(), expr.MaxNodes(maxNodes))
	if err != nil {
		return nil
	}
	if yes, err := expr.Run(program, f); err != nil || yes == true {
		return nil
	}
	return []string{text}
}

// asks collects the names of facts in a condition.
type asks struct{ names []string }

// Visit looks at one node of the condition.
func (a *asks) Visit(node *ast.Node) {
	member, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	group, isGroup := member.Node.(*ast.IdentifierNode)
	name, isName := member.Property.(*ast.StringNode)
	if isGroup && isName && !slices.Contains(a.names, group.Value+"."+name.Value) {
		a.names = append(a.names, group.Value+"."+name.Value)
	}
}

func askedFor(node ast.Node, f facts) []Fact {
	var a asks
	ast.Walk(&node, &a)
	var list []Fact
	for _, name := range a.names {
		if value, ok := f.value(name); ok {
			list = append(list, Fact{name, value})
		}
	}
	return list
}

// value looks a fact up by its name in the language of the rules, "code.host".
func (f facts) value(name string) (any, bool) {
	at := reflect.ValueOf(f)
	for word := range strings.SplitSeq(name, ".") {
		next, ok := tagged(at, word)
		if !ok {
			return nil, false
		}
		at = next
	}
	return at.Interface(), true
}

func tagged(v reflect.Value, name string) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	for n := range v.NumField() {
		if v.Type().Field(n).Tag.Get("expr") == name {
			return v.Field(n), true
		}
	}
	return v, false
}

// String shows the fact with what came from a message in quotes.
func (f Fact) String() string {
	switch v := f.Value.(type) {
	case string, []string:
		return fmt.Sprintf("%s = %q", f.Name, v)
	}
	return fmt.Sprintf("%s = %v", f.Name, f.Value)
}
