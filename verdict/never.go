package verdict

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"golang.org/x/net/publicsuffix"
)

// What else can never be true, beside a word that no fact is: a number out of a fact's range, a host in capitals, two
// conditions joined by && of which one excludes the other. Such a rule would stand there for years and hold nothing.

// MaxKept is how long histories are kept, in days (prevalence.Retention; a test compares them). So many days touch one
// date more.
const MaxKept = 32

// span is the numbers that a fact may be.
type span struct{ low, high float64 }

func (s span) String() string {
	if s.high == math.Inf(1) {
		return fmt.Sprintf("a number from %g on", s.low)
	}
	return fmt.Sprintf("a number from %g to %g", s.low, s.high)
}

// spanOf is the range of a number among the facts.
func spanOf(fact string) (s span, isNumber bool) {
	switch {
	case factTypes[fact] != "int":
		return span{math.Inf(-1), math.Inf(1)}, false
	case strings.HasSuffix(fact, "age_days"), strings.HasSuffix(fact, "since_days"):
		return span{-1, MaxKept}, true
	case strings.HasSuffix(fact, "days"):
		return span{0, MaxKept + 1}, true
	case fact == "code.strong":
		return span{0, 7}, true
	case fact == "code.strong_in_link":
		return span{0, 4}, true
	}
	return span{0, math.Inf(1)}, true
}

// number is a constant, with its sign.
func number(node ast.Node) (n float64, is bool) {
	switch c := node.(type) {
	case *ast.IntegerNode:
		return float64(c.Value), true
	case *ast.FloatNode:
		return c.Value, true
	case *ast.UnaryNode:
		n, is = number(c.Node)
		if c.Operator == "-" {
			n = -n
		}
		return n, is && (c.Operator == "-" || c.Operator == "+")
	}
	return 0, false
}

