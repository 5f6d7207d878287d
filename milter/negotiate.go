package milter

import (
	"encoding/binary"
	"errors"

	gomilter "github.com/emersion/go-milter"
)

// What we ask of the MTA. go-milter answers an offer without reading it, and an MTA that is asked for more than it
// offered gives up (an action) or loses step with us (a reply that it waits for). So each set is cut to the offer.
//
// Nothing is decided before the end of a message, so no reply is given before it: Postfix then sends a message in
// one go, where every envelope command and header field would cost a round trip.
const (
	wantedActions = gomilter.OptAddHeader | gomilter.OptChangeHeader | gomilter.OptQuarantine | gomilter.OptSetSymList
	wantedOptions = gomilter.OptNoUnknown | gomilter.OptNoData | noReplies
	noReplies     = gomilter.OptNoConnReply | gomilter.OptNoHeloReply | gomilter.OptNoMailReply |
		gomilter.OptNoRcptReply | gomilter.OptNoDataReply | gomilter.OptNoUnknownReply |
		gomilter.OptNoHeaderReply | gomilter.OptNoEOHReply | gomilter.OptNoBodyReply
)

// noReply is the option that spares the reply to a command.
var noReply = map[byte]gomilter.OptProtocol{
	byte(gomilter.CodeConn):   gomilter.OptNoConnReply,
	byte(gomilter.CodeHelo):   gomilter.OptNoHeloReply,
	byte(gomilter.CodeMail):   gomilter.OptNoMailReply,
	byte(gomilter.CodeRcpt):   gomilter.OptNoRcptReply,
	byte(gomilter.CodeData):   gomilter.OptNoDataReply,
	byte(gomilter.CodeHeader): gomilter.OptNoHeaderReply,
	byte(gomilter.CodeEOH):    gomilter.OptNoEOHReply,
	byte(gomilter.CodeBody):   gomilter.OptNoBodyReply,
	codeUnknown:               gomilter.OptNoUnknownReply,
}

// codeUnknown is SMFIC_UNKNOWN, an SMTP command that the MTA does not know; go-milter has no name for it.
const codeUnknown = 'U'

// wantedMacros replaces, for our connections alone, the lists that main.cf gives for the stages. The queue id is
// asked for wherever it may come: Postfix has one from the first accepted recipient on.
var wantedMacros = map[gomilter.Stage][]string{
	gomilter.StageConnect: {"j", "{daemon_name}", "{daemon_addr}", "v", "{client_addr}", "{client_name}",
		"{client_port}", "{client_ptr}"},
	gomilter.StageHelo: {"{tls_version}", "{cipher}"},
	gomilter.StageMailFrom: {"i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}", "{client_addr}",
		"{client_name}", "{client_port}", "{client_ptr}"},
	gomilter.StageRcptTo: {"i"},
	gomilter.StageData:   {"i"},
	gomilter.StageEOH:    {"i"},
	gomilter.StageEOM:    {"i"},
}

var errOffer = errors.New("the MTA's first packet is no offer of options")

// offer is what the MTA's option packet says that it can do.
type offer struct {
	actions gomilter.OptAction
	options gomilter.OptProtocol
}

// readOffer reads SMFIC_OPTNEG: version, actions, options, each of four octets.
func readOffer(packet []byte) (offer, error) {
	if len(packet) < 17 || packet[4] != byte(gomilter.CodeOptNeg) {
		return offer{}, errOffer
	}
	return offer{
		actions: gomilter.OptAction(binary.BigEndian.Uint32(packet[9:])),
		options: gomilter.OptProtocol(binary.BigEndian.Uint32(packet[13:])),
	}, nil
}

// server is a go-milter server for one connection whose MTA made the offer.
func (o offer) server(backend gomilter.Milter) *gomilter.Server {
	return &gomilter.Server{
		NewMilter: func() gomilter.Milter { return backend },
		Actions:   o.actions,
		Protocol:  o.options,
		SymList:   wantedMacros,
	}
}
