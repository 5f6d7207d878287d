package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"quishmilter/verdict"
)

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "q.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Each broken configuration names its line and says what to write instead.
func TestBrokenConfigurations(t *testing.T) {
	tests := []struct{ text, want string }{
		{"listn = \"inet:127.0.0.1:1\"\n", `q.toml:1:1: there is no setting "listn"; did you mean "listen"?`},
		{"\n[limits]\ntimes = \"1s\"\n", `q.toml:3:1: there is no setting "limits.times"; did you mean "limits.time"?`},
		{"[nonsense]\na = 1\n", `q.toml:1:2: there is no setting "nonsense"; 'quishmilter check --print' lists`},
		{"policy = 3\n", `q.toml:1:10: policy: write a text in quotes; the value there is of type integer`},
		{"tag_only = \"yes\"\n", `q.toml:1:12: tag_only: write true or false without quotes; the value there is of type string`},
		{"own_networks = \"10.0.0.0/8\"\n", `q.toml:1:16: own_networks: write a list of texts, for example ["a", "b"]; `},
		{"[limits]\nparts = \"5\"\n", `q.toml:2:9: limits.parts: write a whole number without quotes; `},
		{"\nstate = \"\"\n", `q.toml:2: state: it names no folder; write for example`},
		{"# a comment\npolicy = \"lax\"\n", `q.toml:2: policy: "lax" is not known; write one of observe, standard, strict`},
		{"listen = \"8895\"\n", `q.toml:1: listen: "8895" is no address; write inet:HOST:PORT or unix:PATH`},
		{"listen = \"inet:127.0.0.1:99999\"\n", `q.toml:1: listen: "inet:127.0.0.1:99999" is no address`},
		{"listen = \"inet:8895@localhost\"\n", `q.toml:1: listen: "inet:8895@localhost" is no address`},
		{"listen = \"inet::\"\n", `q.toml:1: listen: "inet::" is no address`},
		{"socket_mode = \"rw\"\n", `q.toml:1: socket_mode: "rw" are no permissions; write for example "0660"`},
		{"control_mode = \"rw\"\n", `q.toml:1: control_mode: "rw" are no permissions; write for example "0660"`},
		{"\ncontrol_group = \"no-such-group\"\n", `q.toml:2: control_group: there is no group "no-such-group" here; make it (addgroup), or write another`},
		{"metrics = \"0.0.0.0:9895\"\n", `q.toml:1: metrics: "0.0.0.0:9895" is no address on loopback, and who asks there is not checked; write for example "127.0.0.1:9895"`},
		{"metrics = \"localhost:9895\"\n", `q.toml:1: metrics: "localhost:9895" is no address on loopback`},
		{"metrics = \"127.0.0.1\"\n", `q.toml:1: metrics: "127.0.0.1" is no address on loopback`},
		{"metrics = \"127.0.0.1:0\"\n", `q.toml:1: metrics: "127.0.0.1:0" is no address on loopback`},
		{"own_networks = [\"10.0.0.0/33\"]\n", `q.toml:1: own_networks: "10.0.0.0/33" is no network`},
		{"own_networks = [\"10.0.0.5/8\"]\n", `q.toml:1: own_networks: 10.0.0.5/8 is a host within a network; write 10.0.0.0/8 for the network, or 10.0.0.5 for the host`},
		{"trusted_relays = [\"2001:db8::1/32\"]\n", `q.toml:1: trusted_relays: 2001:db8::1/32 is a host within a network; write 2001:db8::/32`},
		{"[[rule]]\nname = \"a\"\nwhen = 'code.opens && code.kind == \"urll\"'\nthen = \"tag\"\n", `q.toml:3:36: rule "a": code.kind is never "urll"; did you mean "url"?`},
		{"lists = \"/no/such/folder\"\n", `q.toml:1: lists: /no/such/folder is no folder`},
		{"spam_marks = [\"X-Spam-Flag\"]\n", `q.toml:1: spam_marks: "X-Spam-Flag" is no header field`},
		{"[prevalence]\nwindow = \"two weeks\"\n", `q.toml:2:10: prevalence.window: "two weeks" is no time span; write for example "14d"`},
		{"[prevalence]\nwindow = \"1h\"\n", `q.toml:2: prevalence.window: the window must reach back further`},
		{"[prevalence]\nunit = \"messages\"\nthreshold = 0\n", `q.toml:3: prevalence.threshold: 0 is out of range; write a number from 1 on`},
		{"[prevalence]\nwindow = \"900d\"\n", `q.toml:2: prevalence.window: `},
		{"[prevalence]\nwindow = \"36h\"\n", `q.toml:2: prevalence.window: nobody can have written on 2 days, first at least 2d ago, within the window 36h-1d; lower days or age`},
		{"store = \"mysql://h\"\n", `q.toml:1: store: the shared store's address begins with "mysql://"; write redis://`},
		{"learning = \"no\"\n", `q.toml:1: learning: "no" is not known; write one of tag, hold`},
		{"[prevalence]\npreset = \"kql\"\n", `q.toml:2: prevalence.preset: "kql" is not known; write hunt or rule, or leave it out`},
		{"own_networks = [\"0.0.0.0/0\"]\n", `q.toml:1: own_networks: "0.0.0.0/0" is most of the Internet, which would be believed; write your own networks`},
		{"trusted_relays = [\"192.0.2.1\", \"::/0\"]\n", `q.toml:1: trusted_relays: "::/0" is most of the Internet`},
		{"trusted_relays = [\"128.0.0.0/1\"]\n", `q.toml:1: trusted_relays: "128.0.0.0/1" is most of the Internet`},
		{"trusted_relays = [\"2000::/12\"]\n", `q.toml:1: trusted_relays: "2000::/12" is most of the Internet`},
		{"own_networks = [\"::ffff:0:0/96\"]\n", `q.toml:1: own_networks: "::ffff:0:0/96" is an IPv4 network written as IPv6`},
		{"[authentication]\nown_domains = [\"example.org\", \"\"]\n", `q.toml:2: authentication.own_domains: "" is no domain; write for example "example.org"`},
		{"[authentication]\nown_domains = [\"com\"]\n", `q.toml:2: authentication.own_domains: "com" is a domain under which anybody may have one`},
		{"[authentication]\nown_domains = [\"co.uk\"]\n", `q.toml:2: authentication.own_domains: "co.uk" is a domain under which anybody may have one`},
		{"[authentication]\nown_domains = [\"localdomain\"]\n", `q.toml:2: authentication.own_domains: "localdomain" is a top-level domain`},
		{"[authentication]\nown_domains = [\"a@example.org\"]\n", `q.toml:2: authentication.own_domains: "a@example.org" is no domain`},
		{"[authentication]\nown_domains = [\"*.example.org\"]\n", `q.toml:2: authentication.own_domains: "*.example.org" is no domain`},
		{"[authentication]\nown_domains = [\".example.org\"]\n", `q.toml:2: authentication.own_domains: ".example.org" is no domain`},
		{"[authentication]\nown_domains = [\"example.org, example.net\"]\n", `q.toml:2: authentication.own_domains: "example.org, example.net" is no domain`},
		{"[authentication]\nown_domains = [\"example..org\"]\n", `q.toml:2: authentication.own_domains: "example..org" is no domain`},
		{"[authentication]\ntrusted_authserv = [\"\"]\n", `q.toml:2: authentication.trusted_authserv: "" is no authserv-id; write the name at the beginning of the filter's`},
		{"[authentication]\ntrusted_authserv = [\"mx example\"]\n", `q.toml:2: authentication.trusted_authserv: "mx example" is no authserv-id`},
		{"[authentication]\ntrusted_authserv = [\"$mydomain\"]\n", `q.toml:2: authentication.trusted_authserv: "$mydomain" is no authserv-id`},
		{"[authentication]\ntrusted_authserv = [\"*\"]\n", `q.toml:2: authentication.trusted_authserv: "*" is no authserv-id`},
		{"[authentication]\ntrusted_arc_sealers = [\"*\"]\n", `q.toml:2: authentication.trusted_arc_sealers: "*" is no domain`},
		{"store = \"redis://a,b/3\"\n", `q.toml:1: store: the shared store's address names a Cluster and database 3; a Cluster has database 0 alone`},
		{"[limits]\nsize = \"much\"\n", `q.toml:2:8: limits.size: "much" is no size; write for example "50MiB"`},
		{"[limits]\n# five minutes\ntime = \"5m\"\n", `q.toml:3: limits.time: Postfix waits 300 s`},
		{"[workers]\nmemory = \"1MiB\"\n", `q.toml:2: workers.memory: 1048576 is out of range; write a number from`},
		{"policy = \"strict\npolicy\n", `q.toml:1:17: `},
		{"\n[[rule]]\nname = \"mine\"\nwhen = 'sender.auht == \"pass\"'\nthen = \"tag\"\n", `q.toml:4:16: rule "mine": there is no fact "sender.auht"`},
		{"[[rule]]\nname = \"a\"\nwhen = \"true\"\nthen = \"tag\"\n[limits]\nparts = 5\n[[rule]]\nwhen = '''\ncode.opens &&\n  code.hots == \"x\"'''\nname = \"b\"\nthen = \"tag\"\n", `q.toml:10:8: rule "b": there is no fact "code.hots"`},
		{"[[rule]]\nname = \"a\"\nwhen = '''code.hots == \"x\"'''\nthen = \"tag\"\n", `q.toml:3:16: rule "a": there is no fact "code.hots"`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\n\nthen = \"hold\"\n", `q.toml:5:8: rule "a": then = "hold" is not known; did you mean "quarantine"?`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"redirect\"\n", `q.toml:1:3: rule "a": to = "" is no mailbox`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"tag\"\nrecipients = [\"board\"]\n", `q.toml:5:15: rule "a": recipients: "board" is neither an address`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\n  then   =  \"quarantin\" # late\n", `q.toml:4:13: rule "a": then = "quarantin" is not known; did you mean "quarantine"? write one of accept, tag, quarantine, redirect, tempfail, reject, discard`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"tag\"\nrecipient = [\"a@example.org\"]\n", `q.toml:5:1: there is no setting "rule.recipient"; did you mean "rule.recipients"?`},
		{"[[rule]]\nname = \"a\"\nwhen = 'any(message.recipient, # == \"x\")'\nthen = \"tag\"\n", `q.toml:3:21: rule "a": there is no fact "message.recipient"; did you mean "message.recipients"?`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"redirect\"\nto = \"nobody\"\n", `q.toml:5:6: rule "a": to = "nobody" is no mailbox`},
		{"[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"tag\"\nreason = \"Bad Mail\"\n", `q.toml:5:10: rule "a": reason = "Bad Mail" is no token`},
		{"[[rule]]\nname = \"new-sender\"\nwhen = 'true'\nthen = \"tag\"\n", `q.toml:2:8: rule "new-sender": the name is taken`},
		{"[[rule]]\nname = \"a\"\nthen = \"tag\"\nwhen = ' '\n", `q.toml:4:8: rule "a": it needs a condition`},
		{"[[group]]\nname = \"board\"\nmembers = [\"a@example.org\"]\n[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"tag\"\nrecipients = [\n  \"a@example.org\",\n  \"bord\",\n]\n", `q.toml:10:3: rule "a": recipients: "bord" is neither an address`},
		{"[[group]]\nname = \"board\"\nmembers = [\"a@example.org\"]\n[[rule]]\nname = \"a\"\nwhen = 'true'\nthen = \"tag\"\nrecipients = [\"bord\"]\n", `nor the name of a [[group]]; did you mean "board"?`},
		{"[[group]]\nname = \"a\"\nmembers = [\"a@example.org\"]\n[[group]]\nname = \"a\"\nmembers = [\"a@example.org\"]\n", `q.toml:5:8: group "a": the name is taken`},
		{"[[group]]\nname = \"a\"\nmembers = [\"a@example.org\"]\npolicy = \"strickt\"\n", `q.toml:4:10: group "a": the policy "strickt" is not known; did you mean "strict"?`},
		{"policy = \"standart\"\n", `q.toml:1: policy: "standart" is not known; did you mean "standard"? write one of`},
		{"[[rule]]\nname = \"a\"\nwhen = 'sender.domain == \"Example.COM\"'\nthen = \"tag\"\n", `q.toml:3:26: rule "a": sender.domain is never "Example.COM"; hosts are in lower case: "example.com"`},
		{"[[rule]]\nname = \"a\"\nwhen = 'sender.days > 100000'\nthen = \"tag\"\n", `q.toml:3:21: rule "a": sender.days is never > 100000; it is a number from 0 to 33`},
		{"[[rule]]\nwhen = 'true'\nthen = \"tag\"\n", `q.toml:1:3: rule "": it needs a name`},
		{"\n[[group]]\nname = \"a\"\nmembers = [\"a@example.org\"]\n[[group]]\nname = \"b\"\nmembers = [\"b\"]\n", `q.toml:7:12: group "b": "b" is neither an address`},
		{"postmaster = \"you\"\n", `q.toml:1: postmaster: "you": it is no address to send mail to; write one like`},
		{"postmaster = \"a@b\\nBcc: c@d\"\n", `q.toml:1: postmaster: `},
		{"mail_by = \"/usr/sbin/sendmail\"\n", `q.toml:1: mail_by: "/usr/sbin/sendmail" is no way to send mail; write smtp:127.0.0.1:25, or sendmail`},
		{"[quarantine]\ndigest = \"7 am\"\n", `q.toml:2: quarantine.digest: "7 am" is no time of day; write for example "07:00", or "off"`},
		{"[quarantine]\nkeep = \"1d\"\n", `q.toml:2: quarantine.keep: a deletion is announced 3 days before; write "4d" or more`},
		{"[quarantine]\nsweep = \"10ms\"\n", `q.toml:2: quarantine.sweep: write a time from "1s" to "1d"`},
		{"[journal]\nkeep = \"1h\"\n", `q.toml:2: journal.keep: hunts need some days; write "1d" or more`},
		{"[journal]\nsize = \"1MiB\"\n", `q.toml:2: journal.size: 1048576 is out of range`},
		{"[journal]\nplain = \"all\"\n", `q.toml:2: journal.plain: "all" is not known; did you mean "full"? write one of short, full`},
		{"[journal]\nlines = [\"events.json\"]\n", `q.toml:2: journal.lines: "events.json" is no place for lines; write file:/PATH, stdout, syslog, journald`},
		{"[alerts]\nfrom = \"hold\"\n", `q.toml:2: alerts.from: "hold" is not known; write one of tag, quarantine, redirect, tempfail, reject, discard, off`},
		{"[alerts]\nwindow = \"31d\"\n", `q.toml:2: alerts.window: write a time from "1m" to journal.keep`},
		{"[alerts]\nmail = \"high\"\n", `q.toml:2: alerts.mail: nobody would get these mails; write postmaster = "you@example.org", or alerts.mail_to`},
		{"[alerts]\nmail_to = [\"soc\"]\n", `q.toml:2: alerts.mail_to: "soc": it is no address to send mail to`},
		{"[alerts]\nwebhook = \"https://soc.example.org/x\"\n", `alerts.webhook_secret: it names no file, and without a signature anybody could raise alerts there`},
		{"[alerts]\nwebhook = \"http://soc.example.org/x\"\nwebhook_secret = \"/nowhere\"\n", `q.toml:2: alerts.webhook: it is not encrypted, and alerts name people; write https://`},
		{"[alerts]\nwebhook = \"https://soc.example.org/x\"\nwebhook_secret = \"/nowhere\"\n", `q.toml:3: alerts.webhook_secret: reading the secret: open /nowhere`},
		{"[alerts]\nwebhook_timeout = \"5m\"\n", `q.toml:2: alerts.webhook_timeout: write a time from "1s" to "60s"`},
		{"\n[[detection]]\nname = \"mine\"\nhost = \"x\"\nalert = \"urgent\"\n", `detection "mine": an alert cannot have the level "urgent"; write one of low, medium, high, off`},
		{"[[detection]]\npreset = \"hunt\"\n", `q.toml:1: detection: detection "" has no name`},
		{"\n[[detection]]\nname = \"mine\"\n", `q.toml:3: detection: detection "mine": it says nothing to hunt for`},
		{"\n[[detection]]\nname = \"mine\"\npreset = \"both\"\n", `q.toml:3: detection: detection "mine": there is no preset "both"; write hunt or rule`},
		{"\n[[detection]]\nname = \"mine\"\npreset = \"rule\"\nhost = \"x\"\n", `detection "mine": a preset says what is hunted`},
		{"\n[[detection]]\nname = \"mine\"\nhost = \"x\"\nblock = [\"sender\"]\n", `a finding cannot block by "sender"; write host, client, picture`},
		{"\n[[detection]]\nname = \"mine\"\nhost = \"x\"\nevery = \"10ms\"\n", `every 10ms is too often; write "1s" or more`},
		{"\n[[detection]]\nname = \"mine\"\nclient = \"x\"\n", `detection "mine": "x" is no network`},
		{"[[detection]]\nname = \"a\"\nhost = \"x\"\n[[detection]]\nname = \"a\"\nhost = \"x\"\n", `detection "a" has no name, or there are two of that name`},
	}
	for _, test := range tests {
		_, err := loadSettings(writeConfig(t, test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
		if err != nil && report(err) != exitUsage {
			t.Errorf("%q: exit status %d", test.text, report(err))
		}
	}
}

// Settings of trust that people have.
func TestSettingsOfTrust(t *testing.T) {
	if _, err := loadSettings(writeConfig(t, "own_networks = [\"10.0.0.0/8\", \"fc00::/7\", \"2001:db8::/32\", \"192.0.2.1\", \"::1\", \"2001:db8::1\"]\ntrusted_relays = [\"fe80::/10\"]\nstore = \"redis://a,b/0\"\n"+
		"[authentication]\nown_domains = [\"example.org\", \"Mail.Example.ORG.\", \"münchen.example\", \"corp.internal\", \"me.github.io\"]\n"+
		"trusted_authserv = [\"$myhostname\", \"mx.example.org\", \"MX1\", \"example_host\"]\ntrusted_arc_sealers = [\"lists.example.org\"]\n")); err != nil {
		t.Error(err)
	}
}

// What is printed gets shown around: it holds no password.
func TestPrintedSettingsHoldNoPassword(t *testing.T) {
	for store, want := range map[string]string{
		"redis://u:hush@h:1,g:2/3":                      "redis://u:xxxxx@h:1,g:2/3",
		"redis://:hu:sh@h":                              "redis://:xxxxx@h",
		"rediss+sentinel://h?sentinel_password=hush&a=": "rediss+sentinel://h?sentinel_password=xxxxx&a=",
		"rediss://u@h:1/0?password_file=/etc/x":         "rediss://u@h:1/0?password_file=/etc/x",
		"redis://h:6379":                                "redis://h:6379",
	} {
		s := defaultSettings()
		s.Store, s.Alerts.Webhook = store, "https://soc.example.org/hush?key=hush"
		var text bytes.Buffer
		if printSettings(&text, s); !strings.Contains(text.String(), "\nstore = \""+want+"\"\n") || strings.Contains(text.String(), "hush") || !strings.Contains(text.String(), "\nwebhook = \"https://soc.example.org/xxxxx\"\n") {
			t.Errorf("%s: %s", store, text.String()[:2000])
		}
	}
}

// What check --print writes is a configuration that means the same.
func TestPrintedSettingsLoad(t *testing.T) {
	rules := "[[group]]\nname = \"board\"\nmembers = [\"a@example.org\"]\npolicy = \"observe\"\n" +
		"[[rule]]\nname = \"it's \\u0007\"\nwhen = \"code.host == 'x'\"\nrecipients = [\"board\"]\nthen = \"redirect\"\nto = \"r@example.org\"\ntext = 'A \"text\"'\n"
	want, err := loadSettings(writeConfig(t, "policy = \"strict\"\nown_networks = [\"192.0.2.0/24\"]\n[prevalence]\nwindow = \"60h\"\n[limits]\nsize = \"1MiB\"\ntime = \"90s\"\n"+rules))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	printSettings(&text, want)
	if err := printPolicy(&text, want); err != nil {
		t.Fatal(err)
	}
	got, err := loadSettings(writeConfig(t, text.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, &text)
	}
	for _, list := range []*[]string{&want.TrustedRelays, &want.SpamMarks, &want.Auth.TrustedARCSealers, &want.Auth.OwnDomains, &want.Remote.Allow, &want.Journal.Lines, &want.QueueInstances, &want.Alerts.MailTo, &want.QueueCommand} {
		*list = []string{} // none is written as an empty list
	}
	want.file = got.file
	if !reflect.DeepEqual(got, want) {
		t.Errorf("printed:\n%s\ngot  %+v\nwant %+v", &text, got, want)
	}
}

func TestSettingsDocument(t *testing.T) {
	var want bytes.Buffer
	printSettingsTable(&want)
	got, err := os.ReadFile("../../docs/settings.md")
	if err != nil || string(got) != want.String() {
		t.Errorf("docs/settings.md is out of date (%v): go run ./cmd/quishmilter check --print=markdown >docs/settings.md", err)
	}
}

// Workers run in "/": a relative folder would be another one for them.
func TestCacheFolderIsAbsolute(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("CACHE_DIRECTORY", "")
	for state, want := range map[string]string{
		"quishmilter-state": filepath.Join(dir, "quishmilter-state", "cache"),
		"/var/lib/q":        "/var/lib/q/cache",
	} {
		if got := (Settings{State: state}).cacheFolder(); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
	t.Setenv("CACHE_DIRECTORY", "/var/cache/q")
	if got := (Settings{State: "/var/lib/q"}).cacheFolder(); got != "/var/cache/q" {
		t.Errorf("with systemd's folder: %s", got)
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]string{"14d": "14d", "24h": "1d", "36h": "36h", "90m": "1h30m", "10s": "10s", "1h": "1h", "0s": "0s"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != want {
			t.Errorf("%s: %s, %v", text, d, err)
		}
	}
}

// Whatever a file holds, it is read or refused with a line of its own, and the places of rules are found without harm.
func FuzzRulePlaces(f *testing.F) {
	f.Add([]byte("[[rule]]\nname = 'a'\nwhen = \"\"\"\ncode.x\"\"\"\nthen = 'tag'\n[[group]]\nname = \"g\"\n"), 2, 7)
	f.Fuzz(func(t *testing.T, text []byte, line, column int) {
		for _, name := range []string{"rule", "group"} {
			for _, place := range sections(text, name) {
				place.inCondition(verdict.RuleError{Line: line, Column: column})
				_ = place.problem("q.toml", verdict.Place{Key: "recipients", Item: column}, nil)
			}
		}
	})
}
