package postfix

import (
	"slices"
	"testing"
)

func TestMilters(t *testing.T) {
	for list, want := range map[string][]string{
		"":                        nil,
		"inet:127.0.0.1:11332":    {"inet:127.0.0.1:11332"},
		"unix:a/b.sock, inet:h:1": {"unix:a/b.sock", "inet:h:1"},
		"inet:h:1 inet:h:2":       {"inet:h:1", "inet:h:2"},
		"{ unix:q.sock, default_action=tempfail, protocol=6 }, inet:h:1": {"unix:q.sock", "inet:h:1"},
		"inet:h:1, {unix:q.sock}": {"inet:h:1", "unix:q.sock"},
		"{ unix:q.sock":           {"unix:q.sock"},
		"{}":                      nil,
	} {
		if got := Milters(list); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}
