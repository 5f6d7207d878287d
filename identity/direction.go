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
	Client netip.Addr // the SMTP client; the zero Addr where the MTA gave none
	Name   string     // its host name, as the MTA says
	Port   uint16
	User   string // the authenticated SASL user
}

// DirectionOf tells mail of our own users and networks from mail from outside. Loopback is not our own unless it is
// named: a content filter hands foreign mail back from there.
func DirectionOf(o Origin, own []netip.Prefix) Direction {
	if o.User != "" || o.local() {
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

// local tells mail that a program on this host handed in. Postfix's cleanup reports it as localhost without an
// address family (seen with 3.7), and an SMTP client is never without one.
func (o Origin) local() bool {
	return o.Port == 0 && (o.Client.IsLoopback() || !o.Client.IsValid() && o.Name == "localhost")
}
