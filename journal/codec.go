package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"quishmilter/verdict"
)

// A stored event has a head, of which a hunt over a million events reads mostly nothing else, and, where there is more
// to say than for plain mail, a tail in JSON. Files of state format 2 and before hold events that are JSON as a whole
// (they begin with a brace) or have an older head (they begin with shortForm); both are read as they are.
const (
	shortForm = 1
	headForm  = 2
)

// What the second byte of a head says.
const (
	flagPrevalent = 1 << iota
	flagEnvelope  // envelope, client, subject and recipients follow
	flagTail      // reasons, codes, problems follow as JSON, to the end
)

var errDamaged = errors.New("the event is damaged")

// words are values that come again and again. They are stored as their number: never change one, add at the end.
var words = []string{"", "inbound", "outbound", "internal", "pass", "fail", "none", "accept", "tag", "quarantine", "redirect", "reject",
	"tempfail", "discard", "complete", "partial", "unscannable", "14d-1d", Delivered, Held, Refused, Deferred, Dropped, Redirected}

// tail is what only events have that are more than plain mail.
type tail struct {
	Reasons  []string           `json:"reasons,omitempty"`
	Rules    []string           `json:"rules,omitempty"`
	Cause    []string           `json:"cause,omitempty"`
	To       string             `json:"redirected_to,omitempty"`
	Codes    []CodeEvent        `json:"codes,omitempty"`
	Problems []Problem          `json:"problems,omitempty"`
	Stages   map[string]float64 `json:"stages,omitempty"`
	Evidence *verdict.Evidence  `json:"evidence,omitempty"`
}

// encode writes an event; full keeps of plain mail too who wrote to whom about what.
func encode(e Event, full bool) ([]byte, error) {
	full = full || !e.plain()
	flags := byte(0)
	if e.Sender.Prevalent {
		flags |= flagPrevalent
	}
	if full {
		flags |= flagEnvelope
	}
	if !e.plain() {
		flags |= flagTail
	}
	out := append(make([]byte, 0, 192), headForm, flags)
	for _, n := range []int64{e.Time.UnixMilli(), int64(e.NRcpt), int64(e.NCodes), e.Size, int64(math.Round(e.MS * 100)), int64(e.Sender.Messages), int64(e.Sender.Recipients)} {
		out = binary.AppendVarint(out, n)
	}
	for _, text := range e.headTexts() {
		out = appendText(out, *text)
	}
	if full {
		for _, text := range e.envelopeTexts() {
			out = appendText(out, *text)
		}
		out = binary.AppendUvarint(out, uint64(len(e.Rcpts)))
		for _, rcpt := range e.Rcpts {
			out = appendText(out, rcpt)
		}
	}
	if e.plain() {
		return out, nil
	}
	more, err := json.Marshal(tail{e.Reasons, e.Rules, e.Cause, e.RedirectedTo, e.Codes, e.Problems, e.Stages, e.Evidence})
	return append(out, more...), err
}

// headTexts are the texts of every event, in the order in which they are stored.
func (e *Event) headTexts() []*string {
	return []*string{&e.HeaderFrom, &e.Direction, &e.Auth, &e.Verdict, &e.Would, &e.Where, &e.Scan, &e.Sender.Window, &e.QueueID, &e.MessageID}
}

func (e *Event) envelopeTexts() []*string {
	return []*string{&e.MailFrom, &e.ClientAddr, &e.ClientName, &e.HELO, &e.AuthUser, &e.Subject}
}

// appendText writes a text with its length, doubled; a word of the list is an odd number instead.
func appendText(out []byte, text string) []byte {
	if n, known := wordNumbers[text]; known {
		return binary.AppendUvarint(out, n<<1|1)
	}
	return append(binary.AppendUvarint(out, uint64(len(text))<<1), text...)
}

