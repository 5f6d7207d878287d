package journal

import (
	"time"

	"quishmilter/verdict"
)

// Event is one answered message. Its JSON form is stable: fields are added, never renamed.
type Event struct {
	Time       time.Time `json:"time"` // when the end of the message was seen
	ID         string    `json:"id"`   // of NewID
	QueueID    string    `json:"queue_id,omitempty"`
	MessageID  string    `json:"message_id,omitempty"`
	HeaderFrom string    `json:"header_from"` // the address that clients show; "" when there is no single one
	MailFrom   string    `json:"mail_from,omitempty"`
	Rcpts      []string  `json:"rcpts,omitempty"` // the first 1,000
	NRcpt      int       `json:"nrcpt"`           // all of them
	Direction  string    `json:"direction"`       // "inbound", "outbound", "internal"
	ClientAddr string    `json:"client_addr,omitempty"`
	ClientName string    `json:"client_name,omitempty"`
	HELO       string    `json:"helo,omitempty"`
	AuthUser   string    `json:"auth_user,omitempty"`
	Auth       string    `json:"auth,omitempty"` // of the header From: "pass", "fail", "none"
	Subject    string    `json:"subject,omitempty"`

	Verdict string   `json:"verdict"`         // the action that was taken
	Would   string   `json:"would,omitempty"` // the action of the policy, where another was taken
	Where   string   `json:"where"`           // where it went: Delivered, Held, …
	Reasons []string `json:"reasons,omitempty"`
	Rules   []string `json:"rules,omitempty"` // that decided, or the allow and block entries
	Cause   []string `json:"cause,omitempty"` // recipients whose policy decided, where others' would have been milder; the first 10

	RedirectedTo string `json:"redirected_to,omitempty"` // the mailbox that got the message in place of its recipients

	Codes    []CodeEvent `json:"codes,omitempty"`  // the first 64, worst first
	NCodes   int         `json:"ncodes,omitempty"` // all of them
	Sender   SenderEvent `json:"sender"`
	Scan     string      `json:"scan"` // "complete", "partial", "unscannable"
	Problems []Problem   `json:"problems,omitempty"`
	Size     int64       `json:"size"` // bytes of the message
	MS       float64     `json:"ms"`   // from the end of the message to the answer

	Stages map[string]float64 `json:"stages,omitempty"` // milliseconds of each stage

	// Evidence is what the policy was told, for explanations and for trying another policy; what stands in the event
	// anyway is left out of it. Judged returns it whole.
	Evidence *verdict.Evidence `json:"evidence,omitempty"`
}

// CodeEvent is one code that was read in the message.
type CodeEvent struct {
	Symbology     string   `json:"symbology"`
	Payload       string   `json:"payload,omitempty"`
	PayloadBase64 string   `json:"payload_base64,omitempty"` // instead of Payload, where that is not UTF-8
	Kind          string   `json:"kind"`
	Issuer        string   `json:"issuer,omitempty"`
	URL           string   `json:"url,omitempty"`
	Host          string   `json:"host,omitempty"`
	Target        string   `json:"target,omitempty"` // where a redirector says that it leads
	Carrier       string   `json:"carrier,omitempty"`
	Part          string   `json:"part,omitempty"`
	Name          string   `json:"name,omitempty"`
	At            string   `json:"at,omitempty"`
	Tricks        []string `json:"tricks,omitempty"`
	Signals       []string `json:"signals,omitempty"`
	Box           *[4]int  `json:"box,omitempty"`     // x0, y0, x1, y1 in pixels
	Picture       string   `json:"picture,omitempty"` // SHA-256 of the file that held it, in hex
	Secret        bool     `json:"secret,omitempty"`  // what it says was left out

	Shown []byte `json:"-"` // what it looked like, as PNG; kept apart, see Journal.Picture
}

// SenderEvent is what was known of the sender when the message was judged.
type SenderEvent struct {
	Prevalent  bool   `json:"prevalent"`
	Messages   int    `json:"messages"`
	Recipients int    `json:"recipients"`
	Window     string `json:"window,omitempty"` // "14d-1d"
}

// Problem says what could not be looked at.
type Problem struct {
	Part   string `json:"part,omitempty"`
	At     string `json:"at,omitempty"`
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
}

// plain says that nothing about the message is worth more than a line.
func (e Event) plain() bool {
	return len(e.Codes) == 0 && len(e.Reasons) == 0 && len(e.Problems) == 0 &&
		e.Verdict == "accept" && e.Would == "" && e.Scan == "complete"
}
