package verdict

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"quishmilter/payload"
)

// A condition that compares a fact with a word which the fact never is would be accepted by the language, and would
// silently never match. So the words that conditions compare with are checked where the values of a fact are known.

// Words are the words of a configuration that facts may have beside ours.
type Words struct {
	Signals []string // of a code's link: the names of the admin's own lists of hosts
}

// Values that are nowhere else listed as a whole.
var (
	carrierNames = []string{"image", "pdf", "office", "html-table", "html-css", "text-blocks", "svg", "calendar", "generator-url", "remote-picture"}
	trickNames   = []string{"inverted", "mirrored", "low-contrast", "coloured", "tiny", "distorted", "damaged", "split", "nested", "decoy"}
	auths        = []string{"pass", "fail", "none"}
	aboutSenders = []string{"from-several", "from-missing", "from-name-is-address", "from-mixed-script", "from-hidden-characters",
		payload.SignalBrandSender, payload.SignalNameAddress, payload.SignalReplyTo}
)

// values are the words that a fact may be, or that its list may hold; nil where anything may stand there.
func (w Words) values(fact string) []string {
	switch fact {
	case "code.kind":
		return payload.Kinds()
	case "code.carrier":
		return carrierNames
	case "code.tricks":
		return trickNames
	case "code.signals":
		return append(payload.CodeSignals(), w.Signals...)
	case "code.strong_signals":
		return []string{payload.SignalRecipient, newSharedHost, DeviceLinking, deceptiveLink, DisguisedCode, forgedSender, payload.SignalBareCode}
	case "sender.auth":
		return auths
	case "sender.signals":
		return aboutSenders
	case "message.signals":
		return []string{payload.SignalLureWords, payload.SignalEmptyBody}
	}
	return nil
}

// compared walks through a condition, in which names and the element of a list ("#") may stand for a fact.
type compared struct {
	words Words
	names map[string]string // of "let", and "" for "#" → the fact
	err   *file.Error       // the first word that no fact is

	asksCode bool                     // the condition asks about a code
	negated  map[*ast.BinaryNode]bool // stands behind a "!", with which it is looked at
	warnings []*file.Error            // comparisons that are of no use
}

// check finds the first word that a fact is compared with and never is; and comparisons that are of no use.
func (w Words) check(when string) (warnings []*file.Error, err error) {
	tree, err := parser.Parse(when)
	if err != nil {
		return nil, err
	}
	asked := &look{}
	ast.Walk(&tree.Node, asked)
	c := &compared{words: w, names: map[string]string{}, asksCode: asked.code, negated: map[*ast.BinaryNode]bool{}}
	c.walk(tree.Node)
	for _, warning := range c.warnings {
		warning.Bind(file.NewSource(when))
	}
	if c.err == nil {
		return c.warnings, nil
	}
	return c.warnings, c.err.Bind(file.NewSource(when))
}

func (c *compared) walk(node ast.Node) {
	switch n := node.(type) {
	case *ast.BinaryNode:
		c.walk(n.Left)
		c.walk(n.Right)
		c.binary(n)
		if !c.negated[n] {
			c.inRange(n)
		}
		c.together(conditionsOf(n))
	case *ast.UnaryNode:
		if inner, is := n.Node.(*ast.BinaryNode); is && (n.Operator == "!" || n.Operator == "not") {
			c.negated[inner] = true
			c.inRange(n)
		}
		c.walk(n.Node)
	case *ast.ConditionalNode:
		c.walk(n.Cond)
		c.walk(n.Exp1)
		c.walk(n.Exp2)
	case *ast.VariableDeclaratorNode:
		c.walk(n.Value)
		c.within(n.Name, c.fact(n.Value), n.Expr)
	case *ast.SequenceNode:
		for _, one := range n.Nodes {
			c.walk(one)
		}
	case *ast.BuiltinNode:
		for _, argument := range n.Arguments {
			if body, is := argument.(*ast.PredicateNode); is {
				c.within("", c.fact(n.Arguments[0]), body.Node)
			} else {
				c.walk(argument)
			}
		}
	case *ast.CallNode:
		for _, argument := range n.Arguments {
			c.walk(argument)
		}
	}
}

// within walks through a part of the condition in which a name stands for a fact.
func (c *compared) within(name, fact string, node ast.Node) {
	before := c.names[name]
	c.names[name] = fact
	c.walk(node)
	c.names[name] = before
}

