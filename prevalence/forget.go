package prevalence

import (
	"context"
	"errors"
	"fmt"

	"quishmilter/state"
)

// Forget removes every history of an address: as a sender in any spelling, as an envelope sender, as a correspondent,
// and in pairs with others, of which it returns how many there were; one that is here and in the shared store is one.
// Digests of its messages stay until they expire;
// nobody can read an address from them. In the file, as in every file of this kind, old bytes stay in pages that are
// free until those are used again. Where histories are shared it asks the shared store first, which must be there;
// what other hosts keep for themselves is theirs to forget.
func (s *Store) Forget(ctx context.Context, address string) (removed int, err error) {
	key, _ := ReadAddress(address)
	if key == "" {
		return 0, fmt.Errorf("prevalence: %.80q is no address", address)
	}
	for more := true; more; { // what waits would come back
		if more, err = s.Derive(ctx, slice); err != nil {
			return 0, err
		}
	}
	own, _ := s.nameOf(Address, key)
	f := forgetting{s, own.key, key, map[name]bool{}}
	for _, step := range []func(context.Context) error{f.remote, f.histories, f.pairs, f.waiting} {
		if err := step(ctx); err != nil {
			return len(f.removed), fmt.Errorf("prevalence: forgetting: %w", err)
		}
	}
	return len(f.removed), nil
}

type forgetting struct {
	*Store
	own     string        // the address's key, or its hash
	plain   string        // its key
	removed map[name]bool // the histories that were there
}

// of says whether a history is the address's.
func (f *forgetting) of(n name) bool {
	switch n.kind {
	case Address, Envelope, Correspondent:
		return n.key == f.own
	case Exact, Pair:
		first, second := f.halves(n.key)
		return first == f.own || second == f.own
	}
	return false
}

func (f *forgetting) remote(ctx context.Context) error {
	if f.shared == nil {
		return nil
	}
	return f.shared.forget(ctx, f)
}

// histories removes those that are found by their key.
func (f *forgetting) histories(ctx context.Context) error {
	var removed []name
	err := f.db.Update(ctx, func(tx *state.Tx) error {
		removed = nil
		for _, kind := range []Kind{Address, Envelope, Correspondent} {
			rows := f.rows(tx, kind)
			if rows.Get([]byte(f.own)) == nil {
				continue
			}
			removed = append(removed, name{kind, f.own})
			if err := rows.Delete([]byte(f.own)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, n := range removed {
		f.removed[n] = true
	}
	return err
}

// pairs goes over all pairs and spellings, since the address may be the second of two.
func (f *forgetting) pairs(ctx context.Context) error {
	for _, kind := range []Kind{Exact, Pair} {
		rows := func(tx *state.Tx) *state.Bucket { return f.rows(tx, kind) }
		err := f.purge(ctx, rows, func(key []byte) bool {
			n := name{kind, string(key)}
			if f.of(n) {
				f.removed[n] = true
				return true
			}
			return false
		})
		if err != nil {
			return err
		}
	}
	return f.purge(ctx, borrowed, func(key []byte) bool {
		return len(key) > 1 && f.of(name{Kind(key[0]), string(key[1:])})
	})
}

// purge deletes what fits, looking without holding up commits.
func (f *forgetting) purge(ctx context.Context, bucket func(*state.Tx) *state.Bucket, fits func([]byte) bool) (err error) {
	var from []byte
	for {
		var keys, gone [][]byte
		err := f.db.View(func(tx *state.Tx) error {
			keys, from = collect(bucket(tx), from)
			return nil
		})
		for _, key := range keys {
			if fits(key) {
				gone = append(gone, key)
			}
		}
		if err == nil && len(gone) > 0 {
			err = f.db.Update(ctx, func(tx *state.Tx) error { return deleteAll(bucket(tx), gone) })
		}
		if err != nil || from == nil {
			return err
		}
	}
}

func deleteAll(bucket *state.Bucket, keys [][]byte) (err error) {
	for _, key := range keys {
		err = errors.Join(err, bucket.Delete(key))
	}
	return err
}

// waiting takes the address out of held messages and of what is kept for the shared store.
func (f *forgetting) waiting(ctx context.Context) error {
	for _, bucket := range []func(*state.Tx) *state.Bucket{held, queue} {
		err := f.each(ctx, bucket, func(tx *state.Tx, key, value []byte) error {
			c, ok := decodeChange(value)
			kept := c.names[:0:0]
			for _, n := range c.names {
				if !f.of(n) {
					kept = append(kept, n)
				}
			}
			switch {
			case ok && len(kept) == len(c.names):
				return nil
			case len(kept) == 0:
				return bucket(tx).Delete(key)
			}
			c.names = kept
			return bucket(tx).Put(key, c.encode())
		})
		if err != nil {
			return err
		}
	}
	return nil
}
