package picture_test

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"strings"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/qr"
	"quishmilter/test/mailmaker"
)

const drawnURL = "https://login.example.net/s?u=reader"

// readings is what a worker would say of some parts of one message.
type readings struct {
	codes    []string
	carriers []string
	tricks   []string
	pictures int
	problems []mime.Problem
	links    []picture.Link
}

func readAll(t testing.TB, parts ...picture.Part) (r readings) {
	t.Helper()
	o := picture.NewOpener("")
	for _, p := range parts {
		r.problems = append(r.problems, o.Open(t.Context(), p, picture.Limits{}, func(pic picture.Picture) {
			if pic.Link.URL != "" {
				r.links = append(r.links, pic.Link)
				return
			}
			if pic.Image == nil {
				r.codes, r.carriers = append(r.codes, pic.Payload), append(r.carriers, pic.Carrier)
				return
			}
			r.pictures++
			for _, c := range qr.Read(t.Context(), pic.Image).Codes {
				r.codes, r.carriers, r.tricks = append(r.codes, c.Text), append(r.carriers, pic.Carrier), append(r.tricks, pic.Tricks...)
			}
		})...)
	}
	return r
}

// wants checks that the text is looked at and gives the one code, and no complaint.
func wants(t *testing.T, part picture.Part, payload, carrier string) {
	t.Helper()
	if !picture.WantedText(part.Type, part.Name, part.Charset, part.Data) {
		t.Error("the gate does not want it")
	}
	r := readAll(t, part)
	if len(r.codes) == 0 || r.codes[0] != payload || r.carriers[0] != carrier || r.problems != nil {
		t.Errorf("read %q as %q, %d pictures, problems %v", r.codes, r.carriers, r.pictures, r.problems)
	}
}

func page(body string) picture.Part {
	return picture.Part{Path: "1", Type: "text/html", Charset: "utf-8", Data: []byte("<html><body><p>Dear reader,</p>" + body + "<p>Regards</p></body></html>")}
}

func TestDrawnCodes(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	inks := map[string]mailmaker.Ink{"clean": mailmaker.Black(), "inverted": mailmaker.White(), "tiny": mailmaker.Tiny()}
	for _, c := range []struct {
		name, carrier string
		make          func([][]bool, mailmaker.Ink) string
	}{
		{"table", "html-table", mailmaker.TableHTML},
		{"table of runs", "html-table", mailmaker.TableRunsHTML},
		{"absolute boxes", "html-css", mailmaker.AbsoluteHTML},
		{"floats", "html-css", mailmaker.FloatHTML},
		{"inline blocks", "html-css", mailmaker.InlineBlockHTML},
		{"shadows", "html-css", mailmaker.ShadowHTML},
		{"gradients", "html-css", mailmaker.GradientHTML},
		{"grid", "html-css", mailmaker.GridHTML},
		{"flex", "html-css", mailmaker.FlexHTML},
		{"flex of inline elements", "html-css", mailmaker.FlexInlineHTML},
		{"nth child", "html-table", mailmaker.NthChildHTML},
		{"variables", "html-css", mailmaker.VariablesHTML},
		{"borders", "html-css", mailmaker.BorderHTML},
		{"svg rectangles", "svg", mailmaker.SVGRects},
		{"svg path", "svg", mailmaker.SVGPath},
		{"svg strokes", "svg", mailmaker.SVGStrokes},
		{"svg uses", "svg", mailmaker.SVGUses},
		{"svg dots", "svg", mailmaker.SVGDots},
		{"svg clip", "svg", mailmaker.SVGClip},
	} {
		for kind, ink := range inks {
			t.Run(c.name+" "+kind, func(t *testing.T) { wants(t, page(c.make(rows, ink)), drawnURL, c.carrier) })
		}
	}
}

func TestDrawnInConditionalComment(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	wants(t, page("<!--[if mso]>"+mailmaker.TableHTML(rows, mailmaker.Black())+"<![endif]-->"), drawnURL, "html-table")
	wants(t, page("<noscript>"+mailmaker.TableHTML(rows, mailmaker.Black())+"</noscript>"), drawnURL, "html-table")
}

