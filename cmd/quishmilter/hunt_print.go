package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"quishmilter/journal"
	"quishmilter/journal/table"
)

// printer writes what a hunt finds: for people as a table, for programs as lines of JSON or as CSV.
type printer struct {
	format string
	term   terminal
	rows   *rows         // of a table, once the first is written
	csv    *table.Writer // likewise
	json   *json.Encoder
	out    io.Writer
}

func newPrinter(out io.Writer, format string) (*printer, error) {
	p := &printer{format: format, term: newTerminal(out), out: printable(out)}
	switch format {
	case "table", table.CSV:
	case table.JSON:
		p.json = json.NewEncoder(p.out)
		p.json.SetEscapeHTML(false)
	default:
		return nil, fmt.Errorf("--format %q is not known; write table, json or csv", format)
	}
	return p, nil
}

// row writes cells for people, or others for programs.
func (p *printer) row(header, shown, columns, cells []string) (err error) {
	if p.format == "table" {
		if p.rows == nil {
			p.rows = p.term.rows(header...)
		}
		return p.rows.add(shown...)
	}
	if err := p.begin(columns); err != nil {
		return err
	}
	return p.csv.Write(cells)
}

func (p *printer) begin(columns []string) (err error) {
	if p.csv == nil {
		p.csv, err = table.NewWriter(p.out, p.format, columns)
	}
	return err
}

func (p *printer) flush() error {
	if p.rows != nil {
		return p.rows.table.Flush()
	}
	if p.csv != nil {
		return p.csv.Flush()
	}
	return nil
}

var eventColumns = []string{"time", "id", "queue_id", "message_id", "header_from", "mail_from", "rcpts", "nrcpt", "direction", "client_addr", "client_name",
	"auth", "subject", "verdict", "where", "reasons", "kinds", "urls", "hosts", "pictures"}

func (p *printer) event(e journal.Event) error {
	if p.json != nil {
		return p.json.Encode(e)
	}
	var kinds, urls, hosts, pictures []string
	for _, c := range e.Codes {
		kinds, urls, hosts, pictures = append(kinds, c.Kind), append(urls, c.URL), append(hosts, c.Host), append(pictures, c.Picture)
	}
	host := ""
	if len(hosts) > 0 {
		host = hosts[0]
	}
	shownRow := []string{localTime(e.Time), shown(e.QueueID), p.term.verdict(e.Verdict), defangedCell(e.HeaderFrom), strconv.Itoa(e.NRcpt),
		shown(e.ClientAddr), strconv.Itoa(e.NCodes), defanged(host), shown(e.ID)}
	cells := []string{table.Time(e.Time), e.ID, e.QueueID, e.MessageID, e.HeaderFrom, e.MailFrom, words(e.Rcpts), strconv.Itoa(e.NRcpt), e.Direction, e.ClientAddr,
		e.ClientName, e.Auth, e.Subject, e.Verdict, e.Where, words(e.Reasons), words(kinds), words(urls), words(hosts), words(pictures)}
	return p.row([]string{"TIME", "QUEUE ID", p.term.in(normal, "VERDICT"), "FROM", "RCPTS", "CLIENT", "CODES", "HOST", "ID"}, shownRow, eventColumns, cells)
}

func words(list []string) string { return strings.TrimSpace(strings.Join(list, " ")) }

// presetRows writes rows of a founding query.
func (p *printer) presetRows(preset table.Preset, rows []table.Row) error {
	columns := preset.Columns()
	for _, r := range rows {
		cells := preset.Cells(r)
		visible := make([]string, len(cells))
		for i, cell := range cells {
			switch columns[i] {
			case "Timestamp":
				visible[i] = localTime(r.Timestamp)
			case "Url":
				visible[i] = defanged(cell)
			default:
				visible[i] = defangedCell(cell)
			}
		}
		if err := p.row(columns, visible, columns, cells); err != nil {
			return err
		}
	}
	return nil
}

// flushPreset ends a founding query's answer; CSV has its header even where nothing was found.
func (p *printer) flushPreset(preset table.Preset) error {
	if p.format == table.CSV {
		if err := p.begin(preset.Columns()); err != nil {
			return err
		}
	}
	return p.flush()
}

func (p *printer) finding(f journal.Finding) error {
	if p.json != nil {
		return p.json.Encode(f)
	}
	shownRow := []string{localTime(f.First), shown(f.Detection), defangedCell(f.Sender), defanged(f.Host), strconv.Itoa(f.Messages), strconv.Itoa(f.Recipients),
		shown(words(f.Clients)), defangedCell(strings.Join(f.Blocked, ", ")), shown(f.ID)}
	columns := []string{"first", "last", "detection", "sender", "host", "url", "messages", "recipients", "clients", "events", "blocked", "id"}
	cells := []string{table.Time(f.First), table.Time(f.Last), f.Detection, f.Sender, f.Host, f.URL, strconv.Itoa(f.Messages), strconv.Itoa(f.Recipients),
		words(f.Clients), words(f.Events), strings.Join(f.Blocked, ", "), f.ID}
	return p.row([]string{"FIRST", "DETECTION", "FROM", "HOST", "MESSAGES", "RECIPIENTS", "CLIENTS", "BLOCKED", "ID"}, shownRow, columns, cells)
}
