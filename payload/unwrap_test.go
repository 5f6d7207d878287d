package payload

import "testing"

func TestTarget(t *testing.T) {
	const evil = "https://evil.example/a?b=c"
	for link, want := range map[string]string{
		"https://example.com/plain?x=1": "",

		// Mail gateways.
		"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&data=05%7C02&sdata=x&reserved=0":      evil,
		"https://eur01.safelinks.protection.outlook.com/ap/w-59584e83/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&data=05":                evil,
		"https://nam01.safelinks.protection.outlook.com/GetUrlReputation?amp;url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                  evil,
		"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc": evil,
		"https://urldefense.proofpoint.com/v1/url?u=https%3A%2F%2Fevil.example/a?b%3Dc&k=1":                                               evil,
		"https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_a-3Fb-3Dc&d=DwMFAg&c=y":                                        evil,
		"https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_a-5Fb-2Dc_-3Fq-3D1&d=x&c=y":                                    "https://evil.example/a_b-c/?q=1",
		"https://urldefense.com/v3/__https://evil.example/a?b=c__;!!abc!def$":                                                             evil,
		"https://urldefense.com/v3/__https://evil.example/a*b__;Iw!!abc$":                                                                 "https://evil.example/a#b",
		"https://urldefense.com/v3/__https://evil.example/a**Bb__;PyMm!!abc$":                                                             "https://evil.example/a?#&b",
		"https://urldefense.us/v3/__https:/evil.example/a?b=c__;!!abc$":                                                                   evil,
		"https://protect.checkpoint.com/v2/___https://evil.example/a?b=c___.YzJ1Om1":                                                      evil,
		"https://protect.checkpoint.com/v2/r01/___https:/evil.example/a?b=c___.YzJ1Om1":                                                   evil,
		"https://url.avanan.click/v2/___https://evil.example/a?b=c___.YXAzOn":                                                             evil,
		"https://avanan.url-protection.com/v1/url?o=https%3A//evil.example/a%3Fb%3Dc&g=x&h=y&p=z":                                         evil,
		"https://protect-eu.mimecast.com/s/AbCdEfG?domain=evil.example":                                                                   "",
		"https://protect-eu.mimecast.com/s/AbCdEfG?domain=evil.com":                                                                       "http://evil.com",
		"https://url.uk.m.mimecastprotect.com/s/AbCdEfG?domain=evil.com":                                                                  "http://evil.com",
		"https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fevil.example%2fa%3fb%3dc&c=E,1,x&typo=1":                                     evil,
		"https://secure-web.cisco.com/1EH1B-CLV31IF8/https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                              evil,
		"https://clicktime.symantec.com/38YrYPLxxSqY?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                            evil,
		"https://clicktime.symantec.com/15uBnWV?h=v8JGNo3=&u=https://evil.example/a?b=c":                                                  evil,
		"https://clicktime.symantec.com/a/1/3esCKton=?d=wUoxAv&u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                  evil,
		"https://clicktime.cloud.postoffice.net/clicktime.php?U=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&E=x":                               evil,
		"https://ddec1-0-en-ctp.trendmicro.com:443/wis/clicktime/v1/query?url=https%3a%2f%2fevil.example%2fa%3fb%3dc&umid=d":              evil,
		"https://eu-west-1.protection.sophos.com/?d=evil.example&u=aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM=&p=m&i=N&t=e&h=0":                  evil,
		"https://us-east-2.protection.sophos.com/?d=evil.com&b=99&x=55&q=4b":                                                              "http://evil.com",
		"https://protect2.fireeye.com/v1/url?k=459f4078-1a04&q=1&e=0474&u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                         evil,
		"https://urlsand.esvalabs.com/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&e=ed7a584b&h=456504aa&f=y&p=y":                            evil,
		"https://scanmail.trustwave.com/?c=1&d=x&u=https%3a%2f%2fevil%2eexample%2fa%3fb%3dc":                                              evil,
		"https://link.edgepilot.com/s/ab12/XyZ?u=https://evil.example/a?b=c":                                                              evil,
		"https://lsems.gravityzone.bitdefender.com/scan/aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM=/ABCD?c=1":                                    evil,
		"https://deref-gmx.net/mail/client/x/dereferrer/?redirectUrl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                              evil,
		"https://nam.safelink.emails.azure.net/redirect/?destination=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&p=x":                          evil,

		// Mail services.
		"https://links.shop.example/CL0/https:%2F%2Fevil.example%2Fa%3Fb=c/1/0100018-x-000000/z=1":                                                                                                      evil,
		"https://x.r.us-east-1.awstrack.me/L0/https:%2F%2Fevil.example%2Fa%3Fb=c/1/0100018-x-000000/z=1":                                                                                                evil,
		"https://mandrillapp.com/track/click/30/evil.example?p=eyJzIjoieCIsInYiOjEsInAiOiJ7XCJ1XCI6MzAsXCJ2XCI6MSxcInVybFwiOlwiaHR0cHM6XFxcL1xcXC9ldmlsLmV4YW1wbGVcXFwvYT9iPWNcIixcImlkXCI6XCIxXCJ9In0": evil,

		// Large sites.
		"https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM&ntb=1":                                   evil,
		"https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM#M=someone@example.com":                   evil,
		"https://www.bing.com/alink/link?url=https%3a%2f%2fevil.example%2fa%3fb%3dc&source=serp":                           evil,
		"https://www.google.com/url?sa=t&url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                       evil,
		"https://www.google.co.uk/url?q=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&%zz":                                        evil,
		"https://google.com.evil.example/url?q=x":                                                                          "",
		"https://www.google.com/amp/s/evil.example/a?b=c":                                                                  evil,
		"https://www.google.com/amp/s/evil.example/%zz":                                                                    "https://evil.example/%zz",
		"https://www.google.com/search?q=evil.com":                                                                         "",
		"https://www.google.com/imgres?imgurl=https://good.example/i.png&imgrefurl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc": evil,
		"https://translate.google.com/translate?sl=auto&u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                          evil,
		"https://www.googleadservices.com/pagead/aclk?sa=L&adurl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                   evil,
		"https://adclick.g.doubleclick.net/pcs/click?xai=A&adurl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                   evil,
		"https://ad.doubleclick.net/ddm/clk/1;2;k?https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                  evil,
		"https://webcache.googleusercontent.com/search?q=cache:abc:https://evil.example/a%3Fb%3Dc":                         evil,
		"https://evil-example.translate.goog/login?_x_tr_sl=auto":                                                          "https://evil.example/login",
		"https://evil--bank-example.translate.goog/":                                                                       "https://evil-bank.example/",
		"https://cdn.ampproject.org/c/s/evil.example/a?b=c":                                                                evil,
		"https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                evil,
		"https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&urlhash=x":                     evil,
		"https://www.linkedin.com/slink?code=abc":                                                                          "",
		"https://l.facebook.com/l.php?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&h=AT":                                       evil,
		"https://l.instagram.com/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&e=AT":                                           evil,
		"https://image.baidu.com/search/down?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                   evil,
		"https://www.baidu.com/link?url=AbCd_opaque":                                                                       "",
		"https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU=https%3a%2f%2fevil.example%2fa%3fb%3dc/RK=2/RS=x":            evil,
		"https://duckduckgo.com/l/?uddg=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&rut=x":                                      evil,
		"https://vk.com/away.php?to=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                evil,
		"https://sba.yandex.net/redirect?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&client=x":                              evil,
		"https://out.reddit.com/t3_x?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&token=x":                                   evil,
		"https://slack-redir.net/link?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                          evil,
		"https://web.archive.org/web/2026/https://evil.example/a?b=c":                                                      evil,

		// Anybody's.
		"https://shop.example/out?target=aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM=":                                                                evil,
		"https://shop.example/out?x=aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM":                                                                      evil,
		"https://shop.example/out?Redirect_URL=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                        evil,
		"https://shop.example/out?whatever=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                            evil,
		"https://shop.example/out?url=https%3A%2F%2Fevil.example%2F%zz;x":                                                                     "https://evil.example/%zz;x",
		"https://shop.example/go#https://evil.example/a?b=c":                                                                                  evil,
		"https://shop.example/go#aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM=":                                                                        evil,
		"https://shop.example/go/https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                      evil,
		"https://shop.example/go/aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM/x":                                                                       evil,
		"https://href.li/?https://evil.example/a?b=c":                                                                                         evil,
		"https://shop.example/p?ref=https%3A%2F%2Fnews.example":                                                                               "",
		"https://shop.example/p?utm_source=https%3A%2F%2Fnews.example":                                                                        "",
		"https://shop.example/search?q=evil.example":                                                                                          "",
		"https://shop.example/?url=/basket":                                                                                                   "",
		"https://www.google.com/url?q=https://eur01.safelinks.protection.outlook.com/?url=https%253A%252F%252Fevil.example%252Fa%253Fb%253Dc": evil,
	} {
		if got := Parse(link, true).Target; got != want {
			t.Errorf("%s:\n\t%q, want %q", link, got, want)
		}
	}
}

// Nine wrappers inside one another: the eighth is as deep as we go, and the link keeps its signal.
func TestTargetDepth(t *testing.T) {
	link := "https://evil.example"
	for range maxHops + 1 {
		link = "https://shop.example/#" + link
	}
	if got := Parse(link, true).Target; got != "https://shop.example/#https://evil.example" {
		t.Errorf("%q", got)
	}
	loop := "https://shop.example/?url=https%3A%2F%2Fshop.example%2F"
	if got := Parse(loop, true).Target; got != "https://shop.example/" {
		t.Errorf("%q", got)
	}
}
