package prevalence

import (
	"strings"
	"testing"
	"time"
)

func TestFromMessageJudgesTheDate(t *testing.T) {
	const (
		top    = "Received: from x by mx (Postfix) id 1;\r\n\tThu, 19 Nov 2026 10:00:00 +0100\r\n"
		forged = "Received: from y by z; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
		broken = "Received: from y by z; once upon a time\r\n"
		late   = "Received: from y by z; Wed, 21 Nov 2096 10:00:00 +0000\r\n"
		rest   = "From: A <a@b.example>\r\nTo: x@y, Z <z@y>\r\nCc: w@y\r\nMessage-ID: <1@b>\r\n"
		date   = "Date: Fri, 13 Nov 2026 08:00:00 +0000\r\n"
	)
	cases := []struct {
		name, header string
		want         string
		err          error
	}{
		{"the topmost Received wins", top + forged + rest + date, "2026-11-19T09:00:00Z", nil},
		{"Date alone", rest + date, "2026-11-13T08:00:00Z", nil},
		{"bare line feeds and an mbox line", "From a Sat\n" + strings.ReplaceAll(rest+date, "\r", ""), "2026-11-13T08:00:00Z", nil},
		{"the newest when the topmost is broken", broken + forged + rest + date, "2026-11-13T08:00:00Z", nil},
		{"the body is not the header", rest + "\r\n" + date, "", ErrNoDate},
		{"no date", rest, "", ErrNoDate},
		{"broken date", broken + rest, "", ErrNoDate},
		{"1970", rest + "Date: Thu, 1 Jan 1970 00:00:01 +0000\r\n", "", ErrNoDate},
		{"2096", late + rest + date, "", ErrFuture},
		{"a second ahead", rest + "Date: Sat, 21 Nov 2026 12:00:01 +0000\r\n", "", ErrFuture},
		{"now", rest + "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n", "2026-11-21T12:00:00Z", nil},
		{"no sender", date, "", ErrNoSender},
		{"nothing", "", "", ErrNoSender},
	}
	for _, c := range cases {
		r, err := FromMessage([]byte(c.header), now)
		if err != c.err || err == nil && (r.Time.Format(time.RFC3339) != c.want || r.From != "a@b.example" || r.Recipients != 3 || r.ID == Fingerprint{}) {
			t.Errorf("%s: got %+v, %v", c.name, r, err)
		}
	}
}

func FuzzFromMessage(f *testing.F) {
	f.Add([]byte("From: a@b\nDate: Fri, 13 Nov 2026 08:00:00 +0000\nTo: x: y@z;\n\n"))
	f.Fuzz(func(t *testing.T, header []byte) {
		r, err := FromMessage(header, now)
		if err == nil && (r.From == "" || r.Time.After(now) || r.Recipients < 1) {
			t.Errorf("got %+v", r)
		}
	})
}

func TestWindowCheckAndString(t *testing.T) {
	for _, w := range []Window{Default(), Hunt(), Rule()} {
		if err := w.Check(Retention); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []func(*Window){
		func(w *Window) { w.Exclude = w.Before },
		func(w *Window) { w.Exclude = -1 },
		func(w *Window) { w.Before = Retention + 1 },
		func(w *Window) { w.Threshold = 0 },
		func(w *Window) { w.Unit = "bytes" },
	} {
		w := Default()
		bad(&w)
		if w.Check(Retention) == nil {
			t.Errorf("%+v passes", w)
		}
	}
	if got := Default().String(); got != "14d-1d" {
		t.Errorf("the default shows as %q", got)
	}
	if got := (Window{Before: 90 * time.Minute}).String(); got != "90m-0s" {
		t.Errorf("90 minutes show as %q", got)
	}
}

func TestReadAddress(t *testing.T) {
	for text, want := range map[string]string{
		"a@b.example": "a@b.example", " A@B.example ": "a@b.example", "<a@b.example>": "a@b.example", "Name <A@b.example>": "a@b.example", `"Doe, John" <j@b.example>`: "j@b.example",
		"Doe, John <j@b.example>": "j@b.example", "a@b.example (Name)": "a@b.example", "a@bücher.example": "a@xn--bcher-kva.example", "a,b@c.example": "a,b@c.example",
		"": "", "nobody": "", "Name": "", "a@b.example, c@d.example": "", "group: a@b.example;": "", "@b.example": "", "a@": "",
	} {
		key, spelling := ReadAddress(text)
		if key != want || Key(spelling) != key {
			t.Errorf("%q: %q, spelled %q, want %q", text, key, spelling, want)
		}
	}
}
