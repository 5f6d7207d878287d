package notify

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quishmilter/mime"
)

// MarkName is the header field of the mark. Like all fields of that prefix it is taken off every message, ours too.
const MarkName = "X-Quish-Notice"

// Key makes and knows the mark on mail of ours, by which the filter lets it pass unlooked at. Nobody without the key can
// write one; and since it covers the text and how the text is to be read, whoever copies a mark from a message of ours can
// send that same text again and nothing else.
type Key []byte

// NewKey makes a key for an installation.
func NewKey() Key {
	key := make(Key, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key
}

// markTime is how long a mark is good: as long as Postfix keeps a message that it cannot hand on. It is judged by our
// own clock alone.
const markTime = 5 * 24 * time.Hour

// maxEncoded is more than a text of maxBody can have: a byte is three, and a line of 76 ends with three more.
const maxEncoded = 4 * maxBody

func (k Key) mark(id string, body []byte, now time.Time) string {
	return strconv.FormatInt(now.Unix(), 10) + "." + hex.EncodeToString(k.sum(now.Unix(), id, body))
}

func (k Key) sum(at int64, id string, body []byte) []byte {
	text := sha256.Sum256(bytes.ReplaceAll(body, []byte("\r"), nil)) // sendmail's lines end otherwise than SMTP's
	mac := hmac.New(sha256.New, k)
	fmt.Fprintf(mac, "%d\n%q\n%x", at, id, text)
	return mac.Sum(nil)
}

// Owns says whether we wrote this message, unchanged. Fields that decide how the text is read must be ours, and there
// once: a second Content-Type could turn the text into a page.
func (k Key) Owns(header []mime.Field, body []byte, now time.Time) bool {
	mark, ok := only(header, MarkName)
	if !ok || k == nil || len(body) > maxEncoded {
		return false
	}
	seconds, sum, _ := strings.Cut(mark, ".")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if age := now.Sub(time.Unix(at, 0)); err != nil || age > markTime || age < -time.Hour {
		return false
	}
	for name, want := range map[string]string{"Content-Type": contentType, "Content-Transfer-Encoding": encoding, "MIME-Version": "1.0"} {
		if got, ok := only(header, name); !ok || got != want {
			return false
		}
	}
	id, ok := only(header, "Message-ID")
	got, err := hex.DecodeString(sum)
	return ok && err == nil && hmac.Equal(got, k.sum(at, id, body))
}

// only is the value of a field that is there once.
func only(header []mime.Field, name string) (string, bool) {
	values := mime.Values(header, name)
	if len(values) != 1 {
		return "", false
	}
	return strings.TrimSpace(values[0]), true
}
