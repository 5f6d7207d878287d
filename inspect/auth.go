package inspect

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"quishmilter/identity"
)

// Authenticator finds out whether authors are proven. While the DNS server does not answer it does without its own
// check, so that mail is not held up by what cannot be known: it looks in the background whether the server is back.
type Authenticator struct {
	config   identity.Config
	log      *slog.Logger
	answers  atomic.Bool  // the DNS server does
	timeouts atomic.Int32 // in a row
}

const (
	maxTimeouts   = 3 // in a row, before the DNS server counts as gone
	probeInterval = 10 * time.Second
)

// NewAuthenticator makes an authenticator that looks after its DNS server until ctx ends.
func NewAuthenticator(ctx context.Context, config identity.Config, log *slog.Logger) *Authenticator {
	a := &Authenticator{config: config, log: log}
	if config.OwnCheck {
		go a.watch(ctx)
	}
	return a
}

// watch asks the DNS server now and then for as long as it does not answer.
func (a *Authenticator) watch(ctx context.Context) {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	for first := true; ; first = false {
		if !a.answers.Load() && a.probe(ctx) {
			a.timeouts.Store(0)
			a.answers.Store(true)
			if !first {
				a.log.Info("the DNS server answers; SPF, DKIM and DMARC are checked")
			}
		} else if first {
			a.log.Warn("the DNS server does not answer; SPF, DKIM and DMARC are not checked until it does")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// probe asks for a name that does not exist (RFC 6761, section 6.4): an answer is what matters.
func (a *Authenticator) probe(ctx context.Context) bool {
	resolver := a.config.Resolver
	if resolver == nil {
		resolver, _ = identity.NewResolver("")
	}
	ctx, cancel := context.WithTimeout(ctx, identity.DefaultTimeout)
	defer cancel()
	_, err := resolver.LookupTXT(ctx, "quishmilter.invalid.")
	var failed *net.DNSError
	return err == nil || errors.As(err, &failed) && failed.IsNotFound
}

// check judges one message.
func (a *Authenticator) check(ctx context.Context, in identity.Input) identity.Result {
	config := a.config
	config.OwnCheck = config.OwnCheck && a.answers.Load()
	start := time.Now()
	result := identity.Authenticate(ctx, in, config)
	if !config.OwnCheck || result.Lookups == 0 {
		return result
	}
	timeout := config.Timeout
	if timeout <= 0 {
		timeout = identity.DefaultTimeout
	}
	if time.Since(start) < timeout {
		a.timeouts.Store(0)
	} else if a.timeouts.Add(1) == maxTimeouts {
		a.answers.Store(false)
		a.log.Warn("the DNS server does not answer in time; SPF, DKIM and DMARC are not checked until it does")
	}
	return result
}
