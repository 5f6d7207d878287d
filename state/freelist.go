package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"go.etcd.io/bbolt"
)

// The list of free pages, in plain words. bbolt writes it as a whole with every commit: 8 bytes a page, sorted. With
// 700 MB of free pages, as after an expiry of half a file, that makes a commit ten times as long (free_bench_test.go).
// So a long list is not written with each commit, but when the file is closed; bbolt makes it anew from the tree when it
// is not there. That takes a start after a kill some seconds for a file of a gigabyte, which a short list does not.
//
// bbolt goes over the tree in a goroutine of its own, where a damaged page would end the process. So the whole tree is
// read here first, where damage is an error.

// longList is how many free bytes make the list long: 64 MB are a list of 128 kB.
const longList = 64 << 20

// chooseFreelist is called before each commit, by the only goroutine that writes.
func (db *DB) chooseFreelist() { db.bolt.NoFreelistSync = db.Free() > db.longList }

// keepFreelist writes the list at the end.
func (db *DB) keepFreelist() error {
	if !db.bolt.NoFreelistSync {
		return nil
	}
	db.bolt.NoFreelistSync = false
	if err := guard(func() error { return db.bolt.Update(func(*bbolt.Tx) error { return nil }) }); err != nil {
		return fmt.Errorf("writing the list of free pages: %w", err)
	}
	return nil
}

// unlisted says that one of the file's two heads, of which nothing else is known yet, has no list of free pages: 64 bits
// in a page's 48th octet. The second head lies where the first says how long a page is.
func unlisted(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false // who opens it next says why
	}
	defer file.Close()
	head := make([]byte, 56)
	for _, at := range []int64{0, 4096, 8192, 16384, 65536} {
		if n, _ := file.ReadAt(head, at); n == len(head) && binary.NativeEndian.Uint64(head[48:]) == math.MaxUint64 {
			return true
		}
	}
	return false
}

// readTree visits every page in use of a file. What is wrong with one is an error, or a panic, or a fault in the mapped
// file, as in openFile, which calls this.
func readTree(path string, o bbolt.Options) error {
	o.ReadOnly = true
	bolt, err := bbolt.Open(path, 0o600, &o)
	if err != nil {
		return err
	}
	err = bolt.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readBucket(b) })
	})
	return errors.Join(err, bolt.Close())
}

func readBucket(b *bbolt.Bucket) error {
	return b.ForEach(func(key, value []byte) error {
		if value != nil {
			return nil
		}
		inner := b.Bucket(key)
		if inner == nil {
			return fmt.Errorf("%w (a bucket cannot be read)", ErrDamaged)
		}
		return readBucket(inner)
	})
}
