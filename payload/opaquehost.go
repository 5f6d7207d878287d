package payload

import "strings"

// keepers are redirectors that keep the target on their servers, by the host, or a domain above it, and what the path
// begins with. Anybody gets such a link, for an advertisement, a post or a mail of their own; the host's good name says
// nothing about where it leads. What names its target is unwrapped before it comes here.
var keepers = map[string][]string{
	// Large sites.
	"linkedin.com": {"/slink", "/redir/", "/safety/go"},
	"baidu.com":    {"/link", "/baidu.php"},
	"bing.com":     {"/ck/", "/aclk", "/aclick", "/alink/"},
	"google.com":   {"/url", "/aclk"}, "googleadservices.com": {"/pagead/aclk"}, "doubleclick.net": {"/"},
	"yahoo.com": {"/_ylt="}, "facebook.com": {"/l.php"}, "tiktok.com": {"/link/"},
	"share.google": {"/"}, "search.app": {"/"},

	// Mail gateways.
	"mimecast.com": {"/s/"}, "mimecastprotect.com": {"/s/"},
	"emailprotection.link": {"/"}, "cudasvc.com": {"/"}, "protection.sophos.com": {"/"}, "link.edgepilot.com": {"/s/"},
	"protection.outlook.com": {"/"}, "urldefense.com": {"/"}, "urldefense.proofpoint.com": {"/"},

	// Mail services.
	"sendgrid.net": {"/ls/click", "/wf/click", "/uni/"}, "mandrillapp.com": {"/track/click"}, "awstrack.me": {"/"},
	"list-manage.com": {"/track/click"}, "click.mailchimp.com": {"/"},
	"hubspotlinks.com": {"/"}, "hubspotstarter.net": {"/"},
	"customeriomail.com": {"/e/c/"}, "klclick.com": {"/"}, "klclick1.com": {"/"}, "link.sbstck.com": {"/redirect/"}, "substack.com": {"/redirect/"},
}

// keepsTarget tells whether a link leads on to one that it does not name.
func keepsTarget(l link) bool {
	if unwrapped(l.url) != "" {
		return false
	}
	at := split(l.url)
	path := asciiLower(at.path)
	if path == "" || path == "/" && at.query == "" {
		return false // the site itself
	}
	domain := at.host
	if name, _, _ := strings.Cut(registrable(domain), "."); name == "google" && domain != "share.google" {
		domain = "google.com" // google.de, google.co.uk …
	}
	for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		for _, start := range keepers[domain] {
			if strings.HasPrefix(path, start) {
				return true
			}
		}
	}
	return false
}