// fact is the name of the fact that a node asks for, or that it is an element of; "" for anything else.
func (c *compared) fact(node ast.Node) string {
	switch n := node.(type) {
	case *ast.ChainNode:
		return c.fact(n.Node)
	case *ast.PointerNode:
		return c.names[n.Name]
	case *ast.IdentifierNode:
		return c.names[n.Value]
	case *ast.MemberNode:
		group, isGroup := n.Node.(*ast.IdentifierNode)
		name, isName := n.Property.(*ast.StringNode)
		if isGroup && isName {
			return group.Value + "." + name.Value
		}
		return c.fact(n.Node) // an element of a list
	case *ast.BuiltinNode:
		if len(n.Arguments) > 0 && slices.Contains([]string{"lower", "trim", "first", "last", "filter", "sort", "uniq"}, n.Name) {
			return c.fact(n.Arguments[0])
		}
	}
	return ""
}

// binary checks the words on either side of a comparison.
func (c *compared) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "==", "!=":
		c.word(c.fact(n.Left), n.Right, is)
		c.word(c.fact(n.Right), n.Left, is)
		c.host(c.fact(n.Left), n.Operator, n.Right)
		c.host(c.fact(n.Right), n.Operator, n.Left)
	case "in":
		c.word(c.fact(n.Right), n.Left, is)
		c.host(c.fact(n.Right), n.Operator, n.Left)
		if list, isList := n.Right.(*ast.ArrayNode); isList {
			for _, one := range list.Nodes {
				c.word(c.fact(n.Left), one, is)
				c.host(c.fact(n.Left), n.Operator, one)
			}
		}
	case "contains":
		c.word(c.fact(n.Left), n.Right, strings.Contains)
		c.host(c.fact(n.Left), n.Operator, n.Right)
	case "startsWith":
		c.word(c.fact(n.Left), n.Right, strings.HasPrefix)
		c.host(c.fact(n.Left), n.Operator, n.Right)
	case "endsWith":
		c.word(c.fact(n.Left), n.Right, strings.HasSuffix)
		c.host(c.fact(n.Left), n.Operator, n.Right)
	case "matches":
		c.host(c.fact(n.Left), n.Operator, n.Right)
		c.word(c.fact(n.Left), n.Right, func(value, pattern string) bool {
			re, err := regexp.Compile(pattern)
			return err != nil || re.MatchString(value) // the compiler refuses a broken pattern
		})
	}
}

func is(value, word string) bool { return value == word }

// word notes a word which the comparison is true of for no value of the fact.
func (c *compared) word(fact string, node ast.Node, holds func(value, word string) bool) {
	text, isText := node.(*ast.StringNode)
	values := c.words.values(fact)
	if !isText || values == nil || c.err != nil || slices.ContainsFunc(values, func(v string) bool { return holds(v, text.Value) }) {
		return
	}
	hint := "it is one of " + strings.Join(values, ", ")
	if fact := askedBy[text.Value]; fact != "" {
		hint = "write " + fact
	} else if like := Nearest(text.Value, values); like != "" {
		hint = fmt.Sprintf("did you mean %q?", like)
	}
	c.err = &file.Error{Location: text.Location(), Message: fmt.Sprintf("%s is never %q; %s", fact, text.Value, hint)}
}

// askedBy are conditions for words that stand among the reasons of a message, and are no signals of its codes.
var askedBy = map[string]string{
	DisguisedCode: "code.disguised", newSharedHost: inStrong(newSharedHost), deceptiveLink: inStrong(deceptiveLink), forgedSender: inStrong(forgedSender),
	NotAuthenticated: `sender.auth == "fail"`, OwnDomainForged: "sender.own_domain_forged", RemoteUnseen: "message.remote_picture_unseen",
	MarkedSpam: "message.marked_spam", UnscannablePart: "!message.complete", NewSender: "!sender.prevalent", KnownSender: "sender.prevalent",
	payload.SignalLureWords: "message.lure_words", payload.SignalEmptyBody: "message.empty_body",
}

func inStrong(signal string) string { return fmt.Sprintf("%q in code.strong_signals", signal) }

// Nearest is the word of a list that is most like another, in any case of letters; "" where none is like it.
func Nearest(word string, list []string) string {
	best, least := "", len(word)/2+1+min(len(word)/3, 1)
	for _, known := range list {
		if d := distance(strings.ToLower(word), known); d < least {
			best, least = known, d
		}
	}
	return best
}

// distance counts the single letters to change, add or drop (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
