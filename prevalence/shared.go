package prevalence

import (
	"context"
	"math"
	"time"

	"quishmilter/state"
)

type Sharing struct{}
type shared struct{}

const keepDelivered = 4096

func newShared(*Store, Sharing) (*shared, error)                { return nil, nil }
func (*shared) improve([]Counts, *Store, time.Time, []Question) {}
func (*shared) since() int64                                    { return math.MaxInt64 }
func (*shared) forget(context.Context, string) error            { return nil }
func (*shared) work(context.Context)                            {}
func (*shared) poke()                                           {}
func (*shared) delivered(uint64) uint64                         { return 0 }
func borrowed(tx *state.Tx) *state.Bucket                       { return tx.Bucket("history", "borrowed") }

// settlePosition notes how far deliveries have come and returns the place below which entries may go.
func (sh *shared) settlePosition(tx *state.Tx) (uint64, error) {
	given := queue(tx).Given()
	delivered := sh.delivered(given)
	if err := setPosition(tx, deliveredKey, delivered); err != nil {
		return 0, err
	}
	return delivered - min(delivered, keepDelivered), nil
}
