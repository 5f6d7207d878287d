package milter

import (
	"errors"
	"os"
	"sync"
	"time"
)

// progressPacket is SMFIR_PROGRESS, which go-milter cannot send: the MTA starts its patience anew.
var progressPacket = []byte{0, 0, 0, 1, 'p'}

// attendant looks after the connection while Handle runs in go-milter's goroutine, which neither reads nor writes
// then. The MTA waits for our answer, so all that can come from it is its goodbye.
type attendant struct {
	wire     *wire
	every    time.Duration
	hungUp   func(error)
	progress *time.Timer
	watch    *time.Timer

	mu       sync.Mutex
	stopped  bool
	watching chan struct{} // closed when the watch is over; nil before it begins
}

// attend starts to send progress packets, and to watch for the end of the connection, about which hungUp is told.
// The function that it returns ends both; not until then may the wire be used again. Most messages are answered
// before either has begun, and cost two timers.
func (w *wire) attend(every time.Duration, hungUp func(error)) (stop func()) {
	a := &attendant{wire: w, every: every, hungUp: hungUp}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress = time.AfterFunc(every, a.tell)
	a.watch = time.AfterFunc(watchAfter, a.listen)
	return a.stop
}

// tell writes one progress packet, between whole packets: what go-milter wrote before is sent, and it writes nothing
// while Handle runs.
func (a *attendant) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopped {
		return
	}
	if err := a.wire.sendNow(progressPacket); err != nil {
		a.hungUp(err)
		return
	}
	a.progress.Reset(a.every)
}

// listen waits for the next octet of the MTA. One that comes stays in the buffer for the next packet.
func (a *attendant) listen() {
	a.mu.Lock()
	if a.stopped {
		a.mu.Unlock()
		return
	}
	a.watching = make(chan struct{})
	defer close(a.watching)
	_ = a.wire.Conn.SetReadDeadline(time.Time{})
	a.mu.Unlock()
	if _, err := a.wire.r.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		a.hungUp(err)
	}
}

func (a *attendant) stop() {
	a.mu.Lock()
	a.stopped = true
	watching := a.watching
	if watching != nil {
		_ = a.wire.Conn.SetReadDeadline(time.Unix(1, 0)) // wakes listen; next sets a deadline of its own
	}
	a.mu.Unlock()
	a.progress.Stop()
	a.watch.Stop()
	if watching != nil {
		<-watching
	}
}

// sendNow writes a packet at once, behind what waits to be sent.
func (w *wire) sendNow(packet []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, packet...)
	if w.broken == nil {
		w.broken = w.send(w.out)
	}
	w.out = w.out[:0]
	return w.broken
}
