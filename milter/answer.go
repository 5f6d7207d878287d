package milter

import (
	gomilter "github.com/emersion/go-milter"
)

// carryOut writes the edits of an answer and returns the response that ends it. A hold is no response: the MTA is
// told to hold, and then to go on.
func (s *session) carryOut(a Answer, m *gomilter.Modifier) gomilter.Response {
	switch a.Action {
	case Continue, Hold, Redirect:
		if need := a.needs(); s.agreed.actions&need != need {
			s.srv.log().Error("the MTA does not let us do what the answer asks for", "missing", uint32(need&^s.agreed.actions))
			return gomilter.RespTempFail
		}
		if a.Action == Redirect && (a.To == "" || len(s.message.rcpts) == maxRcpts) { // some may not be known
			return gomilter.RespTempFail
		}
		a.edit(m)
		if a.Action == Redirect {
			redirect(m, s.message.rcpts, a.To)
		}
		return gomilter.RespContinue
	case Reject:
		return refusal("550 5.7.1 ", a.Reply, gomilter.RespReject)
	case Discard:
		return gomilter.RespDiscard
	}
	return refusal("451 4.7.1 ", a.Reply, gomilter.RespTempFail) // TempFail, and any action that does not exist
}

// needs is what the MTA must have agreed to.
func (a Answer) needs() gomilter.OptAction {
	var need gomilter.OptAction
	if len(a.Add) > 0 {
		need |= gomilter.OptAddHeader
	}
	if len(a.Delete) > 0 {
		need |= gomilter.OptChangeHeader
	}
	switch a.Action {
	case Hold:
		need |= gomilter.OptQuarantine
	case Redirect:
		need |= gomilter.OptAddRcpt | gomilter.OptRemoveRcpt
	}
	return need
}

// edit writes deletions, additions and the hold, in this order: a deletion counts the fields that arrived, and Postfix
// forgets a hold's reason, so the fields that explain it come first.
//
// Additions are inserted at index 1, 2, …: index 0 is above the Received field of this host, which stays on top as
// the trace of the hop (RFC 5321, 4.4), with what the hop found out right below it. The end of the header would do
// for Postfix, but what it takes for the end of a broken header is not what every reader does.
func (a Answer) edit(m *gomilter.Modifier) {
	for _, d := range a.Delete {
		if d.Index > 0 && validName(d.Name) {
			_ = m.ChangeHeader(d.Index, d.Name, "") // errors: wire remembers them and ends the session
		}
	}
	index := 1
	for _, f := range a.Add {
		if validName(f.Name) {
			_ = m.InsertHeader(index, f.Name, safeValue(f.Name, f.Value))
			index++
		}
	}
	if a.Action == Hold {
		_ = m.Quarantine(safeReason(a.Reason))
	}
}

// refusal is a response with our own text, or the MTA's where there is none.
func refusal(code, text string, bare gomilter.Response) gomilter.Response {
	if text = safeReply(text); text == "" {
		return bare
	}
	return gomilter.NewResponseStr(byte(gomilter.ActReplyCode), code+text)
}
