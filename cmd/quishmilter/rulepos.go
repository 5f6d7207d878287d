package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"quishmilter/verdict"
)

// ruleProblem says where in the file a rule or a group is wrong: line and column of the value, or within the condition.
// Other errors are not its own, and come back as "".
func ruleProblem(name string, text []byte, err error) string {
	var rule verdict.RuleError
	var group verdict.GroupError
	switch {
	case errors.As(err, &rule):
		places := sections(text, "rule")
		if rule.Index >= len(places) {
			return fmt.Sprintf("%s:1: %v", name, err)
		}
		if line, column := places[rule.Index].inCondition(rule); line > 0 {
			return fmt.Sprintf("%s:%d:%d: rule %q: %s", name, line, column, rule.Name, rule.Problem)
		}
		return places[rule.Index].problem(name, rule.Place, err)
	case errors.As(err, &group):
		if places := sections(text, "group"); group.Index < len(places) {
			return places[group.Index].problem(name, group.Place, err)
		}
		return fmt.Sprintf("%s:%d: %v", name, lineWith(text, "[[group]]"), err)
	}
	return ""
}

// spot is a place in a file.
type spot struct{ line, column int }

// section is where one [[rule]] or [[group]] stands, and its values; of a list also its items.
type section struct {
	spot
	values map[string][]spot
	when   unstable.Position // where the text of the condition begins, behind its quotes
	inLine bool              // the condition begins on the line of its quotes
}

// problem is an error with the place of the value that it is about; of the section where nothing sets it.
func (t section) problem(file string, place verdict.Place, err error) string {
	found := t.spot
	if spots := t.values[place.Key]; len(spots) > 0 {
		found = spots[min(place.Item, len(spots)-1)]
	}
	return fmt.Sprintf("%s:%d:%d: %v", file, found.line, found.column, err)
}

// sections finds the sections of a name, in their order. The file has been read without an error before.
func sections(text []byte, name string) (all []section) {
	p := unstable.Parser{}
	p.Reset(text)
	inside := false
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			if inside = keyOf(e) == name && e.Kind == unstable.ArrayTable; inside {
				all = append(all, section{spot: spotOfKey(&p, e), values: map[string][]spot{}})
			}
		case unstable.KeyValue:
			if inside {
				all[len(all)-1].keep(&p, e)
			}
		}
	}
	return all
}

func keyOf(e *unstable.Node) string {
	var parts []string
	for k := e.Key(); k.Next(); {
		parts = append(parts, string(k.Node().Data))
	}
	return strings.Join(parts, ".")
}

// spotOfKey is where the name of a table stands, without its brackets.
func spotOfKey(p *unstable.Parser, e *unstable.Node) spot {
	k := e.Key()
	if !k.Next() {
		return spot{1, 1}
	}
	return spotOf(p, k.Node())
}

func spotOf(p *unstable.Parser, n *unstable.Node) spot {
	at := p.Shape(n.Raw).Start
	return spot{at.Line, at.Column}
}

func (t *section) keep(p *unstable.Parser, e *unstable.Node) {
	key, value := keyOf(e), e.Value()
	switch {
	case value.Kind == unstable.Array:
		for items := value.Children(); items.Next(); {
			t.values[key] = append(t.values[key], spotOf(p, items.Node()))
		}
		if len(t.values[key]) == 0 {
			t.values[key] = []spot{spotOfKey(p, e)}
		}
	case value.Raw.Length > 0:
		t.values[key] = []spot{spotOf(p, value)}
	default:
		t.values[key] = []spot{spotOfKey(p, e)}
	}
	if key != "when" {
		return
	}
	quote := string(p.Raw(value.Raw))
	size := 1
	if strings.HasPrefix(quote, "'''") || strings.HasPrefix(quote, `"""`) {
		size = 3
	}
	t.when = p.Shape(value.Raw).Start
	t.when.Column += size
	t.inLine = size == 1 || !strings.HasPrefix(strings.TrimPrefix(quote[size:], "\r"), "\n")
}

// inCondition is the place in the file of a place in the condition; 0 where the problem is not in the condition. (In a
// text in double quotes every escape moves the column.)
func (t section) inCondition(e verdict.RuleError) (line, column int) {
	if e.Line == 0 || t.when.Line == 0 {
		return 0, 0
	}
	line, column = t.when.Line+e.Line-1, e.Column
	switch {
	case !t.inLine:
		line++ // a line break right behind the quotes is no part of the text
	case e.Line == 1:
		column += t.when.Column - 1
	}
	return line, column
}
