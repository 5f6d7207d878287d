package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"quishmilter/identity"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/payload"
	"quishmilter/picture"
	"quishmilter/prevalence"
	"quishmilter/verdict"
)

// Settings is the whole configuration. Each setting is defined once, here: its name in the file, what it does and
// what it costs ("help"), and its default in defaultSettings. docs/settings.md is made from it.
type Settings struct {
	Listen          string   `toml:"listen" help:"where Postfix connects: inet:HOST:PORT or unix:PATH; a socket handed over by systemd comes before it"`
	SocketMode      string   `toml:"socket_mode" help:"permissions of a unix socket, octal; Postfix must be able to write to it"`
	State           string   `toml:"state" help:"folder of the history and the journal; made when missing; default $STATE_DIRECTORY, or quishmilter-state here"`
	Control         string   `toml:"control" help:"unix socket on which the other commands talk to the daemon; default: control.sock in the state folder"`
	ControlMode     string   `toml:"control_mode" help:"permissions of that socket, octal; whoever may write to it may read the journal and close alerts, the rest is for root and the daemon's user"`
	ControlGroup    string   `toml:"control_group" help:"group of that socket, by name or number, of which the daemon's user must be a member; empty: the daemon's own. Its members must be able to reach the folder too"`
	Metrics         string   `toml:"metrics" help:"address on loopback, as 127.0.0.1:9895, where Prometheus finds /metrics without rights to the socket, and /healthz and /readyz; empty: on the socket alone"`
	Store           string   `toml:"store" help:"where the histories of senders are kept: local, or redis://USER:PASSWORD@HOST:PORT (Redis 7 or Valkey) to share them, and the allow and block entries, between hosts; rediss:// with TLS, redis+sentinel://, several hosts for a Cluster, ?password_file=FILE in place of a password. Every host goes on by itself while it is away"`
	Learning        string   `toml:"learning" help:"what the strict policy does with what it alone would hold while history is shorter than the window, so that every sender seems new: tag or hold"`
	Policy          string   `toml:"policy" help:"observe (say what would be done), standard (hold a stranger's link only with a strong signal, tag the rest) or strict (hold every stranger's link)"`
	TagOnly         bool     `toml:"tag_only" help:"never hold: tag where the policy would hold, and say so in X-Quish-Would; for a place before other milters, which would not see a message on hold"`
	SplitRecipients bool     `toml:"split_recipients" help:"recipients for whom different rules hold get a message separately: the second one's RCPT is answered with 452 4.5.3, and the sender's server sends the message to it again, minutes later. Otherwise the most severe policy wins for all. Costs a round trip for each recipient"`
	Failure         string   `toml:"failure" help:"what happens to mail that cannot be handled, as while the state cannot be written, and to mail from outside for which no worker or memory was free in time: tempfail (the sender tries again), accept (it passes, said to be unscanned if it was not scanned) or quarantine (it is held, and of mail that could not be recorded the journal does not say why)"`
	OwnNetworks     []string `toml:"own_networks" help:"clients whose mail is our own: it is counted, not judged, and gets no header fields; loopback is not among them unless named"`
	TrustedRelays   []string `toml:"trusted_relays" help:"our own hosts that hand mail on (gateways, a backup MX): behind them the client is the one that their Received field names, and X-Quish fields that come from them are kept; from everybody else these are removed as forged"`
	SpamMarks       []string `toml:"spam_marks" help:"header fields, as \"Name: start of the value\", by which an earlier milter marks spam; such mail is tagged, not held. Name only fields that it removes when they come from outside"`
	Lists           string   `toml:"lists" help:"folder with further lists of hosts: a file ipfs-gateway.txt adds to the program's own list of that name (\"-host\" takes one off), a file of another name is a new signal"`
	Entries         string   `toml:"entries" help:"file of allow and block entries beside those that the commands add, one a line: LIST KIND VALUE [until=DATE] [action=ACTION] [# comment]"`
	Postmaster      string   `toml:"postmaster" help:"address of whoever looks after held mail: it is told of the first hold of a day at once, and gets the digest. Without it nothing is held: what the policy would hold is tagged, and X-Quish-Would says so; \"postmaster\" alone is this host's own (RFC 5321)"`
	MailBy          string   `toml:"mail_by" help:"how mail to people goes to Postfix: smtp:HOST:PORT, or sendmail, which a daemon under NoNewPrivileges, as in the unit, cannot use"`
	QueueInstances  []string `toml:"queue_instances" help:"configuration folders of the Postfix instances whose held mail quarantine works on; empty: the default instance"`
	QueueCommand    []string `toml:"queue_command" help:"words that go before Postfix's commands, for a Postfix in another container: [\"podman\", \"exec\", \"-i\", \"postfix\"]; whoever can change it can run anything as root"`
	QueueHelper     string   `toml:"queue_helper" help:"unix socket of the queue helper, by which users without root's rights, and the daemon, work on held mail"`
	QueueGroup      string   `toml:"queue_group" help:"group whose members the queue helper serves, beside root"`
	Log             string   `toml:"log" help:"text or json (names of the Elastic Common Schema)"`
	LogTo           string   `toml:"log_to" help:"stdout, syslog (facility mail) or journald"`

	Prevalence PrevalenceSettings `toml:"prevalence"`
	Auth       AuthSettings       `toml:"authentication"`
	Limits     LimitSettings      `toml:"limits"`
	Workers    WorkerSettings     `toml:"workers"`
	Remote     RemoteSettings     `toml:"remote"`
	Journal    JournalSettings    `toml:"journal"`
	Alerts     AlertSettings      `toml:"alerts"`
	Quarantine QuarantineSettings `toml:"quarantine"`
	Groups     []GroupSettings    `toml:"group"`
	Rules      []RuleSettings     `toml:"rule"`

	Detections []DetectionSettings `toml:"detection"`

	file string // where it was read from; "" for the defaults alone
}

