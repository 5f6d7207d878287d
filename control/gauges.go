package control

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Gauges are where metrics are looked up when somebody asks. A function that is nil is not asked.
type Gauges struct {
	Workers  func() Workers
	Sessions func() Sessions
	State    func() State
	Spool    func() uint64                                       // changes that wait for the shared store
	Findings func() (byDetection map[string]int64, blocks int64) // since the start
}

// Workers are the processes that decode.
type Workers struct {
	All      int
	Busy     int   // on lease to a message
	Waiting  int   // messages that wait for one
	Replaced int64 // since the start
	Failed   int64 // starts that failed
}

// Sessions are the MTA's connections.
type Sessions struct {
	Open    int
	Busy    int   // within a message
	Limit   int   // beyond which they are refused
	Refused int64 // since the start
}

// State is the state file.
type State struct {
	Bytes    int64
	Free     int64 // of these
	Journal  int64 // what the journal's events take
	Room     int64 // what they may take
	Early    int64 // events that went for want of room, before their time, since the start
	Oldest   time.Time
	Commits  int64
	Changes  int64 // that shared these commits
	Failures int64 // commits that failed
}

// gathered asks the gauges.
type gathered struct {
	gauges Gauges
	all    map[string]*prometheus.Desc
}

// gatheredNames are the series with their sentence.
var gatheredNames = []struct{ name, help, label string }{
	{"workers", "Worker processes, by whether a message has them.", "state"},
	{"worker_waiting", "Messages that wait for a worker now.", ""},
	{"worker_replaced_total", "Workers that were killed or died, and were replaced.", ""},
	{"worker_start_failures_total", "Workers that could not be started.", ""},
	{"milter_sessions", "Connections of the MTA, by whether they are within a message.", "state"},
	{"milter_sessions_limit", "How many there may be.", ""},
	{"milter_refused_total", "Connections that were refused because too many were open.", ""},
	{"state_bytes", "Size of the state file.", ""},
	{"state_free_bytes", "Free pages in the state file.", ""},
	{"journal_bytes", "What the journal's events take of it.", ""},
	{"journal_limit_bytes", "What they may take (journal.size); beyond it the oldest go before their time.", ""},
	{"journal_oldest_timestamp_seconds", "When the oldest event of the journal happened; 0 when it is empty.", ""},
	{"journal_early_total", "Events that were removed before journal.keep, for want of room.", ""},
	{"state_commits_total", "Commits to the state file.", ""},
	{"state_changes_total", "Changes that were committed; several share a commit.", ""},
	{"state_commit_failures_total", "Commits that failed.", ""},
	{"history_spool", "Changes of histories that wait for the shared store.", ""},
	{"findings_total", "Findings, by detection.", "detection"},
	{"finding_blocks_total", "Block entries that findings made.", ""},
}

func newGathered(g Gauges) *gathered {
	c := &gathered{gauges: g, all: map[string]*prometheus.Desc{}}
	for _, one := range gatheredNames {
		var labels []string
		if one.label != "" {
			labels = []string{one.label}
		}
		c.all[one.name] = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", one.name), one.help, labels, nil)
	}
	return c
}

// Describe names the series.
func (c *gathered) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range c.all {
		out <- desc
	}
}

// Collect reads them.
func (c *gathered) Collect(out chan<- prometheus.Metric) {
	gauge := func(name string, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(c.all[name], prometheus.GaugeValue, value, labels...)
	}
	count := func(name string, value int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(c.all[name], prometheus.CounterValue, float64(value), labels...)
	}
	if c.gauges.Workers != nil {
		w := c.gauges.Workers()
		gauge("workers", float64(w.Busy), "busy")
		gauge("workers", float64(w.All-w.Busy), "idle")
		gauge("worker_waiting", float64(w.Waiting))
		count("worker_replaced_total", w.Replaced)
		count("worker_start_failures_total", w.Failed)
	}
	if c.gauges.Sessions != nil {
		s := c.gauges.Sessions()
		gauge("milter_sessions", float64(s.Busy), "busy")
		gauge("milter_sessions", float64(s.Open-s.Busy), "idle")
		gauge("milter_sessions_limit", float64(s.Limit))
		count("milter_refused_total", s.Refused)
	}
	c.collectState(gauge, count)
}

func (c *gathered) collectState(gauge func(string, float64, ...string), count func(string, int64, ...string)) {
	if c.gauges.State != nil {
		s := c.gauges.State()
		gauge("state_bytes", float64(s.Bytes))
		gauge("state_free_bytes", float64(s.Free))
		gauge("journal_bytes", float64(s.Journal))
		gauge("journal_limit_bytes", float64(s.Room))
		gauge("journal_oldest_timestamp_seconds", float64(max(s.Oldest.Unix(), 0)))
		count("journal_early_total", s.Early)
		count("state_commits_total", s.Commits)
		count("state_changes_total", s.Changes)
		count("state_commit_failures_total", s.Failures)
	}
	if c.gauges.Spool != nil {
		gauge("history_spool", float64(c.gauges.Spool()))
	}
	if c.gauges.Findings != nil {
		byName, blocks := c.gauges.Findings()
		for name, n := range byName {
			count("findings_total", n, name)
		}
		count("finding_blocks_total", blocks)
	}
}
