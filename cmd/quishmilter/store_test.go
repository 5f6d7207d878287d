package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/prevalence"
)

// What only looks makes no secret and hashes no names: there is no way back from either. learn, like the daemon, does.
func TestOnlyTheDaemonAndLearnHashNames(t *testing.T) {
	s, folder := learnSettings(t), t.TempDir()
	put(t, storedMessage(1, "dir@a.example"), folder, "one.eml")
	teach := func() {
		t.Helper()
		if err := learn(t.Context(), s, lesson{paths: []string{folder}, out: io.Discard, progress: io.Discard, now: learnNow}); err != nil {
			t.Fatal(err)
		}
	}
	teach()
	plain := s
	s.Prevalence.Secret = filepath.Join(t.TempDir(), "secret")
	const promise = "its names will be hashed at the next start"
	for round := range 2 { // without a secret, and with one that is there already
		lookAt(t, s, promise, true)
		if got := knownMessages(t, plain, "dir@a.example"); got != 1 {
			t.Errorf("round %d: %d messages under the plain name", round, got)
		}
		if _, err := os.Stat(s.Prevalence.Secret); round == 0 && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("there is a secret: %v", err)
		}
		if _, err := prevalence.Secret(s.Prevalence.Secret); err != nil {
			t.Fatal(err)
		}
	}
	teach()
	lookAt(t, s, promise, false)
	if _, _, err := openSource(plain, false); !errors.Is(err, prevalence.ErrSecretMissing) {
		t.Errorf("after learning with a secret: %v", err)
	}
	if err := os.Remove(s.Prevalence.Secret); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openSource(s, false); !errors.Is(err, prevalence.ErrSecretMissing) {
		t.Errorf("with the secret lost: %v", err)
	}
}

// lookAt does what check, sender and scan --state do with the histories.
func lookAt(t *testing.T, s Settings, promise string, promised bool) {
	t.Helper()
	var out bytes.Buffer
	if err := checkSetup(t.Context(), s, &out); err != nil || strings.Contains(out.String(), promise) != promised {
		t.Errorf("check says %q, %v", out.String(), err)
	}
	if got := knownMessages(t, s, "dir@a.example"); got != 1 {
		t.Errorf("sender knows %d messages", got)
	}
	history, _, done, err := openHistory(s, s.State)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	window := prevalence.Default()
	window.Exclude = 0
	counts, err := history.Counts(learnNow, prevalence.Question{Key: "dir@a.example", Window: window})
	if err != nil || counts[0].Messages != 1 {
		t.Errorf("scan knows %+v, %v", counts, err)
	}
}
