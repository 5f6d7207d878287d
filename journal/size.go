package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"quishmilter/state"
)

// entry is a key with its value in one of the journal's buckets.
type entry struct {
	bucket     func(*state.Tx) *state.Bucket
	key, value []byte
}

// overhead is what an entry costs beside its bytes: bbolt's header of it in the page, and its share of the pages above
// and of the room that is left in each.
const overhead = 24

func (e entry) size() int64 { return int64(len(e.key) + len(e.value) + overhead) }

// entriesOf is all that is stored of an event.
func entriesOf(key, value []byte, e Event) []entry {
	all := []entry{{events, key, value}}
	if index := queueKey(e.QueueID, key); index != nil {
		all = append(all, entry{queueIDs, index, nil})
	}
	for i, code := range e.Codes {
		if len(code.Shown) > 0 {
			all = append(all, entry{pictures, pictureKey(key, i), code.Shown})
		}
	}
	return all
}

func put(tx *state.Tx, all []entry) error {
	var size int64
	for _, e := range all {
		if err := e.bucket(tx).Put(e.key, e.value); err != nil {
			return err
		}
		size += e.size()
	}
	return grow(tx, size)
}

// meta holds how large the journal is. It stands beside the other buckets, in a page that every commit writes anyway.
func meta(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "meta") }

const sizeKey = "size"

// grow keeps the sum of all entries. A file of before it was kept is counted once, some half a second for a million
// events.
func grow(tx *state.Tx, by int64) error {
	size, known := sizeOf(tx)
	if known {
		size += by
	} else {
		size = measure(tx)
	}
	return meta(tx).Put([]byte(sizeKey), binary.BigEndian.AppendUint64(nil, uint64(max(size, 0))))
}

func sizeOf(tx *state.Tx) (size int64, known bool) {
	value := meta(tx).Get([]byte(sizeKey))
	if len(value) != 8 {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(value)), true
}

func measure(tx *state.Tx) (size int64) {
	for _, bucket := range []func(*state.Tx) *state.Bucket{events, queueIDs, pictures} {
		c := bucket(tx).Cursor()
		for key, value := c.First(); key != nil; key, value = c.Next() {
			size += entry{bucket, key, value}.size()
		}
	}
	return size
}

// Size is how many bytes the journal takes in the file, pages that are free again not counted.
func (j *Journal) Size() (size int64, err error) {
	err = j.db.View(func(tx *state.Tx) error {
		known := false
		if size, known = sizeOf(tx); !known {
			size = measure(tx)
		}
		return nil
	})
	return size, err
}

// Oldest is the time of the oldest event; the zero time when there is none.
func (j *Journal) Oldest() (at time.Time, err error) {
	err = j.db.View(func(tx *state.Tx) error {
		if key, _ := events(tx).Cursor().First(); key != nil {
			at = timeOfID(key)
		}
		return nil
	})
	return at, err
}

// Bounds is how much the journal keeps.
type Bounds struct {
	Before time.Time // events from before it go
	Size   int64     // bytes; when there are more, the oldest events go
}

// Expire removes up to limit events that are out of bounds, the oldest first, in one commit, and says how many they
// were; fewer than limit means that no more are left.
func (j *Journal) Expire(ctx context.Context, keep Bounds, limit int) (removed int, err error) {
	removed, _, err = j.ExpireEarly(ctx, keep, limit)
	return removed, err
}

// ExpireEarly is Expire that also says how many went for their size, before their time.
func (j *Journal) ExpireEarly(ctx context.Context, keep Bounds, limit int) (removed, early int, err error) {
	end := firstID(keep.Before)
	err = j.db.Update(ctx, func(tx *state.Tx) error {
		removed, early = 0, 0 // the function may run twice
		size, known := sizeOf(tx)
		if !known {
			size = measure(tx)
		}
		var gone int64
		old := oldest(tx, func(key []byte) bool { return bytes.Compare(key, end) < 0 || size-gone > keep.Size }, limit, &gone)
		for _, e := range old {
			if err := e.bucket(tx).Delete(e.key); err != nil {
				return err
			}
			if len(e.key) == idBytes {
				removed++
				if bytes.Compare(e.key, end) >= 0 {
					early++
				}
			}
		}
		if removed == 0 {
			return nil
		}
		return grow(tx, -gone)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("journal: expiring: %w", err)
	}
	return removed, early, nil
}

// oldest collects what is stored of the oldest events, as long as they are to go.
func oldest(tx *state.Tx, goes func(key []byte) bool, limit int, size *int64) (old []entry) {
	c := events(tx).Cursor()
	n := 0
	for key, value := c.First(); key != nil && n < limit && goes(key); key, value = c.Next() {
		n++
		e, _ := decode(key, value) // of a damaged one the index stays, and leads nowhere
		for _, one := range entriesOf(bytes.Clone(key), value, e) {
			old = append(old, entry{one.bucket, one.key, nil})
			*size += one.size()
		}
		for _, picture := range picturesOf(tx, key) {
			old = append(old, entry{pictures, picture.key, nil})
			*size += picture.size()
		}
	}
	return old
}

// queueKey is nil for a message without a queue id.
func queueKey(queueID string, id []byte) []byte {
	if queueID == "" {
		return nil
	}
	return append(append([]byte(queueID), 0), id...)
}
