package identity

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Cached keeps the answers of a resolver for a minute, since the same domains write again and again, and the time that
// a record may be kept does not reach us. Failures and time-outs are not kept; that a name does not exist is.
func Cached(r Resolver) Resolver {
	return &cachedResolver{Resolver: r, kept: map[question]*answerKept{}}
}

const (
	keepAnswers = time.Minute
	maxAnswers  = 10_000
)

type question struct{ kind, name string }

type answerKept struct {
	value any
	err   error
	until time.Time
}

type cachedResolver struct {
	Resolver
	mu   sync.Mutex
	kept map[question]*answerKept
}

func (c *cachedResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return ask(c, question{"TXT", name}, func() ([]string, error) { return c.Resolver.LookupTXT(ctx, name) })
}

func (c *cachedResolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return ask(c, question{"MX", name}, func() ([]*net.MX, error) { return c.Resolver.LookupMX(ctx, name) })
}

func (c *cachedResolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	return ask(c, question{"A", host}, func() ([]net.IPAddr, error) { return c.Resolver.LookupIPAddr(ctx, host) })
}

// ask returns the kept answer, or a new one. Two who ask at once may both ask the server.
func ask[T any](c *cachedResolver, q question, lookUp func() (T, error)) (T, error) {
	c.mu.Lock()
	known := c.kept[q]
	c.mu.Unlock()
	if known != nil && time.Now().Before(known.until) {
		return known.value.(T), known.err
	}
	value, err := lookUp()
	var failed *net.DNSError
	if err != nil && !(errors.As(err, &failed) && failed.IsNotFound) {
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxAnswers {
		clear(c.kept)
	}
	c.kept[q] = &answerKept{value, err, time.Now().Add(keepAnswers)}
	return value, err
}
