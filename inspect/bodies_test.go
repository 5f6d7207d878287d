package inspect

import (
	"testing"
	"time"
)

// Long bodies wait for each other, short ones for nobody; one that is longer than all the room takes it whole.
func TestBodiesWait(t *testing.T) {
	b := NewBodies(3 << 20)
	forgotten := 0
	long := &Message{Body: make([]byte, 2<<20), Forget: func() { forgotten++ }}
	done, err := b.take(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(within(t, 20*time.Millisecond), &Message{Body: make([]byte, 9<<20)}); err == nil {
		t.Error("there was room for a second long body")
	}
	if _, err := b.take(t.Context(), &Message{Body: make([]byte, shortBody)}); err != nil {
		t.Error(err)
	}
	if _, err := b.take(t.Context(), nil); err != nil {
		t.Error(err)
	}
	done()
	if again, err := b.take(t.Context(), &Message{Body: make([]byte, 9<<20)}); err != nil || forgotten != 1 {
		t.Errorf("%v, %d forgotten", err, forgotten)
	} else {
		again()
	}
}
