package verdict

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/builtin"
)

// The compiler of conditions speaks of its own program; here its complaints become sentences about the rule, with what
// was perhaps meant.

var (
	noFact  = regexp.MustCompile(`^type verdict\.(\w+)Facts has no field (\w+)$`)
	noName  = regexp.MustCompile(`^unknown name (\w+)$`)
	noPlace = regexp.MustCompile(`^unexpected token Identifier\("(\w+)"\)$`)
	mixed   = regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (\S+) and (\S+)\)$`)
)

// operators are the words between two values.
var operators = []string{"contains", "startsWith", "endsWith", "matches", "in", "not", "and", "or"}

// factNames are all facts, "code.kind" and so on, by their type.
var factNames, factTypes = func() (names []string, types map[string]string) {
	types = map[string]string{}
	all := reflect.TypeFor[facts]()
	for n := range all.NumField() {
		group := all.Field(n)
		for f := range group.Type.NumField() {
			field := group.Type.Field(f)
			name := group.Tag.Get("expr") + "." + field.Tag.Get("expr")
			names, types[name] = append(names, name), field.Type.String()
		}
	}
	return names, types
}()

// hinted is a complaint of the compiler in the words of the rules.
func hinted(message string) string {
	if m := noFact.FindStringSubmatch(message); m != nil {
		fact := m[1] + "." + m[2]
		return fmt.Sprintf("there is no fact %q%s", fact, meant(Nearest(fact, factNames)))
	}
	if m := noName.FindStringSubmatch(message); m != nil {
		if m[1] == "now" {
			return `there is no "now": rules know no clock`
		}
		if like := nearName(m[1]); like != "" {
			return fmt.Sprintf("there is no %q; did you mean %q?", m[1], like)
		}
		return fmt.Sprintf("there is no %q; facts begin with code, sender or message", m[1])
	}
	if m := noPlace.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%q does not belong here%s", m[1], meant(Nearest(m[1], operators)))
	}
	if m := mixed.FindStringSubmatch(message); m != nil {
		return mismatch(m[1], typeWords(m[2]), typeWords(m[3]))
	}
	if message == `unexpected token Operator("=")` {
		return `"=" does not belong here; did you mean "=="?`
	}
	return message
}

func meant(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", name)
}

// nearName is the group, the fact without its group, or the function that a name is most like.
func nearName(name string) string {
	for _, fact := range factNames {
		if _, last, _ := strings.Cut(fact, "."); strings.EqualFold(last, name) {
			return fact
		}
	}
	return Nearest(name, append([]string{"code", "sender", "message"}, builtin.Names...))
}

func mismatch(operator, left, right string) string {
	switch {
	case strings.HasPrefix(left, "a list") && operator != "in":
		return fmt.Sprintf("%s is not for %s; write any(LIST, # %s …), or \"WORD\" in LIST", operator, left, operator)
	case operator == "in" && right == "a text":
		return `in is not for a text; write TEXT contains "…"`
	}
	return fmt.Sprintf("%s cannot compare %s with %s", operator, left, right)
}

func typeWords(t string) string {
	switch t {
	case "string":
		return "a text"
	case "int", "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "[]string":
		return "a list of texts"
	}
	return t
}
