package milter

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"quishmilter/inspect"
	"quishmilter/mime"
)

func TestAnswers(t *testing.T) {
	add := []mime.Field{{Name: "X-Quish-Verdict", Value: "tagged"}, {Name: "X-Quish-Reason", Value: "a,\r\n\tb"}}
	gone := []Occurrence{{"X-Quish-A", 2}, {"X-Quish-A", 1}}
	insert := []packet{
		{'i', long(1) + "X-Quish-Verdict\x00tagged\x00"}, {'i', long(2) + "X-Quish-Reason\x00a,\n\tb\x00"},
	}
	edits := append([]packet{{'m', long(2) + "X-Quish-A\x00\x00"}, {'m', long(1) + "X-Quish-A\x00\x00"}}, insert...)
	tests := map[string]struct {
		answer Answer
		want   []packet
	}{
		"nothing":         {Answer{}, []packet{{'c', ""}}},
		"continue":        {Answer{Add: add, Delete: gone}, append(edits[:4:4], packet{'c', ""})},
		"hold":            {Answer{Action: Hold, Reason: "why", Add: add}, append(insert[:2:2], packet{'q', "why\x00"}, packet{'c', ""})},
		"hold, no reason": {Answer{Action: Hold}, []packet{{'q', "held\x00"}, {'c', ""}}},
		"hold, evil reason": {Answer{Action: Hold, Reason: "a\r\nb\x00ü" + strings.Repeat("x", 200)},
			[]packet{{'q', "a%0D%0Ab%00%C3%BC" + strings.Repeat("x", 83) + "\x00"}, {'c', ""}}},
		"reject":          {Answer{Action: Reject, Add: add, Delete: gone}, []packet{{'r', ""}}},
		"reject, text":    {Answer{Action: Reject, Reply: "100% no\r\n250 yes"}, []packet{{'y', "550 5.7.1 100%% no%%0D%%0A250 yes\x00"}}},
		"tempfail":        {Answer{Action: TempFail}, []packet{{'t', ""}}},
		"tempfail, text":  {Answer{Action: TempFail, Reply: "later"}, []packet{{'y', "451 4.7.1 later\x00"}}},
		"discard":         {Answer{Action: Discard, Add: add}, []packet{{'d', ""}}},
		"no such action":  {Answer{Action: 99}, []packet{{'t', ""}}},
		"bad names":       {Answer{Add: []mime.Field{{Name: "A:b"}, {Name: ""}, {Name: "A b"}, {Name: "ü"}, {Name: "A\nB"}}, Delete: []Occurrence{{"A\x00", 1}, {"A", 0}, {"A", -1}}}, []packet{{'c', ""}}},
		"evil value":      {Answer{Add: []mime.Field{{Name: "A", Value: "x\r\nBcc: y"}}}, []packet{{'i', long(1) + "A\x00x%0ABcc: y\x00"}, {'c', ""}}},
		"many deletions":  {Answer{Delete: make([]Occurrence, maxDelete+1)}, []packet{{'y', "451 4.7.1 " + tooManyOwn.Reply + "\x00"}}},
		"enough of these": {Answer{Delete: make([]Occurrence, maxDelete)}, []packet{{'c', ""}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &Server{Handle: func(context.Context, *inspect.Message) Answer { return tt.answer }}
			addr, _ := start(t, s)
			m := dial(t, addr)
			m.connect("client.example", "192.0.2.7")
			for range 2 {
				if got := m.message(second); !reflect.DeepEqual(got, tt.want) {
					t.Errorf("got %q\nwant %q", got, tt.want)
				}
			}
		})
	}
}

