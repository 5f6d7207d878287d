package milter

import (
	gomilter "github.com/emersion/go-milter"
)

// Wants is what is asked of an MTA beside header fields and holds, where it is used: the MTA of an admin who does not
// redirect mail need not trust us with its recipients, and answers about recipients cost a round trip each.
type Wants struct {
	Redirect   bool // Handle may answer with Redirect
	Recipients bool // Recipient is asked
}

// actions and options are what is asked of the MTA. What an MTA does not offer is left out.
func (w Wants) actions() gomilter.OptAction {
	if w.Redirect {
		return wantedActions | gomilter.OptAddRcpt | gomilter.OptRemoveRcpt
	}
	return wantedActions
}

func (w Wants) options() gomilter.OptProtocol {
	if w.Recipients {
		return wantedOptions &^ gomilter.OptNoRcptReply
	}
	return wantedOptions
}

func (s *Server) wants() Wants {
	if s.Wants == nil {
		return Wants{}
	}
	return s.Wants()
}

// another refuses a recipient for this message alone (RFC 5321, section 4.5.3.1.10): the sender's MTA sends the message
// to it again, by itself.
var another = gomilter.NewResponseStr(byte(gomilter.ActReplyCode),
	"452 4.5.3 quishmilter: another policy holds for this recipient, send the message separately")

// takes asks whether a recipient may come with those that came before it. The first always may, or nothing would ever
// arrive.
func (s *session) takes(rcpt string) bool {
	if s.agreed.options&gomilter.OptNoRcptReply != 0 || s.srv.Recipient == nil || len(s.message.rcpts) == 0 {
		return true
	}
	return s.srv.Recipient(s.envelope(s.message, s.srv.now()), rcpt)
}

// redirect replaces all recipients by one mailbox.
func redirect(m *gomilter.Modifier, rcpts []string, to string) {
	for _, rcpt := range rcpts {
		_ = m.DeleteRecipient(rcpt) // errors: see edit
	}
	_ = m.AddRecipient(to)
}
