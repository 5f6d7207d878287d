package payload

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Cameras open the first line or glue the lines together: both hosts are judged where both are real.
func TestLinesOfLink(t *testing.T) {
	for text, want := range map[string][2]string{
		"https://evil2.pages.dev\nhttps://good.example/":     {"evil2.pages.dev", "https://good.example/"},
		"https://evil2.pages.dev\r\nhttps://good.example/":   {"evil2.pages.dev", "https://good.example/"},
		"https://evil2.pages.dev/\thttps://good.example/":    {"evil2.pages.dev", "https://good.example/"},
		"https://evil2.example\nhttps://good.example/":       {"evil2.example", "https://good.example/"},
		"https://evil2.pages.dev\nx":                         {"evil2.pages.dev", ""},
		"https://evil2.pages.dev\tx":                         {"evil2.pages.dev", ""},
		"\nhttps://evil2.pages.dev\nTable 7":                 {"evil2.pages.dev", ""},
		"https%3A%2F%2Fevil2.pages.dev%0Ax":                  {"evil2.pages.dev", ""},
		"https://good.com\n.evil.net/":                       {"good.com", "https://good.com.evil.net/"},
		"https://203.0.113.7\n1/":                            {"203.0.113.7", "https://203.0.113.71/"},
		"https://exa\nmple.com/a":                            {"example.com", ""},
		"https://www.exam\nple.com/a":                        {"www.example.com", ""},
		"https:\n//example.com/a":                            {"example.com", ""},
		"https://example.com/a\nb?c":                         {"example.com", ""},
		"https://shop.example/?url=https://evil.example%0Ax": {"shop.example", "https://evil.examplex"},
		"https://shop.example/?url=https://evil.com%0Ax":     {"shop.example", "https://evil.com"},
	} {
		got := Parse(text, true)
		if got.Kind != URL || got.Host != want[0] || got.Target != want[1] {
			t.Errorf("%q: %s %q %q, want %q", text, got.Kind, got.Host, got.Target, want)
		}
	}
}

// What begins as a link is never a ticket or text, which nobody tags.
func TestBrokenLinks(t *testing.T) {
	lists := BuiltinLists()
	for text, want := range map[string]string{
		"https://evil2.pages.dev%40x/":   "evil2.pages.dev",
		"https://evil.com^/":             "evil.com",
		"HTTPS://EVIL.COM^1234567/":      "evil.com",
		"ht\ttps://evil.com^/":           "evil.com",
		"https%3A%2F%2Fevil.com%5E/":     "evil.com",
		"https%253A%252F%252Fevil.com^/": "evil.com",
		"https://^evil.com/":             "evil.com",
		"https://a:b@evil.com^x/":        "evil.com",
		"http:evil.com^1":                "evil.com",
		"https://^^^/12345678":           "",
	} {
		got := Parse(text, true)
		kind := URL
		if want == "" {
			kind = AppLink
		}
		if got.Kind != kind || got.Host != want || !slices.Contains(lists.Signals(got, nil), SignalBrokenLink) {
			t.Errorf("%q: %s %q %v", text, got.Kind, got.Host, lists.Signals(got, nil))
		}
	}
	if got := Parse("https://good.com%40evil.net/", true); got.Host != "good.com" || got.TargetHost() != "evil.net" || got.Valid {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"https://", "http:", "https", "httpbin 1", "http-12345678"} {
		if got := Parse(text, true); got.Kind == URL || slices.Contains(lists.Signals(got, nil), SignalBrokenLink) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestOpaqueRedirects(t *testing.T) {
	lists := BuiltinLists()
	for link, want := range map[string]bool{
		"https://www.linkedin.com/slink?code=abc":                                          true,
		"https://www.linkedin.com/in/somebody":                                             false,
		"https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Fevil.example":           false, // it says where
		"https://www.baidu.com/link?url=opaque":                                            true,
		"https://www.baidu.com/s?wd=x":                                                     false,
		"https://www.bing.com/ck/a?!&&p=abc&u=opaque":                                      true,
		"https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM":         false,
		"https://protect-us.mimecast.com/s/abcd":                                           true,
		"https://www.google.com/url?sa=t&q=evil":                                           true,
		"https://www.google.de/url?sa=t&rct=j":                                             true,
		"https://www.google.com/maps?q=x":                                                  false,
		"https://google.com.evil.example/url?q=x":                                          false,
		"https://u1.ct.sendgrid.net/ls/click?upn=u001.x":                                   true,
		"https://sendgrid.net/pricing":                                                     false,
		"https://share.google/abc":                                                         true,
		"https://share.google/":                                                            false,
		"https://www.google.com/url?q=https%3A%2F%2Fwww.linkedin.com%2Fslink%3Fcode%3Dabc": true,
		"https://shop.example/slink?code=abc":                                              false,
		"https://d2.hubspotlinks.com/Ctc/x":                                                true,
		"https://mailchi.mp/abc/news":                                                      true,
		"https://brand.us1.list-manage.com/track/click?u=a&id=b":                           true,
		"https://brand.us1.list-manage.com/subscribe?u=a&id=b":                             false,
		"https://e.customeriomail.com/e/c/eyJ":                                             true,
		"https://g.co/kgs/abc":                                                             true,
		"https://amzn.to/3abc":                                                             true,
	} {
		if got := slices.Contains(lists.Signals(Parse(link, true), nil), SignalOpaque); got != want {
			t.Errorf("%s: %v", link, got)
		}
	}
}

// An admin's file adds redirectors to the list of the program, and takes some off.
func TestOwnOpaqueRedirects(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, SignalOpaque+".txt"), []byte("click.our-mailer.example/l/\n-linkedin.com/slink\ncounter.example # all of it\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lists, err := LoadLists(folder)
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string]bool{
		"https://a.click.our-mailer.example/l/7":       true,
		"https://click.our-mailer.example/preferences": false,
		"https://counter.example/7":                    true,
		"https://www.linkedin.com/slink?code=abc":      false,
		"https://www.baidu.com/link?url=opaque":        true,
	} {
		if got := slices.Contains(lists.Signals(Parse(link, true), nil), SignalOpaque); got != want {
			t.Errorf("%s: %v", link, got)
		}
	}
	if err := (Lists{}).add(SignalShortener, "bit.ly/x"); err == nil {
		t.Error("a shortener with a path")
	}
}

func TestSharedHosts(t *testing.T) {
	lists := BuiltinLists()
	for host, want := range map[string]bool{"bit.ly": true, "www.tinyurl.com": true, "ipfs.io": true, "sites.google.com": true, "docs.google.com": true,
		"name.pages.dev": false, "somebody.github.io": false, "bafybeig.ipfs.dweb.link": false, "www.linkedin.com": false, "example.com": false} {
		if got := lists.Shared(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}