// PrevalenceSettings say when a sender counts as known.
type PrevalenceSettings struct {
	Preset    string   `toml:"preset" help:"hunt or rule: count as the two hunting queries do (7 or 14 days, all that came from an address as it is spelled, one day enough), in place of the five settings below; empty: as they say"`
	Window    Duration `toml:"window" help:"how far back the history counts"`
	Exclude   Duration `toml:"exclude" help:"the newest part of the history, which does not count yet: a campaign must not make itself known"`
	Threshold int      `toml:"threshold" help:"from how many on a sender is prevalent"`
	Days      int      `toml:"days" help:"and on how many different days (UTC) these must have come: two messages in one go buy no trust"`
	Age       Duration `toml:"age" help:"and how old the first of them must be"`
	Unit      string   `toml:"unit" help:"what is counted: messages or recipients"`
	Secret    string   `toml:"secret" help:"file with a secret of the site, made when missing: histories are then kept under hashed names, so that the state and a shared store hold no addresses (the journal does). Without it they cannot be read again; hosts that share need the same"`
}

// AuthSettings say whom to believe about the header From.
type AuthSettings struct {
	TrustedAuthserv   []string `toml:"trusted_authserv" help:"authserv-ids whose Authentication-Results are believed. Name only filters that run before quishmilter on every message and remove such fields from outside, as OpenDKIM, OpenDMARC and rspamd do under their own name. $myhostname is Postfix's name for this host, which a sender can write, too: it is believed when it says fail, and a pass is left to the program's own check; write the name out to have both believed"`
	TrustedARCSealers []string `toml:"trusted_arc_sealers" help:"domains of forwarders whose ARC seals are believed"`
	OwnDomains        []string `toml:"own_domains" help:"the organisation's own domains: a message from outside that bears one and proves nothing is a forgery"`
	OwnCheck          bool     `toml:"own_check" help:"check SPF, DKIM and DMARC where no believed result is found; costs DNS questions, and is left out while the DNS server does not answer"`
	Resolver          string   `toml:"resolver" help:"DNS server, as 127.0.0.1:53; empty: the system's. One near by that caches is best"`
	Timeout           Duration `toml:"timeout" help:"for all DNS questions of a message; mail then goes on unproven"`
	Require           bool     `toml:"require" help:"a sender who is not proven is a stranger, whatever the history"`
}

