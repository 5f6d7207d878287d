package inspect

import (
	"container/list"
	"crypto/sha256"
	"io"
	"slices"
	"sync"

	"quishmilter/mime"
)

// Known remembers what was read in parts that came before: a logo in every reply, a photo that goes to a whole
// department. It holds results alone, no content.
type Known struct {
	mu     sync.Mutex
	known  map[digest]*list.Element
	recent *list.List // of *cached, the newest in front
	size   int        // bytes of the pictures of codes
}

type digest [sha256.Size]byte

type cached struct {
	key      digest
	found    []Found
	problems []mime.Problem
	kept     bool // half a code may be in it: good only for a message without other parts to look into
}

// cacheSize is how many parts are remembered; most have no code, and an entry of theirs takes some 200 bytes. Pictures
// of codes have a bound of their own.
const (
	cacheSize    = 10_000
	cachePicture = 16 << 20 // bytes
)

// NewKnown knows nothing yet.
func NewKnown() *Known { return &Known{known: map[digest]*list.Element{}, recent: list.New()} }

// keyOf identifies a part by everything that its result depends on: its content as transferred, and what it is
// declared and named to be, and the words that may open it.
func keyOf(p *mime.Part, passwords []string) digest {
	h := sha256.New()
	for _, s := range append([]string{p.Encoding, p.Type, p.Charset, p.Name}, passwords...) {
		io.WriteString(h, s)
		h.Write([]byte{0})
	}
	h.Write([]byte{0})
	h.Write(p.Raw)
	return digest(h.Sum(nil))
}

// get returns what was read in a part of the same content, as if it had been read in this one. alone says that the
// message has no other part to look into.
func (c *Known) get(key digest, path string, alone bool) (found []Found, problems []mime.Problem, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[key]
	if !ok || !alone && e.Value.(*cached).kept {
		return nil, nil, false
	}
	c.recent.MoveToFront(e)
	known := e.Value.(*cached)
	found, problems = slices.Clone(known.found), slices.Clone(known.problems)
	for n := range found {
		found[n].Part = path
	}
	for n := range problems {
		problems[n].Part = path
	}
	return found, problems, true
}

// put remembers a result, unless it might be another one next time: what ran out of time or of workers is tried again.
func (c *Known) put(key digest, found []Found, problems []mime.Problem, kept bool) {
	for _, p := range problems {
		if p.Kind == mime.Timeout || p.Kind == mime.Overload || p.Kind == mime.OverLimit {
			return
		}
	}
	if len(found) > maxCached || len(problems) > maxCached {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[key]; ok {
		return
	}
	c.known[key] = c.recent.PushFront(&cached{key, slices.Clone(found), slices.Clone(problems), kept})
	c.size += pictureBytes(found)
	for c.recent.Len() > cacheSize || c.size > cachePicture {
		oldest := c.recent.Remove(c.recent.Back()).(*cached)
		c.size -= pictureBytes(oldest.found)
		delete(c.known, oldest.key)
	}
}

func pictureBytes(found []Found) (n int) {
	for _, f := range found {
		n += len(f.Shown)
	}
	return n
}

// maxCached bounds an entry: a part with more codes or problems is read again.
const maxCached = 8
