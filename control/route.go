package control

import (
	"net/http"
	"net/http/pprof"

	"quishmilter/docs"
)

// right says who may ask.
type right int

const (
	reading right = iota // whoever may open the socket: its owner and group
	owning               // root and the daemon's own user
)

// route is one request that is answered.
type route struct {
	pattern string // of http.ServeMux: method and path
	right   right
	handle  http.HandlerFunc
}

// routes are all that is answered; docs/control-openapi.yaml describes each, and a test compares.
//
// What the socket's group may do changes nothing and holds nobody's key: it reads what passed, which is what an analyst
// needs. What changes how mail is judged (learning, forgetting, entries), what copies the state away, and what stops
// the world for a while (profiles) is for the owner.
func (s *Server) routes() []route {
	return []route{
		{"GET /v1/sender", reading, s.answer(s.sender)},
		{"DELETE /v1/sender", owning, s.answer(s.forget)},
		{"POST /v1/counts", reading, s.answer(s.counts)},
		{"GET /v1/history", reading, s.answer(s.history)},
		{"POST /v1/learn", owning, s.answer(s.learn)},
		{"GET /v1/events", reading, s.answer(s.events)},
		{"GET /v1/entries", reading, s.answer(s.entries)},
		{"POST /v1/entries", owning, s.answer(s.putEntry)},
		{"DELETE /v1/entries", owning, s.answer(s.removeEntry)},
		{"GET /v1/holds", reading, s.answer(s.holds)},
		{"POST /v1/holds", owning, s.answer(s.actOnHold)},
		{"GET /v1/hunt", reading, s.hunts(s.hunt)},
		{"GET /v1/preset", reading, s.hunts(s.preset)},
		{"GET /v1/picture", reading, s.answer(s.picture)},
		{"GET /v1/findings", reading, s.answer(s.findings)},
		{"GET /v1/backup", owning, s.backup},
		{"GET /v1/openapi.yaml", reading, openAPI},
		{"GET /healthz", reading, s.answer(s.health)},
		{"GET /readyz", reading, s.answer(s.readiness)},
		{"GET /metrics", reading, s.metrics},
		{"GET /debug/pprof/{$}", owning, pprof.Index},
		{"GET /debug/pprof/{name}", owning, pprof.Index},
		{"GET /debug/pprof/profile", owning, pprof.Profile},
		{"GET /debug/pprof/trace", owning, pprof.Trace},
		{"GET /debug/pprof/symbol", owning, pprof.Symbol},
		{"GET /debug/pprof/cmdline", owning, pprof.Cmdline},
	}
}

// openRoutes are those that a TCP port answers: they name nobody and nothing of a message.
func (s *Server) openRoutes() []route {
	return []route{
		{"GET /healthz", reading, s.answer(s.health)},
		{"GET /readyz", reading, s.answer(s.readiness)},
		{"GET /metrics", reading, s.metrics},
	}
}

func openAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(docs.ControlInterface) // the asker may be gone
}

// handler answers routes, each to those who may ask.
func (s *Server) handler(routes []route, allowed func(*http.Request, right) error) http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, request *http.Request) {
			if err := allowed(request, r.right); err != nil {
				s.log.ControlRefused(request.Method+" "+request.URL.Path, err)
				reply(w, http.StatusForbidden, failure{err.Error()})
				return
			}
			if err := checkQuery(r.pattern, request); err != nil {
				reply(w, http.StatusBadRequest, failure{err.Error()})
				return
			}
			r.handle(w, request)
		})
	}
	return mux
}