func TestTextBlocks(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	for name, text := range map[string]string{
		"half blocks":      mailmaker.HalfBlocks(rows),
		"half, inverted":   mailmaker.HalfBlocks(mailmaker.Inverted(rows)),
		"quadrants":        mailmaker.Quadrants(rows),
		"braille":          mailmaker.Braille(rows),
		"braille inverted": mailmaker.Braille(mailmaker.Inverted(rows)),
		"sextants":         mailmaker.Sextants(rows),
		"pairs":            mailmaker.Symbols(rows, "##", "  "),
		"pairs of blocks":  mailmaker.Symbols(rows, "██", "\u00a0\u00a0"),
		"single blocks":    mailmaker.Symbols(rows, "█", " "),
		"digits":           mailmaker.Symbols(rows, "1", "0"),
		"letters":          mailmaker.Symbols(rows, "XX", ".."),
		"emoji":            mailmaker.Symbols(rows, "⬛", "⬜"),
		"coloured emoji":   mailmaker.Symbols(rows, "🟥", "⬜"),
		"ideographs":       mailmaker.Symbols(rows, "■", "　"),
		"shades":           mailmaker.Symbols(rows, "▓▓", "░░"),
	} {
		t.Run(name, func(t *testing.T) {
			plain := picture.Part{Path: "1", Type: "text/plain", Charset: "utf-8", Data: []byte("Please scan this:\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\nRegards\r\n")}
			wants(t, plain, drawnURL, "text-blocks")
			wants(t, page("<pre>"+text+"</pre>"), drawnURL, "text-blocks")
			quoted := "> " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n> ")
			wants(t, picture.Part{Path: "1", Type: "text/plain", Data: []byte(quoted)}, drawnURL, "text-blocks")
		})
	}
}

func TestTextBlocksInMarkup(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	half := mailmaker.HalfBlocks(rows)
	var entities, spans strings.Builder
	for _, r := range half {
		if r > 127 {
			fmt.Fprintf(&entities, "&#x%x;", r)
		} else {
			entities.WriteRune(r)
		}
	}
	for _, row := range rows {
		for _, dark := range row {
			color := map[bool]string{true: "#111", false: "#fff"}[dark]
			fmt.Fprintf(&spans, `<span style="color:%s">█</span>`, color)
		}
		spans.WriteString("<br>")
	}
	var grounds strings.Builder
	for _, row := range rows {
		for _, dark := range row {
			fmt.Fprintf(&grounds, `<span style="background:%s">&nbsp;&nbsp;</span>`, map[bool]string{true: "navy", false: "white"}[dark])
		}
		grounds.WriteString("<br>")
	}
	for name, body := range map[string]string{
		"entities":       "<pre>" + entities.String() + "</pre>",
		"br":             `<div style="font-family:monospace">` + strings.ReplaceAll(strings.ReplaceAll(half, " ", "&nbsp;"), "\n", "<br>\n") + "</div>",
		"paragraphs":     "<p>" + strings.ReplaceAll(strings.ReplaceAll(half, " ", "&nbsp;"), "\n", "</p><p>") + "</p>",
		"coloured":       "<div>" + spans.String() + "</div>",
		"grounds":        "<div>" + grounds.String() + "</div>",
		"white on black": `<pre style="background:#000;color:#fff">` + mailmaker.HalfBlocks(mailmaker.Inverted(rows)) + "</pre>",
	} {
		t.Run(name, func(t *testing.T) { wants(t, page(body), drawnURL, "text-blocks") })
	}
}

func TestCharsets(t *testing.T) {
	rows := mailmaker.Framed(mailmaker.Modules(drawnURL))
	text := mailmaker.HalfBlocks(rows)
	var cp437, wide []byte
	for _, r := range text {
		b := byte(r)
		switch r {
		case '█':
			b = 0xdb
		case '▄':
			b = 0xdc
		case '▀':
			b = 0xdf
		}
		cp437 = append(cp437, b)
		wide = append(wide, byte(r), byte(r>>8))
	}
	wants(t, picture.Part{Type: "text/plain", Charset: "ibm437", Data: cp437}, drawnURL, "text-blocks")
	wants(t, picture.Part{Type: "text/plain", Charset: "utf-16le", Data: wide}, drawnURL, "text-blocks")
	wants(t, picture.Part{Type: "text/plain", Data: append([]byte{0xff, 0xfe}, wide...)}, drawnURL, "text-blocks")
}

