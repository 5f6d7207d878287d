package postfix

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// addressParameter is the line of postfix-example.cf that a reader adapts; here it is adapted by Start.
const addressParameter = "quishmilter_address"

// parameters puts together main.cf: what a private instance needs, over that the example, over that the caller's.
func (p *Instance) parameters(config Config) (map[string]string, error) {
	params := p.privateParameters()
	if config.Example != "" {
		text, err := os.ReadFile(config.Example)
		if err != nil {
			return nil, fmt.Errorf("read the example: %w", err)
		}
		example, err := ParseMainCF(string(text))
		if err != nil {
			return nil, fmt.Errorf("read the example %s: %w", config.Example, err)
		}
		if _, ok := example[addressParameter]; !ok {
			return nil, fmt.Errorf("the example %s does not set %s", config.Example, addressParameter)
		}
		maps.Copy(params, example)
	}
	switch {
	case config.Milter == "":
		params["smtpd_milters"] = ""
		delete(params, addressParameter)
	case config.Example != "":
		params[addressParameter] = config.Milter
	default:
		params["smtpd_milters"] = config.Milter
	}
	maps.Copy(params, config.Params)
	return params, nil
}

// privateParameters keep an instance to itself: its folders, its log, loopback, and one Maildir for all mail.
// Nothing is looked up by DNS, so that tests depend on no network.
func (p *Instance) privateParameters() map[string]string {
	mailbox := p.install.mailbox
	return map[string]string{
		"compatibility_level":                   "3.6",
		"queue_directory":                       p.QueueDir(),
		"data_directory":                        filepath.Join(p.Dir, "data"),
		"maillog_file":                          p.LogFile(),
		"maillog_file_prefixes":                 p.Dir,
		"myhostname":                            "mx.example.org",
		"smtpd_banner":                          "$myhostname ESMTP " + filepath.Base(p.Dir),
		"myorigin":                              "$myhostname",
		"mydestination":                         "",
		"inet_protocols":                        "ipv4",
		"mynetworks":                            "127.0.0.0/8",
		"smtpd_authorized_xclient_hosts":        "127.0.0.1",
		"smtpd_peername_lookup":                 "no",
		"smtpd_client_connection_count_limit":   "0",
		"smtpd_relay_restrictions":              "reject_unauth_destination",
		"smtpd_forbid_bare_newline":             "no",
		"smtpd_tls_security_level":              "none",
		"message_size_limit":                    "104857600",
		"virtual_mailbox_limit":                 "0",
		"in_flow_delay":                         "0",
		"alias_maps":                            "",
		"alias_database":                        "",
		"local_recipient_maps":                  "",
		"virtual_alias_domains":                 "",
		"virtual_alias_maps":                    "",
		"virtual_mailbox_domains":               "static:all",
		"virtual_mailbox_base":                  filepath.Join(p.Dir, "mail"),
		"virtual_mailbox_maps":                  "static:inbox/",
		"virtual_uid_maps":                      fmt.Sprintf("static:%d", mailbox.uid),
		"virtual_gid_maps":                      fmt.Sprintf("static:%d", mailbox.gid),
		"virtual_transport":                     "virtual",
		"virtual_destination_concurrency_limit": "20",
		"default_transport":                     "error:no mail leaves this test",
		"relay_transport":                       "error:no mail leaves this test",
	}
}

// ParseMainCF reads main.cf's syntax (postconf(5)): name = value, lines that begin with white space continue the
// line before, comments and empty lines count nowhere, also between a line and its continuation.
func ParseMainCF(text string) (map[string]string, error) {
	params := map[string]string{}
	last := ""
	for number, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last == "" {
				return nil, fmt.Errorf("line %d continues nothing", number+1)
			}
			params[last] = strings.TrimSpace(params[last] + " " + trimmed)
			continue
		}
		name, value, ok := strings.Cut(trimmed, "=")
		last = strings.TrimSpace(name)
		if !ok || last == "" {
			return nil, fmt.Errorf("line %d is not name = value", number+1)
		}
		if _, twice := params[last]; twice {
			return nil, fmt.Errorf("line %d sets %s a second time", number+1, last)
		}
		params[last] = strings.TrimSpace(value)
	}
	return params, nil
}

// writeConfig writes main.cf and master.cf.
func (p *Instance) writeConfig(params map[string]string) error {
	var main strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		fmt.Fprintf(&main, "%s = %s\n", name, params[name])
	}
	if err := p.writeSettled("main.cf", main.String()); err != nil {
		return err
	}
	return p.writeSettled("master.cf", p.Addr+" "+services)
}

// writeSettled writes a file with an old time stamp: Postfix reads a file that was changed within the last second
// again and again, until it is sure that nobody is still writing.
func (p *Instance) writeSettled(name, text string) error {
	file := filepath.Join(p.ConfigDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write Postfix's configuration: %w", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(file, old, old); err != nil {
		return fmt.Errorf("write Postfix's configuration: %w", err)
	}
	return nil
}

// services is master.cf after the address of smtpd. Nothing is chrooted: the folders hold none of the files that a
// chroot needs. pickup is quick since a requeued message (`postsuper -r`) waits for it; smtp is for tests that send from
// one instance to another.
const services = `inet n - n - - smtpd
pickup    unix  n - n 1   1   pickup
cleanup   unix  n - n -   0   cleanup
qmgr      unix  n - n 300 1   qmgr
rewrite   unix  - - n -   -   trivial-rewrite
bounce    unix  - - n -   0   bounce
defer     unix  - - n -   0   bounce
trace     unix  - - n -   0   bounce
verify    unix  - - n -   1   verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -   -   proxymap
showq     unix  n - n -   -   showq
error     unix  - - n -   -   error
retry     unix  - - n -   -   error
discard   unix  - - n -   -   discard
local     unix  - n n -   -   local
virtual   unix  - n n -   -   virtual
smtp      unix  - - n -   -   smtp
anvil     unix  - - n -   1   anvil
scache    unix  - - n -   1   scache
postlog   unix-dgram n - n - 1 postlogd
`
