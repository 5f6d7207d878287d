package state

import (
	"fmt"
	"strings"

	"go.etcd.io/bbolt"
)

// Tx is one view of the file, all of one moment. It is valid only inside the function that it was given to, and
// so are the bytes that come out of it.
type Tx struct {
	bolt  *bbolt.Tx
	wrote bool // something was changed, so that only a rollback undoes it
}

// Bucket is a sorted map from bytes to bytes. A bucket that is not there reads as an empty one, and comes into
// being with its first Put.
type Bucket struct {
	tx   *Tx
	path []string
	bolt *bbolt.Bucket // nil while it does not exist
	full float64       // how full pages are left at a split; 0 is bbolt's half
}

// Bucket finds a bucket by its path; a bucket lies inside the one named before it.
func (tx *Tx) Bucket(path ...string) *Bucket {
	b := &Bucket{tx: tx, path: path}
	for i, name := range path {
		if i == 0 {
			b.bolt = tx.bolt.Bucket([]byte(name))
		} else {
			b.bolt = b.bolt.Bucket([]byte(name))
		}
		if b.bolt == nil {
			break
		}
	}
	return b
}

// Growing says that new keys come at the end, or near it, as those that begin with a time do. Pages are then left
// nearly full instead of half empty.
func (b *Bucket) Growing() *Bucket {
	b.full = 0.95
	return b
}

// Get returns the value of a key, nil when there is none. The value must not be changed, nor kept.
func (b *Bucket) Get(key []byte) []byte {
	if b.bolt == nil || len(key) == 0 {
		return nil
	}
	return b.bolt.Get(key)
}

// Put sets the value of a key. Both may be used again by the caller as soon as the transaction has ended.
func (b *Bucket) Put(key, value []byte) error {
	if err := b.create(); err != nil {
		return err
	}
	b.tx.wrote = true
	if b.full > 0 {
		b.bolt.FillPercent = b.full
	}
	if err := b.bolt.Put(key, value); err != nil {
		return fmt.Errorf("state: writing to bucket %s: %w", strings.Join(b.path, "/"), err)
	}
	return nil
}

// Delete removes a key; one that is not there is no error.
func (b *Bucket) Delete(key []byte) error {
	if b.bolt == nil || len(key) == 0 {
		return nil
	}
	b.tx.wrote = true
	if err := b.bolt.Delete(key); err != nil {
		return fmt.Errorf("state: deleting from bucket %s: %w", strings.Join(b.path, "/"), err)
	}
	return nil
}

// Next is a number that the bucket never gave before and will never give again, 1 for the first.
func (b *Bucket) Next() (uint64, error) {
	if err := b.create(); err != nil {
		return 0, err
	}
	b.tx.wrote = true
	n, err := b.bolt.NextSequence()
	if err != nil {
		return 0, fmt.Errorf("state: numbering in bucket %s: %w", strings.Join(b.path, "/"), err)
	}
	return n, nil
}

// Given is the last number that Next gave, 0 when there was none.
func (b *Bucket) Given() uint64 {
	if b.bolt == nil {
		return 0
	}
	return b.bolt.Sequence()
}

func (b *Bucket) create() error {
	if b.bolt != nil {
		return nil
	}
	var parent interface {
		CreateBucketIfNotExists([]byte) (*bbolt.Bucket, error)
	} = b.tx.bolt
	b.tx.wrote = true
	for _, name := range b.path {
		made, err := parent.CreateBucketIfNotExists([]byte(name))
		if err != nil {
			return fmt.Errorf("state: creating bucket %s: %w", strings.Join(b.path, "/"), err)
		}
		parent, b.bolt = made, made
	}
	return nil
}

// Cursor walks a bucket's keys in byte order. A change to the bucket ends its usefulness: collect keys first,
// delete then.
type Cursor struct{ bolt *bbolt.Cursor }

// Cursor starts a walk; nothing is read before First, Last or Seek.
func (b *Bucket) Cursor() Cursor {
	if b.bolt == nil {
		return Cursor{}
	}
	return Cursor{b.bolt.Cursor()}
}

// First goes to the smallest key. A nil key, here and below, means that there is none.
func (c Cursor) First() (key, value []byte) { return c.step((*bbolt.Cursor).First) }

// Last goes to the greatest key.
func (c Cursor) Last() (key, value []byte) { return c.step((*bbolt.Cursor).Last) }

// Next goes to the key after the present one.
func (c Cursor) Next() (key, value []byte) { return c.step((*bbolt.Cursor).Next) }

// Prev goes to the key before the present one.
func (c Cursor) Prev() (key, value []byte) { return c.step((*bbolt.Cursor).Prev) }

// Seek goes to the smallest key that is not less than the given one.
func (c Cursor) Seek(to []byte) (key, value []byte) {
	return c.step(func(bolt *bbolt.Cursor) ([]byte, []byte) { return bolt.Seek(to) })
}

func (c Cursor) step(move func(*bbolt.Cursor) ([]byte, []byte)) (key, value []byte) {
	if c.bolt == nil {
		return nil, nil
	}
	return move(c.bolt)
}