// LimitSettings bound the work on one message and the number of messages at once.
type LimitSettings struct {
	Memory      Size     `toml:"memory" help:"of the daemon and its workers together; what does not fit waits, and after limits.time is answered as failure says. 0: 700 MB with one or two workers, 270 MB more for each further one"`
	Time        Duration `toml:"time" help:"for one message; what is not looked at by then makes it unscanned"`
	Size        Size     `toml:"size" help:"of a body; the rest of a longer one is not looked at, and the message says so"`
	Connections int      `toml:"connections" help:"milter connections at once; the next one gets a temporary error"`
	Parts       int      `toml:"parts" help:"MIME parts of a message that are looked at"`
	Depth       int      `toml:"depth" help:"multiparts and attached messages inside one another"`
	Pixels      Size     `toml:"pixels" help:"of one picture; a larger one is not decoded"`
	Pictures    int      `toml:"pictures" help:"of one part"`
	Pages       int      `toml:"pages" help:"of one document: the first, the last, and those with most pictures"`
	Unpacked    Size     `toml:"unpacked" help:"bytes that come out of compression, of one part"`
	Ratio       int      `toml:"ratio" help:"of these to the bytes of the part; above the 64 MiB that every part may have"`
	AllPictures int      `toml:"all_pictures" help:"of a message; what comes when they are used up makes it unscanned"`
	AllPixels   Size     `toml:"all_pixels" help:"of all pictures of a message"`
	AllPages    int      `toml:"all_pages" help:"of all documents of a message"`
	AllUnpacked Size     `toml:"all_unpacked" help:"bytes that come out of compression, of all parts of a message"`
}

// WorkerSettings say how pictures and documents are decoded.
type WorkerSettings struct {
	Count   int    `toml:"count" help:"worker processes; 0: one per core, at most 4; fewer where limits.memory has no room for them"`
	Memory  Size   `toml:"memory" help:"that one worker may allocate before it is given up; more than its share of limits.memory only for a part that needs it, and when the others have given it back"`
	Queue   int    `toml:"queue" help:"messages that may wait for a worker; those beyond are answered at once as failure says. Mail with nothing to decode never waits"`
	User    string `toml:"user" help:"whom workers become where the daemon is root's; empty: quishmilter if there is such a user, else nobody"`
	Sandbox string `toml:"sandbox" help:"auto (workers give up files, network and other processes as far as the kernel lets them), required (do not start where seccomp or landlock is missing) or off (for looking for a fault only)"`
}

// RemoteSettings say whether pictures are fetched that a message only links.
type RemoteSettings struct {
	Pictures string   `toml:"pictures" help:"off, lure (where the text asks to scan a code and the message holds none) or always. A fetch tells the sender that the address exists"`
	Proxy    string   `toml:"proxy" help:"HTTP proxy for these requests, as http://HOST:PORT; it then has to keep them away from inner addresses"`
	Count    int      `toml:"count" help:"pictures of a message"`
	Size     Size     `toml:"size" help:"of one picture"`
	Time     Duration `toml:"time" help:"for all pictures of a message"`
	Allow    []string `toml:"allow" help:"networks beside public addresses that may be asked; for tests"`
}

// RuleSettings is one rule of the admin's own policy ([[rule]]).
type RuleSettings struct {
	Name       string   `toml:"name" help:"unique; the log and explanations name it"`
	When       string   `toml:"when" help:"condition over code, sender and message"`
	Recipients []string `toml:"recipients" help:"whom it is about: addresses, domains (\"example.org\"; \".example.org\" for those below it), names of groups; left out: everybody"`
	Then       string   `toml:"then" help:"accept, tag, quarantine, redirect, reject, tempfail or discard"`
	To         string   `toml:"to" help:"the mailbox of a redirect, which gets the message in place of all its recipients"`
	Reason     string   `toml:"reason" help:"token for X-Quish-Reason; the name of the rule where it is left out"`
	Text       string   `toml:"text" help:"a sentence for people; the reply of a reject"`
}

// GroupSettings are recipients for whom rules are written, or another policy holds ([[group]]).
type GroupSettings struct {
	Name    string   `toml:"name" help:"by which rules name it"`
	Members []string `toml:"members" help:"addresses and domains, as in a rule"`
	Policy  string   `toml:"policy" help:"observe, standard or strict, for these recipients; left out: the one for everybody"`
}

