package prevalence

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"quishmilter/state"
)

// Forgotten says how many histories of an address there were, and where.
type Forgotten struct {
	Histories int  `json:"forgotten"` // one that was here and in the shared store is one
	Here      int  `json:"here"`      // in this host's file
	Sharing   bool `json:"sharing"`   // there is a shared store
	Shared    int  `json:"shared"`    // in it
}

// Forget removes every history of an address: as a sender in any spelling, as an envelope sender, as a correspondent,
// and in pairs with others. Digests of its messages stay until they expire;
// nobody can read an address from them. In the file, as in every file of this kind, old bytes stay in pages that are
// free until those are used again. Where histories are shared it asks the shared store first, which must be there; that
// tells the other hosts, each of which removes what its own file has when it next asks.
func (s *Store) Forget(ctx context.Context, address string) (Forgotten, error) {
	key, _ := ReadAddress(address)
	if key == "" {
		return Forgotten{}, fmt.Errorf("prevalence: %.80q is no address", address)
	}
	own, _ := s.nameOf(Address, key)
	f := newForgetting(s, own.key, key)
	steps := append([]func(context.Context) error{f.settle, f.remote, f.histories}, f.scattered()...)
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return f.sum(), fmt.Errorf("prevalence: forgetting: %w", err)
		}
	}
	return f.sum(), nil
}

func (f *forgetting) sum() Forgotten {
	all := maps.Clone(f.here)
	maps.Copy(all, f.there)
	return Forgotten{Histories: len(all), Here: len(f.here), Sharing: f.shared != nil, Shared: len(f.there)}
}

type forgetting struct {
	*Store
	own         string            // the address's key, or its hash
	is          func(string) bool // says whether a name's part is own
	plain       string            // its key
	here, there map[name]bool     // the histories that were in the file, and in the shared store
}

func newForgetting(s *Store, own, plain string) *forgetting {
	is := func(part string) bool { return part == own }
	return &forgetting{Store: s, own: own, is: is, plain: plain, here: map[name]bool{}, there: map[name]bool{}}
}

// settle derives what waits, which would come back.
func (f *forgetting) settle(ctx context.Context) (err error) {
	for more := true; more && err == nil; {
		more, err = f.Derive(ctx, slice)
	}
	return err
}

// of says whether a history is the address's.
func (f *forgetting) of(n name) bool {
	switch n.kind {
	case Address, Envelope, Correspondent:
		return f.is(n.key)
	case Exact, Pair:
		first, second := f.halves(n.key)
		return f.is(first) || f.is(second)
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
		f.here[n] = true
	}
	return err
}

// scattered are the steps that go over all names: the address may be the second of two.
func (f *forgetting) scattered() []func(context.Context) error {
	return []func(context.Context) error{f.all(Exact), f.all(Pair), f.borrowed, f.waiting}
}

// all goes over all histories of a kind.
func (f *forgetting) all(kind Kind) func(context.Context) error {
	rows := func(tx *state.Tx) *state.Bucket { return f.rows(tx, kind) }
	return func(ctx context.Context) error {
		return f.purge(ctx, rows, func(key []byte) bool {
			n := name{kind, string(key)}
			if f.of(n) {
				f.here[n] = true
				return true
			}
			return false
		})
	}
}

func (f *forgetting) borrowed(ctx context.Context) error {
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
