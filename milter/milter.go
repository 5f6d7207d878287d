// Package milter answers an MTA's milter connections and hides the milter protocol and go-milter's habits.
//
// In go connections of a mail server; for each message that arrives whole, Server.Handle is called once with the
// envelope, the header fields and the body, and its Answer goes back as header edits, a hold or a reply. Nothing is
// said to the MTA before the end of a message, so one decision is all there is.
//
// # Limits
//
// 512 connections at once, 50 MiB of body (what is beyond is dropped and Message.Cut says so), 1 MiB and 10,000 fields
// of header (likewise; fields of our own name are still counted, so that no forged one stays), 10,000 recipients,
// 1 MiB a packet, 200 deletions an answer. A body over 1 MiB lies in an unlinked temporary file and is mapped while
// Handle runs. All can be changed in Limits but the last three.
//
// # What it does not do
//
// It does not look into messages, replaces no bodies, and answers no multi-line replies. Per-recipient answers do not
// exist, a message is one message; but a recipient can be put off at RCPT, so that it comes in a message of its own. Header values come as the milter protocol gives them: folded lines
// joined by a bare LF, and the one space after the colon taken away. It runs on Linux: see prompt.
package milter

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"quishmilter/inspect"
	"quishmilter/mime"
)

// OwnPrefix begins the name of every header field that this program writes. Fields of that name are kept in
// Message.Header even beyond the header limits (with an empty value there), for Forged must count all of them.
const OwnPrefix = "X-Quish-"

// Server answers an MTA's milter connections. Set the exported fields before Serve and leave them alone afterwards.
type Server struct {
	// Handle decides on one message, at the end of its body. It may take as long as its own budget allows: the MTA is
	// told every Limits.ProgressEvery that we are still at it. The Body of the message is gone when Handle returns.
	// ctx ends when the MTA hangs up in the middle, when Serve's context ends, and when Shutdown runs out of patience.
	Handle func(ctx context.Context, m *inspect.Message) Answer

	// Failure decides on a message that could not be received whole (the temporary file could not be written) or for
	// which Handle panicked. The Body of the message is what there is of it, perhaps nothing. nil means TempFail.
	// It is not asked about more fields of our name than can be deleted: such a message is always a TempFail.
	Failure func(m *inspect.Message, err error) Answer

	// Wants is asked when a connection begins. nil wants nothing.
	Wants func() Wants

	// Recipient is asked at RCPT, where that was wanted, whether a recipient may be among those of this message; those
	// that may are in the envelope, one at least. It must be quick.
	Recipient func(e inspect.Envelope, rcpt string) bool

	Limits  Limits
	TempDir string           // for long bodies; "" is os.TempDir
	Log     *slog.Logger     // nil is slog.Default
	Now     func() time.Time // nil is time.Now

	inMemory  atomic.Int64 // octets of bodies
	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	sessions  map[*session]bool // true while in a message
	refusing  int
	refused   refusalLog
	draining  bool
	empty     chan struct{} // closed by the last session to leave while draining; nil before Shutdown
	cancel    []context.CancelFunc
}

// Action is what the MTA shall do with a message.
type Action int

// The actions. Whatever the action, the MTA keeps the connection for the next message.
const (
	Continue Action = iota // go on: later milters see it, then it is delivered
	Hold                   // into the hold queue; the client gets 250
	Reject                 // 5xx
	TempFail               // 4xx
	Discard                // 250, and the message is gone
	Redirect               // to Answer.To in place of all recipients
)

// Answer is what Handle makes of a message.
type Answer struct {
	Action Action
	Reply  string       // text after the code, one line, for Reject ("550 5.7.1 ") and TempFail ("451 4.7.1 "); "" leaves it to the MTA
	To     string       // of a Redirect: a mailbox, without angle brackets
	Reason string       // of a Hold; made ASCII and cut to 100 bytes, which is what Postfix logs from 3.10 on
	Add    []mime.Field // fields to add, in this order, right below the Received field of this host; for Continue, Hold and Redirect
	Delete []Occurrence // fields to delete, for the same; carried out in this order: see Forged
}

// Occurrence names one field of a header as the milter protocol does.
type Occurrence struct {
	Name  string
	Index int // among the fields of that name, whatever its case; the first is 1
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}
