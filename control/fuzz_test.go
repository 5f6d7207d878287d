package control

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
)

// FuzzRequests asks every route whatever comes, as somebody may who can open the socket: the answer is JSON, and no handler
// panics.
func FuzzRequests(f *testing.F) {
	f.Add(uint8(0), "address=a@b.example&now=2026-11-21T12:00:00Z", "")
	f.Add(uint8(2), "", `{"time":"2026-11-21T12:00:00Z","questions":[{"kind":"host","key":"h"}]}`)
	f.Add(uint8(4), "", `{"time":"2026-11-18T12:00:00Z","from":"a@b.example","recipients":1}`)
	f.Add(uint8(7), "", `{"list":"block","kind":"host","value":"evil.example","action":"quarantine"}`)
	f.Add(uint8(14), "since=7d&host=*.example&reason=ipfs-gateway&from=x&limit=1", "")
	f.Add(uint8(16), "id=x&code=-1", "")
	d, _, _ := start(f)
	log := new(bytes.Buffer)
	s := NewServer(d, func() time.Time { return noon }, journal.NewLog(log, journal.Text, ""))
	var routes []route
	for _, r := range s.routes() {
		if !strings.Contains(r.pattern, "/debug/") && !strings.Contains(r.pattern, "backup") && !strings.Contains(r.pattern, "openapi") && !strings.Contains(r.pattern, "metrics") {
			routes = append(routes, r)
		}
	}
	handler := s.handler(routes, func(*http.Request, right) error { return nil })
	f.Fuzz(func(t *testing.T, which uint8, query, body string) {
		method, path, _ := strings.Cut(routes[int(which)%len(routes)].pattern, " ")
		request := httptest.NewRequest(method, "http://quishmilter"+path, strings.NewReader(body))
		request.URL.RawQuery = query
		if values, err := url.ParseQuery(query); err == nil && values.Get("address") == "panic" {
			return // what this test's own source does
		}
		log.Reset()
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if strings.Contains(log.String(), "defect") {
			t.Errorf("%s %s?%s %q: %s", method, path, query, body, log)
		}
		for lines := json.NewDecoder(answer.Body); lines.More(); {
			var one any
			if err := lines.Decode(&one); err != nil {
				t.Errorf("%s %s?%s: %v", method, path, query, err)
				break
			}
		}
	})
}
