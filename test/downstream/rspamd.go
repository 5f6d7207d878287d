package downstream

import (
	"fmt"
	"maps"
	"testing"
)

// Mailcow are files as mailcow mounts them beside local.d/regexp.conf, which it does not have: its limits, and a map, an
// action, a group and a composite of the kinds that it ships.
var Mailcow = map[string]string{
	"local.d/actions.conf": "reject = 15;\nadd_header = 8;\ngreylist = 7;\n",
	"local.d/multimap.conf": "LOCAL_BAD_HEADER {\n  type = \"content\";\n  filter = \"headers\";\n  map = \"$LOCAL_CONFDIR/custom/bad_header.map\";\n  regexp = true;\n  score = 4;\n}\n" +
		"LOCAL_WANTED_FROM {\n  type = \"from\";\n  map = \"$LOCAL_CONFDIR/custom/wanted.map\";\n  score = -10;\n}\n",
	"local.d/force_actions.conf": "rules {\n  LOCAL_WANTED {\n    action = \"no action\";\n    expression = \"LOCAL_WANTED_FROM\";\n    require_action = [\"greylist\"];\n  }\n}\n",
	"local.d/composites.conf":    "LOCAL_BOTH {\n  expression = \"LOCAL_BAD_HEADER & QUISH_TAGGED\";\n  score = 1;\n}\n",
	"local.d/groups.conf":        "group \"local\" {\n  max_score = 20;\n}\n",
	"custom/bad_header.map":      "/X-Bad: yes/i\n",
	"custom/wanted.map":          "friend@example.com\n",
}

// Rspamd runs Debian's rspamd with its own configuration, the example as local.d/regexp.conf and more files beside it,
// and returns the address of its milter. What would ask the network is switched off, so that a test depends on none.
func Rspamd(t testing.TB, example string, more map[string]string) (milter string) {
	t.Helper()
	port := freePort(t)
	files := map[string]string{
		"local.d/regexp.conf": text(t, example),
		"local.d/worker-proxy.inc": fmt.Sprintf("bind_socket = \"%s\";\nmilter = yes;\ncount = 1;\n", loopback(port)) +
			"upstream \"local\" { default = yes; self_scan = yes; }\n",
		"local.d/logging.inc": "type = \"console\"; level = \"notice\";\n",
		"local.d/options.inc": "dns { nameserver = [\"127.0.0.1:1\"]; timeout = 0.1s; retransmits = 1; }\n" +
			"url_tld = \"$LOCAL_CONFDIR/tld\";\n", // its own list takes long to compile
		"tld":                         "example\nnet\norg\n",
		"local.d/milter_headers.conf": "use = [\"x-spamd-result\"];\nextended_spam_headers = true;\n",
		"run/x":                       "", "db/x": "", "log/x": "",
	}
	for _, worker := range []string{"normal", "controller", "fuzzy"} {
		files["local.d/worker-"+worker+".inc"] = "enabled = false;\n"
	}
	for _, module := range []string{"rbl", "spf", "dkim", "dkim_signing", "dmarc", "arc", "mx_check", "asn", "fuzzy_check", "phishing", "url_redirector",
		"mid", "greylist", "ratelimit", "history_redis", "neural", "replies", "elastic", "hfilter", "reputation", "whitelist", "rspamd_update"} {
		files["local.d/"+module+".conf"] = "enabled = false;\n"
	}
	maps.Copy(files, more)
	dir := folder(t, files)
	p := launch(t, "rspamd", "-f", "-u", "nobody", "-g", "nogroup", "-c", "/etc/rspamd/rspamd.conf", "--var=LOCAL_CONFDIR="+dir,
		"--var=RUNDIR="+dir+"/run", "--var=DBDIR="+dir+"/db", "--var=LOGDIR="+dir+"/log")
	p.waitListening("tcp", loopback(port))
	return "inet:" + loopback(port)
}