// remote makes the fetcher of linked pictures; nil when none are fetched.
func (s Settings) remote() (*inspect.Remote, error) {
	if s.Remote.Pictures == string(inspect.RemoteOff) {
		return nil, nil
	}
	allowed, err := prefixes(s.Remote.Allow)
	if err != nil {
		return nil, err
	}
	config := inspect.RemoteConfig{Allowed: allowed, Count: s.Remote.Count, Bytes: int64(s.Remote.Size), Time: s.Remote.Time.std()}
	if s.Remote.Proxy != "" {
		if config.Proxy, err = url.Parse(s.Remote.Proxy); err != nil || config.Proxy.Host == "" {
			return nil, fmt.Errorf("the proxy %q is no address; write http://HOST:PORT", s.Remote.Proxy)
		}
	}
	return inspect.NewRemote(config), nil
}

// policy puts the admin's rules before those of the preset.
func (s Settings) policy() (*verdict.Policy, error) {
	var own []verdict.Rule
	for _, r := range s.Rules {
		own = append(own, verdict.Rule{Name: r.Name, When: r.When, Recipients: r.Recipients, Then: verdict.Action(r.Then), To: r.To, Reason: r.Reason, Text: r.Text})
	}
	var groups []verdict.Group
	for _, g := range s.Groups {
		groups = append(groups, verdict.Group(g))
	}
	lists, err := payload.LoadLists(s.Lists)
	if err != nil {
		return nil, settingError{"lists", err.Error()}
	}
	return verdict.Words{Signals: slices.Collect(maps.Keys(lists))}.Compile(s.Policy, own, s.TagOnly, groups...)
}

func defaultSettings() Settings {
	state := os.Getenv("STATE_DIRECTORY")
	if state == "" {
		state = "quishmilter-state"
	}
	most := picture.DefaultLimits()
	return Settings{
		Listen:      "inet:127.0.0.1:8895",
		SocketMode:  "0660",
		State:       state,
		ControlMode: "0660",
		Store:       localStore,
		Learning:    "tag",
		Policy:      verdict.Standard,
		Failure:     "tempfail",
		MailBy:      "smtp:127.0.0.1:25",
		QueueHelper: "/run/quishmilter-queue.sock",
		QueueGroup:  "quishmilter",
		Log:         "text",
		LogTo:       "stdout",
		Prevalence:  PrevalenceSettings{Window: days(14), Exclude: days(1), Threshold: 2, Days: 2, Age: days(2), Unit: "messages"},
		Auth:        AuthSettings{TrustedAuthserv: []string{identity.MyHostname}, OwnCheck: true, Timeout: Duration(identity.DefaultTimeout)},
		Limits: LimitSettings{Time: seconds(10), Size: 50 << 20, Connections: 512, Parts: 500, Depth: 100,
			Pixels: Size(most.Pixels), Pictures: most.Pictures, Pages: most.Pages, Unpacked: Size(most.Unpacked), Ratio: int(most.Ratio),
			AllPictures: most.Message.Pictures, AllPixels: Size(most.Message.Pixels), AllPages: most.Message.Pages, AllUnpacked: Size(most.Message.Unpacked)},
		Workers:    WorkerSettings{Memory: 512 << 20, Queue: 64, Sandbox: sandboxAuto},
		Remote:     RemoteSettings{Pictures: "off", Count: 8, Size: 4 << 20, Time: seconds(3)},
		Journal:    JournalSettings{Keep: days(30), Size: 2 << 30, Plain: plainShort},
		Quarantine: QuarantineSettings{Keep: days(30), Digest: "07:00", Sweep: Duration(15 * time.Minute)},
		Alerts:     defaultAlerts(),
	}
}

// loadSettings reads the file over the defaults and checks everything. No name means the defaults alone.
func loadSettings(name string) (Settings, error) {
	s := defaultSettings()
	s.file = name
	if name == "" {
		return s, s.check()
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return s, exit{exitUsage, fmt.Errorf("reading the configuration: %w", err)}
	}
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, exit{exitUsage, explainTOML(name, err)}
	}
	if err := s.check(); err != nil {
		if problem := ruleProblem(name, text, err); problem != "" {
			return s, exit{exitUsage, errors.New(problem)}
		}
		return s, exit{exitUsage, fmt.Errorf("%s:%d: %w", name, lineOf(text, err), err)}
	}
	return s, nil
}

