package quishmilter

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"quishmilter/journal"
)

// sentence is what a function says to the operator, each part that varies as "…".
type sentence struct{ function, text string }

var verb = regexp.MustCompile(`%[-+# 0]*[0-9.]*[a-zA-Z]`)

// firstText is the first string of an expression.
func firstText(e ast.Expr) (text string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && text == "" {
			text, _ = strconv.Unquote(lit.Value)
		}
		return text == ""
	})
	return verb.ReplaceAllString(text, "…")
}

// functions hands out the functions of the files that a pattern names.
func functions(t *testing.T, pattern string, each func(*ast.FuncDecl)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				each(f)
			}
		}
	}
}

// logged are the warnings and errors of the log.
func logged(t *testing.T) (list []sentence) {
	t.Helper()
	elsewhere := map[string]string{"Found": journal.Finding{}.LogLine()} // a sentence that another function words
	functions(t, "journal/*.go", func(f *ast.FuncDecl) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			level, ok := call.Args[0].(*ast.SelectorExpr)
			if !ok || level.Sel.Name != "LevelWarn" && level.Sel.Name != "LevelError" {
				return true
			}
			text := firstText(call.Args[1])
			if text == "" {
				text = elsewhere[f.Name.Name]
			}
			list = append(list, sentence{f.Name.Name, text})
			return true
		})
	})
	return list
}

var warns = regexp.MustCompile(`[wW]arnings?$|^openToAll$`)

// warned are the warnings of `quishmilter check`: what is long enough to be a sentence, in functions that are named so.
func warned(t *testing.T) (list []sentence) {
	t.Helper()
	functions(t, "cmd/quishmilter/*.go", func(f *ast.FuncDecl) {
		if !warns.MatchString(f.Name.Name) {
			return
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > 40 {
				list = append(list, sentence{f.Name.Name, firstText(lit)})
			}
			return true
		})
	})
	return list
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// The beginning of every sentence that asks the operator for something, as long as it takes to tell it from all others,
// stands in docs/operations.md, with what to do.
func TestOperationsDocument(t *testing.T) {
	text, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.TrimSpace(cells[3]) != "" { // what it says, what it means, what to do
			for _, span := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
				rows = append(rows, span[1])
			}
		}
	}
	said, warnings := logged(t), warned(t)
	if len(said) < 40 || len(warnings) < 15 {
		t.Errorf("%d sentences of the log, %d warnings", len(said), len(warnings))
	}
	all := append(said, warnings...)
	used := map[string]bool{}
	for _, s := range all {
		found := false
		for _, row := range rows {
			if strings.HasPrefix(s.text, row) && of(all, row) == 1 {
				found, used[row] = true, true
			}
		}
		if !found {
			t.Errorf("%s says %q, and docs/operations.md does not say what to do", s.function, s.text)
		}
	}
	for _, row := range rows {
		if !used[row] {
			t.Errorf("nobody says %q, or several do", row)
		}
	}
}

// of counts the sentences that begin so.
func of(all []sentence, beginning string) (n int) {
	for _, s := range all {
		if strings.HasPrefix(s.text, beginning) {
			n++
		}
	}
	return n
}
