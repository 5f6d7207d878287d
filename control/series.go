package control

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	namespace = "quishmilter"
	other     = "other"
)

// counts is a counter by a label of which only known values have a series.
type counts map[string]prometheus.Counter

func (c counts) add(value string) {
	counter, known := c[value]
	if !known {
		counter = c[other]
	}
	counter.Inc()
}

// factory makes series that are registered.
type factory struct{ registry *prometheus.Registry }

func (f factory) counts(name, help, label string, values []string) counts {
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, []string{label})
	f.registry.MustRegister(vector)
	all := counts{}
	for _, value := range append(slices.Clone(values), other) {
		all[value] = vector.WithLabelValues(value)
	}
	return all
}

func (f factory) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help})
	f.registry.MustRegister(c)
	return c
}

func (f factory) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	f.registry.MustRegister(g)
	return g
}

func (f factory) histogram(name, help string) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets})
	f.registry.MustRegister(h)
	return h
}
