package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"quishmilter/alert"
	"quishmilter/docs"
	"quishmilter/journal"
	"quishmilter/journal/table"
	"quishmilter/prevalence"
	"quishmilter/state"
)

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(docs.ControlInterface)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// operations are those of the document, as patterns.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			all[method+" "+path] = operation
		}
	}
	return all
}

// Every route is documented with the right that it needs, and every documented path is a route.
func TestDocumentAndRoutesAgree(t *testing.T) {
	documented := operations(document(t))
	s := NewServer(nil, nil, nil)
	for _, r := range s.routes() {
		pattern := strings.TrimSuffix(r.pattern, "{$}")
		operation := documented[pattern]
		if operation == nil {
			t.Errorf("docs/control-openapi.yaml does not describe %s", pattern)
			continue
		}
		if want := []string{"reading", "owning", "handling"}[r.right]; operation.Extensions["x-right"] != want {
			t.Errorf("%s is for %s, documented as %v", pattern, want, operation.Extensions["x-right"])
		}
		if forbidden := operation.Responses.Status(http.StatusForbidden) != nil; forbidden != (r.right == owning) {
			t.Errorf("%s: that it is refused to others is documented: %v", pattern, forbidden)
		}
		delete(documented, pattern)
	}
	for pattern := range documented {
		t.Errorf("docs/control-openapi.yaml describes %s, which is not answered", pattern)
	}
}

// The schemas have the fields of what is written, and require those that are always there.
func TestSchemasAreOfOurTypes(t *testing.T) {
	doc := document(t)
	for name, of := range map[string]any{
		"Sender": Sender{}, "Counts": prevalence.Counts{}, "Entry": journal.Entry{}, "Event": journal.Event{}, "Code": journal.CodeEvent{},
		"SenderThen": journal.SenderEvent{}, "Problem": journal.Problem{}, "Found": journal.Found{}, "Answer": journal.Answer{}, "Row": table.Row{},
		"Finding": journal.Finding{}, "Picture": picture{}, "Failure": failure{}, "Forgotten": prevalence.Forgotten{}, "Known": prevalence.Known{}, "History": History{}, "Inquiry": inquiry{}, "Question": prevalence.Question{}, "Counted": counted{}, "Learned": learned{}, "Status": status{},
		"Hold": journal.Hold{}, "Act": journal.Act{}, "HoldAct": holdAct{},
		"Alert": alert.Alert{}, "Reached": alert.Reached{}, "AlertAct": alert.Act{}, "AlertRequest": alertAct{}, "AlertPage": alert.Page{}, "AlertReport": alert.Report{}, "AlertCode": alert.Code{},
		"AlertSeen": alert.Seen{}, "AlertOthers": alert.Others{}, "AlertBrief": alert.Brief{}, "AlertShape": alert.Shape{}, "Artefact": alert.Artefact{},
	} {
		schema := doc.Components.Schemas[name].Value
		fields := map[string]bool{}
		for i := range reflect.TypeOf(of).NumField() {
			field, options, _ := strings.Cut(reflect.TypeOf(of).Field(i).Tag.Get("json"), ",")
			if field == "-" || field == "" {
				continue
			}
			fields[field] = true
			if schema.Properties[field] == nil {
				t.Errorf("%s of the document lacks %s", name, field)
			}
			if always := !strings.Contains(options, "omit"); always != slices.Contains(schema.Required, field) {
				t.Errorf("%s.%s: always there: %v, and the document says otherwise", name, field, always)
			}
		}
		for property := range schema.Properties {
			if !fields[property] {
				t.Errorf("%s has no %s", name, property)
			}
		}
	}
}

