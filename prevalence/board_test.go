package prevalence

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/test/redis"
)

// stamped is a value with its stamp.
func stamped(n int, text string) string { return fmt.Sprintf("%024x", n) + text }

// On a board the later stamp wins, whoever writes first; with the rights that the documents give to the account, and on a
// Cluster.
func TestBoard(t *testing.T) {
	rights := redis.Start(t, "--user", "default", "off", "--user", "quish", "on", ">secret", "~{quishmilter}:*", "+@read", "+@write", "+@scripting", "+@connection")
	for name, url := range map[string]string{"account": strings.Replace(rights.URL(), "redis://", "redis://quish:secret@", 1), "cluster": redis.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, url, filepath.Join(t.TempDir(), "state.db"))
			b := h.Board("entries")
			defer b.Close()
			ctx := t.Context()
			look := func() (string, map[string]string) {
				t.Helper()
				version, err := b.Version(ctx)
				if err != nil {
					t.Fatal(err)
				}
				all, err := b.All(ctx)
				if err != nil {
					t.Fatal(err)
				}
				return version, all
			}
			if version, all := look(); version != "" || len(all) != 0 {
				t.Errorf("at first: %q, %v", version, all)
			}
			step := func(change func() error, changes bool, want map[string]string) {
				t.Helper()
				before, _ := look()
				if err := change(); err != nil {
					t.Fatal(err)
				}
				if version, all := look(); (version != before) != changes || !maps.Equal(all, want) {
					t.Errorf("version %q after %q: %q, want %q", version, before, all, want)
				}
			}
			put := func(pairs ...string) func() error { return func() error { return b.Put(ctx, pairs) } }
			drop := func(pairs ...string) func() error { return func() error { return b.Drop(ctx, pairs) } }
			one, two := stamped(9, "one"), stamped(10, "two")
			step(put("a\x00b", two, "c", one), true, map[string]string{"a\x00b": two, "c": one})
			step(put("a\x00b", one, "c", stamped(9, "other")), false, map[string]string{"a\x00b": two, "c": one})
			step(put("a\x00b", stamped(11, "")), true, map[string]string{"a\x00b": stamped(11, ""), "c": one})
			step(drop("a\x00b", two, "x", one), false, map[string]string{"a\x00b": stamped(11, ""), "c": one})
			step(drop("a\x00b", stamped(11, "")), true, map[string]string{"c": one})
			many, want := []string{}, map[string]string{"c": one}
			for n := range 2*boardRun + 1 {
				many = append(many, fmt.Sprint(n), one)
				want[fmt.Sprint(n)] = one
			}
			step(put(many...), true, want)
		})
	}
	if b := New(openState(t), 0).Board("entries"); b != nil {
		t.Error("a host that shares nothing has a board")
	}
}

// A store that is away is an error at once, and found again.
func TestBoardOfAStoreThatIsAway(t *testing.T) {
	server := redis.Start(t)
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	b := h.Board("entries")
	defer b.Close()
	if err := b.Put(t.Context(), []string{"a", stamped(1, "")}); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if _, err := b.Version(t.Context()); err == nil {
		t.Error("it answers though it is away")
	}
	server.Run()
	for {
		if version, err := b.Version(t.Context()); err == nil {
			if version != "1" {
				t.Errorf("version %q", version)
			}
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("it is not found again")
		}
	}
}
