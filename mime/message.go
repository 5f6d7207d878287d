// Package mime walks the MIME parts of a message as mail clients show them.
//
// In goes the message's header fields and its raw body; out come its leaf parts, each a slice of the body
// that is decoded only when somebody reads it, and what was wrong with the message.
package mime

// Field is one header field as the MTA handed it over: Value is unfolded by nobody, so it may hold line breaks.
type Field struct {
	Name  string
	Value string
}

// Problem is evidence that something could not be looked at: where, and what kind of trouble.
type Problem struct {
	Part   string `json:"part"`             // path of the MIME part, "2.1"; "" for the whole message
	At     string `json:"at,omitempty"`     // place inside the part, "page 3"
	Kind   Kind   `json:"kind"`             //
	Detail string `json:"detail,omitempty"` // a short sentence of our own; quotes nothing of the message unescaped
}

// Kind says what kind of trouble a Problem is.
type Kind string

// The kinds of trouble. Each is evidence, none ends the mail.
const (
	Broken      Kind = "broken"      // does not parse
	Unsupported Kind = "unsupported" // a format that we do not read
	OverLimit   Kind = "over-limit"  // a budget other than time was used up
	Timeout     Kind = "timeout"     // the time budget was used up
	Encrypted   Kind = "encrypted"   // needs a password that we do not have
	Overload    Kind = "overload"    // no worker was free in time
)
