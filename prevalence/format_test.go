package prevalence

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/state"
)

// TestAFileOfFormat1IsReadOn: testdata/format1.db.gz was written by a program of format 1.
func TestAFileOfFormat1IsReadOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	unzip(t, "testdata/format1.db.gz", path)
	at := time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
	for range 2 { // with the upgrade, and after it
		db, err := state.Open(path, state.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := New(db, 0)
		if since, err := s.Since(); err != nil || !since.Equal(at.Add(-48*time.Hour)) {
			t.Errorf("history begins at %v, %v", since, err)
		}
		for from, want := range map[string]Counts{
			"two@a.example":  {Messages: 2, Recipients: 4, Days: 1, First: at, Last: at.Add(time.Hour), FirstBy: at},
			"held@a.example": {},
		} {
			if got := count(t, s, from, at.Add(72*time.Hour), Default()); got != want {
				t.Errorf("%s: %+v, want %+v", from, got, want)
			}
		}
		if got := count(t, s, "busy@a.example", at.Add(72*time.Hour), Default()); got.Messages != 200 || got.Recipients != 400 {
			t.Errorf("busy: %+v", got)
		}
		again := Record{Time: at, From: "two@a.example", Recipients: 1, ID: NewFingerprint("<1@a.example>", "two@a.example", []string{"r@b.example"})}
		add(t, s, again)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func unzip(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, whole, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSinceIsTheOldestMessage(t *testing.T) {
	s, _ := newStore(t)
	if since, err := s.Since(); err != nil || !since.IsZero() {
		t.Errorf("an empty history begins at %v, %v", since, err)
	}
	for _, step := range []struct{ age, want time.Duration }{{48 * time.Hour, 48 * time.Hour}, {24 * time.Hour, 48 * time.Hour}, {72 * time.Hour, 72 * time.Hour}} {
		add(t, s, ago(step.age), Record{Time: time.Unix(5, 0), From: "x@a.example"})
		deriveAll(t, s)
		if since, err := s.Since(); err != nil || !since.Equal(now.Add(-step.want)) {
			t.Errorf("history begins at %v, %v; want %v ago", since, err, step.want)
		}
	}
}
