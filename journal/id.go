package journal

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// An id is 48 bits of milliseconds since 1970 and 32 random bits: sortable by time, 16 characters, and unique
// enough for several hosts: a thousand messages in one millisecond collide once in 9,000 times.
const idBytes = 10

// idText keeps the order of bytes in its characters (RFC 4648 section 7) and has nothing that a shell, a header or
// a URL would trip over.
var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

var errID = errors.New("an event id has 16 characters out of 0-9 and a-v")

// NewID makes the id of an event of that time.
func NewID(t time.Time) string {
	id := firstID(t)
	_, _ = rand.Read(id[6:]) // never fails: the runtime ends the program instead
	return idText.EncodeToString(id)
}

// firstID is the smallest key that an event of that time can have.
func firstID(t time.Time) []byte {
	milliseconds := min(max(t.Unix(), 0), 1<<48/1000-1)*1000 + int64(t.Nanosecond())/1e6
	id := make([]byte, 8, idBytes)
	binary.BigEndian.PutUint64(id, uint64(milliseconds)<<16)
	return id[:idBytes:idBytes]
}

// timeOfID is the time in a key, to the millisecond.
func timeOfID(key []byte) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(key) >> 16)).UTC()
}

func parseID(id string) ([]byte, error) {
	key, err := idText.DecodeString(id)
	if err != nil || len(id) != idText.EncodedLen(idBytes) {
		return nil, fmt.Errorf("%.40q is no event id: %w", id, errID)
	}
	return key, nil
}
