package picture_test

import (
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// fuzz opens a part of some type; that it ends without panic is what is tested.
func fuzz(f *testing.F, declared string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	limits := picture.Limits{Pictures: 8, Embedded: 8, Depth: 3, Pixels: 1 << 20, Pages: 2, Unpacked: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		picture.WantedText(declared, "", "", data)
		picture.ShownText(string(data))
		picture.RemotePictures(data)
		o := picture.NewOpener("")
		o.Open(t.Context(), picture.Part{Path: "1", Type: declared, Data: data}, limits, func(p picture.Picture) {
			if p.Image != nil && p.Image.Bounds().Empty() {
				t.Error("an empty picture")
			}
		})
	})
}

func smallCode() [][]bool { return mailmaker.Framed(mailmaker.Modules("A")) }

func FuzzHTML(f *testing.F) {
	rows, ink := smallCode(), mailmaker.Black()
	fuzz(f, "text/html", mailmaker.TableHTML(rows, ink), mailmaker.TableRunsHTML(rows, ink), mailmaker.AbsoluteHTML(rows, ink), mailmaker.FloatHTML(rows, ink),
		mailmaker.InlineBlockHTML(rows, ink), mailmaker.ShadowHTML(rows, ink), mailmaker.GradientHTML(rows, ink), mailmaker.GridHTML(rows, ink),
		mailmaker.NthChildHTML(rows, ink), mailmaker.BorderHTML(rows, ink), "<pre>"+mailmaker.Sextants(rows)+"</pre>",
		`<img src="data:image/png;base64,iVBORw0KGgo="><!--[if mso]><p style="background:url(data:,x)"><![endif]-->`)
}

func FuzzSVG(f *testing.F) {
	rows, ink := smallCode(), mailmaker.Black()
	fuzz(f, "image/svg+xml", mailmaker.SVGRects(rows, ink), mailmaker.SVGPath(rows, ink), mailmaker.SVGStrokes(rows, ink), mailmaker.SVGUses(rows, ink), mailmaker.SVGDots(rows, ink), mailmaker.SVGClip(rows, ink),
		`<svg viewBox="0 0 9 9"><path d="M1-1.5.5a1 2 3 01.5.5c1 2 3 4 5 6s1 2 3 4q1 2 3 4t5 6zM0 0" stroke-dasharray="1 2" stroke="red" transform="rotate(45 1 2) matrix(1 2 3 4 5 6)"/></svg>`)
}

func FuzzText(f *testing.F) {
	rows := smallCode()
	fuzz(f, "text/plain", mailmaker.HalfBlocks(rows), mailmaker.Braille(rows), mailmaker.Symbols(rows, "##", "  "), "> "+mailmaker.Quadrants(rows), "\x1b[7m  \x1b[0m\t  \n")
}

func FuzzCalendar(f *testing.F) {
	fuzz(f, "text/calendar", "BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64:iVBORw0K\r\n Ggo=\r\nEND:VCALENDAR", "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:=E2=96=88=\r\n=E2=96=80\r\n", "X-ALT-DESC;FMTTYPE=text/html:<html><img src=\"data:,\">")
}
