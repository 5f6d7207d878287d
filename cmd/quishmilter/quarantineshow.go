package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/mime"
	"quishmilter/picture"
)

// How much of a message show prints.
const (
	shownText   = 4 << 10
	shownPage   = 256 << 10 // of a page, which is mostly markup
	wrapAt      = 100
	shownFields = 200
)

// heldMessage is what show knows of a message.
type heldMessage struct {
	Hold  journal.Hold   `json:"hold"`
	Event *journal.Event `json:"event,omitempty"`
	raw   []byte
	shown map[int][]byte // the pictures of its codes, as PNG, by the code's number
	Note  string         `json:"note,omitempty"`
}

func showHeld(load func() (Settings, error)) *cobra.Command {
	var f heldFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show [ID…]", Short: "Show held messages: the evidence, what was done with them, header and text, with links made useless",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.ids = append(f.ids, args...)
			first := true
			return f.each(cmd, load, "shown", func(m heldMessage, settings Settings) error {
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(m)
				}
				if !first {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				first = false
				m.print(cmd.OutOrStdout(), settings)
				return nil
			})
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "the evidence as one JSON object; without header and text")
	return cmd
}

// each hands on the chosen messages: by id of ours also those that are not on hold any more, by another choice those that
// are, newest first.
func (f *heldFilter) each(cmd *cobra.Command, load func() (Settings, error), verb string, do func(heldMessage, Settings) error) error {
	if err := f.given(); err != nil {
		return err
	}
	return withSource(load, false, func(src source) error {
		settings, err := load()
		if err != nil {
			return err
		}
		ids := f.ids
		var list heldList
		if !f.byIDAlone() {
			if list, err = f.chosen(cmd.Context(), src, keeperFor(settings, src)); err != nil {
				return err
			}
			sayIfNone(cmd.ErrOrStderr(), f, list, verb)
			ids = nil
			for _, h := range list.Held {
				ids = append(ids, h.Event)
			}
		}
		for _, id := range ids {
			m, err := heldOne(cmd.Context(), settings, src, id)
			if err == nil {
				err = do(m, settings)
			}
			if err != nil {
				return err
			}
		}
		return list.among(nil)
	})
}

// heldOne finds a message of ours by its event or its queue id, and its text where it is still on hold and this user is root.
func heldOne(ctx context.Context, s Settings, src source, id string) (heldMessage, error) {
	h, err := holdNamed(ctx, src, id)
	if err != nil {
		return heldMessage{}, err
	}
	m := heldMessage{Hold: h}
	if events, err := src.Events(ctx, control.Query{ID: h.Event}); err == nil && len(events) == 1 {
		m.Event = &events[0]
		m.shown = picturesShown(ctx, src, m.Event)
	}
	if os.Geteuid() != 0 {
		m.Note = "header and text are for root"
		return m, nil
	}
	_, queue, found, err := rootQuarantine(s, src).find(ctx, h.Event)
	if err == nil {
		m.raw, err = queue.Text(ctx, found.ID)
	}
	switch {
	case errors.Is(err, journal.ErrOver):
		m.Note = "it is not on hold any more"
	case err != nil:
		m.Note = aboutIt(handled{Event: h.Event, QueueID: h.QueueID}, err)
	}
	return m, nil
}

// drawnCodes is of how many codes show draws the picture.
const drawnCodes = 3

// picturesShown fetches what the first codes looked like; of secrets and of some others nothing was kept.
func picturesShown(ctx context.Context, src source, e *journal.Event) map[int][]byte {
	shown := map[int][]byte{}
	for n := range e.Codes[:min(drawnCodes, len(e.Codes))] {
		if picture, err := src.Picture(ctx, e.ID, n); err == nil {
			shown[n] = picture
		}
	}
	return shown
}

// holdNamed finds a hold by the id of its event, or the newest by its queue id.
func holdNamed(ctx context.Context, src source, id string) (journal.Hold, error) {
	h, err := src.Hold(ctx, id)
	if err == nil || eventID.MatchString(id) && !errors.Is(err, journal.ErrNotFound) {
		return h, err
	}
	events, err := src.Events(ctx, control.Query{QueueID: id})
	if err != nil {
		return h, err
	}
	for _, e := range events {
		if h, err := src.Hold(ctx, e.ID); err == nil {
			return h, nil
		}
	}
	return h, fmt.Errorf("%.40q is no message that quishmilter put on hold; quarantine list shows what is on hold now", id)
}

