package picture_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// TestHostileMarkup has what could take forever or all memory. Each must end soon, and say so where it was cut.
func TestHostileMarkup(t *testing.T) {
	cell := `<td width=4 height=4 bgcolor=black></td>`
	var uses strings.Builder
	uses.WriteString(`<svg viewBox="0 0 100 100"><defs><g id="a0"><rect width="1" height="1"/><rect x="2" width="1" height="1"/></g>`)
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&uses, `<g id="a%d"><use href="#a%d"/><use href="#a%[2]d"/></g>`, i, i-1)
	}
	uses.WriteString(`</defs><use href="#a39"/></svg>`)
	for name, c := range map[string]struct {
		html string
		cut  bool
	}{
		"nested tags":    {strings.Repeat("<div>", 500_000), true},
		"nested tables":  {strings.Repeat("<table><tr><td bgcolor=red>", 60_000), false},
		"many cells":     {"<table><tr>" + strings.Repeat(cell, 400_000), true},
		"wide spans":     {"<table>" + strings.Repeat(`<tr><td colspan=1000000000 rowspan=1000000000 bgcolor=black></td></tr>`, 5_000), false},
		"many rules":     {"<style>" + strings.Repeat(".a .b .c{color:red}", 100_000) + "</style>" + strings.Repeat(`<p class="a b c"></p>`, 5_000), true},
		"one class":      {"<style>" + strings.Repeat(".a{color:red}", 30_000) + "</style>" + strings.Repeat(`<p class="a"></p>`, 5_000), true},
		"attributes":     {"<p " + strings.Repeat("a=b ", 500_000) + ">", false},
		"huge boxes":     {strings.Repeat(`<p style="width:1e9px;height:1e9px;background:red"></p><i style="float:left;width:5px;height:5px;background:blue"></i>`, 2_000), false},
		"far apart":      {strings.Repeat(`<p style="position:absolute;left:999999px;top:5px;width:5px;height:5px;background:red"></p><p style="position:absolute;left:1px;top:999999px;width:5px;height:5px;background:red"></p>`, 200), true},
		"shadows":        {`<p style="width:5px;height:5px;box-shadow:` + strings.Repeat("5px 5px red,", 300_000) + `1px 1px red"></p>`, false},
		"unclosed style": {"<style>" + strings.Repeat("{", 300_000), false},
		"braces":         {"<style>" + strings.Repeat("@media a{", 100_000) + "</style>", false},
		"data URIs":      {strings.Repeat(`<img src="data:image/png;base64,AAAA">`, 10), false},
		"parentheses":    {`<p style="background:` + strings.Repeat("url(", 300_000) + `">`, false},
		"uses":           {uses.String(), true},
		"uses, fewer":    {strings.Replace(uses.String(), "#a39", "#a19", 1), true},
		"use of itself":  {`<svg viewBox="0 0 9 9"><g id="a"><use href="#a"/><use href="#a"/></g></svg>`, true},
		"long path":      {`<svg viewBox="0 0 9 9"><path d="M0 0` + strings.Repeat("h1v1", 1_500_000) + `"/></svg>`, true},
		"tall crossings": {`<svg viewBox="0 0 100 100"><path d="M0 0` + strings.Repeat("l.0001 100 .0001 -100", 100_000) + `"/>` + strings.Repeat(`<path d="M0 0h1v1z"/>`, 40) + `</svg>`, true},
		"masks":          {`<svg viewBox="0 0 100 100"><mask id="m"><g mask="url(#m)"><rect width="9" height="9"/></g></mask>` + strings.Repeat(`<rect width="9" height="9" mask="url(#m)"/>`, 100) + `</svg>`, true},
		"dashes":         {`<svg viewBox="0 0 100 100">` + strings.Repeat(`<path stroke="red" stroke-dasharray="0.0001" d="M0 0h100"/>`, 100) + `</svg>`, false},
		"entities":       {`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><svg viewBox="0 0 9 9"><g id="` + strings.Repeat("&b;", 10_000) + `"/></svg>`, false},
		"wide line":      {"<pre>" + strings.Repeat("█", 1_000_000) + "</pre>", false},
		"many lines":     {"<pre>" + strings.Repeat("█ █ █ █ █ █ █\n", 50_000) + "</pre>", false},
		"grid":           {`<div style="display:grid;grid-template-columns:repeat(999,repeat(999,1px))">` + strings.Repeat(`<p style="grid-row:999;grid-column:999;background:red"></p>`, 300) + "</div>", false},
		"frames":         {strings.Repeat(`<iframe srcdoc="`, 5_000), false},
		"pictures":       {strings.Repeat(`<img src="data:image/png;base64,`+base64Text(mailmaker.PNG(mailmaker.CodeImage("x", 1)))+`">`, 2_000), false},
	} {
		t.Run(name, func(t *testing.T) {
			begin := worked(t)
			part := picture.Part{Path: "1", Type: "text/html", Data: []byte(c.html)}
			picture.WantedText(part.Type, "", "", part.Data)
			r := readAll(t, part)
			took := worked(t) - begin
			kinds := map[mime.Kind]bool{}
			for _, p := range r.problems {
				kinds[p.Kind] = true
			}
			if c.cut != kinds[mime.OverLimit] {
				t.Errorf("cut: %v, problems %v", c.cut, r.problems[:min(3, len(r.problems))])
			}
			t.Logf("%v for %d KB, %d pictures", took.Round(time.Millisecond), len(c.html)>>10, r.pictures)
			if took > hang {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestLongDataURI has a picture of many megabytes in a document: it is not copied by the parser.
func TestLongDataURI(t *testing.T) {
	png := append(mailmaker.PNG(mailmaker.CodeImage(drawnURL, 5)), make([]byte, 30<<20)...)
	r := readAll(t, page(`<img src="data:image/png;base64,`+base64Text(png)+`">`))
	if !slices.Equal(r.codes, []string{drawnURL}) || r.problems != nil {
		t.Errorf("read %q, problems %v", r.codes, r.problems)
	}
}

// TestOrdinaryTextIsLeftAlone has what the daemon must not send to a worker, and what gives no picture if it does.
func TestOrdinaryTextIsLeftAlone(t *testing.T) {
	newsletter := newsletterHTML(100 << 10)
	table := strings.Repeat("+------+--------+\n| name | amount |\n", 20)
	for name, p := range map[string]picture.Part{
		"newsletter": {Type: "text/html", Data: []byte(newsletter)},
		"plain":      {Type: "text/plain", Data: []byte(strings.Repeat("The minutes are attached; please read them by Friday.\n", 200))},
		"quoted":     {Type: "text/plain", Data: []byte(strings.Repeat("> > On Monday you wrote:\n> >\n> Yes.\n", 100))},
		"ruled":      {Type: "text/plain", Data: []byte(table)},
		"markdown":   {Type: "text/plain", Data: []byte(strings.Repeat("| a | b |\n|---|---|\n", 30))},
		"armour":     {Type: "text/plain", Data: []byte("Hello,\n\n-----BEGIN PGP MESSAGE-----\n" + strings.Repeat("hQEMA5vJxqWvJH9XAQf/WmT0wXyZ3kqR8xq1Jt2b7cKdEfGhIjKlMnOpQrStUvWx\n", 60))},
		"rules":      {Type: "text/plain", Data: []byte(strings.Repeat(strings.Repeat("-", 72)+"\n", 40))},
		"progress":   {Type: "text/plain", Data: []byte(strings.Repeat("[██████████] 100 % done\n", 3))},
		"diff":       {Type: "text/plain", Data: []byte(strings.Repeat("+\tif err != nil {\n-\tpanic(err)\n", 50))},
		"chinese":    {Type: "text/plain", Charset: "utf-8", Data: []byte(strings.Repeat("请在星期五之前阅读附件中的会议记录。\n", 200))},
		"invitation": {Type: "text/calendar", Data: []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Meeting\r\nDESCRIPTION:Join at https://meet.example.net/abc\\nSee you\\n\r\nX-ALT-DESC;FMTTYPE=text/html:<html><body><p>Join <a href=\"https://meet.example.net/abc\">here</a></p></body></html>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			if picture.WantedText(p.Type, p.Name, p.Charset, p.Data) {
				t.Error("the gate wants it")
			}
			if r := readAll(t, p); r.pictures > 0 || r.problems != nil {
				t.Errorf("%d pictures, problems %v", r.pictures, r.problems)
			}
		})
	}
}

// newsletterHTML is marketing mail of about that many bytes: nested tables, style sheet, linked pictures, spacers.
func newsletterHTML(size int) string {
	var out strings.Builder
	out.WriteString(`<!DOCTYPE html><html><head><style>@media only screen and (max-width:600px){.c{width:100%!important}} .b{background:#0a6;color:#fff}</style></head><body bgcolor="#f4f4f4"><!--[if mso]><table width="600"><tr><td><![endif]--><table width="600" cellpadding="0" cellspacing="0" align="center">`)
	for i := 0; out.Len() < size; i++ {
		if i < 25 {
			out.WriteString(`<tr><td height="20" style="font-size:1px;line-height:20px">&nbsp;</td></tr>`)
		}
		fmt.Fprintf(&out, `<tr><td class="c" style="padding:0 20px;font-family:Arial,sans-serif;font-size:14px"><table width="100%%"><tr><td width="50%%" bgcolor="#ffffff"><a href="https://click.example.com/?q=%d&amp;u=%d"><img src="https://img.example.com/products/%d.jpg" width="260" height="180" alt="Product" border="0"></a></td><td width="50%%" valign="top"><h2>Jacket number %d</h2><p>Warm, light and made to last. Now 20 %% off until Sunday, in all our shops.</p><a class="b" href="https://click.example.com/buy/%d">Buy now</a></td></tr></table></td></tr>`, i, i, i, i, i)
	}
	out.WriteString("</table><!--[if mso]></td></tr></table><![endif]--></body></html>")
	return out.String()
}

func BenchmarkGateNewsletter(b *testing.B) {
	data := []byte(newsletterHTML(100 << 10))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if picture.WantedText("text/html", "", "utf-8", data) {
			b.Fatal("wanted")
		}
	}
}

func BenchmarkGatePlain(b *testing.B) {
	data := []byte(strings.Repeat("The minutes are attached; please read them by Friday.\n", 2000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		picture.WantedText("text/plain", "", "utf-8", data)
	}
}

// BenchmarkWorkerNewsletter is what a newsletter costs that has two pictures in the message, and so goes to a worker.
func BenchmarkWorkerNewsletter(b *testing.B) {
	data := []byte(strings.Replace(newsletterHTML(100<<10), "<body ", `<body background="cid:a" `, 1))
	o := picture.NewOpener("")
	logo := mailmaker.PNG(mailmaker.Logo())
	for _, cid := range []string{"a", "b"} {
		o.Open(b.Context(), picture.Part{CID: cid, Data: logo}, picture.Limits{}, func(picture.Picture) {})
	}
	for b.Loop() {
		o.Open(b.Context(), picture.Part{Type: "text/html", Data: data}, picture.Limits{}, func(picture.Picture) {})
	}
}

// TestPatternMatters checks that a pattern is complained about only where it could hold a code.
func TestPatternMatters(t *testing.T) {
	for content, want := range map[string]int{
		`<circle r="1"/>`: 0,
		strings.Repeat(`<rect width="1" height="1"/>`, 40): 1,
		`<path d="` + strings.Repeat("h1v1", 200) + `"/>`:  1,
	} {
		r := readAll(t, page(`<svg viewBox="0 0 9 9"><pattern id="p">`+content+`</pattern><rect width="9" height="9" fill="url(#p)"/></svg>`))
		if len(r.problems) != want {
			t.Errorf("%.40s: problems %v", content, r.problems)
		}
	}
}
