package inspect

import (
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/identity"
	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/state"
	"quishmilter/test/dns"
	"quishmilter/test/mailmaker"
	"quishmilter/verdict"
)

// BenchmarkPlain is what a message without pictures costs, its record apart: with and without our own check of its author.
func BenchmarkPlain(b *testing.B) {
	policy, err := verdict.Compile(verdict.Standard, nil, false)
	if err != nil {
		b.Fatal(err)
	}
	header, body := mime.ParseMessage(mailmaker.Plain5KB().Bytes())
	m := &Message{Header: header, Body: body, Envelope: Envelope{ClientAddr: netip.MustParseAddr("203.0.113.7"), ClientPort: 25,
		MailFrom: "colleague@example.net", Rcpts: []string{"reader@example.org"}, Arrived: time.Now()}}
	i := &Inspector{Policy: policy, Window: prevalence.Default(), Lists: payload.BuiltinLists(), Known: NewKnown(),
		Limits: Limits{Time: 10 * time.Second, Parts: 500, Depth: 100}}
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			i.Inspect(b.Context(), m)
		}
	})
	db, err := state.Open(filepath.Join(b.TempDir(), "state.db"), state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	i.History = prevalence.New(db, 0)
	b.Run("with history", func(b *testing.B) {
		for b.Loop() {
			i.Inspect(b.Context(), m)
		}
	})
	i.History = nil
	resolver, err := identity.NewResolver(dns.Start(b, dns.Zone{}).Addr)
	if err != nil {
		b.Fatal(err)
	}
	i.Auth = NewAuthenticator(b.Context(), identity.Config{OwnCheck: true, Resolver: identity.Cached(resolver)}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	for !i.Auth.answers.Load() {
		time.Sleep(time.Millisecond)
	}
	b.Run("author checked", func(b *testing.B) {
		for b.Loop() {
			i.Inspect(b.Context(), m)
		}
	})
}
