package control

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"quishmilter/docs"
	"quishmilter/journal"
)

func shownMetrics(t *testing.T, m *Metrics) string {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, family := range families {
		for _, metric := range family.Metric {
			var labels []string
			for _, label := range metric.Label {
				labels = append(labels, label.GetName()+"="+label.GetValue())
			}
			value := metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			fmt.Fprintf(&text, "%s{%s} %v\n", family.GetName(), strings.Join(labels, ","), value)
		}
	}
	return text.String()
}

func TestMetricsCount(t *testing.T) {
	m := NewMetrics("1.2.3")
	m.Watch(Gauges{
		Workers:  func() Workers { return Workers{All: 3, Busy: 1, Waiting: 7, Replaced: 4, Failed: 5} },
		Sessions: func() Sessions { return Sessions{Open: 9, Busy: 2, Limit: 512, Refused: 6} },
		State: func() State {
			return State{Bytes: 100, Free: 10, Journal: 50, Commits: 8, Changes: 20, Failures: 1}
		},
		Spool:    func() uint64 { return 11 },
		Findings: func() (map[string]int64, int64) { return map[string]int64{"campaign": 12}, 13 },
	})
	m.Message(journal.Event{Time: noon, Verdict: "tag", Would: "quarantine", Scan: "partial", MS: 3, Reasons: []string{"ipfs-gateway", "made-up"},
		Codes: []journal.CodeEvent{{Carrier: "pdf", Kind: "url"}, {Carrier: "a\nb", Kind: "x"}}, Problems: []journal.Problem{{Kind: "timeout"}}})
	m.Message(journal.Event{Time: noon, Verdict: "accept", Scan: "complete"})
	m.Stage("mime", time.Millisecond)
	m.Stage("unheard of", time.Millisecond)
	m.Recorded(time.Millisecond, nil)
	m.Recorded(time.Millisecond, errors.New("full"))
	m.WorkerWait(time.Second)
	got := shownMetrics(t, m)
	for _, want := range []string{
		"messages_total{verdict=tag} 1", "messages_total{verdict=accept} 1", "messages_total{verdict=reject} 0", "would_total{verdict=quarantine} 1",
		"scans_total{scan=partial} 1", "reasons_total{reason=ipfs-gateway} 1", "reasons_total{reason=other} 1", "codes_total{carrier=pdf} 1",
		"codes_total{carrier=other} 1", "payloads_total{kind=url} 1", "payloads_total{kind=other} 1", "problems_total{kind=timeout} 1", "message_seconds{} 2",
		"stage_seconds{stage=mime} 1", "stage_seconds{stage=other} 1", "record_seconds{} 1", "record_failures_total{} 1", "worker_wait_seconds{} 1",
		"workers{state=busy} 1", "workers{state=idle} 2", "worker_waiting{} 7", "worker_replaced_total{} 4", "worker_start_failures_total{} 5",
		"milter_sessions{state=busy} 2", "milter_sessions{state=idle} 7", "milter_sessions_limit{} 512", "milter_refused_total{} 6", "state_bytes{} 100",
		"state_free_bytes{} 10", "journal_bytes{} 50", "state_commits_total{} 8", "state_changes_total{} 20", "state_commit_failures_total{} 1",
		"history_spool{} 11", "findings_total{detection=campaign} 12", "finding_blocks_total{} 13",
		fmt.Sprintf("last_message_timestamp_seconds{} %v", float64(noon.Unix())),
	} {
		if !strings.Contains(got, "quishmilter_"+want+"\n") {
			t.Errorf("it lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// Whatever stands in messages makes no series.
func TestSeriesAreBounded(t *testing.T) {
	m := NewMetrics("")
	before := strings.Count(shownMetrics(t, m), "\nquishmilter_")
	for i := range 1000 {
		text := fmt.Sprint(i)
		m.Message(journal.Event{Verdict: text, Would: text, Scan: text, Reasons: []string{text}, Codes: []journal.CodeEvent{{Carrier: text, Kind: text}},
			Problems: []journal.Problem{{Kind: text}}})
		m.Stage(text, 0)
	}
	if after := strings.Count(shownMetrics(t, m), "\nquishmilter_"); after != before {
		t.Errorf("%d series became %d", before, after)
	}
}

func TestReasonsOfTheDocument(t *testing.T) {
	reasons := docs.Reasons()
	known := map[string]bool{}
	for _, reason := range reasons {
		known[reason] = true
	}
	if len(reasons) < 30 || !known["qr-link-from-new-sender"] || !known["unscannable-part"] || !known["qr-service"] {
		t.Errorf("%d reasons: %q", len(reasons), reasons)
	}
}

func TestMetricsAreServed(t *testing.T) {
	_, path, _ := start(t)
	response, body := ask(t, path, "GET /metrics", example{})
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") || !bytes.Contains(body, []byte("# TYPE quishmilter_messages_total counter\n")) ||
		!bytes.Contains(body, []byte("go_goroutines")) {
		t.Errorf("%s: %.500s", response.Header, body)
	}
}

// BenchmarkMessage is what metrics cost a plain message.
func BenchmarkMessage(b *testing.B) {
	m := NewMetrics("")
	e := journal.Event{Time: noon, Verdict: "accept", Scan: "complete", MS: .4}
	b.ReportAllocs()
	for b.Loop() {
		for _, name := range stages {
			m.Stage(name, time.Microsecond)
		}
		m.Recorded(time.Millisecond, nil)
		m.Message(e)
	}
}
