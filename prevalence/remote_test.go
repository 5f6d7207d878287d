package prevalence

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"quishmilter/test/redis"
)

// TestSetupsOfTheSharedStore: three hosts share each kind of store; it dies in the middle of their traffic and comes back,
// or another takes its place. Nothing is lost, and nothing counts twice.
func TestSetupsOfTheSharedStore(t *testing.T) {
	t.Run("TLS and an account", func(t *testing.T) {
		server, authority := redis.StartTLS(t, account...)
		outlives(t, fmt.Sprintf("rediss://quish:secret@127.0.0.1:%d?ca=%s", server.Port, authority), server.Kill, server.Run)
		stranger := newHost(t, fmt.Sprintf("rediss://quish:secret@127.0.0.1:%d", server.Port), filepath.Join(t.TempDir(), "state.db"))
		stranger.Connect(t.Context())
		if stranger.away.Load() != 1 {
			t.Error("a certificate of an unknown authority is taken")
		}
	})
	t.Run("cluster", func(t *testing.T) {
		nodes := redis.Cluster(t, 3)
		url := fmt.Sprintf("redis://127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d", nodes[1].Port, nodes[2].Port, nodes[0].Port)
		outlives(t, url, nodes[0].Kill, nodes[0].Run)
	})
	t.Run("sentinel", func(t *testing.T) {
		master := redis.Start(t)
		master.Replica() // the sentinel makes it the master
		outlives(t, fmt.Sprintf("redis+sentinel://127.0.0.1:%d", master.Sentinel().Port), func() {
			master.Replicated(1)
			master.Kill()
		}, func() {})
	})
	t.Run("database", func(t *testing.T) {
		server := redis.Start(t)
		outlives(t, server.URL()+"/3?prefix=other", server.Kill, server.Run)
	})
}

// tryOnce delivers what waits, as Work does, but does not leave a store that is away alone.
func (h *host) tryOnce(t *testing.T) error {
	err := h.shared.exchange(t.Context())
	if err != nil {
		h.shared.gone(err)
	}
	return err
}

// outlives has three hosts write before a store dies, while it is dead, and when it is back.
func outlives(t *testing.T, url string, die, back func()) {
	t.Helper()
	all := hosts3(t, url)
	for _, h := range all {
		h.connect(t)
	}
	const messages = 40 // of each host in each of the three times
	write := func(begin int) {
		var writing sync.WaitGroup
		for n, h := range all {
			writing.Go(func() {
				for i := begin; i < begin+messages; i++ {
					r := ago(time.Duration(48*3600+i) * time.Second)
					r.Domain, r.ID = "a.example", NewFingerprint(fmt.Sprint(n, i), r.From, nil)
					add(t, h.Store, r, r) // and a retry
					if _, err := h.Count(r.From, now, Default()); err != nil {
						t.Error(err)
					}
					if i%10 == 9 {
						_ = h.tryOnce(t) // the store may be away
					}
				}
			})
		}
		writing.Wait()
	}
	write(0)
	die()
	write(messages)
	back()
	write(2 * messages)
	for _, h := range all {
		for h.tryOnce(t) != nil || h.Waiting() > 0 {
			if t.Context().Err() != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		deriveAll(t, h.Store)
	}
	for n, h := range all {
		for kind, key := range map[Kind]string{Address: "x@a.example", Domain: "a.example"} {
			knows(t, n, 9*messages, func() (Counts, error) { return h.CountOf(kind, key, now, Default()) })
		}
	}
}

func TestOddFieldsOfASharedHistoryAreNoHistory(t *testing.T) {
	got := rowOf(map[string]int64{"#": 5, "": 1, "1.0": oneMessage, "1.9.0": oneMessage, "-1.0.0": oneMessage, "x.0.0": oneMessage,
		"7.0.0": 3, "8.0.300": oneMessage, "9.0.1": oneMessage + 2, "0.2.0": 3*oneMessage + 7})
	want := row{{at: 0, grain: day, messages: 3, recipients: 7}, {at: 9, class: 1, messages: 1, recipients: 2}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
