package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"quishmilter/inspect"
	"quishmilter/mime"
	"quishmilter/verdict"
)

// scanJSON is one line of scan --json. Others parse it: add, don't rename.
type scanJSON struct {
	Path     string         `json:"path"`
	Verdict  verdict.Action `json:"verdict"`
	Would    verdict.Action `json:"would,omitempty"`
	Reasons  []string       `json:"reasons"`
	Codes    []codeJSON     `json:"codes"`
	Sender   senderJSON     `json:"sender"`
	Scan     inspect.Scan   `json:"scan"`
	Problems []mime.Problem `json:"problems"`
	MS       float64        `json:"ms"`
}

type codeJSON struct {
	Symbology     string   `json:"symbology"`
	Payload       string   `json:"payload"`
	PayloadBase64 string   `json:"payload_base64,omitempty"` // instead of payload, where that is no UTF-8
	Kind          string   `json:"kind"`
	URL           string   `json:"url"`
	Host          string   `json:"host"`
	Target        string   `json:"target"`
	Links         []string `json:"links,omitempty"` // further ones
	Part          string   `json:"part"`
	Name          string   `json:"name"`
	At            string   `json:"at"`
	Carrier       string   `json:"carrier"`
	Tricks        []string `json:"tricks"`
	Box           [4]int   `json:"box"`
	Signals       []string `json:"signals"`
	Picture       string   `json:"picture"` // SHA-256 of the attached file, for allow and block entries
}

type senderJSON struct {
	From       string `json:"from"`
	Prevalent  bool   `json:"prevalent"`
	Messages   int    `json:"messages"`
	Recipients int    `json:"recipients"`
	Auth       string `json:"auth"`
}

func scanResult(path string, r inspect.Report) scanJSON {
	result := scanJSON{
		Path: path, Verdict: r.Decision.Action, Would: r.Decision.Would, Reasons: list(r.Decision.Reasons), Codes: []codeJSON{},
		Sender: senderJSON{r.Sender.From, r.Sender.Prevalent, r.Sender.Counts.Messages, r.Sender.Counts.Recipients, string(r.Sender.Auth)},
		Scan:   r.Scan, Problems: list(r.Problems), MS: math.Round(r.Took.Seconds()*1e5) / 100,
	}
	for n, c := range r.Codes {
		code := codeJSON{Symbology: c.Symbology, Payload: c.Text, Kind: string(c.Kind), URL: c.URL, Host: c.Host, Target: c.Target, Links: c.Links,
			Part: c.Part, Name: c.Name, At: c.At, Carrier: c.Carrier, Tricks: list(c.Tricks), Box: c.Box, Signals: list(c.Signals),
			Picture: r.Evidence.Codes[n].Picture}
		if !utf8.ValidString(c.Text) {
			code.Payload, code.PayloadBase64 = "", base64.StdEncoding.EncodeToString(c.Bytes)
		}
		result.Codes = append(result.Codes, code)
	}
	return result
}

// list makes sure that JSON says [] and not null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// printScan is the form for people.
func printScan(out io.Writer, path string, r inspect.Report) {
	term := newTerminal(out)
	fmt.Fprintf(out, "%s: %s\n", oneLine(path), term.outcome(r.Decision.Action, r.Decision.Would, r.Decision.Reasons))
	for _, c := range r.Codes {
		text := safe(c.Text)
		if c.URL == c.Text {
			text = strconv.Quote(defangedLink(c.URL))
		}
		where := strings.TrimSpace(c.Name + " " + c.At)
		fmt.Fprintf(out, "  %s in part %s (%s) %s: %s %s", shown(c.Symbology), shown(c.Part), shown(c.Carrier), safe(where), c.Kind, text)
		if tags := append(list(c.Tricks), c.Signals...); len(tags) > 0 {
			fmt.Fprintf(out, " [%s]", oneLine(strings.Join(tags, ", ")))
		}
		fmt.Fprintln(out)
	}
	if r.Sender.From != "" {
		fmt.Fprintf(out, "  sender %s: %s in the window, prevalent: %v\n", safe(r.Sender.From), messages(int(r.Sender.Counts.Messages)), r.Sender.Prevalent)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(out, "  not scanned: part %s %s: %s (%s)\n", safe(p.Part), safe(p.At), p.Kind, safe(p.Detail))
	}
}
