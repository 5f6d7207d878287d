package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"quishmilter/verdict"
)

func TestLogLine(t *testing.T) {
	e := soc251()
	want := `4Szm0h3FVnz1J: verdict=quarantine reason=qr-link-from-new-sender,ipfs-gateway from=<security@microsecmfa.com> ` +
		`header_from=<security@microsecmfa.com> to=<Claire@letsdefend.io> nrcpt=1 client=mail.microsecmfa.com[158.69.201.47] ` +
		`msgid=<251@microsecmfa.com> host=ipfs.io codes=1 scan=complete ms=41 id=` + e.ID +
		` url=https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#` +
		` subject="New Year's Mandatory Security Update: Implementing Multi-Factor Authentication (MFA)"`
	if got := e.LogLine(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLogLineOfNothing(t *testing.T) {
	want := `NOQUEUE: verdict=- reason=- from=<> header_from=<> to=- nrcpt=0 client=unknown[unknown] msgid=<> host=- codes=0 scan=- ms=0 id=-`
	if got := (Event{}).LogLine(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// hostile fills every text of an event with the same value.
func hostile(value string) Event {
	e := Event{
		ID: value, QueueID: value, MessageID: value, HeaderFrom: value, MailFrom: value, Direction: value, ClientAddr: value,
		ClientName: value, HELO: value, AuthUser: value, Auth: value, Subject: value, Verdict: value, Would: value, Scan: value,
	}
	for range 100 {
		e.Rcpts, e.Reasons = append(e.Rcpts, value), append(e.Reasons, value)
		e.Codes = append(e.Codes, CodeEvent{Kind: "url", URL: value, Host: value})
	}
	return e
}

func TestNothingFromAMessageBreaksTheLine(t *testing.T) {
	for _, value := range []string{
		"a\nb: verdict=accept", "a\r\n", "a b=c", `a" verdict=accept x="`, `\`, "\x00\x1b[31m", "\u202egnp.exe", "\u2028", "\xff\xfe",
		strings.Repeat("x", 9999), strings.Repeat("\x01", 9999), strings.Repeat("\U000e0001", 999), strings.Repeat("ü", 9999), `> id=x from=<`,
	} {
		line := hostile(value).LogLine()
		if len(line) > 3000 {
			t.Errorf("%.20q: the line has %d bytes", value, len(line))
		}
		if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar && value[0] < 0x80 }); i >= 0 {
			t.Errorf("%.20q: the line has %q", value, line[i:i+4])
		}
		if keys := fieldsOf(line); !keys["id"] || !keys["subject"] || len(keys) != 16 {
			t.Errorf("%.20q: the line has the keys %v: %s", value, keys, line)
		}
	}
}

// fieldsOf reads the keys of a line as a parser of ours would: words, in which quotes hold spaces together.
func fieldsOf(line string) map[string]bool {
	keys := make(map[string]bool)
	quoted, escaped, start := false, false, 0
	for i := range len(line) + 1 {
		if i < len(line) && (quoted || line[i] != ' ') {
			switch {
			case escaped:
				escaped = false
			case quoted && line[i] == '\\':
				escaped = true
			case line[i] == '"':
				quoted = !quoted
			}
			continue
		}
		if key, _, found := strings.Cut(line[start:i], "="); found && key[0] != '"' {
			keys[key] = true
		}
		start = i + 1
	}
	return keys
}

func TestTextLogWritesOneLineAnEvent(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, Text, "quishmilter[7]: ")
	evil := errors.New("bad\nquishmilter[7]: forged \x1b[2J")
	sayEverything(log, evil)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "quishmilter[7]: ") || strings.ContainsFunc(line, unicode.IsControl) || len(line) > 8000 {
			t.Errorf("the line %q", line)
		}
	}
	if len(lines) != sentences {
		t.Errorf("%d lines, want %d:\n%s", len(lines), sentences, out.String())
	}
}

func TestJSONLogHasECSNames(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, JSON, "ignored")
	log.Message(soc251())
	log.StateFailed(errors.New("disk full"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var message, failed map[string]any
	if err := errors.Join(json.Unmarshal([]byte(lines[0]), &message), json.Unmarshal([]byte(lines[1]), &failed)); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"email.message_id": "<251@microsecmfa.com>", "email.from.address": "security@microsecmfa.com",
		"email.sender.address": "security@microsecmfa.com", "email.local_id": "4Szm0h3FVnz1J", "source.ip": "158.69.201.47",
		"event.action": "quarantine", "log.level": "info", "event.duration": 41.2e6,
		"email.subject": soc251().Subject, "quishmilter.codes": 1.0,
	} {
		if message[key] != want {
			t.Errorf("%s is %v, want %v", key, message[key], want)
		}
	}
	for key, want := range map[string]string{"email.to.address": "Claire@letsdefend.io", "rule.name": "qr-link-from-new-sender", "url.full": soc251().Codes[0].URL} {
		if list, _ := message[key].([]any); len(list) == 0 || list[0] != want {
			t.Errorf("%s is %v, want %v first", key, message[key], want)
		}
	}
	if message["@timestamp"] == nil || message["message"] == nil || failed["log.level"] != "error" || failed["error.message"] != "disk full" {
		t.Errorf("got %s", out.String())
	}
}

func TestAFailingStateIsSaidOnce(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, Text, "")
	log.StateWorks()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { log.StateFailed(errors.New("disk full")) })
	}
	wg.Wait()
	log.StateWorks()
	log.StateWorks()
	for n := range int64(1000) {
		log.Overloaded(n, 5)
		log.RuleFailed("Q", "r", "index out of range", n)
	}
	if got := strings.Count(out.String(), "\n"); got != 2+10+10 {
		t.Errorf("%d lines:\n%s", got, out.String())
	}
}

// sentences is how many lines sayEverything makes.
const sentences = 33

func sayEverything(log *Log, evil error) {
	text := evil.Error()
	log.Message(hostile(text))
	log.Learning(time.Time{}, time.Time{}, text)
	log.Learning(time.Unix(0, 0), time.Unix(1, 0), text)
	log.Learned(time.Unix(0, 0))
	log.HistoryFailed(evil)
	log.SharedAway(evil)
	log.SharedBack(3)
	log.SharedDropped(3)
	log.MessageFailed(text, text, evil)
	log.ForgedFields(text, 2)
	log.Starting(text, text)
	log.Listening(text)
	log.ControlListening(text)
	log.ListenFailed(text, evil)
	log.Draining(3, time.Second)
	log.Stopped(4)
	log.Reloaded(text)
	log.ReloadFailed(evil)
	log.EntryAdded(Entry{List: Block, Kind: ByHost, Value: text, By: text, Action: verdict.Reject, Until: time.Unix(9, 0)})
	log.EntryRemoved(Entry{List: EntryList(text), Kind: EntryKind(text), Value: text})
	log.StateOpened(text, 5)
	log.StateFailed(evil)
	log.StateWorks()
	log.Expired(6)
	log.ExpiryFailed(evil)
	log.WorkerReplaced(8, text)
	log.WorkerFailed(evil)
	log.Overloaded(1, 2)
	log.RuleFailed(text, text, text, 1)
	log.SessionFailed(text, nil)
	log.Panicked(text, evil, bytes.Repeat([]byte(text), 1000))
	log.ControlFailed(text, evil)
	log.Reloaded("")
}
