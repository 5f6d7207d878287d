package prevalence

import (
	"bytes"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"
	"time"

	"quishmilter/state"
)

// Options are the choices of a store; the zero value is what New makes.
type Options struct {
	Retention time.Duration // Retention when it is zero
	Secret    []byte        // keep histories under HMACs of their keys; see Secret
	AsItIs    bool          // leave plain names in the file plain, whatever the secret
	Shared    *Sharing      // nil: this host has its own histories
	Failed    func(error)   // called when work in the background fails; may be nil
}

// The file is kept under another secret, or under none was asked for.
var (
	ErrSecretMissing = errors.New("the histories in the state file are kept under hashed names; give the secret that they were hashed with, or move the file away to start with an empty history")
	ErrOtherSecret   = errors.New("the histories in the state file are kept under another secret; give that one, or move the file away to start with an empty history")
)

// Open makes a store. The first time that a secret is given, the names in the file are hashed, some microseconds each;
// there is no way back.
func Open(ctx context.Context, db *state.DB, o Options) (*Store, error) {
	s := New(db, o.Retention)
	if o.Failed != nil {
		s.failed = o.Failed
	}
	if err := s.adopt(ctx, o); err != nil {
		return nil, fmt.Errorf("prevalence: %s: %w", db.Path(), err)
	}
	var err error
	if o.Shared != nil {
		s.shared, err = newShared(ctx, s, *o.Shared)
	} else {
		err = s.unshare(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("prevalence: %w", err)
	}
	return s, nil
}

// unshare lets go of what waits for a shared store that is not used any more.
func (s *Store) unshare(ctx context.Context) error {
	return s.db.Update(ctx, func(tx *state.Tx) error { return meta(tx).Delete([]byte(deliveredKey)) })
}

const secretKey = "secret"

// Hashed says whether the histories are kept under hashed names.
func (s *Store) Hashed() bool { return s.secret != nil }

// adopt compares the secret with the file's, and hashes a file of plain names.
func (s *Store) adopt(ctx context.Context, o Options) error {
	secret := o.Secret
	var mark []byte
	err := s.db.View(func(tx *state.Tx) error {
		mark = bytes.Clone(meta(tx).Get([]byte(secretKey)))
		return nil
	})
	hashed := &Store{secret: secret}
	switch {
	case err != nil:
		return err
	case mark == nil && (secret == nil || o.AsItIs):
		return nil
	case secret == nil:
		return ErrSecretMissing
	case mark != nil && !hmac.Equal(mark, hashed.hash(secretKey)):
		return ErrOtherSecret
	case mark == nil:
		if err := s.hide(ctx, hashed); err != nil {
			return fmt.Errorf("hashing names: %w", err)
		}
	}
	s.secret = secret
	return nil
}

// hide moves everything with plain names to hashed ones, in slices. The mark is set last: until then a new start goes
// on where this one ended, and nobody writes hashed names.
func (s *Store) hide(ctx context.Context, hashed *Store) error {
	for more := true; more; {
		var err error
		if more, err = s.Derive(ctx, slice); err != nil {
			return err
		}
	}
	for kind := range kinds {
		rows := func(tx *state.Tx) *state.Bucket { return s.rows(tx, kind) }
		err := s.each(ctx, rows, func(tx *state.Tx, key, value []byte) error {
			if err := hashed.rows(tx, kind).Put([]byte(hashed.hidden(string(key))), value); err != nil {
				return err
			}
			return rows(tx).Delete(key)
		})
		if err != nil {
			return err
		}
	}
	for _, bucket := range []func(*state.Tx) *state.Bucket{held, borrowed, queue} { // what is left there is small
		err := s.each(ctx, bucket, func(tx *state.Tx, key, _ []byte) error { return bucket(tx).Delete(key) })
		if err != nil {
			return err
		}
	}
	return s.db.Update(ctx, func(tx *state.Tx) error {
		return meta(tx).Put([]byte(secretKey), hashed.hash(secretKey))
	})
}

// hidden is the hashed form of a plain name.
func (s *Store) hidden(plain string) string {
	var all strings.Builder
	for part := range strings.SplitSeq(plain, "\x00") {
		all.Write(s.hash(part))
	}
	return all.String()
}

// slice is how many keys one transaction of a long piece of work handles: some milliseconds.
const slice = 500

// each calls fn for every key of a bucket, in slices of one transaction each. fn may change the bucket.
func (s *Store) each(ctx context.Context, bucket func(*state.Tx) *state.Bucket, fn func(tx *state.Tx, key, value []byte) error) error {
	var from []byte
	for {
		var keys [][]byte
		err := s.db.View(func(tx *state.Tx) error {
			keys, from = collect(bucket(tx), from)
			return nil
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		err = s.db.Update(ctx, func(tx *state.Tx) error {
			for _, key := range keys {
				if value := bucket(tx).Get(key); value != nil {
					if err := fn(tx, key, value); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil || from == nil {
			return err
		}
	}
}

// collect copies a slice's keys and says where the next begins, nil at the end.
func collect(bucket *state.Bucket, from []byte) (keys [][]byte, next []byte) {
	cursor := bucket.Cursor()
	key, _ := cursor.Seek(from)
	for ; key != nil && len(keys) < slice; key, _ = cursor.Next() {
		keys = append(keys, bytes.Clone(key))
	}
	return keys, bytes.Clone(key)
}
