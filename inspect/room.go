package inspect

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// room is the memory that all workers may use together. A message gets the usual share of it; one whose part wants more
// gets the most, as soon as others have given back so much. So the sum of what workers may allocate stays below the
// ceiling whatever they are given, and the kernel holds each to its share (RLIMIT_DATA).
type room struct {
	usual, most uint64 // bytes that a worker may allocate
	free        *semaphore.Weighted
}

const (
	restingMemory = 40 << 20  // bytes of a worker that waits, its renderer included
	leastMemory   = 160 << 20 // bytes without which a worker is of little use
)

// newRoom divides the room, between fewer workers where the shares would be too small.
func newRoom(c PoolConfig) (r *room, size int) {
	size = max(1, min(c.Size, int(c.Room/leastMemory)))
	shared := int64(c.Room) - int64(size)*restingMemory
	share := uint64(max(shared/int64(size), 0)) + restingMemory
	r = &room{usual: min(c.MemoryLimit, max(share, leastMemory))}
	shared = max(shared, int64(r.usual-restingMemory))
	r.most = max(r.usual, min(c.MemoryLimit, uint64(shared)+restingMemory))
	r.free = semaphore.NewWeighted(shared)
	return r, size
}

// take waits for memory beyond that of a worker at rest. Those who wait are served in their order.
func (r *room) take(ctx context.Context, bytes uint64) error {
	return r.free.Acquire(ctx, int64(bytes-restingMemory))
}

// give gives it back.
func (r *room) give(bytes uint64) {
	if bytes > 0 {
		r.free.Release(int64(bytes - restingMemory))
	}
}