// An action that the MTA did not offer must not be asked for: it would end the connection.
func TestHoldNotOffered(t *testing.T) {
	s := &Server{Handle: func(context.Context, *inspect.Message) Answer { return Answer{Action: Hold} }}
	addr, log := start(t, s)
	m := dial(t, addr)
	m.offer(0x1f, postfixOptions)
	if got := m.message(second); !reflect.DeepEqual(got, []packet{{'t', ""}}) {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(log.String(), "does not let us") {
		t.Errorf("log: %s", log)
	}
}

func TestSafeValue(t *testing.T) {
	tests := map[string]string{
		"":                      "",
		"plain; a=\"b c\"":      "plain; a=\"b c\"",
		"a\r\n\tb\n c":          "a\n\tb\n c",
		"a\nb":                  "a%0Ab",
		"a\n":                   "a%0A",
		"a\n \n b":              "a%0A \n b",
		"a\n\n b":               "a%0A\n b",
		"\n b":                  "%0A b",
		" \n b":                 " %0A b",
		"a\rb":                  "a%0Db",
		"a\x00b\x7f\x1b[1m\xff": "a%00b%7F%1B[1m%FF",
		"grün":                  "gr%C3%BCn",
		"a\n b\n":               "a\n b%0A",
	}
	for in, want := range tests {
		if got := safeValue("X-Quish-Code", in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSafeValueLength(t *testing.T) {
	for _, n := range []int{maxLine - 1, maxLine, maxLine + 1} {
		value := strings.Repeat("x", n-len("A: ")) + "\n " + strings.Repeat("y", n-1)
		for i, line := range strings.Split("A: "+safeValue("A", value), "\n") {
			if len(line) != min(n, maxLine) {
				t.Errorf("%d octets: line %d has %d", n, i, len(line))
			}
		}
	}
	if got := safeValue("A", strings.Repeat("ü", 1000)); len(got) > maxLine-3 || !strings.HasSuffix(got, "%C3") && !strings.HasSuffix(got, "%BC") {
		t.Errorf("cut inside an escape: %d octets, …%q", len(got), got[len(got)-6:])
	}
}

// FuzzSafeValue looks for a value that gets out of its field.
func FuzzSafeValue(f *testing.F) {
	for _, s := range []string{"a\n b", "\r\n\r\nbody", "a\n \n\tb", "ü\x00", strings.Repeat("x", 2000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := safeValue("X-Quish-Code", value)
		for i, line := range strings.Split("X-Quish-Code: "+got, "\n") {
			if len(line) > maxLine {
				t.Fatalf("a line of %d octets", len(line))
			}
			if i > 0 && (line == "" || line[0] != ' ' && line[0] != '\t') {
				t.Fatalf("%q: line %q begins a field or ends the header", value, line)
			}
			if i > 0 && strings.Trim(line, " \t") == "" {
				t.Fatalf("%q: a blank line", value)
			}
			for _, c := range []byte(line) {
				if c != '\t' && (c < ' ' || c > '~') {
					t.Fatalf("%q: octet %#x", value, c)
				}
			}
		}
	})
}

func TestForged(t *testing.T) {
	header := []mime.Field{
		{Name: "X-Quish-Verdict"}, {Name: "Subject"}, {Name: "x-quish-verdict"}, {Name: "X-Quish"}, {Name: "X-QUISH-ID"},
		{Name: "My-X-Quish-Id"}, {Name: "X-Quish-Verdict"},
	}
	got := Forged(header, OwnPrefix)
	want := []Occurrence{{"X-Quish-Verdict", 3}, {"X-QUISH-ID", 1}, {"x-quish-verdict", 2}, {"X-Quish-Verdict", 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if !reflect.DeepEqual(remaining(header, got), []string{"Subject", "X-Quish", "My-X-Quish-Id"}) {
		t.Errorf("left: %v", remaining(header, got))
	}
}

// remaining deletes as an MTA does that counts anew after every deletion.
func remaining(header []mime.Field, gone []Occurrence) []string {
	var names []string
	for _, f := range header {
		names = append(names, f.Name)
	}
	for _, o := range gone {
		n := 0
		for i, name := range names {
			if !strings.EqualFold(name, o.Name) {
				continue
			}
			if n++; n == o.Index {
				names = append(names[:i:i], names[i+1:]...)
				break
			}
		}
	}
	return names
}

func TestTooManyForgedFields(t *testing.T) {
	var calls, failures int
	s := &Server{
		Handle: func(_ context.Context, m *inspect.Message) Answer {
			calls++
			return Answer{Delete: Forged(m.Header, OwnPrefix)}
		},
		Failure: func(m *inspect.Message, err error) Answer {
			failures++
			return Answer{Delete: Forged(m.Header, OwnPrefix)}
		},
	}
	addr, _ := start(t, s)
	m := dial(t, addr)
	m.connect("client.example", "192.0.2.7")
	for n, want := range map[int]int{maxDelete - 1: maxDelete, maxDelete: maxDelete + 1, maxDelete + 1: 1} {
		x := second
		for i := range n {
			x.header = append(x.header[:len(x.header):len(x.header)], [2]string{fmt.Sprint("X-Quish-", i%3), "x"})
		}
		got := m.message(x)
		if len(got) != want || (n > maxDelete) != (got[0].code == 'y') {
			t.Errorf("%d forged fields: %d packets, the first %q", n, len(got), got[0])
		}
	}
	if calls != 2 || failures != 0 {
		t.Errorf("%d calls, %d failures: forged fields that stay are no matter of choice", calls, failures)
	}
}
