package prevalence

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"quishmilter/state"
)

const sinceKey = "since"

// Since is the time of the oldest message that history ever held, so that a policy may go easy until history is as
// long as its window. It is the zero time before the first message.
func (s *Store) Since() (time.Time, error) {
	var oldest int64
	err := s.db.View(func(tx *state.Tx) error {
		oldest = s.oldest(tx)
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("prevalence: %w", err)
	}
	if s.shared != nil {
		oldest = min(oldest, s.shared.since())
	}
	if oldest == math.MaxInt64 {
		return time.Time{}, nil
	}
	return time.Unix(oldest, 0).UTC(), nil
}

// oldest is what meta says; of a file from before that was written down, the oldest entry among some rows.
func (s *Store) oldest(tx *state.Tx) int64 {
	if value := meta(tx).Get([]byte(sinceKey)); len(value) == 8 {
		return int64(binary.BigEndian.Uint64(value))
	}
	const enough = 10_000
	found := int64(math.MaxInt64)
	cursor := s.rows(tx, Address).Cursor()
	key, value := cursor.First()
	for n := 0; key != nil && n < enough; n++ {
		if history, _ := decodeRow(value); len(history) > 0 && history[0].at >= earliest.Unix() {
			found = min(found, history[0].end())
		}
		key, value = cursor.Next()
	}
	return found
}

// remember moves the beginning of history back where a message is older. A clock that was never set moves nothing.
func (s *Store) remember(tx *state.Tx, at int64) error {
	if known := s.since.Load(); at < earliest.Unix() || known > 0 && known <= at {
		return nil
	}
	oldest := s.oldest(tx)
	if meta(tx).Get([]byte(sinceKey)) != nil && oldest <= at {
		return nil
	}
	return meta(tx).Put([]byte(sinceKey), placeKey(uint64(min(oldest, at))))
}
