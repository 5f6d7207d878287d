package eci

import "testing"

func TestText(t *testing.T) {
	for _, c := range []struct {
		name     string
		segments []Segment
		want     string
	}{
		{"none named, UTF-8", []Segment{{None, []byte("Größe 灯")}}, "Größe 灯"},
		{"none named, ISO 8859-1", []Segment{{None, []byte("Gr\xf6\xdfe")}}, "Größe"},
		{"part 7, Greek", []Segment{{9, []byte("\xc1\xe2")}}, "Αβ"},
		{"Shift JIS", []Segment{{20, []byte("\x93\xfa\x96\x7b")}}, "日本"},
		{"Windows-1251", []Segment{{22, []byte("\xcf\xf0")}}, "Пр"},
		{"UTF-16", []Segment{{25, []byte("\x70\x6f")}}, "灯"},
		{"GB 18030", []Segment{{29, []byte("\xb5\xc6")}}, "灯"},
		{"a broken UTF-8 is still shown", []Segment{{26, []byte("a\xff")}}, "aÿ"},
		{"no such character set", []Segment{{777777, []byte("plain")}}, "plain"},
		{"one after the other", []Segment{{None, []byte("a")}, {9, []byte("\xc1")}, {26, []byte("ö")}}, "aΑö"},
	} {
		var p Payload
		for _, s := range c.segments {
			if s.ECI != None {
				p.Switch(s.ECI)
			}
			p.Add(s.Bytes...)
		}
		if got := p.Text(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBytesAreKeptAsEncoded(t *testing.T) {
	var p Payload
	p.Add('a', 0xff)
	p.Switch(9)
	p.Add(0xc1)
	if got := string(p.Bytes()); got != "a\xff\xc1" {
		t.Errorf("%q", got)
	}
}
