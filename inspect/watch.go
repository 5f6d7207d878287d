package inspect

import "time"

// Stage is how long a part of the pipeline took for a message.
type Stage struct {
	Name string
	Took time.Duration
}

// watch takes the time of one stage after the other.
type watch struct {
	start, last time.Time
	stages      []Stage
}

func newWatch() *watch {
	now := time.Now()
	return &watch{start: now, last: now, stages: make([]Stage, 0, 8)}
}

// lap ends a stage.
func (w *watch) lap(name string) {
	now := time.Now()
	w.stages = append(w.stages, Stage{name, now.Sub(w.last)})
	w.last = now
}
