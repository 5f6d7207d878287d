package state

import "sync/atomic"

// Stats are numbers since the opening.
type Stats struct {
	Commits  int64 // that reached the disk
	Changes  int64 // that shared them
	Failures int64 // commits that failed
}

type stats struct{ commits, changes, failures atomic.Int64 }

// Stats counts what was written.
func (db *DB) Stats() Stats {
	return Stats{db.stats.commits.Load(), db.stats.changes.Load(), db.stats.failures.Load()}
}

func (s *stats) count(changes int, err error) {
	if err != nil {
		s.failures.Add(1)
		return
	}
	s.commits.Add(1)
	s.changes.Add(int64(changes))
}
