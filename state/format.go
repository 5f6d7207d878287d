package state

import (
	"fmt"
	"strconv"

	"go.etcd.io/bbolt"
)

// Format is the version of the file's layout, all packages' buckets together. It goes up when an older program
// would misread what a newer one wrote; the key that holds it is never moved.
const Format = 1

const (
	formatBucket = "quishmilter"
	formatKey    = "format"
)

// checkFormat writes the version into an empty file and compares it in any other.
func (db *DB) checkFormat() error {
	var found string
	var empty, short bool
	err := db.View(func(tx *Tx) error {
		first, _ := tx.bolt.Cursor().First()
		empty = first == nil
		found = string(tx.Bucket(formatBucket).Get([]byte(formatKey)))
		size, err := db.Size()
		short = size < tx.bolt.Size()
		return err
	})
	switch version, bad := strconv.Atoi(found); {
	case err != nil:
		return fmt.Errorf("state: %s: %w (%v)", db.path, ErrDamaged, err)
	case short:
		return fmt.Errorf("state: %s: %w (it ends early)", db.path, ErrDamaged)
	case empty:
		return db.writeFormat()
	case bad != nil || version < 1:
		return fmt.Errorf("state: %s: %w", db.path, ErrForeign)
	case version > Format:
		return &VersionError{Path: db.path, File: version, Program: Format}
	}
	return nil
}

func (db *DB) writeFormat() error {
	err := db.bolt.Update(func(tx *bbolt.Tx) error {
		wrapped := Tx{bolt: tx}
		return wrapped.Bucket(formatBucket).Put([]byte(formatKey), []byte(strconv.Itoa(Format)))
	})
	if err != nil {
		return fmt.Errorf("state: cannot write to %s: %w", db.path, err)
	}
	return nil
}
