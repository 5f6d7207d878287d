package inspect

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// Bodies bounds the memory of long bodies that are taken apart at once: a long body lies in a file, and takes memory as
// far as it is read.
type Bodies struct {
	most int64
	free *semaphore.Weighted
}

// shortBody is how long a body may be to cost nothing, in bytes.
const shortBody = 1 << 20

// NewBodies makes room for so many bytes.
func NewBodies(most int64) *Bodies { return &Bodies{most, semaphore.NewWeighted(most)} }

// take waits until there is room for a message's body; a nil message has none. One that is longer than all the room takes it whole. done gives the
// room back, and the body's memory.
func (b *Bodies) take(ctx context.Context, m *Message) (done func(), err error) {
	if b == nil || m == nil || len(m.Body) <= shortBody {
		return func() {}, nil
	}
	size := min(int64(len(m.Body)), b.most)
	if err := b.free.Acquire(ctx, size); err != nil {
		return nil, err
	}
	return func() {
		m.forget()
		b.free.Release(size)
	}, nil
}

func (m *Message) forget() {
	if m.Forget != nil {
		m.Forget()
	}
}
