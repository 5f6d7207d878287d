package milter

import "testing"

func TestStats(t *testing.T) {
	s, _ := keeping()
	s.Limits.MaxConnections = 1
	addr, _ := start(t, s)
	if got := s.Stats(); got != (Stats{Limit: 1}) {
		t.Errorf("before: %+v", got)
	}
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	m.envelope(second)
	waitBusy(s, 1)
	other := dial(t, addr)
	other.offer(postfixActions, postfixOptions)
	other.send('C', "other.example\x00", "4\x00\x19", "192.0.2.8\x00")
	if other.want('y').data == "" {
		t.Error("the second connection got no reply")
	}
	if got := s.Stats(); got != (Stats{Open: 1, Busy: 1, Limit: 1, Refused: 1}) {
		t.Errorf("with one within a message, and one refused: %+v", got)
	}
}
