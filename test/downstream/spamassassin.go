package downstream

import (
	"fmt"
	"path/filepath"
	"testing"
)

// SpamAssassin runs Debian's spamd, with its own rules and the example, and spamass-milter before it, and returns the
// milter's address. Tests that would ask the network are switched off.
func SpamAssassin(t testing.TB, example string) (milter string) {
	t.Helper()
	files := map[string]string{"quishmilter.cf": text(t, example), "local.cf": "use_bayes 0\n"}
	plugins, err := filepath.Glob("/etc/spamassassin/*.pre")
	if err != nil || len(plugins) == 0 {
		t.Fatalf("no plugins of SpamAssassin in /etc/spamassassin (%v)", err)
	}
	for _, file := range plugins {
		files[filepath.Base(file)] = text(t, file)
	}
	dir := folder(t, files)
	port := freePort(t)
	spamd := launch(t, "/usr/sbin/spamd", "--local", "--nouser-config", "--username=nobody", "--max-children=1", "--syslog=stderr",
		"--listen="+loopback(port), "--allowed-ips=127.0.0.1", "--siteconfigpath="+dir, "--pidfile="+filepath.Join(dir, "spamd.pid"))
	spamd.waitListening("tcp", loopback(port))
	socket := freePort(t)
	filter := launch(t, "/usr/sbin/spamass-milter", "-p", fmt.Sprintf("inet:%d@127.0.0.1", socket), "--", "-d", "127.0.0.1", "-p", fmt.Sprint(port))
	filter.waitListening("tcp", loopback(socket))
	return "inet:" + loopback(socket)
}