// settingError is a value that cannot be used.
type settingError struct{ key, problem string }

func (e settingError) Error() string { return e.key + ": " + e.problem }

// check looks at every value that TOML's types leave open, and says what to write instead.
func (s Settings) check() error {
	if _, _, err := splitListen(s.Listen); err != nil {
		return settingError{"listen", err.Error()}
	}
	if s.State == "" {
		return settingError{"state", "it names no folder; write for example \"/var/lib/quishmilter\""}
	}
	if err := s.checkControl(); err != nil {
		return err
	}
	if _, err := parseMode(s.SocketMode); err != nil {
		return settingError{"socket_mode", err.Error()}
	}
	for _, c := range []struct {
		key, value string
		allowed    []string
	}{
		{"policy", s.Policy, verdict.Presets},
		{"learning", s.Learning, []string{"tag", "hold"}},
		{"failure", s.Failure, failures},
		{"workers.sandbox", s.Workers.Sandbox, []string{sandboxAuto, sandboxRequired, sandboxOff}},
		{"log", s.Log, []string{"text", "json"}},
		{"log_to", s.LogTo, logTargets},
		{"remote.pictures", s.Remote.Pictures, inspect.RemoteModes},
		{"journal.plain", s.Journal.Plain, []string{plainShort, plainFull}},
		{"prevalence.unit", s.Prevalence.Unit, []string{"messages", "recipients"}},
	} {
		if !slices.Contains(c.allowed, c.value) {
			return settingError{c.key, verdict.UnknownWord(c.value, c.allowed)}
		}
	}
	if s.Failure == failQuarantine && s.TagOnly {
		return settingError{"failure", "with tag_only nothing is held; write \"tempfail\" or \"accept\""}
	}
	if p := s.Prevalence.Preset; p != "" && p != "hunt" && p != "rule" {
		return settingError{"prevalence.preset", fmt.Sprintf("%q is not known; write hunt or rule, or leave it out", p)}
	}
	if err := s.checkStore(); err != nil {
		return err
	}
	if err := s.checkQueue(); err != nil {
		return err
	}
	if err := s.checkQuarantine(); err != nil {
		return err
	}
	if err := s.checkLists(); err != nil {
		return err
	}
	if _, err := s.policy(); err != nil {
		return err
	}
	if err := s.checkJournal(); err != nil {
		return err
	}
	if err := s.checkAlerts(); err != nil {
		return err
	}
	return s.checkNumbers()
}

func (s Settings) checkLists() error {
	if err := s.checkTrust(); err != nil {
		return err
	}
	if _, err := spamMarks(s.SpamMarks); err != nil {
		return settingError{"spam_marks", err.Error()}
	}
	if _, err := s.remote(); err != nil {
		return settingError{"remote", err.Error()}
	}
	if _, err := identity.NewResolver(s.Auth.Resolver); err != nil {
		return settingError{"authentication.resolver", err.Error()}
	}
	if _, err := payload.LoadLists(s.Lists); err != nil {
		return settingError{"lists", err.Error()}
	}
	if _, err := readEntryFile(s.Entries); err != nil {
		return settingError{"entries", err.Error()}
	}
	return nil
}