func decode(key, value []byte) (Event, error) {
	var e Event
	var err error
	switch {
	case len(value) > 0 && value[0] == headForm:
		e, err = decodeHead(value[1:])
	case len(value) > 0 && value[0] == shortForm:
		e, err = decodeShort(value[1:])
	default:
		err = json.Unmarshal(value, &e)
	}
	e.ID = idText.EncodeToString(key)
	if err != nil {
		return Event{}, fmt.Errorf("%s: %w (%v)", e.ID, errDamaged, err)
	}
	if e.Where == "" {
		e.Where = WhereTo(e.Verdict)
	}
	return e, nil
}

// summary is what a hunt asks of every event before it reads the rest. The bytes are those of the file.
type summary struct {
	time   int64 // milliseconds
	rcpts  int
	codes  int
	from   []byte
	where  []byte
	flags  byte
	single bool   // the event is of the present form, so that all this is known
	rest   reader // what follows
}

// summaryOf reads the beginning of a head.
func summaryOf(value []byte) (s summary, err error) {
	if len(value) < 2 || value[0] != headForm {
		return s, nil
	}
	in := reader{data: value[2:]}
	s = summary{single: true, flags: value[1], time: in.number(), rcpts: int(in.number()), codes: int(in.number())}
	for range 4 {
		in.number()
	}
	s.from = in.word()
	for range 4 { // direction, auth, verdict, would
		in.word()
	}
	s.where = in.word()
	s.rest = in
	return s, in.err
}

// envelope is what a hunt may ask of events that have one.
type envelope struct {
	mailFrom, client []byte
	rcpts            [][]byte
}

// envelopeOf reads on where a summary ended. room is for recipients, and used again.
func (s summary) envelopeOf(room [][]byte) (e envelope, err error) {
	in := s.rest
	for range 4 { // scan, window, queue id, message id
		in.word()
	}
	e.mailFrom, e.client = in.word(), in.word()
	for range 4 { // client's name, HELO, user, subject
		in.word()
	}
	e.rcpts = room[:0]
	for n := in.count(maxRcpts); n > 0; n-- {
		e.rcpts = append(e.rcpts, in.word())
	}
	return e, in.err
}

func decodeHead(data []byte) (Event, error) {
	var e Event
	if len(data) == 0 {
		return e, errDamaged
	}
	flags := data[0]
	in := reader{data: data[1:]}
	e.Time = time.UnixMilli(in.number()).UTC()
	e.NRcpt, e.NCodes = int(in.number()), int(in.number())
	e.Size, e.MS = in.number(), float64(in.number())/100
	e.Sender.Messages, e.Sender.Recipients = int(in.number()), int(in.number())
	e.Sender.Prevalent = flags&flagPrevalent != 0
	for _, text := range e.headTexts() {
		*text = in.text()
	}
	if flags&flagEnvelope != 0 {
		for _, text := range e.envelopeTexts() {
			*text = in.text()
		}
		for n := in.count(maxRcpts); n > 0; n-- {
			e.Rcpts = append(e.Rcpts, in.text())
		}
	}
	if in.err != nil || flags&flagTail == 0 {
		return e, in.err
	}
	var more tail
	if err := json.Unmarshal(in.data, &more); err != nil {
		return e, err
	}
	e.Reasons, e.Rules, e.Codes, e.Problems, e.Stages, e.Evidence = more.Reasons, more.Rules, more.Codes, more.Problems, more.Stages, more.Evidence
	e.Cause, e.RedirectedTo = more.Cause, more.To
	return e, nil
}

// decodeShort reads the older head.
func decodeShort(data []byte) (Event, error) {
	in := reader{data: data}
	e := Event{Verdict: "accept", Scan: "complete"}
	e.Time = time.UnixMilli(in.number()).UTC()
	e.NRcpt = int(in.number())
	e.Size = in.number()
	e.MS = float64(in.number()) / 10
	e.Sender.Messages = int(in.number())
	e.Sender.Recipients = int(in.number())
	e.Sender.Prevalent = string(in.take(1)) == "\x01"
	for _, text := range []*string{&e.Direction, &e.Auth, &e.QueueID, &e.MessageID, &e.HeaderFrom, &e.Sender.Window} {
		*text = string(in.take(in.length()))
	}
	return e, in.err
}
