package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"quishmilter/journal"
)

// entryOf says which kind of block entry a detection's word means.
var entryOf = map[string]journal.EntryKind{"host": journal.ByHost, "client": journal.ByNetwork, "picture": journal.ByPicture}

// errOurClient: what hands on everybody's mail must not be blocked for what one message brought.
var errOurClient = errors.New("it is a host of ours: loopback, own_networks or trusted_relays")

// isOurs tells whether a network has hosts of ours in it.
func (f *filter) isOurs(value string) bool {
	network, err := netip.ParsePrefix(value)
	if err != nil {
		return false
	}
	inspector := f.rules.Load().inspector
	ours := slices.Concat(inspector.OwnNetworks, inspector.TrustedRelays, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")})
	return slices.ContainsFunc(ours, network.Overlaps)
}

// block makes a block entry that ends by itself. One that holds longer already, a person's above all, stays as it is.
func (f *filter) block(ctx context.Context, kind, value string, until time.Time, comment string) error {
	e, err := journal.Entry{List: journal.Block, Kind: entryOf[kind], Value: value, Until: until.UTC().Truncate(time.Second),
		Comment: comment, By: "detection", Added: time.Now()}.Check()
	if err != nil {
		return err
	}
	if kind == "client" && f.isOurs(e.Value) {
		return errOurClient
	}
	all, err := f.entries.Entries(ctx)
	if err != nil {
		return err
	}
	for _, known := range all {
		if known.Name() == e.Name() && (known.Until.IsZero() || !known.Until.Before(e.Until)) {
			return nil
		}
	}
	if e, err = f.entries.PutEntry(ctx, e); err == nil {
		f.log.EntryAdded(e)
	}
	return err
}