func (s Settings) checkNumbers() error {
	if s.Prevalence.Threshold < 1 {
		return settingError{"prevalence.threshold", fmt.Sprintf("%d is out of range; write a number from 1 on", s.Prevalence.Threshold)}
	}
	if err := s.window().Check(prevalence.Retention); err != nil {
		return settingError{"prevalence.window", err.Error()}
	}
	if s.Auth.Timeout < Duration(100*time.Millisecond) || s.Auth.Timeout > s.Limits.Time {
		return settingError{"authentication.timeout", "write a time from \"100ms\" to limits.time"}
	}
	if s.Limits.Time < seconds(1) || s.Limits.Time > seconds(240) {
		return settingError{"limits.time", "Postfix waits 300 s for a milter; write between \"1s\" and \"240s\""}
	}
	for _, c := range []struct {
		key        string
		value      int64
		least, max int64
	}{
		{"limits.size", int64(s.Limits.Size), 64 << 10, 1 << 30},
		{"limits.connections", int64(s.Limits.Connections), 1, 100000},
		{"limits.parts", int64(s.Limits.Parts), 1, 100000},
		{"limits.depth", int64(s.Limits.Depth), 1, 10000},
		{"limits.pixels", int64(s.Limits.Pixels), 10000, 200e6},
		{"limits.pictures", int64(s.Limits.Pictures), 1, 10000},
		{"limits.pages", int64(s.Limits.Pages), 1, 10000},
		{"limits.unpacked", int64(s.Limits.Unpacked), 1 << 20, 4 << 30},
		{"limits.ratio", int64(s.Limits.Ratio), 1, 10000},
		{"limits.all_pictures", int64(s.Limits.AllPictures), 1, 100000},
		{"limits.all_pixels", int64(s.Limits.AllPixels), int64(s.Limits.Pixels), 100e9},
		{"limits.all_pages", int64(s.Limits.AllPages), 1, 100000},
		{"limits.all_unpacked", int64(s.Limits.AllUnpacked), 1 << 20, 64 << 30},
		{"remote.count", int64(s.Remote.Count), 1, 64},
		{"remote.size", int64(s.Remote.Size), 1 << 10, 64 << 20},
		{"remote.time", int64(s.Remote.Time), int64(100 * time.Millisecond), int64(s.Limits.Time)},
		{"journal.size", int64(s.Journal.Size), 16 << 20, 1 << 40},
		{"workers.queue", int64(s.Workers.Queue), 1, 100000},
		{"workers.count", int64(s.Workers.Count), 0, 64},
		{"workers.memory", int64(s.Workers.Memory), 128 << 20, 16 << 30},
	} {
		if c.value < c.least || c.value > c.max {
			return settingError{c.key, fmt.Sprintf("%d is out of range; write a number from %d to %d", c.value, c.least, c.max)}
		}
	}
	if s.Limits.Memory != 0 && s.Limits.Memory < leastMemory {
		return settingError{"limits.memory", fmt.Sprintf("%d is too little for the daemon and one worker; write at least %d, or 0", int64(s.Limits.Memory), int64(leastMemory))}
	}
	return nil
}

func (s Settings) window() prevalence.Window {
	p := s.Prevalence
	switch p.Preset {
	case "hunt":
		return prevalence.Hunt()
	case "rule":
		return prevalence.Rule()
	}
	return prevalence.Window{Before: p.Window.std(), Exclude: p.Exclude.std(), Threshold: p.Threshold, Days: p.Days, Age: p.Age.std(),
		Unit: prevalence.Unit(p.Unit)}
}

// judge is the part of an inspector that judges authors by their history.
func (s Settings) judge() *inspect.Inspector {
	return &inspect.Inspector{Window: s.window(), OwnDomains: folded(s.Auth.OwnDomains), RequireAuth: s.Auth.Require}
}

func (s Settings) control() string {
	if s.Control != "" {
		return s.Control
	}
	return filepath.Join(s.State, "control.sock")
}

func (s Settings) stateFile() string { return filepath.Join(s.State, "state.db") }

// prefixes reads networks; a bare address is a network of one.
func prefixes(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range list {
		if addr, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is no network; write for example \"192.0.2.0/24\" or \"2001:db8::/32\"", text)
		}
		if err := journal.CheckNetwork(p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func spamMarks(list []string) ([]inspect.SpamMark, error) {
	var marks []inspect.SpamMark
	for _, text := range list {
		name, start, ok := strings.Cut(text, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("%q is no header field; write for example \"X-Spam-Flag: YES\"", text)
		}
		marks = append(marks, inspect.SpamMark{Name: name, Start: strings.TrimSpace(start)})
	}
	return marks, nil
}

func isUsage(err error) bool {
	var bad settingError
	text := err.Error()
	return errors.As(err, &bad) || strings.HasPrefix(text, "unknown command")
}
