package downstream

import (
	"fmt"
	"testing"
)

// Rspamd runs Debian's rspamd with its own configuration and the example as local.d/regexp.conf, and returns the
// address of its milter. What would ask the network is switched off, so that a test depends on none.
func Rspamd(t testing.TB, example string) (milter string) {
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
	dir := folder(t, files)
	p := launch(t, "rspamd", "-f", "-u", "nobody", "-g", "nogroup", "-c", "/etc/rspamd/rspamd.conf", "--var=LOCAL_CONFDIR="+dir,
		"--var=RUNDIR="+dir+"/run", "--var=DBDIR="+dir+"/db", "--var=LOGDIR="+dir+"/log")
	p.waitListening("tcp", loopback(port))
	return "inet:" + loopback(port)
}
