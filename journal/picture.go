package journal

import (
	"bytes"
	"fmt"

	"quishmilter/state"
)

// pictures holds what codes looked like, as PNG, under the event's id and the code's number in the event.
func pictures(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "picture").Growing() }

func pictureKey(id []byte, code int) []byte { return append(bytes.Clone(id), byte(code)) }

// picturesOf are those of one event.
func picturesOf(tx *state.Tx, id []byte) (all []entry) {
	c := pictures(tx).Cursor()
	for key, value := c.Seek(id); bytes.HasPrefix(key, id); key, value = c.Next() {
		all = append(all, entry{pictures, bytes.Clone(key), value})
	}
	return all
}

// Picture returns the picture of an event's code, 0 for the first, as PNG; ErrNotFound when there is none.
func (j *Journal) Picture(id string, code int) (png []byte, err error) {
	key, err := parseID(id)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	err = j.db.View(func(tx *state.Tx) error {
		if code >= 0 && code < maxCodes {
			png = bytes.Clone(pictures(tx).Get(pictureKey(key, code)))
		}
		return nil
	})
	if err == nil && png == nil {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("journal: picture of %s: %w", id, err)
	}
	return png, nil
}