// Every parameter that is documented is known, and the other way round; any other is refused by name.
func TestDocumentAndParametersAgree(t *testing.T) {
	_, path, _ := start(t)
	c := connect(t, path)
	documented := operations(document(t))
	for _, r := range NewServer(nil, nil, nil).routes() {
		if r.pattern == "GET /metrics" || r.pattern == "GET /debug/pprof/symbol" {
			continue
		}
		names := []string{}
		for _, p := range documented[strings.TrimSuffix(r.pattern, "{$}")].Parameters {
			if p.Value.In == "query" {
				names = append(names, p.Value.Name)
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, append([]string{}, parameters[r.pattern]...)) {
			t.Errorf("%s: documented %q, known %q", r.pattern, names, parameters[r.pattern])
		}
		method, place, _ := strings.Cut(r.pattern, " ")
		place = strings.NewReplacer("{$}", "", "{name}", "heap").Replace(place)
		err := c.call(t.Context(), method, place+"?hots=evil.example", nil, &struct{}{})
		if err == nil || !strings.Contains(err.Error(), `"hots" is no parameter of `+r.pattern) {
			t.Errorf("%s: %v", r.pattern, err)
		}
	}
}

// example is a request that is answered with what it asks for.
type example struct{ query, body string }

var at = url.QueryEscape(noon.Format(time.RFC3339))

// Every documented request is answered in the documented form; in this order, since some need what others did.
var examples = []struct {
	pattern string
	example
}{
	{"POST /v1/learn", example{body: `{"time":"2026-11-18T12:00:00Z","from":"a@a.example","recipients":1}`}},
	{"GET /v1/sender", example{query: "address=a@a.example&now=" + at}},
	{"POST /v1/counts", example{body: `{"now":"2026-11-21T12:00:00Z","questions":[{"kind":"address","key":"a@a.example","window":{"before":864000000000000,"threshold":1,"unit":"messages"}}]}`}},
	{"GET /v1/history", example{}},
	{"DELETE /v1/sender", example{query: "address=a@a.example"}},
	{"POST /v1/entries", example{body: `{"list":"block","kind":"host","value":"evil.example","action":"quarantine"}`}},
	{"GET /v1/entries", example{}},
	{"DELETE /v1/entries", example{body: `{"list":"block","kind":"host","value":"evil.example"}`}},
	{"GET /v1/events", example{query: "limit=5"}},
	{"GET /v1/holds", example{query: "limit=5&open=true"}},
	{"POST /v1/holds", example{body: `{"event":"$ID","act":{"state":"releasing","by":"claire","uid":1000}}`}},
	{"GET /v1/alerts", example{query: "state=open&level=low&since=2026-11-01T00:00:00Z"}},
	{"GET /v1/alert", example{query: "id="}},
	{"POST /v1/alerts", example{body: `{"alert":"$ID","act":{"what":"noted","text":"seen","by":"claire"}}`}},
	{"GET /v1/hunt", example{query: "host=evil.example"}},
	{"GET /v1/preset", example{query: "name=hunt&now=" + at}},
	{"GET /v1/picture", example{query: "code=0&id="}},
	{"GET /v1/findings", example{}},
	{"GET /v1/backup", example{}},
	{"GET /v1/openapi.yaml", example{}},
	{"GET /healthz", example{}},
	{"GET /readyz", example{}},
	{"GET /metrics", example{}},
	{"GET /debug/pprof/", example{}},
	{"GET /debug/pprof/{name}", example{query: "debug=1"}},
	{"GET /debug/pprof/profile", example{query: "seconds=1"}},
	{"GET /debug/pprof/trace", example{query: "seconds=1"}},
	{"GET /debug/pprof/symbol", example{}},
	{"GET /debug/pprof/cmdline", example{}},
}

func TestAnswersAreAsDocumented(t *testing.T) {
	d, path, _ := start(t)
	id := d.fill(t)
	documented := operations(document(t))
	for _, one := range examples {
		operation := documented[one.pattern]
		if operation == nil {
			t.Errorf("%s is not documented", one.pattern)
			continue
		}
		delete(documented, one.pattern)
		if strings.HasSuffix(one.query, "id=") {
			one.query += id
		}
		one.body = strings.Replace(one.body, "$ID", id, 1)
		response, body := ask(t, path, one.pattern, one.example)
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s: %s", one.pattern, response.Status, body)
			continue
		}
		checkBody(t, one.pattern, operation, response, body)
	}
	for pattern := range documented {
		t.Errorf("nothing tries %s", pattern)
	}
}

// What is wrong is answered as documented, too.
func TestFailuresAreAsDocumented(t *testing.T) {
	d, path, _ := start(t)
	id := d.fill(t)
	documented := operations(document(t))
	for _, one := range []struct {
		pattern string
		example
		status int
	}{
		{"GET /v1/sender", example{}, 400},
		{"GET /v1/sender", example{query: "address=a@b.example&now=noon"}, 400},
		{"DELETE /v1/sender", example{}, 400},
		{"POST /v1/learn", example{body: "{"}, 400},
		{"POST /v1/learn", example{body: strings.Repeat("\n", maxBody+1)}, 413},
		{"POST /v1/counts", example{body: "{}"}, 400},
		{"GET /v1/events", example{query: "id=0000000000000000"}, 404},
		{"GET /v1/events", example{query: "limit=0"}, 400},
		{"POST /v1/entries", example{body: "[]"}, 400},
		{"DELETE /v1/entries", example{body: `{"list":"block","kind":"host","value":"other.example"}`}, 404},
		{"GET /v1/holds", example{query: "limit=0"}, 400},
		{"GET /v1/holds", example{query: "id=0000000000000000"}, 404},
		{"POST /v1/holds", example{body: `{"event":"ALL"}`}, 400},
		{"POST /v1/holds", example{body: `{"event":"0000000000000000","act":{"state":"deleting"}}`}, 404},
		{"POST /v1/holds", example{body: `{"event":"` + id + `","act":{"state":"deleting"}}`}, 200},
		{"POST /v1/holds", example{body: `{"event":"` + id + `","act":{"state":"releasing","by":"bob"}}`}, 409},
		{"GET /v1/alerts", example{query: "state=x"}, 400},
		{"GET /v1/alert", example{query: "id=0000000000000000"}, 404},
		{"POST /v1/alerts", example{body: `{"alert":"` + id + `","act":{"what":"closed"}}`}, 400},
		{"POST /v1/alerts", example{body: `{"alert":"0000000000000000","act":{"what":"closed","as":"true-positive"}}`}, 404},
		{"POST /v1/alerts", example{body: `{"alert":"` + id + `","act":{"what":"closed","as":"true-positive"}}`}, 200},
		{"POST /v1/alerts", example{body: `{"alert":"` + id + `","act":{"what":"closed","as":"false-positive"}}`}, 409},
		{"GET /v1/hunt", example{query: "client=x"}, 400},
		{"GET /v1/preset", example{query: "name=x"}, 400},
		{"GET /v1/picture", example{query: "id=0000000000000000&code=0"}, 404},
	} {
		response, body := ask(t, path, one.pattern, one.example)
		if response.StatusCode != one.status {
			t.Errorf("%s?%s: %s, want %d: %s", one.pattern, one.query, response.Status, one.status, body)
			continue
		}
		checkBody(t, one.pattern, documented[one.pattern], response, body)
	}
	d.sick = io.ErrClosedPipe
	for _, pattern := range []string{"GET /healthz", "GET /readyz"} {
		response, body := ask(t, path, pattern, example{})
		if response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s of a sick daemon: %s", pattern, response.Status)
		}
		checkBody(t, pattern, documented[pattern], response, body)
	}
}

