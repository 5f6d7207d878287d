package qr

import "sync"

// readers keeps a few readers with their buffers: clearing fresh memory for every picture would cost more than looking at
// it. A sync.Pool would be emptied by the garbage collector, which the decoding of pictures keeps busy.
type readers struct {
	sync.Mutex
	list []*reader
}

var idle readers

const (
	// maxIdle is how many readers wait for work: as many as small machines read pictures at a time.
	maxIdle = 4
	// maxKept is the size in bytes of a reader's buffers above which they are given back: about those of 12 megapixels.
	maxKept = 8 << 20
)

func (s *readers) take() *reader {
	s.Lock()
	defer s.Unlock()
	n := len(s.list)
	if n == 0 {
		return &reader{}
	}
	r := s.list[n-1]
	s.list = s.list[:n-1]
	return r
}

func (s *readers) keep(r *reader) {
	if r.size() > maxKept {
		return
	}
	s.Lock()
	defer s.Unlock()
	if len(s.list) < maxIdle {
		s.list = append(s.list, r)
	}
}

// size is that of the buffers that grow with the picture, in bytes.
func (r *reader) size() int {
	n := 8*(cap(r.bits.Words)+cap(r.turned.Words)) + r.lines.Size() + 8*cap(r.binary.lo) // four bytes and a sum per tile
	for _, g := range r.scaled {
		if g != nil {
			n += cap(g.Pix)
		}
	}
	return n
}
