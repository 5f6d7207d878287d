package identity

import "net/netip"

// Direction tells where a message comes from, in the words of Defender's EmailDirection.
type Direction string

// The directions.
const (
	Inbound  Direction = "Inbound"
	Outbound Direction = "Outbound"
)

// Origin is what decides the direction.
type Origin struct {
	Client netip.Addr // the SMTP client; the zero Addr where it is not known, which is not local
	Port   uint16     // 0 together with loopback: mail that a local program handed in, as Postfix reports it
	User   string     // the authenticated SASL user
}

// DirectionOf tells mail of our own users and networks from mail from outside. Loopback is not our own unless it is
// named: a content filter hands foreign mail back from there.
func DirectionOf(o Origin, own []netip.Prefix) Direction {
	if o.User != "" || (o.Client.IsLoopback() && o.Port == 0) {
		return Outbound
	}
	addr := o.Client.Unmap()
	for _, prefix := range own {
		if prefix.Contains(addr) {
			return Outbound
		}
	}
	return Inbound
}
