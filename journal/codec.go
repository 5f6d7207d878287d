package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A stored event is either JSON, which begins with a brace, or the short form, which begins with shortForm: most
// mail is plain, and a hunt over a million events reads mostly those.
const shortForm = 1

var errDamaged = errors.New("the event is damaged")

func encode(e Event) ([]byte, error) {
	if !e.plain() {
		return json.Marshal(e)
	}
	out := append(make([]byte, 0, 160), shortForm)
	for _, n := range []int64{e.Time.UnixMilli(), int64(e.NRcpt), e.Size, int64(e.MS * 10), int64(e.Sender.Messages), int64(e.Sender.Recipients)} {
		out = binary.AppendVarint(out, n)
	}
	prevalent := byte(0)
	if e.Sender.Prevalent {
		prevalent = 1
	}
	out = append(out, prevalent)
	for _, text := range []string{e.Direction, e.Auth, e.QueueID, e.MessageID, e.HeaderFrom, e.Sender.Window} {
		out = binary.AppendUvarint(out, uint64(len(text)))
		out = append(out, text...)
	}
	return out, nil
}

func decode(key, value []byte) (Event, error) {
	var e Event
	var err error
	if len(value) > 0 && value[0] == shortForm {
		e, err = decodeShort(value[1:])
	} else {
		err = json.Unmarshal(value, &e)
	}
	e.ID = idText.EncodeToString(key)
	if err != nil {
		return Event{}, fmt.Errorf("%s: %w (%v)", e.ID, errDamaged, err)
	}
	return e, nil
}

func decodeShort(data []byte) (Event, error) {
	in := reader{data: data}
	e := Event{Verdict: "accept", Scan: "complete"}
	e.Time = time.UnixMilli(in.number()).UTC()
	e.NRcpt = int(in.number())
	e.Size = in.number()
	e.MS = float64(in.number()) / 10
	e.Sender.Messages = int(in.number())
	e.Sender.Recipients = int(in.number())
	e.Sender.Prevalent = in.take(1) == "\x01"
	for _, text := range []*string{&e.Direction, &e.Auth, &e.QueueID, &e.MessageID, &e.HeaderFrom, &e.Sender.Window} {
		*text = in.text()
	}
	return e, in.err
}

// reader takes values off the front of some bytes, and keeps the first error.
type reader struct {
	data []byte
	err  error
}

func (in *reader) number() int64 {
	n, size := binary.Varint(in.data)
	if size <= 0 {
		in.data, in.err = nil, errDamaged
		return 0
	}
	in.data = in.data[size:]
	return n
}

func (in *reader) text() string {
	n, size := binary.Uvarint(in.data)
	if size <= 0 {
		in.data, in.err = nil, errDamaged
		return ""
	}
	in.data = in.data[size:]
	return in.take(n)
}

func (in *reader) take(n uint64) string {
	if n > uint64(len(in.data)) {
		in.data, in.err = nil, errDamaged
		return ""
	}
	text := string(in.data[:n])
	in.data = in.data[n:]
	return text
}
