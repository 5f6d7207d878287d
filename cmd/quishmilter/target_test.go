package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
)

// A file of lines that is moved away is made again.
func TestFileThatIsMovedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	w, err := openTarget("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(line string) {
		t.Helper()
		w.(*movableFile).looked = time.Time{} // a second has passed
		if _, err := w.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	write("1\n")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write("2\n")
	if err := os.Truncate(path, 0); err != nil { // copytruncate
		t.Fatal(err)
	}
	write("3\n")
	for name, want := range map[string]string{path + ".1": "1\n", path: "3\n"} {
		if got, err := os.ReadFile(name); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := openTarget("file:" + filepath.Join(path, "x")); err == nil {
		t.Error("a file below a file was opened")
	}
}

// Events and findings go out as lines of JSON with the names of the Elastic Common Schema; what cannot be written is
// said in the log, and not every time.
func TestEventLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	var out bytes.Buffer
	log := journal.NewLog(&out, journal.Text, "")
	lines, err := openEventLines([]string{"file:" + path}, log)
	if err != nil {
		t.Fatal(err)
	}
	e := lure(1, "x@a", "evil.example")
	lines.Message(e)
	lines.Found(journal.Finding{ID: e.ID, Detection: "mine", Sender: "x@a", Host: "evil.example", URL: "https://evil.example/1", Clients: []string{"192.0.2.7"}, Events: []string{e.ID}, Messages: 1})
	lines.flush()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(all) != 2 {
		t.Fatalf("%q", text)
	}
	for n, want := range []map[string]string{
		{"event.id": e.ID, "event.action": "tag", "email.from.address": "x@a", "source.ip": "192.0.2.7"},
		{"event.id": e.ID, "event.kind": "alert", "rule.name": "mine", "url.full": "https://evil.example/1", "url.domain": "evil.example", "log.level": "warn"},
	} {
		var line map[string]any
		if err := json.Unmarshal([]byte(all[n]), &line); err != nil {
			t.Fatal(err)
		}
		for key, value := range want {
			if line[key] != value {
				t.Errorf("%s is %v, want %s", key, line[key], value)
			}
		}
	}
	full, err := openEventLines([]string{"file:/dev/full"}, log)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		full.Message(e)
	}
	full.flush()
	if n := strings.Count(out.String(), "lines about events were lost on their way to file:/dev/full"); n != 3 { // the first, second and fourth
		t.Errorf("%d lines:\n%s", n, &out)
	}
}
