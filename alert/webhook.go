package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Webhook posts notices to another system as Standard Webhooks (standardwebhooks.com) has it: the header has webhook-id,
// webhook-timestamp (seconds) and webhook-signature, which is "v1," and the base64 of HMAC-SHA256 over
// "ID.TIMESTAMP.BODY"; one for each secret, separated by a space, so that a secret can be changed without a gap.
type Webhook struct {
	URL     string
	Secrets [][]byte
	Timeout time.Duration

	client *http.Client
}

// NewWebhook makes one. It follows no redirect and asks no proxy: what is said goes to the host that was named, or
// nowhere.
func NewWebhook(address string, secrets [][]byte, timeout time.Duration) *Webhook {
	return &Webhook{URL: address, Secrets: secrets, Timeout: timeout, client: &http.Client{
		Transport:     &http.Transport{Proxy: nil, DisableCompression: true, MaxIdleConns: 1, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Host is what may be said of the address: its path is often a password.
func (w *Webhook) Host() string {
	if u, err := url.Parse(w.URL); err == nil {
		return u.Host
	}
	return ""
}

// CheckURL says what is wrong with an address. Plain HTTP is for this host, or for whoever says so.
func CheckURL(address string, plain bool) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("it is no address of a web service; write for example https://soc.example.org/hooks/quishmilter")
	case u.User != nil:
		return errors.New("it has a user or a password in it; the signature says who sends, leave them out")
	case u.Scheme == "http" && !plain && !isLoopback(u.Hostname()):
		return errors.New("it is not encrypted, and alerts name people; write https://, or alerts.webhook_plain = true if the way there is safe")
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

const (
	secretPrefix = "whsec_"
	leastSecret  = 24 // octets, as Standard Webhooks has it
	mostSecret   = 64
	maxSecrets   = 4
	secretHelp   = `a line is whsec_ and the base64 of 24 to 64 octets; make one by: (printf whsec_; openssl rand -base64 32) >FILE`
)

// ReadSecrets reads a file with a secret a line; the newest first.
func ReadSecrets(file string) (secrets [][]byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	for _, line := range strings.Fields(string(text)) {
		encoded, ok := strings.CutPrefix(line, secretPrefix)
		secret, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(secret) < leastSecret || len(secret) > mostSecret {
			return nil, fmt.Errorf("%s holds something that is no secret; %s", file, secretHelp)
		}
		secrets = append(secrets, secret)
	}
	if len(secrets) == 0 || len(secrets) > maxSecrets {
		return nil, fmt.Errorf("%s holds %d secrets; write one, or up to %d while they are changed; %s", file, len(secrets), maxSecrets, secretHelp)
	}
	return secrets, nil
}

// Sign is the value of webhook-signature.
func Sign(secrets [][]byte, id string, timestamp int64, body []byte) string {
	var all []string
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		fmt.Fprintf(mac, "%s.%d.%s", id, timestamp, body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}

// Refused is an answer that will not change however often the message is sent again.
type Refused string

func (r Refused) Error() string { return "it does not take this message: " + string(r) }

// later is an answer that says when to come again.
type later struct {
	status string
	wait   time.Duration
}

func (l later) Error() string { return "it answers " + l.status }

// Send posts one notice. Only an answer of 200 to 299 says that it was taken.
func (w *Webhook) Send(ctx context.Context, n Notice, now time.Time) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(n.Body))
	if err != nil {
		return withoutAddress(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "quishmilter")
	request.Header.Set("webhook-id", n.ID)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("webhook-signature", Sign(w.Secrets, n.ID, now.Unix(), n.Body))
	response, err := w.client.Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
	switch code := response.StatusCode; {
	case code >= 200 && code <= 299:
		return nil
	case code == http.StatusBadRequest, code == http.StatusRequestEntityTooLarge, code == http.StatusUnprocessableEntity:
		return Refused(strconv.Itoa(code))
	case code >= 300 && code <= 399:
		return fmt.Errorf("it answers %d, and a redirect is not followed; name the address that it leads to", code)
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // a date there counts as nothing
	return later{strconv.Itoa(response.StatusCode), time.Duration(max(seconds, 0)) * time.Second}
}

// withoutAddress is what went wrong, without the address that a client puts before it.
func withoutAddress(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("it did not answer in time")
	}
	return err
}
