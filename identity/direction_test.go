package identity

import (
	"net/netip"
	"testing"
)

func TestDirection(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	tests := []struct {
		addr, user, name string
		port             uint16
		want             Direction
	}{
		{"158.69.201.47", "", "localhost", 4711, Inbound},
		{"158.69.201.47", "claire", "mx.example.net", 4711, Outbound},
		{"192.0.2.7", "", "", 4711, Outbound},
		{"::ffff:192.0.2.7", "", "", 4711, Outbound},
		{"127.0.0.1", "", "localhost", 4711, Inbound},
		{"127.0.0.1", "", "localhost", 0, Outbound},
		{"", "", "localhost", 0, Outbound},
		{"", "", "unknown", 0, Inbound},
		{"", "", "", 0, Inbound},
	}
	for _, test := range tests {
		addr, _ := netip.ParseAddr(test.addr)
		if got := DirectionOf(Origin{addr, test.name, test.port, test.user}, own); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