func (m heldMessage) print(out io.Writer, s Settings) {
	h := m.Hold
	fmt.Fprintf(out, "%s, queue id %s: %s, for %s\n", h.Event, h.QueueID, stateText(h), strings.Join(h.Reasons, ", "))
	fmt.Fprintf(out, "from %s (envelope %s), proof: %s\nto %s\nsubject %s\n", defangedCell(h.HeaderFrom), defangedCell(h.MailFrom), h.Auth, rcptsCell(h.Rcpts, h.NRcpt), safe(h.Subject))
	if e := m.Event; e != nil {
		fmt.Fprintf(out, "client %s %s\n", e.ClientAddr, defangedCell(e.ClientName))
		for n, c := range e.Codes {
			fmt.Fprintf(out, "code %d: %s, %s in %s %s, signals %q, says %s\n", n+1, c.Kind, c.Symbology, c.Carrier, safe(c.Name), c.Signals, safe(says(c)))
			if picture := m.shown[n]; picture != nil {
				if err := newTerminal(out).drawBlocks(picture); err != nil {
					fmt.Fprintln(out, oneLine(err.Error()))
				}
			}
		}
	}
	if !h.Announced.IsZero() && h.State.Open() {
		fmt.Fprintf(out, "its deletion was announced at %s; it comes %s later at the earliest\n", dayOf(h.Announced), age(announcedFor))
	}
	for _, a := range h.Acts {
		text := fmt.Sprintf("%s %s by %q (uid %d) %s %s", dayOf(a.Time), a.State, a.By, a.UID, a.NewID, quotedNote(a.Note))
		fmt.Fprintln(out, strings.TrimRight(text, " "))
	}
	if m.Note != "" {
		fmt.Fprintln(out, "the message itself cannot be shown: "+oneLine(m.Note))
	}
	if m.raw != nil {
		printMessage(out, m.raw, s)
	}
}

// says is what the code says, unless that is a secret or no text.
func says(c journal.CodeEvent) string {
	switch {
	case c.Secret:
		return "(a secret that was not kept)"
	case c.Payload == "":
		return "(bytes) " + c.PayloadBase64
	}
	return c.Payload
}

func quotedNote(note string) string {
	if note == "" {
		return ""
	}
	return strconv.Quote(note)
}

// printMessage shows the header as it stands and the text parts, those in HTML without their markup, line by line in quotes.
func printMessage(out io.Writer, raw []byte, s Settings) {
	header, body := mime.ParseMessage(raw)
	for _, field := range header[:min(len(header), shownFields)] {
		fmt.Fprintf(out, "| %s: %s\n", oneLine(field.Name), safe(strings.TrimSpace(field.Value)))
	}
	tree := mime.Walk(header, body, mime.Limits{Parts: s.Limits.Parts, Depth: s.Limits.Depth})
	for n := range tree.Parts {
		p := &tree.Parts[n]
		fmt.Fprintf(out, "part %s: %s %s %s\n", p.Path, safe(p.Type), safe(p.Name), p.Disposition)
		switch {
		case p.Type == "text/plain":
			text, _ := mime.Text(p.Head(shownText), p.Charset)
			printQuoted(out, text)
		case picture.IsPage(p.Type, p.Name):
			text, _ := mime.Text(p.Head(shownPage), p.Charset)
			printQuoted(out, wrapped(picture.ShownText(text)))
		}
	}
}

func printQuoted(out io.Writer, text string) {
	for line := range strings.Lines(text[:min(len(text), shownText)]) {
		fmt.Fprintf(out, "> %s\n", safe(strings.TrimRight(line, "\r\n")))
	}
}

// wrapped is the text of a page in lines that are shown as a whole: how it is broken there says nothing.
func wrapped(text string) string {
	var b strings.Builder
	room := 0
	for _, word := range strings.Fields(text) {
		word = cut(word)
		if room < len(word)+1 {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			room = wrapAt
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		room -= len(word) + 1
	}
	return b.String()
}

func extractHeld(load func() (Settings, error)) *cobra.Command {
	var f heldFilter
	var pictures bool
	cmd := &cobra.Command{
		Use: "extract [ID…] FOLDER", Short: "Write held messages to new files in a folder, or their pictures; for root", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := args[len(args)-1]
			f.ids = append(f.ids, args[:len(args)-1]...)
			return f.each(cmd, load, "extracted", func(m heldMessage, settings Settings) error {
				if m.raw == nil {
					return fmt.Errorf("%s (queue id %s) cannot be extracted: %s", m.Hold.Event, m.Hold.QueueID, m.Note)
				}
				files := map[string][]byte{m.Hold.Event + ".eml": m.raw}
				if pictures {
					files = picturesOf(m, settings)
				}
				return writeNew(cmd.OutOrStdout(), folder, files)
			})
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().BoolVar(&pictures, "pictures", false, "the attached pictures instead of the message")
	return cmd
}

var plainType = regexp.MustCompile(`^image/([a-z0-9]{1,10})$`)

// picturesOf are the message's pictures under names of ours: theirs may be anything.
func picturesOf(m heldMessage, s Settings) map[string][]byte {
	files := map[string][]byte{}
	header, body := mime.ParseMessage(m.raw)
	tree := mime.Walk(header, body, mime.Limits{Parts: s.Limits.Parts, Depth: s.Limits.Depth})
	for n := range tree.Parts {
		p := &tree.Parts[n]
		kind := "picture"
		if match := plainType.FindStringSubmatch(p.Type); match != nil {
			kind = match[1]
		} else if !strings.HasPrefix(p.Type, "image/") {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(p.Reader(), int64(s.Limits.Size)))
		if err == nil {
			files[fmt.Sprintf("%s-%d.%s", m.Hold.Event, n+1, kind)] = content
		}
	}
	return files
}

// writeNew writes files that are not there yet, for their owner alone.
func writeNew(out io.Writer, folder string, files map[string][]byte) error {
	if len(files) == 0 {
		return errors.New("the message has no picture attached; extract it without --pictures")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content, path := files[name], filepath.Join(folder, name)
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s exists, and nothing is written over: name another folder, or remove it", path)
		}
		if err != nil {
			return err
		}
		_, err = file.Write(content)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		fmt.Fprintln(out, path)
	}
	return nil
}
