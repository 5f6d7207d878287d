package main

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"quishmilter/journal"
	"quishmilter/journal/table"
)

// JournalSettings say what is kept of messages, how long, and who else is told.
type JournalSettings struct {
	Keep  Duration `toml:"keep" help:"how long events are kept"`
	Size  Size     `toml:"size" help:"how large the journal may grow; beyond that the oldest events go before their time"`
	Plain string   `toml:"plain" help:"what is kept of mail without a code: short (time, ids, From, direction and counts, which is what hunts need; about 220 bytes) or full (recipients, envelope sender, client and subject too; about 400 bytes, and everybody's mail in the journal)"`
	Lines []string `toml:"lines" help:"where each event goes as a line of JSON (names of the Elastic Common Schema) beside the log: file:PATH, stdout, syslog, journald; a file that was moved away is made again"`
}

const (
	plainShort = "short"
	plainFull  = "full"
)

var logTargets = []string{"stdout", "syslog", "journald"}

// DetectionSettings is a hunt that the daemon repeats ([[detection]]).
type DetectionSettings struct {
	Name      string   `toml:"name" help:"unique; findings and the log name it"`
	Preset    string   `toml:"preset" help:"hunt or rule, the founding queries; or leave it out and say below what is hunted"`
	Every     Duration `toml:"every" help:"how often it runs, from 1s on; 15m if left out"`
	Window    Duration `toml:"window" help:"how far back it looks; 1d if left out; a preset has its own"`
	Least     int      `toml:"least" help:"how many messages of one sender with links to one host make a finding; 1 if left out"`
	URL       string   `toml:"url" help:"part of the link"`
	Host      string   `toml:"host" help:"host of the link, or one above it"`
	Sender    string   `toml:"sender" help:"address of the author or of the envelope"`
	Domain    string   `toml:"domain" help:"domain of the sender, or one above it"`
	Client    string   `toml:"client" help:"network of the client"`
	Recipient string   `toml:"rcpt" help:"address of a recipient"`
	Kind      string   `toml:"kind" help:"of the code: url, device-link, …"`
	Reason    string   `toml:"reason" help:"token of X-Quish-Reason"`
	Verdict   string   `toml:"verdict" help:"accept, tag, quarantine, …"`
	Picture   string   `toml:"picture" help:"digest of the picture, or its beginning"`
	Block     []string `toml:"block" help:"block entries that a finding makes: host, client, picture"`
	BlockFor  Duration `toml:"block_for" help:"how long such an entry holds; 1d if left out"`
}

// detection is a checked [[detection]].
type detection struct {
	name     string
	preset   *table.Preset // nil: filter says what is hunted
	filter   journal.Filter
	every    time.Duration
	window   time.Duration
	least    int
	block    []string
	blockFor time.Duration
}

var blockKinds = []string{"host", "client", "picture"}

// detections checks them all.
func (s Settings) detections() (all []detection, err error) {
	names := map[string]bool{}
	for _, d := range s.Detections {
		if err := s.checkReason(d.Reason); err != nil {
			return nil, fmt.Errorf("detection %q: reason %w", d.Name, err)
		}
		if d.Name == "" || names[d.Name] {
			return nil, fmt.Errorf("detection %q has no name, or there are two of that name; give each its own", d.Name)
		}
		names[d.Name] = true
		one, err := d.checked()
		if err != nil {
			return nil, fmt.Errorf("detection %q: %w", d.Name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func (d DetectionSettings) checked() (detection, error) {
	one := detection{name: d.Name, every: orDefault(d.Every, 15*time.Minute), window: orDefault(d.Window, 24*time.Hour), least: max(d.Least, 1),
		block: d.Block, blockFor: orDefault(d.BlockFor, 24*time.Hour),
		filter: journal.Filter{URL: refanged(d.URL), Host: refanged(d.Host), Sender: strings.Trim(refanged(d.Sender), "<> "), Domain: refanged(d.Domain), Recipient: strings.Trim(refanged(d.Recipient), "<> "), Kind: d.Kind,
			Reason: d.Reason, Verdict: d.Verdict, Picture: d.Picture}}
	if err := one.filter.Check(); err != nil {
		return one, err
	}
	if d.Client != "" {
		client, err := network(d.Client)
		if err != nil {
			return one, err
		}
		one.filter.Client = client
	}
	if d.Preset != "" {
		preset, known := table.PresetNamed(d.Preset)
		if !known {
			return one, fmt.Errorf("there is no preset %q; write hunt or rule", d.Preset)
		}
		one.preset, one.window = &preset, preset.Newer
	}
	switch {
	case d.Preset != "" && !one.filter.All():
		return one, fmt.Errorf("a preset says what is hunted; leave out what follows it, or the preset")
	case d.Preset == "" && one.filter.All():
		return one, fmt.Errorf("it says nothing to hunt for; write for example preset = \"hunt\" or host = \"evil.example\"")
	case one.every < time.Second:
		return one, fmt.Errorf("every %v is too often; write \"1s\" or more", one.every)
	}
	for _, kind := range d.Block {
		if !slices.Contains(blockKinds, kind) {
			return one, fmt.Errorf("a finding cannot block by %q; write %s", kind, strings.Join(blockKinds, ", "))
		}
	}
	return one, nil
}

func orDefault(d Duration, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d.std()
}

// network reads a network or an address.
func network(text string) (netip.Prefix, error) {
	all, err := prefixes([]string{text})
	if err != nil {
		return netip.Prefix{}, err
	}
	return all[0], nil
}

func (s Settings) checkJournal() error {
	if s.Journal.Keep < days(1) {
		return settingError{"journal.keep", "hunts need some days; write \"1d\" or more, as \"30d\""}
	}
	for _, line := range s.Journal.Lines {
		path, isFile := strings.CutPrefix(line, "file:")
		if isFile && filepath.IsAbs(path) || slices.Contains(logTargets, line) {
			continue
		}
		return settingError{"journal.lines", fmt.Sprintf("%q is no place for lines; write file:/PATH, %s", line, strings.Join(logTargets, ", "))}
	}
	if _, err := s.detections(); err != nil {
		return settingError{"detection", err.Error()}
	}
	return nil
}