// flipped is the operator with its sides exchanged, and opposite the one that is true where it is not.
var (
	flipped  = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
	opposite = map[string]string{"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
)

// narrowed is what of a range a comparison leaves. Facts are whole numbers. What "!=" takes out of the middle is left in.
func (s span) narrowed(operator string, n float64) span {
	switch operator {
	case "<":
		s.high = min(s.high, math.Ceil(n)-1)
	case "<=":
		s.high = min(s.high, math.Floor(n))
	case ">":
		s.low = max(s.low, math.Floor(n)+1)
	case ">=":
		s.low = max(s.low, math.Ceil(n))
	case "==":
		s.low, s.high = max(s.low, n), min(s.high, n)
	case "!=":
		if s.low == n {
			s.low++
		}
		if s.high == n {
			s.high--
		}
	}
	return s
}

func (s span) empty() bool { return s.low > s.high || s.low == s.high && s.low != math.Trunc(s.low) }

// comparison is "fact operator constant", however it is written.
type comparison struct {
	fact, key string // key tells one element of a list from another
	operator  string
	value     ast.Node
	negated   bool
}

// comparisonOf reads one; ok is false of anything else.
func (c *compared) comparisonOf(node ast.Node) (found comparison, ok bool) {
	if not, is := node.(*ast.UnaryNode); is && (not.Operator == "!" || not.Operator == "not") {
		found, ok = c.comparisonOf(not.Node)
		found.negated = !found.negated
		return found, ok
	}
	n, is := node.(*ast.BinaryNode)
	if !is {
		fact := c.fact(node)
		return comparison{fact, node.String(), "", nil, false}, factTypes[fact] == "bool"
	}
	if fact := c.fact(n.Left); fact != "" {
		return comparison{fact, n.Left.String(), n.Operator, n.Right, false}, true
	}
	if fact := c.fact(n.Right); fact != "" && flipped[n.Operator] != "" {
		return comparison{fact, n.Right.String(), flipped[n.Operator], n.Left, false}, true
	}
	return found, false
}

// inRange notes a comparison with a number that is never true, and warns of one that always is: that says nothing, and
// does no harm.
func (c *compared) inRange(n ast.Node) {
	one, ok := c.comparisonOf(n)
	if !ok || flipped[one.operator] == "" {
		return
	}
	if one.negated {
		one.operator = opposite[one.operator]
	}
	value, isConstant := number(one.value)
	all, isNumber := spanOf(one.fact)
	if !isConstant || !isNumber {
		return
	}
	if c.asksCode && one.fact == "message.codes" { // a rule about codes is not asked where there is none
		all.low = 1
	}
	switch {
	case all.narrowed(one.operator, value).empty():
		c.fail(n, "%s is never %s %g; it is %s%s", one.fact, one.operator, value, all, c.whyOne(one.fact))
	case all.narrowed(opposite[one.operator], value).empty():
		c.warn(n, "%s is always %s %g; it is %s%s", one.fact, one.operator, value, all, c.whyOne(one.fact))
	}
}

// warn notes what is of no use.
func (c *compared) warn(node ast.Node, format string, a ...any) {
	c.warnings = append(c.warnings, &file.Error{Location: node.Location(), Message: fmt.Sprintf(format, a...)})
}

func (c *compared) whyOne(fact string) string {
	if c.asksCode && fact == "message.codes" {
		return " where the condition asks about a code"
	}
	return ""
}

// fail notes the first problem.
func (c *compared) fail(node ast.Node, format string, a ...any) {
	if c.err == nil {
		c.err = &file.Error{Location: node.Location(), Message: fmt.Sprintf(format, a...)}
	}
}

// together notes the one of some conditions, all of which have to be true, that excludes those before it.
func (c *compared) together(conditions []ast.Node) {
	left := map[string]*possible{}
	for _, condition := range conditions {
		one, ok := c.comparisonOf(condition)
		if !ok {
			continue
		}
		p := left[one.key]
		if p == nil {
			p = c.everything(one.fact)
			left[one.key] = p
		}
		if before := p.condition; !p.narrow(one) {
			if before != nil {
				c.fail(condition, "it excludes %s, so that the rule never matches", before)
			}
			return
		}
		p.condition = condition
	}
}

// possible is what a fact may still be.
type possible struct {
	span      span
	words     []string // nil: anything
	yes, no   bool
	condition ast.Node // the last that said something
}

func (c *compared) everything(fact string) *possible {
	p := &possible{yes: true, no: true, words: c.words.values(fact)}
	p.span, _ = spanOf(fact)
	return p
}

// narrow takes out what a comparison excludes, and says whether anything is left.
func (p *possible) narrow(one comparison) bool {
	if one.operator == "" || one.operator == "==" || one.operator == "!=" {
		if value, is := truth(one); is {
			p.yes, p.no = p.yes && value, p.no && !value
			return p.yes || p.no
		}
	}
	if n, is := number(one.value); is && flipped[one.operator] != "" {
		operator := one.operator
		if one.negated {
			operator = opposite[operator]
		}
		p.span = p.span.narrowed(operator, n)
		return !p.span.empty()
	}
	holds := wordTest(one)
	if holds == nil {
		return true
	}
	if p.words == nil {
		if one.negated || one.operator != "==" && one.operator != "in" {
			return true
		}
		p.words = constants(one.value)
	}
	p.words = slices.DeleteFunc(slices.Clone(p.words), func(w string) bool { return holds(w) == one.negated })
	return len(p.words) > 0
}

// truth is what a comparison says that a fact which is true or false has to be.
func truth(one comparison) (value, is bool) {
	if one.operator == "" {
		return !one.negated, true
	}
	constant, is := one.value.(*ast.BoolNode)
	return is && constant.Value == (one.operator == "==") == !one.negated, is
}

// constants are the texts that a node is or holds; nil for anything else.
func constants(node ast.Node) (all []string) {
	switch n := node.(type) {
	case *ast.StringNode:
		return []string{n.Value}
	case *ast.ArrayNode:
		for _, one := range n.Nodes {
			text, is := one.(*ast.StringNode)
			if !is {
				return nil
			}
			all = append(all, text.Value)
		}
	}
	return all
}

// wordTest is a comparison with texts as a function; nil for others.
func wordTest(one comparison) func(string) bool {
	texts := constants(one.value)
	if len(texts) == 0 || strings.HasPrefix(factTypes[one.fact], "[]") && one.key == one.fact { // a list is not one word
		return nil
	}
	text := texts[0]
	switch one.operator {
	case "==":
		return func(w string) bool { return w == text }
	case "!=":
		return func(w string) bool { return w != text }
	case "in":
		return func(w string) bool { return slices.Contains(texts, w) }
	case "contains":
		return func(w string) bool { return strings.Contains(w, text) }
	case "startsWith":
		return func(w string) bool { return strings.HasPrefix(w, text) }
	case "endsWith":
		return func(w string) bool { return strings.HasSuffix(w, text) }
	case "matches":
		if pattern, err := regexp.Compile(text); err == nil {
			return pattern.MatchString
		}
	}
	return nil
}

// conditionsOf are the conditions that && joins.
func conditionsOf(node ast.Node) []ast.Node {
	if n, is := node.(*ast.BinaryNode); is && (n.Operator == "&&" || n.Operator == "and") {
		return append(conditionsOf(n.Left), conditionsOf(n.Right)...)
	}
	return []ast.Node{node}
}

// hostFacts are names of hosts, in lower case and in ASCII.
var hostFacts = []string{"code.host", "sender.domain"}

// addressFacts are mail addresses, in lower case.
var addressFacts = []string{"sender.address", "message.recipients"}

// badHost says why a text is never (a part of) a host, or the domain of a sender; "" where it may be.
func badHost(fact, text string, whole bool) string {
	switch registered, err := publicsuffix.EffectiveTLDPlusOne(text); {
	case text != strings.ToLower(text):
		return fmt.Sprintf("hosts are in lower case: %q", strings.ToLower(text))
	case strings.ContainsFunc(text, func(r rune) bool { return r > '~' }):
		return "hosts are in ASCII, \"xn--…\""
	case strings.ContainsAny(text, "/@ "):
		return "it is a host alone, for example \"example.org\""
	case strings.HasPrefix(text, "*."):
		return fmt.Sprintf("write %s endsWith %q", fact, text[1:])
	case strings.ContainsAny(text, "[]"):
		return "an IPv6 address stands there without brackets"
	case whole && strings.HasSuffix(text, "."):
		return fmt.Sprintf("hosts have no dot at the end: %q", strings.TrimSuffix(text, "."))
	case whole && fact == "sender.domain" && err == nil && registered != text:
		return fmt.Sprintf("it is the registrable domain: %q", registered)
	}
	return ""
}

// host checks a text that a host, a link or an address is compared with.
func (c *compared) host(fact, operator string, node ast.Node) {
	text, isText := node.(*ast.StringNode)
	if !isText {
		return
	}
	whole := operator == "==" || operator == "!=" || operator == "in"
	isHost, isAddress, why := slices.Contains(hostFacts, fact), slices.Contains(addressFacts, fact), ""
	switch {
	case fact == "code.target" && (whole || operator == "startsWith") && strings.Contains(text.Value, ".") && !strings.Contains(text.Value, ":"):
		why = fmt.Sprintf("it is a whole link, \"https://…\"; write code.target contains %q", text.Value)
	case (isHost || isAddress) && operator == "matches":
		if needsCapital(text.Value) {
			why = "hosts and addresses are in lower case"
		}
	case isHost:
		why = badHost(fact, text.Value, whole)
	case isAddress && text.Value != strings.ToLower(text.Value):
		why = fmt.Sprintf("addresses are in lower case: %q", strings.ToLower(text.Value))
	}
	if why != "" {
		c.fail(node, "%s is never %q; %s", fact, text.Value, why)
	}
}

// needsCapital tells a pattern that only texts with capitals match.
func needsCapital(pattern string) bool {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	return err == nil && needs(tree)
}

func needs(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return re.Flags&syntax.FoldCase == 0 && strings.ToLower(string(re.Rune)) != string(re.Rune)
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		return slices.ContainsFunc(re.Sub, needs)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !needs(sub) })
	}
	return false
}
