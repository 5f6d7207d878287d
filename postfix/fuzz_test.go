package postfix

import (
	"strings"
	"testing"
)

// FuzzQueue reads what Postfix's commands and its log say, in which senders, recipients and delay reasons are a sender's.
func FuzzQueue(f *testing.F) {
	f.Add(`{"queue_name": "hold", "queue_id": "4Szm0h1DbTz9rxK", "arrival_time": 1, "message_size": 2, "sender": "a\u0000@b", "recipients": [{"address": "c", "delay_reason": "d"}]}`)
	f.Add("*** ENVELOPE RECORDS hold/4Szm0h1DbTz9rxK ***\nmessage_arrival_time: Sat Nov 28 12:00:00 2026\nsender: a@b\n*** MESSAGE CONTENTS hold ***\nsender: c")
	f.Add("Nov 28 12:00:00 mx postfix/postsuper[1]: 4Szm0h1DbTz9rxK: released from hold\nNov 28 12:00:00 mx postfix/cleanup[1]: 4Szm0h1DbTz9rxK: message-id=<]: 4Szm0h1DbTz9rxK: requeued>")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = parseMessage([]byte(text))
		if m, err := parseEnvelope("4Szm0h1DbTz9rxK", text); err == nil && (m.Queue == "" || m.Arrived.IsZero()) {
			t.Errorf("%+v", m)
		}
		l := logReader{name: "postfix", seen: map[string]*logged{"4Szm0h1DbTz9rxK": {}}}
		if err := eachLine(strings.NewReader(text), l.line); err != nil {
			t.Error(err)
		}
		fate := fateReader{name: "postfix", id: "4Szm0h1DbTz9rxK"}
		if err := eachLine(strings.NewReader(text), fate.line); err != nil || len(fate.fate().String()) > 1000 {
			t.Errorf("%v, %+v", err, fate)
		}
		if d, err := parseTime(text); err == nil && d < 0 {
			t.Errorf("%q is %v", text, d)
		}
		if CheckID(text) == nil && strings.ContainsAny(text, "/ -\n\x00") {
			t.Errorf("%q passes for a queue id", text)
		}
	})
}