func TestDataURIs(t *testing.T) {
	png := mailmaker.PNG(mailmaker.CodeImage(drawnURL, 5))
	uri := "data:image/png;base64," + base64Text(png)
	percent := "data:image/svg+xml," + strings.NewReplacer("#", "%23", "<", "%3C", ">", "%3E", `"`, "%22").Replace(mailmaker.SVGRects(mailmaker.Framed(mailmaker.Modules(drawnURL)), mailmaker.Black()))
	for name, c := range map[string][2]string{
		"img":           {`<img src="` + uri + `">`, "image"},
		"unquoted":      {`<img src=` + uri + `>`, "image"},
		"entities":      {`<img src="` + strings.Replace(uri, "data:image", "&#100;&#97;&#116;&#97;&#58;&#105;&#109;&#97;&#103;&#101;", 1) + `">`, "image"},
		"srcset":        {`<img srcset="` + uri + ` 2x, https://a.example/b.png 1x">`, "image"},
		"background":    {`<div style="background-image:url('` + uri + `')">x</div>`, "image"},
		"sheet":         {`<style>.q{background:url(` + uri + `)}</style><div class=q></div>`, "image"},
		"object":        {`<object data="` + uri + `"></object>`, "image"},
		"refresh":       {`<meta http-equiv="refresh" content="0; url=data:text/html;base64,` + base64Text([]byte(`<img src="`+uri+`">`)) + `">`, "image"},
		"iframe":        {`<iframe srcdoc="` + html.EscapeString(`<img src="`+uri+`">`) + `"></iframe>`, "image"},
		"svg":           {`<img src="` + percent + `">`, "svg"},
		"svg image":     {`<svg viewBox="0 0 9 9"><image href="` + uri + `"/></svg>`, "image"},
		"comment":       {`<!--[if gte mso 9]><v:fill src="` + uri + `"/><![endif]-->`, "image"},
		"broken scheme": {`<img src="da` + "\n\tta:ima\r\nge/png;bas\ne64," + base64Text(png) + `">`, "image"},
		"css escapes":   {`<div style="background:url(\64 \000061ta:image/png;base64,` + base64Text(png) + `)">x</div>`, "image"},
		"white space":   {`<img src="` + " data:image/png;base64," + strings.ReplaceAll(base64Text(png), "A", "A\r\n ") + `">`, "image"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, page(c[0]), drawnURL, c[1]) })
	}
}

func TestSplitCodes(t *testing.T) {
	code := mailmaker.CodeImage(drawnURL, 5)
	size := code.Bounds().Dx()
	part := func(cid string, r image.Rectangle) picture.Part {
		piece := image.NewGray(image.Rectangle{Max: r.Size()})
		for y := range r.Dy() {
			for x := range r.Dx() {
				piece.SetGray(x, y, code.GrayAt(r.Min.X+x, r.Min.Y+y))
			}
		}
		return picture.Part{Path: "2", Type: "image/png", CID: cid, Name: cid + ".png", Data: mailmaker.PNG(piece)}
	}
	half := size/2 + 3 // through a module
	left, right := part("a", image.Rect(0, 0, half, size)), part("b", image.Rect(half, 0, size, size))
	upper, lower := part("a", image.Rect(0, 0, size, half)), part("b", image.Rect(0, half, size, size))
	quarters := []picture.Part{
		part("a", image.Rect(0, 0, half, half)), part("b", image.Rect(half, 0, size, half)),
		part("c", image.Rect(0, half, half, size)), part("d", image.Rect(half, half, size, size)),
	}
	var strips []picture.Part
	var stripRows string
	for i, y := 0, 0; y < size; i, y = i+1, y+30 {
		strips = append(strips, part(fmt.Sprint("s", i), image.Rect(0, y, size, min(size, y+30))))
		stripRows += fmt.Sprintf(`<tr><td><img src="cid:s%d"></td></tr>`, i)
	}
	over := overlays(code)
	for name, c := range map[string]struct {
		pieces []picture.Part
		html   string
	}{
		"over each other":    {over, `<div style="position:relative"><img src="cid:a" style="position:absolute;left:0;top:0"><img src="cid:b" style="position:absolute;left:0;top:0"></div>`},
		"negative margin":    {over, fmt.Sprintf(`<img src="cid:a" style="display:block"><img src="cid:b" style="display:block;margin-top:-%dpx">`, size)},
		"pulled to the left": {over, fmt.Sprintf(`<img src="cid:a"><img src="cid:b" style="margin-left:-%dpx">`, size)},
		"on a background":    {over, `<div style="background:url(cid:a)"><img src="cid:b"></div>`},
		"two backgrounds":    {over, fmt.Sprintf(`<div style="background-image:url(cid:a),url(cid:b);width:%dpx;height:%[1]dpx"></div>`, size)},
		"one cell of a grid": {over, `<div style="display:grid"><img src="cid:a" style="grid-area:1/1"><img src="cid:b" style="grid-area:1/1"></div>`},
		"cells":              {[]picture.Part{left, right}, `<table><tr><td><img src="cid:a"></td><td><img src="cid:b"></td></tr></table>`},
		"swapped":            {[]picture.Part{right, left}, `<table><tr><td><img src="cid:a"></td><td><img src="cid:b"></td></tr></table>`},
		"adjacent":           {[]picture.Part{left, right}, `<img src="cid:a"> <img src="cid:b">`},
		"rows":               {[]picture.Part{upper, lower}, `<div><img src="cid:a" style="display:block"></div><div><img src="cid:b"></div>`},
		"by name":            {[]picture.Part{upper, lower}, `<img src="a.png"><br><img src="b.png">`},
		"scaled":             {[]picture.Part{left, right}, fmt.Sprintf(`<img src="cid:a" height=%d><img src="cid:b" height=%[1]d>`, size/2)},
		"quarters":           {quarters, `<table><tr><td><img src="cid:a"><td><img src="cid:b"><tr><td><img src="cid:c"><td><img src="cid:d"></table>`},
		"strips":             {strips, "<table cellspacing=0>" + stripRows + "</table>"},
		"background":         {[]picture.Part{left, right}, fmt.Sprintf(`<table><tr><td background="cid:a" width=%d height=%d></td><td background="cid:b" width=%d></td></tr></table>`, half, size, size-half)},
	} {
		t.Run(name, func(t *testing.T) {
			r := readAll(t, append(append([]picture.Part(nil), c.pieces...), page(c.html))...)
			if len(r.codes) == 0 || r.codes[0] != drawnURL || r.tricks[0] != "split" || r.problems != nil {
				t.Errorf("read %q, tricks %q, %d pictures, problems %v", r.codes, r.tricks, r.pictures, r.problems)
			}
		})
	}
	t.Run("attachments", func(t *testing.T) {
		even := size / 2
		r := readAll(t, part("a", image.Rect(0, 0, even, size)), part("b", image.Rect(size-even, 0, size, size)))
		if len(r.codes) == 0 || r.codes[0] != drawnURL || r.tricks[0] != "split" {
			t.Errorf("read %q, %d pictures", r.codes, r.pictures)
		}
	})
}

