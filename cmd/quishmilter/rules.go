package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/payload"
	"quishmilter/prevalence"
)

// newPool starts the workers: our own program, again.
func newPool(s Settings, cache string, log *journal.Log, waited func(time.Duration)) (*inspect.Pool, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding our own program for the workers: %w", err)
	}
	config := s.poolConfig(self, cache)
	config.Log, config.Waited = log.Slog(), waited
	return inspect.NewPool(config)
}

// newInspector puts the stages together.
func newInspector(s Settings, pool *inspect.Pool, known *inspect.Known, history inspect.History) (*inspect.Inspector, error) {
	own, err := prefixes(s.OwnNetworks)
	if err != nil {
		return nil, err
	}
	marks, err := spamMarks(s.SpamMarks)
	if err != nil {
		return nil, err
	}
	policy, err := s.policy()
	if err != nil {
		return nil, err
	}
	lists, err := payload.LoadLists(s.Lists)
	if err != nil {
		return nil, err
	}
	remote, err := s.remote()
	if err != nil {
		return nil, err
	}
	relays, err := prefixes(s.TrustedRelays)
	if err != nil {
		return nil, err
	}
	return &inspect.Inspector{
		TrustedRelays: relays,
		Remote:        remote, RemoteMode: inspect.RemoteMode(s.Remote.Pictures),
		Pool: pool, Known: known, History: history, Window: s.window(), OwnNetworks: own, SpamMarks: marks, Lists: lists,
		Policy: policy, RequireAuth: s.Auth.Require, OwnDomains: folded(s.Auth.OwnDomains), LearnByTag: s.Learning == "tag",
		Limits: inspect.Limits{Time: s.Limits.Time.std(), Parts: s.Limits.Parts, Depth: s.Limits.Depth},
	}, nil
}

// apply makes the settings those of the next message.
func (f *filter) apply(s Settings, pool *inspect.Pool) error {
	inspector, err := newInspector(s, pool, f.known, f.history)
	if err != nil {
		return err
	}
	resolver, err := identity.NewResolver(s.Auth.Resolver)
	if err != nil {
		return err
	}
	file, err := readEntryFile(s.Entries)
	if err != nil {
		return err
	}
	if err := f.entries.use(context.Background(), file); err != nil {
		return err
	}
	inspector.Entries = f.entries
	ctx, stop := context.WithCancel(context.Background())
	inspector.Auth = inspect.NewAuthenticator(ctx, identity.Config{
		TrustedAuthserv: s.Auth.TrustedAuthserv, TrustedARCSealers: s.Auth.TrustedARCSealers,
		OwnCheck: s.Auth.OwnCheck, Resolver: identity.Cached(resolver), Timeout: s.Auth.Timeout.std(),
	}, f.log.Slog())
	if f.stopAuth != nil {
		f.stopAuth()
	}
	f.stopAuth = stop
	detections, err := s.detections()
	if err != nil {
		return err
	}
	f.events.KeepAll(s.Journal.Plain == plainFull)
	f.rules.Store(&rules{failure: s.Failure, queueHelper: s.QueueHelper, strictness: s.strictness(), trusted: inspector.TrustedRelays, inspector: inspector, split: s.SplitRecipients, keep: s.Journal, detections: detections})
	return nil
}

// folded are domains in the form in which they are compared.
func folded(domains []string) []string {
	var all []string
	for _, domain := range domains {
		all = append(all, identity.FoldDomain(domain))
	}
	return all
}

// hangups takes SIGHUP over for as long as the process lives: the signal's own effect is to end it, which must not
// happen to a daemon that is still starting, nor to one that lets its last messages finish.
func hangups() <-chan os.Signal {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup
}

// reloads reads the configuration again on SIGHUP. A broken one changes nothing. Sockets, the state's folder, the
// store, the log and the workers stay as they were at the start.
func (f *filter) reloads(ctx context.Context, hangup <-chan os.Signal, load func() (Settings, error), pool *inspect.Pool) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			s, err := load()
			if err == nil {
				err = f.apply(s, pool)
			}
			if err != nil {
				f.log.ReloadFailed(err)
			} else {
				f.log.Reloaded(s.file)
			}
		}
	}
}

// window is the one of the next message.
func (f *filter) window() prevalence.Window { return f.rules.Load().inspector.Window }
