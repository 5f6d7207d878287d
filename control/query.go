package control

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// parameters are the names that a request's query may have, by route. A name that is not known is refused: a misspelt
// filter would otherwise answer with everything. docs/control-openapi.yaml describes each, and a test compares.
var parameters = map[string][]string{
	"GET /v1/alerts":    {"from", "level", "since", "state"},
	"GET /v1/alert":     {"id"},
	"GET /v1/sender":    {"address", "now"},
	"DELETE /v1/sender": {"address"},
	"GET /v1/events":    {"before", "id", "limit", "queue_id"},
	"GET /v1/holds":     {"after", "id", "limit", "open"},
	"GET /v1/hunt":      {"client", "codes", "domain", "from", "host", "kind", "picture", "rcpt", "reason", "sender", "since", "until", "url", "verdict"},
	"GET /v1/preset":    {"from", "name", "now"},
	"GET /v1/picture":   {"code", "id"},

	"GET /debug/pprof/{name}":  {"debug", "gc", "seconds"},
	"GET /debug/pprof/profile": {"seconds"},
	"GET /debug/pprof/trace":   {"seconds"},
}

// checkQuery says which name of a query a route does not know. Prometheus may add what it likes to the address of
// /metrics, and pprof reads names of functions out of the query of /symbol.
func checkQuery(pattern string, r *http.Request) error {
	if pattern == "GET /metrics" || pattern == "GET /debug/pprof/symbol" {
		return nil
	}
	known := parameters[pattern]
	for name, values := range r.URL.Query() {
		switch {
		case len(values) > 1:
			return badRequest{fmt.Errorf("%.40q is there %d times; once is right", name, len(values))}
		case slices.Contains(known, name):
		case len(known) == 0:
			return badRequest{fmt.Errorf("%.40q is no parameter of %s, which has none", name, pattern)}
		default:
			return badRequest{fmt.Errorf("%.40q is no parameter of %s; write %s", name, pattern, strings.Join(known, ", "))}
		}
	}
	return nil
}
