package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// RemoteConfig says how pictures that a message only links are fetched.
type RemoteConfig struct {
	Proxy   *url.URL       // all requests go through it; it then has to keep them away from inner addresses
	Allowed []netip.Prefix // beside public addresses; for tests
	Count   int            // pictures per message
	Bytes   int64          // of one picture
	Time    time.Duration  // for all pictures of a message
}

// Remote fetches pictures for messages. A sender who sees the request learns that the address exists and is read by
// machine; that is why fetching is off unless an admin turns it on.
type Remote struct {
	config RemoteConfig
	client *http.Client
	recent recentPictures
}

const maxRedirects = 3

// NewRemote makes a fetcher. It sends no cookies, no referrer and nothing that names us or the recipient.
func NewRemote(config RemoteConfig) *Remote {
	r := &Remote{config: config}
	dialer := &net.Dialer{Timeout: 3 * time.Second, ControlContext: r.control}
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 3 * time.Second, ResponseHeaderTimeout: 5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true, ForceAttemptHTTP2: true,
	}
	if config.Proxy != nil {
		transport.Proxy = http.ProxyURL(config.Proxy)
	}
	r.client = &http.Client{Transport: transport, CheckRedirect: r.redirect}
	return r
}

var errForbidden = errors.New("an address that is not public")

// control sees the address that was resolved, just before the connection is made, so that no name can point inside.
func (r *Remote) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	if r.config.Proxy != nil {
		return nil // the proxy's own address, which the admin named
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return errForbidden
	}
	addr := to.Addr().Unmap()
	for _, p := range r.config.Allowed {
		if p.Contains(addr) {
			return nil
		}
	}
	if !public(addr) || to.Port() != 80 && to.Port() != 443 {
		return errForbidden
	}
	return nil
}

// inner are ranges that netip does not name and that lead inside, or nowhere (RFC 6890).
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// public tells addresses of the Internet from all others; 169.254.169.254, where clouds keep their secrets, is
// link-local.
func public(addr netip.Addr) bool {
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.Zone() != "" {
		return false
	}
	for _, p := range inner {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

// redirect follows a few redirects. Go would tell the next host where it comes from.
func (r *Remote) redirect(req *http.Request, via []*http.Request) error {
	req.Header.Del("Referer")
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	return r.fit(req.URL)
}

// fit checks what can be checked before a name is resolved.
func (r *Remote) fit(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("no web address")
	}
	if r.config.Proxy != nil && innerName(u.Hostname()) {
		return errForbidden
	}
	return nil
}

// innerNames are domains that are never of the Internet (RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of 2024).
var innerNames = []string{".localhost", ".local", ".internal", ".home.arpa", ".intranet", ".lan"}

// innerName tells, of a host that a proxy will resolve, those that cannot be a web site's: addresses that are not public or
// not in their usual spelling (2852039166 is 169.254.169.254), names of one label, and domains of inner networks.
func innerName(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return !public(addr.Unmap())
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	if !strings.Contains(host, ".") || last == "" || last[0] >= '0' && last[0] <= '9' {
		return true
	}
	return slices.ContainsFunc(innerNames, func(domain string) bool { return strings.HasSuffix(host, domain) })
}

// remotePicture is what came of one link.
type remotePicture struct {
	url  string
	kind string // media type as declared
	data []byte
	err  error
}

// fetch gets the first pictures of a message, all at once.
func (r *Remote) fetch(ctx context.Context, links []string) []remotePicture {
	ctx, cancel := context.WithTimeout(ctx, r.config.Time)
	defer cancel()
	pictures := make([]remotePicture, min(len(links), r.config.Count))
	var all sync.WaitGroup
	for n := range pictures {
		all.Go(func() { pictures[n] = r.known(ctx, links[n]) })
	}
	all.Wait()
	return pictures
}

func (r *Remote) one(ctx context.Context, link string) remotePicture {
	p := remotePicture{url: link}
	u, err := url.Parse(link)
	if err == nil {
		err = r.fit(u)
	}
	if err != nil {
		p.err = err
		return p
	}
	u.User, u.Fragment = nil, ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		p.err = err
		return p
	}
	req.Header.Set("User-Agent", "Mozilla/5.0")
	req.Header.Set("Accept", "image/*")
	p.kind, p.data, p.err = r.get(req)
	return p
}

func (r *Remote) get(req *http.Request) (kind string, data []byte, err error) {
	resp, err := r.client.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	data, err = io.ReadAll(io.LimitReader(resp.Body, r.config.Bytes+1))
	if err != nil {
		return "", nil, err
	}
	if int64(len(data)) > r.config.Bytes {
		return "", nil, fmt.Errorf("more than %d bytes", r.config.Bytes)
	}
	return resp.Header.Get("Content-Type"), data, nil
}
