package milter

// Stats say how many connections of the MTA there are.
type Stats struct {
	Open    int
	Busy    int   // within a message
	Limit   int   // beyond which they are refused
	Refused int64 // since the start
}

// Stats counts.
func (s *Server) Stats() Stats {
	stats := Stats{Limit: s.Limits.filled().MaxConnections, Refused: s.refused.total()}
	s.mu.Lock()
	defer s.mu.Unlock()
	stats.Open = len(s.sessions)
	for _, busy := range s.sessions {
		if busy {
			stats.Busy++
		}
	}
	return stats
}

func (l *refusalLog) total() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}
