package journal

import (
	"bytes"
	"fmt"
)

// Before calls fn with the events older than the one with an id, newest first, until fn returns false: the next page
// of a listing that ended there. An event that cannot be read is passed over.
func (j *Journal) Before(id string, fn func(Event) bool) error {
	next, err := parseID(id)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for next != nil {
		batch, err := j.read(make([]byte, idBytes), next)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		next = nil
		for _, one := range batch {
			next = bytes.Clone(one.key)
			if e, err := decode(one.key, one.value); err == nil && !fn(e) {
				return nil
			}
		}
	}
	return nil
}
