package state

import (
	"fmt"
	"strconv"

	"go.etcd.io/bbolt"
)

// Format is the version of the file's layout, all packages' buckets together. It goes up when an older program
// would misread what a newer one wrote; the key that holds it is never moved.
const Format = 3

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
	case version < Format:
		return db.upgrade(version)
	}
	return nil
}

// upgrades holds at n what makes a file of format n one of format n+1. A step is called once, in the transaction
// that also writes the new version: a machine that dies meanwhile leaves the old file. Steps that would have to
// rewrite millions of rows are avoided by reading both forms.
var upgrades = map[int]func(*Tx) error{
	// 2: rows of histories may hold entries that a program of format 1 takes for damage; those of format 1 are read
	// as they are.
	1: func(*Tx) error { return nil },
	// 3: events of the journal have a head that a program of format 2 takes for damage, and pictures beside them that it
	// would never remove; older events are read as they are.
	2: func(*Tx) error { return nil },
}

func (db *DB) upgrade(from int) error {
	err := guard(func() error {
		return db.bolt.Update(func(bolt *bbolt.Tx) error {
			tx := &Tx{bolt: bolt}
			for version := from; version < Format; version++ {
				step, known := upgrades[version]
				if !known {
					return fmt.Errorf("there is no way from format %d to %d", version, version+1)
				}
				if err := step(tx); err != nil {
					return fmt.Errorf("from format %d to %d: %w", version, version+1, err)
				}
			}
			return putFormat(tx)
		})
	})
	if err != nil {
		return fmt.Errorf("state: upgrading %s: %w", db.path, err)
	}
	return nil
}

func (db *DB) writeFormat() error {
	err := db.bolt.Update(func(bolt *bbolt.Tx) error { return putFormat(&Tx{bolt: bolt}) })
	if err != nil {
		return fmt.Errorf("state: cannot write to %s: %w", db.path, err)
	}
	return nil
}

func putFormat(tx *Tx) error {
	return tx.Bucket(formatBucket).Put([]byte(formatKey), []byte(strconv.Itoa(Format)))
}
