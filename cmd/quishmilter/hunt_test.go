package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/journal/table"
	"quishmilter/journal/tabletest"
)

var huntNow = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestSpread(t *testing.T) {
	for text, want := range map[string]string{
		"hunt --events a b --urls c d":             "hunt --events a --events b --urls c --urls d",
		"hunt --events a --preset hunt":            "hunt --events a --preset hunt",
		"hunt --events=a b":                        "hunt --events=a b",
		"hunt --events - x --format json --urls y": "hunt --events - --events x --format json --urls y",
		"scan a b":      "scan a b",
		"hunt --events": "hunt --events",
	} {
		if got := strings.Join(spread(strings.Fields(text)), " "); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	for text, want := range map[string]time.Time{
		"":                            {},
		"2026-11-20T10:00:00Z":        time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
		"2026-11-20T12:00:00.5+02:00": time.Date(2026, 11, 20, 10, 0, 0, 5e8, time.UTC),
		"2026-11-20":                  time.Date(2026, 11, 20, 0, 0, 0, 0, time.Local),
		"2026-11-20 10:30":            time.Date(2026, 11, 20, 10, 30, 0, 0, time.Local),
		"7d":                          huntNow.AddDate(0, 0, -7),
		"90m":                         huntNow.Add(-90 * time.Minute),
	} {
		if got, err := moment(text, huntNow); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "7", "-1d", "2026-13-01", "d"} {
		if got, err := moment(text, huntNow); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// What is shown cannot be clicked, nor steer the terminal; what reports write is understood.
func TestDefanged(t *testing.T) {
	for link, want := range map[string]string{
		"https://ipfs.io/ipfs/Qm.x#":  "hxxps://ipfs[.]io/ipfs/Qm.x#",
		"HTTP://User@evil.example:80": "hxxp://User@evil[.]example:80",
		"evil.example":                "evil[.]example",
		"www.evil.example/a.b":        "www[.]evil[.]example/a.b",
		"tg://login?token=a.b":        "tg://login?token=a.b",
		"":                            "-",
		"https://a.b/\x1b[31m\u202e":  `"hxxps://a[.]b/\x1b[31m\u202e"`,
	} {
		if got := defanged(link); got != want {
			t.Errorf("%q is shown as %s, want %s", link, got, want)
		}
	}
	for text, want := range map[string]string{"hxxps://ipfs[.]io/x": "https://ipfs.io/x", "evil(.)example": "evil.example", "hXXp[:]//a[.]b": "http://a.b", "plain": "plain"} {
		if got := refanged(text); got != want {
			t.Errorf("%q is taken as %s, want %s", text, got, want)
		}
	}
}

// Nothing of a message reaches a person's terminal as it is, in any format.
func TestNothingSteersTheTerminal(t *testing.T) {
	const evil = "\x1b]0;x\x07\u202e\u009b31m\t\"=1\\"
	e := journal.Event{Time: huntNow, ID: "0123456789abcdef", QueueID: evil, HeaderFrom: evil, Subject: evil, ClientAddr: evil, Verdict: evil, NCodes: 1,
		Codes: []journal.CodeEvent{{Kind: evil, URL: evil, Host: evil, Picture: evil}}}
	row := table.Row{Timestamp: huntNow, URL: evil, NetworkMessageID: evil, InternetMessageID: evil, SenderFromAddress: evil, RecipientEmailAddress: evil}
	for _, format := range []string{"table", "json", "csv"} {
		var out bytes.Buffer
		p, err := newPrinter(&out, format)
		if err != nil {
			t.Fatal(err)
		}
		if format != "table" {
			p.out = visible{&out}
			if p.json != nil {
				p.json = json.NewEncoder(p.out)
			}
		}
		for _, err := range []error{p.event(e), p.flush()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		q := &printer{format: format, term: p.term, out: p.out}
		for _, err := range []error{q.presetRows(table.Rule, []table.Row{row}), q.flush()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if strings.ContainsAny(out.String(), "\x1b\x07\u202e\u009b") {
			t.Errorf("%s: %q", format, out.String())
		}
	}
}

// A pipe gets no colours, and lines that line up.
func TestTableInAPipe(t *testing.T) {
	var out bytes.Buffer
	p, err := newPrinter(&out, "table")
	if err != nil {
		t.Fatal(err)
	}
	for i, verdict := range []string{"accept", "quarantine"} {
		e := journal.Event{Time: huntNow, ID: "0123456789abcdef", QueueID: fmt.Sprint(i), Verdict: verdict, HeaderFrom: "x@a"}
		if err := p.event(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || strings.Contains(out.String(), "\x1b") || strings.Index(lines[0], "FROM") != strings.Index(lines[2], "x@a") {
		t.Errorf("%q", out.String())
	}
	if want := huntNow.Local().Format("2006-01-02 15:04:05 -07:00"); !strings.HasPrefix(lines[1], want) {
		t.Errorf("the time is %.30s, want %s", lines[1], want)
	}
	coloured := terminal{&out, true}
	if a, b := coloured.verdict("accept"), coloured.verdict("reject"); len(a) != len(b) || a == b {
		t.Errorf("%q and %q do not line up", a, b)
	}
}

// The worked cases of the founding queries, through the command, over files.
func TestHuntOverFiles(t *testing.T) {
	dir := t.TempDir()
	for n, v := range tabletest.Vectors {
		for _, format := range []string{table.CSV, table.JSON} {
			name := func(what string) string { return filepath.Join(dir, fmt.Sprintf("%d-%s.%s", n, what, format)) }
			var events, urls [][]string
			for _, e := range v.Events(huntNow) {
				events = append(events, e.Cells())
			}
			for _, u := range v.URLs(huntNow) {
				urls = append(urls, u.Cells())
			}
			half := len(events) / 2
			writeTable(t, name("a"), format, table.EmailEvents, events[:half])
			writeTable(t, name("b"), format, table.EmailEvents, events[half:])
			writeTable(t, name("urls"), format, table.EmailUrlInfo, urls)
			for _, p := range []table.Preset{table.Hunt, table.Rule} {
				out := huntFiles(t, "--preset", p.Name, "--now", "2026-11-21T12:00:00Z", "--format", "json", "--events", name("a"), name("b"), "--urls", name("urls"))
				var rows []table.Row
				for line := range strings.Lines(out) {
					var r table.Row
					if err := json.Unmarshal([]byte(line), &r); err != nil {
						t.Fatal(err)
					}
					rows = append(rows, r)
				}
				if got := tabletest.Shown(p, rows, nil); got != v.Want(p) {
					t.Errorf("%s, %s, %s: %q, want %q", v.Name, p.Name, format, got, v.Want(p))
				}
			}
		}
	}
}

func writeTable(t *testing.T, name, format, kind string, rows [][]string) {
	t.Helper()
	var out bytes.Buffer
	w, err := table.NewWriter(&out, format, table.Columns(kind))
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range rows {
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// huntFiles runs the command and returns what it prints.
func huntFiles(t *testing.T, args ...string) string {
	t.Helper()
	cmd := huntCommand(func() (Settings, error) { return Settings{State: t.TempDir()}, nil })
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetArgs(spread(args))
	if err := cmd.Execute(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.String()
}

// Exported tables can be asked like the journal, as far as they know.
func TestFiltersOverFiles(t *testing.T) {
	dir := t.TempDir()
	events, urls := filepath.Join(dir, "e.csv"), filepath.Join(dir, "u.csv")
	at := func(hours int) time.Time { return huntNow.Add(-time.Duration(hours) * time.Hour) }
	writeTable(t, events, table.CSV, table.EmailEvents, [][]string{
		table.Event{Timestamp: at(1), NetworkMessageID: "m1", SenderFromAddress: "x@a.example", SenderIPv4: "192.0.2.7", RecipientEmailAddress: "r1@b", EmailDirection: "Inbound"}.Cells(),
		table.Event{Timestamp: at(1), NetworkMessageID: "m1", SenderFromAddress: "x@a.example", SenderIPv4: "192.0.2.7", RecipientEmailAddress: "r2@b", EmailDirection: "Inbound"}.Cells(),
		table.Event{Timestamp: at(50), NetworkMessageID: "m2", SenderFromAddress: "=y@c.example", SenderIPv6: "2001:db8::1", RecipientEmailAddress: "r1@b", EmailDirection: "Inbound"}.Cells(),
	})
	writeTable(t, urls, table.CSV, table.EmailUrlInfo, [][]string{
		table.URL{NetworkMessageID: "m1", Timestamp: at(1), URL: "https://evil.example/x", Location: table.QRCode}.Cells(),
		table.URL{NetworkMessageID: "m2", Timestamp: at(1), URL: "https://evil.example/x", Location: "Body"}.Cells(),
	})
	for text, want := range map[string]string{
		"": "m1 m2", "--host evil[.]example": "m1", "--url hxxps://evil.example/": "m1", "--sender X@A.example": "m1", "--domain example": "m1 m2",
		"--client 192.0.2.0/24": "m1", "--client 2001:db8::1": "m2", "--rcpt r2@b": "m1", "--recipient r1@b": "m1 m2", "--codes": "m1",
		"--since 1d --now 2026-11-21T12:00:00Z": "m1", "--until 2026-11-20T12:00:00Z": "m2", "--sender =y@c.example": "m2", "--limit 1": "m1", "--host other": "",
	} {
		args := append([]string{"--format", "csv", "--events", events, "--urls", urls}, strings.Fields(text)...)
		lines, err := csv.NewReader(strings.NewReader(huntFiles(t, args...))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, cells := range lines[min(1, len(lines)):] {
			ids = append(ids, cells[slices.Index(eventColumns, "id")])
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Wrong questions are told what to write instead.
func TestWrongHunts(t *testing.T) {
	for text, want := range map[string]string{
		"--preset both":                  "there is no preset",
		"--preset hunt --host x":         "ask for one thing",
		"--preset hunt --events x":       "needs the links too",
		"--urls x":                       "--urls goes with --events",
		"--events x --kind url":          "exported tables say nothing of kind",
		"--events x --findings":          "exported tables have no findings",
		"--since soon":                   "--since: \"soon\" is no time",
		"--since 1d --until 2d":          "--until is before --since",
		"--client x":                     "--client: \"x\" is no network",
		"--now today":                    "--now \"today\" is no time",
		"--pictures x":                   "--pictures goes with --id",
		"--kind urll":                    `the kind "urll" is not known; did you mean "url"?`,
		"--verdict quarantined":          `the verdict "quarantined" is not known; did you mean "quarantine"?`,
		"--picture zz":                   "is no digest of a picture",
		"--format xml":                   "--format \"xml\" is not known",
		"--limit 0":                      "--limit 0 is no number",
		"--limit -1 --host x":            "--limit -1 is no number",
		"--id 0123456789abcdef --host x": "ask for one thing",
	} {
		cmd := huntCommand(func() (Settings, error) { t.Fatalf("%s: nothing is wrong", text); return Settings{}, nil })
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(spread(strings.Fields(text)))
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), want) || report(err) != exitUsage {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// An empty file is no table; of JSON lines it is one without rows, which our own export writes.
func TestHuntOverEmptyFiles(t *testing.T) {
	for name, want := range map[string]string{"e.csv": "the file is empty", "e": "the file is empty", "e.json": "", "e.jsonl": ""} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		h := &hunt{events: []string{file}}
		_, err := h.fileEvents(journal.Filter{})
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// A token that no message can have is refused with the one that was meant; those of the configuration's rules are known.
func TestReasonsThatMayBe(t *testing.T) {
	s := defaultSettings()
	s.Rules = []RuleSettings{{Name: "our-rule", Reason: "our-reason"}}
	for token, want := range map[string]string{"": "", "ipfs-gateway": "", "our-reason": "", "our-rule": "", "ipfs-gatway": `did you mean "ipfs-gateway"?`, "zzz": "docs/reasons.md lists them"} {
		err := s.checkReason(token)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", token, err, want)
		}
	}
	s.Detections = []DetectionSettings{{Name: "d", Reason: "ipfs-gatway"}}
	if _, err := s.detections(); err == nil || !strings.Contains(err.Error(), `detection "d": reason "ipfs-gatway"`) {
		t.Errorf("%v", err)
	}
}

// What a hunt cannot know is said.
func TestGapsAreTold(t *testing.T) {
	var out strings.Builder
	g := gaps{begins: huntNow}
	g.tell(&out, journal.Filter{})
	g.tell(&out, journal.Filter{Since: huntNow})
	if out.Len() > 0 {
		t.Errorf("%s", out.String())
	}
	g.add(journal.Found{Cut: 2, Oldest: huntNow})
	g.event(journal.Event{NRcpt: 2000, Rcpts: make([]string, 1000)})
	g.event(journal.Event{NRcpt: 2})
	g.tell(&out, journal.Filter{Since: huntNow.Add(-time.Hour)})
	for _, want := range []string{"the journal begins at " + localTime(huntNow), "of 1 of these messages not all recipients are kept", "2 messages more may have gone to this recipient"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said in %s", want, out.String())
		}
	}
}

// A flag with nothing behind it, as a script writes with a variable that is not set, is no question about everything.
func TestHuntWithAnEmptyFlag(t *testing.T) {
	for _, flag := range []string{"--host=", "--url=", "--sender=", "--domain=", "--client=", "--rcpt=", "--reason=", "--picture=", "--kind=", "--id=", "--queue-id="} {
		cmd := huntCommand(func() (Settings, error) { t.Fatal("the settings are read"); return Settings{}, nil })
		cmd.SetArgs([]string{flag})
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		name := strings.Trim(flag, "-=")
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), name+" is empty") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
