package control

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"quishmilter/docs"
	"quishmilter/journal"
)

// Metrics counts what is done. Its methods may be called from any goroutine, and cost a message about a
// microsecond: every series is made at the start.
//
// Labels have values of ours alone. What a message or a worker says beside them counts as "other", or whoever writes
// mail could make a series per message.
type Metrics struct {
	registry *prometheus.Registry

	verdicts, would, scans      counts
	reasons                     counts
	carriers, kinds, problems   counts
	seconds, record, workerWait prometheus.Histogram
	stages                      map[string]prometheus.Observer
	recordFailures              prometheus.Counter
	notices                     counts
	last                        prometheus.Gauge
	handler                     http.Handler
}

// The values of labels, as the documents list them.
var (
	actions  = []string{"accept", "tag", "quarantine", "redirect", "reject", "tempfail", "discard"}
	scans    = []string{"complete", "partial", "unscannable"}
	stages   = []string{"mime", "codes", "text", "payload", "sender", "verdict"}
	carriers = []string{"image", "pdf", "office", "html-table", "html-css", "text-blocks", "svg", "calendar", "generator-url"}
	kinds    = []string{"url", "payment", "wifi", "otpauth", "contact", "phone", "sms", "mail", "geo", "event", "app-link", "device-link",
		"crypto", "ticket", "invoice", "text", "binary"}
	problems = []string{"broken", "unsupported", "over-limit", "timeout", "encrypted", "overload"}
)

// Buckets in seconds: plain mail takes under a millisecond, a PDF some tens, and 10 s is the usual limit.
var buckets = []float64{.0002, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// NewMetrics makes them. The version is the program's.
func NewMetrics(version string) *Metrics {
	registry := prometheus.NewRegistry()
	make := factory{registry}
	m := &Metrics{
		registry:       registry,
		verdicts:       make.counts("messages_total", "Messages answered, by what was done.", "verdict", actions),
		would:          make.counts("would_total", "Messages by what the policy would have done, where it only observes or tags.", "verdict", actions),
		scans:          make.counts("scans_total", "Messages by how much of them could be looked at.", "scan", scans),
		reasons:        make.counts("reasons_total", "Messages by reason; one message may have several.", "reason", docs.Reasons()),
		carriers:       make.counts("codes_total", "Codes that were read, by where they were.", "carrier", carriers),
		kinds:          make.counts("payloads_total", "Codes that were read, by what they ask for.", "kind", kinds),
		problems:       make.counts("problems_total", "What could not be looked at, by why.", "kind", problems),
		seconds:        make.histogram("message_seconds", "From the end of a message to its verdict."),
		record:         make.histogram("record_seconds", "Until a message's record was on the disk."),
		workerWait:     make.histogram("worker_wait_seconds", "How long a message with something to decode waited for a worker."),
		stages:         map[string]prometheus.Observer{},
		recordFailures: make.counter("record_failures_total", "Records that could not be written."),
		notices:        make.counts("notices_total", "Mails of ours to people about held messages, by whether Postfix took them.", "outcome", []string{"sent", "failed"}),
		last:           make.gauge("last_message_timestamp_seconds", "When the last message was answered."),
	}
	vector := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "stage_seconds", Help: "What a stage took of a message.", Buckets: buckets}, []string{"stage"})
	registry.MustRegister(vector, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, name := range append(stages, other) {
		m.stages[name] = vector.WithLabelValues(name)
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say what runs."}, []string{"version", "go"})
	registry.MustRegister(build)
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: requestTime / 3, DisableCompression: true})
	return m
}

// Watch has what the gauges say shown too. It is called once.
func (m *Metrics) Watch(g Gauges) { m.registry.MustRegister(newGathered(g)) }

// Message counts what was answered.
func (m *Metrics) Message(e journal.Event) {
	m.verdicts.add(e.Verdict)
	if e.Would != "" {
		m.would.add(e.Would)
	}
	m.scans.add(e.Scan)
	m.seconds.Observe(e.MS / 1000)
	m.last.Set(float64(e.Time.UnixMilli()) / 1000)
	for _, reason := range e.Reasons {
		m.reasons.add(reason)
	}
	for _, c := range e.Codes {
		m.carriers.add(c.Carrier)
		m.kinds.add(c.Kind)
	}
	for _, p := range e.Problems {
		m.problems.add(p.Kind)
	}
}

// Stage counts what a part of the pipeline took.
func (m *Metrics) Stage(name string, took time.Duration) {
	stage, known := m.stages[name]
	if !known {
		stage = m.stages[other]
	}
	stage.Observe(took.Seconds())
}

// Recorded counts the writing of a record.
func (m *Metrics) Recorded(took time.Duration, err error) {
	if err != nil {
		m.recordFailures.Inc()
		return
	}
	m.record.Observe(took.Seconds())
}

// Notice counts a mail of ours to people.
func (m *Metrics) Notice(err error) {
	if err != nil {
		m.notices.add("failed")
		return
	}
	m.notices.add("sent")
}

// WorkerWait counts how long a message waited for a worker.
func (m *Metrics) WorkerWait(took time.Duration) { m.workerWait.Observe(took.Seconds()) }

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) { s.Metrics.handler.ServeHTTP(w, r) }
