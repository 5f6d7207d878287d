package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAddressFlag(t *testing.T) {
	for text, want := range map[string][]string{
		`claire@victim.com`:               {"claire@victim.com"},
		`a@victim.com,b@victim.com`:       {"a@victim.com", "b@victim.com"},
		`"a b"@victim.com`:                {`"a b"@victim.com`},
		`"a,b"@victim.com, "c\",d"@e.com`: {`"a,b"@victim.com`, `"c\",d"@e.com`},
		`"a\`:                             {`"a\`},
		``:                                nil,
	} {
		var got addressList
		if err := got.Set(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q %v, want %q", text, got, err, want)
		}
	}
}

// What does the same is no change, although observe says what it would have done; and a list beside messages is none.
func TestReplayCountsChangesOfMessages(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"1.eml": "From: a@b.example\nTo: c@d.example\nSubject: x\n\nhello\n", "labels.tsv": "file\tlabel\n1.eml\tham\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings := defaultSettings()
	settings.State = t.TempDir()
	replay, err := newReplay(func() (Settings, error) { return settings, nil }, writeConfig(t, "policy = \"observe\"\n"), scanFlags{auth: "none"})
	if err == nil {
		err = replay.folders(context.Background(), []string{folder})
	}
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := replay.print(&out); err != nil {
		t.Fatal(err)
	}
	if want := "1 message, 0 would change\npassed over, since they are no messages: 1\n"; out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}

// An id has digits and the letters up to v.
func TestExplainSaysWhatAnIDIs(t *testing.T) {
	_, err := caseOf(context.Background(), defaultSettings(), scanFlags{}, "06h28zzzzzzzzzzz")
	if err == nil || !strings.Contains(err.Error(), "is 16 digits and letters from a to v") {
		t.Error(err)
	}
}