// fill lets the journal hold an event with everything, and a finding of it.
func (d *daemon) fill(t *testing.T) (id string) {
	t.Helper()
	code := journal.CodeEvent{Symbology: "qr", Payload: "https://evil.example/x", Kind: "url", URL: "https://evil.example/x", Host: "evil.example", Carrier: "pdf",
		Part: "2", Name: "a.pdf", At: "page 1", Tricks: []string{"inverted"}, Signals: []string{"shortener"}, Box: &[4]int{1, 2, 3, 4}, Shown: []byte("\x89PNG")}
	at := noon.Add(-time.Hour)
	e := journal.Event{Time: at, ID: journal.NewID(at), QueueID: "4Szm0h0000001", MessageID: "<1@a.example>", HeaderFrom: "a@a.example", MailFrom: "a@a.example",
		Rcpts: []string{"b@b.example"}, Direction: "inbound", ClientAddr: "192.0.2.1", HELO: "a.example", Auth: "none", Subject: "hello", Verdict: "tag",
		Where: "Delivered", Reasons: []string{"shortener"}, Rules: []string{"r"}, Cause: []string{"b@b.example"}, RedirectedTo: "c@b.example", Codes: []journal.CodeEvent{code}, Scan: "partial",
		Problems: []journal.Problem{{Part: "3", Kind: "broken"}}, Size: 5, MS: 2, Stages: map[string]float64{"mime": 1}}
	err := d.db.Update(t.Context(), func(tx *state.Tx) error {
		_, err := alert.New(d.db).Add(tx, e, alert.Cause{Rule: "r", Level: alert.Medium})
		return errors.Join(err, d.events.Add(tx, e), journal.NewHolds(d.db).Add(tx, e))
	})
	if err != nil {
		t.Fatal(err)
	}
	finding := journal.Finding{Detection: "campaign"}
	finding.Add(&e, "evil.example", code.URL)
	if _, _, _, err := d.events.KeepFinding(t.Context(), finding, noon, time.Hour); err != nil {
		t.Fatal(err)
	}
	return e.ID
}

// ask makes a request at the socket.
func ask(t *testing.T, path, pattern string, e example) (*http.Response, []byte) {
	t.Helper()
	c := connect(t, path)
	method, target, _ := strings.Cut(pattern, " ")
	target = strings.Replace(target, "{name}", "heap", 1)
	request, err := http.NewRequestWithContext(t.Context(), method, "http://quishmilter"+target+"?"+e.query, strings.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

// checkBody holds an answer against its schema.
func checkBody(t *testing.T, pattern string, operation *openapi3.Operation, response *http.Response, body []byte) {
	t.Helper()
	documented := operation.Responses.Status(response.StatusCode)
	if documented == nil {
		t.Errorf("%s: that it may answer %s is not documented", pattern, response.Status)
		return
	}
	media := documented.Value.Content.Get(strings.Split(response.Header.Get("Content-Type"), ";")[0])
	if media == nil {
		t.Errorf("%s answers with %s, which is not documented", pattern, response.Header.Get("Content-Type"))
		return
	}
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if len(body) == 0 {
			t.Errorf("%s answers with nothing", pattern)
		}
		return
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&value); err != nil {
		t.Errorf("%s: %v", pattern, err)
		return
	}
	if err := media.Schema.Value.VisitJSON(value, openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s: %s: %v", pattern, body, err)
	}
	if list, ok := value.([]any); ok && len(list) == 0 {
		t.Errorf("%s answers with an empty list: the schema was not tried", pattern)
	}
}