// overlays are two transparent pictures, each with every other row of modules.
func overlays(code *image.Gray) []picture.Part {
	const module = 5
	parts := make([]picture.Part, 2)
	for i := range parts {
		half := image.NewNRGBA(code.Rect)
		for y := range code.Rect.Dy() {
			for x := range code.Rect.Dx() {
				if code.GrayAt(x, y).Y == 0 && y/module%2 == i {
					half.SetNRGBA(x, y, color.NRGBA{A: 255})
				}
			}
		}
		cid := string(rune('a' + i))
		parts[i] = picture.Part{Path: "2", Type: "image/png", CID: cid, Name: cid + ".png", Data: mailmaker.PNG(half)}
	}
	return parts
}

func TestCalendars(t *testing.T) {
	png := base64Text(mailmaker.PNG(mailmaker.CodeImage(drawnURL, 5)))
	half := mailmaker.HalfBlocks(mailmaker.Framed(mailmaker.Modules(drawnURL)))
	event := func(lines ...string) picture.Part {
		text := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Meeting\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		return picture.Part{Path: "1", Type: "text/calendar", Data: []byte(text)}
	}
	for name, part := range map[string]picture.Part{
		"attached":    event("ATTACH;FMTTYPE=image/png;ENCODING=BASE64;VALUE=BINARY:" + folded(png)),
		"no folding":  event("ATTACH;ENCODING=BASE64;VALUE=BINARY:" + png),
		"no encoding": event("ATTACH;VALUE=BINARY:" + png),
		"lines alone": event("ATTACH;ENCODING=BASE64:" + strings.ReplaceAll(folded(png), "\r\n ", "\r\n")),
		"data URI":    event("ATTACH:data:image/png;base64," + png),
		"html":        event(`X-ALT-DESC;FMTTYPE=text/html:` + folded(`<html><body><img src="data:image/png;base64\,`+png+`"></body></html>`)),
		"description": event("DESCRIPTION:" + strings.ReplaceAll(half, "\n", `\n`)),
		"headless":    {Path: "1", Type: "text/calendar", Data: []byte("ATTACH;ENCODING=BASE64:" + png + "\nEND:VEVENT")},
	} {
		t.Run(name, func(t *testing.T) { wants(t, part, drawnURL, "calendar") })
	}
}

// folded breaks a line as RFC 5545, section 3.1, asks for.
func folded(s string) string {
	var out strings.Builder
	for len(s) > 70 {
		out.WriteString(s[:70] + "\r\n ")
		s = s[70:]
	}
	return out.String() + s
}
