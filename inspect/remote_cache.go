package inspect

import (
	"context"
	"sync"
	"time"
)

// A message to many recipients links the same pictures in each copy: they are fetched once.

// Bounds of what is kept of fetched pictures.
const (
	recentTime  = 10 * time.Minute // after which a picture is asked for again: it may be another one by then
	recentBytes = 32 << 20
	recentCount = 256
)

// recentPictures are pictures that were fetched a short while ago, by their links.
type recentPictures struct {
	mu      sync.Mutex
	byLink  map[string]recentPicture
	inOrder []string // the oldest first
	bytes   int
}

type recentPicture struct {
	remotePicture
	at time.Time
}

// known fetches a picture, unless it was fetched just now. What failed is tried again.
func (r *Remote) known(ctx context.Context, link string) remotePicture {
	if p, ok := r.recent.get(link, time.Now()); ok {
		return p
	}
	p := r.one(ctx, link)
	if p.err == nil {
		r.recent.put(link, p, time.Now())
	}
	return p
}

func (c *recentPictures) get(link string, now time.Time) (remotePicture, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.byLink[link]
	return p.remotePicture, ok && now.Sub(p.at) < recentTime
}

func (c *recentPictures) put(link string, p remotePicture, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byLink == nil {
		c.byLink = map[string]recentPicture{}
	}
	if old, known := c.byLink[link]; known {
		c.bytes -= len(old.data)
	} else {
		c.inOrder = append(c.inOrder, link)
	}
	c.byLink[link] = recentPicture{p, now}
	c.bytes += len(p.data)
	for c.bytes > recentBytes || len(c.inOrder) > recentCount {
		oldest := c.inOrder[0]
		c.inOrder = c.inOrder[1:]
		c.bytes -= len(c.byLink[oldest].data)
		delete(c.byLink, oldest)
	}
}
