package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"quishmilter/verdict"
)

// ruleProblem says where in the file a rule or a group is wrong: down to the column of its condition. Other errors are
// not its own, and come back as "".
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
		return fmt.Sprintf("%s:%d: %v", name, places[rule.Index].lineFor(rule.Problem), err)
	case errors.As(err, &group):
		for _, g := range sections(text, "group") {
			if g.name == group.Name {
				return fmt.Sprintf("%s:%d: %v", name, g.line, err)
			}
		}
		return fmt.Sprintf("%s:%d: %v", name, lineWith(text, "[[group]]"), err)
	}
	return ""
}

// section is where one [[rule]] or [[group]] stands, and its keys.
type section struct {
	name   string
	line   int
	keys   map[string]int
	when   unstable.Position // where the text of the condition begins, behind its quotes
	inLine bool              // the condition begins on the line of its quotes
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
				all = append(all, section{line: lineOfKey(&p, e), keys: map[string]int{}})
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

func lineOfKey(p *unstable.Parser, e *unstable.Node) int {
	k := e.Key()
	if !k.Next() {
		return 1
	}
	return p.Shape(k.Node().Raw).Start.Line
}

func (t *section) keep(p *unstable.Parser, e *unstable.Node) {
	key := keyOf(e)
	t.keys[key] = lineOfKey(p, e)
	value := e.Value()
	switch key {
	case "name":
		t.name = string(value.Data)
	case "when":
		quote := string(p.Raw(value.Raw))
		size := 1
		if strings.HasPrefix(quote, "'''") || strings.HasPrefix(quote, `"""`) {
			size = 3
		}
		t.when = p.Shape(value.Raw).Start
		t.when.Column += size
		t.inLine = size == 1 || !strings.HasPrefix(strings.TrimPrefix(quote[size:], "\r"), "\n")
	}
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

// lineFor is the line of the key that a problem begins with, or that of the table.
func (t section) lineFor(problem string) int {
	key, _, _ := strings.Cut(problem, " ")
	if line := t.keys[strings.TrimSuffix(key, ":")]; line > 0 {
		return line
	}
	return t.line
}
