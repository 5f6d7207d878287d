package prevalence

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// The address of a shared store, in full:
//
//	redis://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/DATABASE]
//	rediss://…                                  the same over TLS
//	redis+sentinel://…HOST:26379,…[/DATABASE]   Sentinels, which name the master; rediss+sentinel with TLS
//
// Several hosts without +sentinel are nodes of one Cluster (database 0 alone), as one host may be. Parameters after ?:
// password_file (a file with the password, in place of one in the address), prefix (of all keys, "quishmilter"), master (the name that Sentinels know it by, "mymaster"), sentinel_user and
// sentinel_password, ca (a file with the authorities to trust in place of the system's), cert and key (a client
// certificate), name (the name in the server's certificate where it is not the host's). The user needs the commands
// of record.lua, GET, HGETALL, SCAN and DEL on keys that begin with the prefix in braces.

// CheckURL says what is wrong with the address of a shared store. Its errors show no password.
func CheckURL(text string) error {
	_, _, err := parseURL(text)
	return err
}

func parseURL(text string) (option rueidis.ClientOption, prefix string, err error) {
	list, u, err := readURL(text)
	if err != nil {
		return option, "", err
	}
	scheme, sentinel := strings.CutSuffix(u.Scheme, "+sentinel")
	if scheme != "redis" && scheme != "rediss" {
		return option, "", fmt.Errorf("the shared store's address begins with %q; write redis://, rediss://, redis+sentinel:// or rediss+sentinel://", u.Scheme+"://")
	}
	q := parameters{u.Query(), map[string]bool{}}
	option = rueidis.ClientOption{
		Dialer: net.Dialer{Timeout: 2 * time.Second, KeepAlive: 15 * time.Second}, ConnWriteTimeout: 3 * time.Second,
		PipelineMultiplex: -1, // one connection: of several, each would tell anew that the store was away
		DisableCache:      true, DisableRetry: true, ClientName: "quishmilter", Username: u.User.Username(),
	}
	if option.Password, err = passwordOf(u, q); err != nil {
		return option, "", err
	}
	port := "6379"
	if sentinel {
		port = "26379"
		option.Sentinel = rueidis.SentinelOption{Dialer: option.Dialer, MasterSet: q.get("master", "mymaster"), TopologyRefreshInterval: 5 * time.Second,
			Username: q.get("sentinel_user", ""), Password: q.get("sentinel_password", "")}
	}
	if option.InitAddress, err = hosts(list, port); err != nil {
		return option, "", err
	}
	if database := strings.Trim(u.Path, "/"); database != "" {
		if option.SelectDB, err = strconv.Atoi(database); err != nil || option.SelectDB < 0 {
			return option, "", fmt.Errorf("the shared store's database is %q; write its number", database)
		}
		if option.SelectDB > 0 && !sentinel && len(option.InitAddress) > 1 {
			return option, "", fmt.Errorf("the shared store's address names a Cluster and database %s; a Cluster has database 0 alone", database)
		}
	}
	if scheme == "rediss" {
		if option.TLSConfig, err = tlsOf(q); err != nil {
			return option, "", err
		}
		option.Sentinel.TLSConfig = option.TLSConfig
	}
	prefix = q.get("prefix", "quishmilter")
	if prefix == "" || strings.ContainsAny(prefix, "{}*?[]\\") {
		return option, "", fmt.Errorf("the shared store's prefix is %q; write letters, digits, hyphens", prefix)
	}
	return option, prefix, q.unknown()
}

// readURL takes the list of hosts apart from the rest of the address.
func readURL(text string) (hosts string, u *url.URL, err error) {
	hosts, single := cutHosts(text)
	u, err = url.Parse(single)
	if err == nil {
		return hosts, u, nil
	}
	var inner *url.Error
	if errors.As(err, &inner) { // its text has the whole address
		err = inner.Err
	}
	return "", nil, fmt.Errorf("the shared store's address cannot be read: %w", err)
}

// passwordOf is the one in a file, or in the address.
func passwordOf(u *url.URL, q parameters) (string, error) {
	file := q.get("password_file", "")
	if file == "" {
		password, _ := u.User.Password()
		return password, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading the shared store's password: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// cutHosts takes the list of hosts out of the address: package url reads one host only.
func cutHosts(text string) (list, single string) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return "", text
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	start := strings.LastIndexByte(rest[:end], '@') + 1
	return rest[start:end], scheme + "://" + rest[:start] + "host" + rest[end:]
}

// hosts takes the list apart.
func hosts(list, port string) (all []string, err error) {
	for host := range strings.SplitSeq(list, ",") {
		name, number, err := net.SplitHostPort(host)
		if err != nil {
			name, number = strings.Trim(host, "[]"), port
		}
		if name == "" {
			return nil, errors.New("the shared store's address names no host")
		}
		all = append(all, net.JoinHostPort(name, number))
	}
	return all, nil
}

func tlsOf(q parameters) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: q.get("name", "")}
	if file := q.get("ca", ""); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the shared store's authorities: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate", file)
		}
	}
	if file := q.get("cert", ""); file != "" {
		pair, err := tls.LoadX509KeyPair(file, q.get("key", ""))
		if err != nil {
			return nil, fmt.Errorf("reading the certificate for the shared store: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// parameters remembers what was asked for, so that a misspelt one is found.
type parameters struct {
	values url.Values
	known  map[string]bool
}

func (p parameters) get(name, fallback string) string {
	p.known[name] = true
	if p.values.Has(name) {
		return p.values.Get(name)
	}
	return fallback
}

func (p parameters) unknown() error {
	for name := range p.values {
		if !p.known[name] {
			return fmt.Errorf("the shared store's address has a parameter %q that is not known, or makes no sense there", name)
		}
	}
	return nil
}
