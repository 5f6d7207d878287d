package prevalence

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/test/redis"
)

// TestSetupsOfTheSharedStore: TLS, a Cluster, and a Sentinel that names the master.
func TestSetupsOfTheSharedStore(t *testing.T) {
	encrypted, authority := redis.StartTLS(t)
	server := redis.Start(t)
	for name, url := range map[string]string{
		"TLS":      fmt.Sprintf("rediss://127.0.0.1:%d?ca=%s", encrypted.Port, authority),
		"cluster":  redis.Cluster(t).URL(),
		"sentinel": fmt.Sprintf("redis+sentinel://127.0.0.1:%d", server.Sentinel().Port),
		"database": server.URL() + "/3?prefix=other",
	} {
		t.Run(name, func(t *testing.T) {
			writer := newHost(t, url, filepath.Join(t.TempDir(), "state.db"))
			reader := newHost(t, url, filepath.Join(t.TempDir(), "state.db"))
			writer.connect(t)
			reader.connect(t)
			r := ago(48 * time.Hour)
			r.Domain = "a.example"
			add(t, writer.Store, r)
			writer.untilDelivered(t)
			for kind, key := range map[Kind]string{Address: r.From, Domain: r.Domain} {
				if got, err := reader.CountOf(kind, key, now, Default()); err != nil || got.Messages != 1 {
					t.Errorf("%s: %+v, %v", kind, got, err)
				}
			}
		})
	}
	stranger := newHost(t, fmt.Sprintf("rediss://127.0.0.1:%d", encrypted.Port), filepath.Join(t.TempDir(), "state.db"))
	stranger.Connect(t.Context())
	if stranger.away.Load() != 1 {
		t.Error("a certificate of an unknown authority is taken")
	}
}

// TestAMasterThatDies: Sentinel makes the replica the master, and everything counts once.
func TestAMasterThatDies(t *testing.T) {
	master := redis.Start(t)
	replica := master.Replica()
	url := fmt.Sprintf("redis+sentinel://127.0.0.1:%d", master.Sentinel().Port)
	h := newHost(t, url, filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	for i := range 100 {
		add(t, h.Store, ago(time.Duration(48*3600+i)*time.Second))
	}
	h.untilDelivered(t)
	master.Replicated(1)
	master.Kill()
	for i := range 50 {
		add(t, h.Store, ago(time.Duration(72*3600+i)*time.Second))
	}
	h.untilDelivered(t)
	fresh := newHost(t, replica.URL(), filepath.Join(t.TempDir(), "state.db"))
	fresh.connect(t)
	knows(t, 0, 150, func() (Counts, error) { return fresh.Count("x@a.example", now, Default()) })
}

func TestOddFieldsOfASharedHistoryAreNoHistory(t *testing.T) {
	got := rowOf(map[string]int64{"#": 5, "": 1, "1.0": oneMessage, "1.9.0": oneMessage, "-1.0.0": oneMessage, "x.0.0": oneMessage,
		"7.0.0": 3, "8.0.300": oneMessage, "9.0.1": oneMessage + 2, "0.2.0": 3*oneMessage + 7})
	want := row{{at: 0, grain: day, messages: 3, recipients: 7}, {at: 9, class: 1, messages: 1, recipients: 2}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
