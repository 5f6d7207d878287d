package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const found = `{"config":{"protocol_version":"v1.0.0"}}
{"finding":{"osv":"GO-1","fixed_version":"v1.2.3","trace":[{"module":"example.org/a","package":"a","function":"F"}]}}
{"finding":{"osv":"GO-1","fixed_version":"v1.2.3","trace":[{"module":"example.org/a","package":"a","function":"G"}]}}
{"finding":{"osv":"GO-2","fixed_version":"v1.26.9","trace":[{"module":"stdlib","package":"net/http","function":"Get"}]}}
{"finding":{"osv":"GO-3","trace":[{"module":"example.org/b","package":"b"}]}}
`
	var out strings.Builder
	called, err := report(&out, strings.NewReader(found))
	if err != nil || called != 1 {
		t.Fatalf("%d, %v", called, err)
	}
	const want = "GO-1: example.org/a, mended in v1.2.3\nGO-2: Go's own library, mended in v1.26.9\n1 in modules, 1 in Go's own library\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
	if _, err := report(&out, strings.NewReader(found[:60])); err == nil {
		t.Error("an answer that breaks off is taken for whole")
	}
}
