package payload

import (
	"slices"
	"testing"
)

// The rewriters and redirectors of 2025 and 2026, as links that were seen of them are built: the target stands in the link.
func TestTargetsInUse(t *testing.T) {
	const evil = "https://evil.example/a?b=c"
	for link, want := range map[string]string{
		// Mail gateways, in every cloud.
		"https://gcc02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&data=05":                                                                        evil,
		"https://can01.safelinks.protection.outlook.com/ap/t-59584e83/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                  evil,
		"https://gcc01.safelinks.protection.office365.us/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                               evil,
		"https://dod.safelinks.protection.apps.mil/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                     evil,
		"https://chn.safelinks.protection.partner.outlook.cn/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                           evil,
		"https://protect.fireeye.com/v1/url?k=1&q=1&e=x&u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                   evil,
		"https://protect2.fireeye.com/url?k=1&u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                             evil,
		"https://us-west.protect.trellix.com/v1/url?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                       evil,
		"https://emailprotection.link/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                                    evil,
		"https://urlsand.esvalabs.com/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&e=1":                                                                                                evil,
		"https://proxy.linkprotect.vadesecure.com/v3?f=1&i=2&k=x&r=3&u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                      evil,
		"https://imsva91-ctp.trendmicro.com/wis/clicktime/v1/query?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                      evil,
		"https://cas5-0-urlprotect.trendmicro.com/wis/clicktime/v1/query?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&umid=1":                                                         evil,
		"https://gateway.zscaler.net:443/auT?origurl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                        evil,
		"https://linklock.titanhq.com/analyse?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&data=x":                                                                                    evil,
		"https://urlisolation.com/browser?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                               evil,
		"https://securelinks.cloud-security.net/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                                          evil,
		"https://can01.protection.sophos.com/?d=evil.example&u=aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM=&p=m":                                                                            evil,
		"https://url.avanan.click/v2/r01/___https://evil.example/a?b=c___.YXAz":                                                                                                     evil,
		"https://protect.checkpoint.com/v2/r06/___https://evil.example/a?b=c___.YXAz":                                                                                               evil,
		"https://links.eu1.defend.egress.com/Warning?crId=69f33d43&Domain=evil.example&Lang=en&Base64Url=eNrLKCkpKLbS108ty8zRS61IzC3ISdVPtE-yTQYAglIJZw&@OriginalLink=evil.example": evil,
		"https://evil.example.net.mcas.ms/a?b=c":                                                                                                                                    "https://evil.example.net/a?b=c",
		"https://linkscan.io/scan/ux/aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM/ab/?c=1":                                                                                                   evil,
		// Large sites.
		"https://l.threads.net/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                evil,
		"https://l.threads.com/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                evil,
		"https://l.workplace.com/l.php?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                         evil,
		"https://l.wl.co/l?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                     evil,
		"https://lm.facebook.com/l.php?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&h=x":                                                     evil,
		"https://line.me/R/url?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                 evil,
		"https://steamcommunity.com/linkfilter/?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                evil,
		"https://steamcommunity.com/linkfilter/?https://evil.example/a?b=c":                                                              evil,
		"https://away.vk.com/away.php?to=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                         evil,
		"https://yandex.ru/clck/jsredir?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                      evil,
		"https://mail.yandex.ru/re.jsx?h=a,xx&l=aHR0cHM6Ly9ldmlsLmV4YW1wbGUvYT9iPWM":                                                     evil,
		"https://www.linkedin.com/safety/go?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&trk=x":                                            evil,
		"https://www.youtube.com/logout?continue=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                 evil,
		"https://accounts.youtube.com/accounts/SetSID?continue=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                   evil,
		"https://cr.naver.com/rd?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                               evil,
		"https://link.naver.com/bridge?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                       evil,
		"https://googleads.g.doubleclick.net/pcs/click?xai=x&adurl=//evil.example/a?b=c":                                                 evil,
		"https://ad.doubleclick.net/clk;1;2;k?//evil.example/a?b=c":                                                                      evil,
		"https://notifications.google.com/g/p/x?r=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                evil,
		"https://medium.com/r/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                               evil,
		"https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                      evil,
		"https://www.figma.com/exit?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                          evil,
		"https://www.google.com/travel/clk?pc=AA&pcurl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                           evil,
		"https://www.google.com/local_url?q=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                      evil,
		"https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1&redirect_uri=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc": evil,
		"https://www.dropbox.com/referrer_cleansing_redirect?hmac=x&url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                          evil,
		"https://exit.sc/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                                    evil,
		"https://www.tiktok.com/link/v2?aid=1988&target=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                          evil,
		"https://pinterest.com/offsite/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                      evil,
		"https://t.umblr.com/redirect?z=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc&t=x":                                                      evil,
		"https://link.zhihu.com/?target=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                          evil,
		"https://c.pc.qq.com/middlem.html?pfurl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                  evil,
		"https://mail.qq.com/cgi-bin/readtemplate?t=safety&gourl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                 evil,
		"https://weibo.cn/sinaurl?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                              evil,
		"https://ok.ru/dk?cmd=logExternal&st.link=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                evil,
		"https://click.mail.ru/redir?u=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                                                           evil,
		// Mail services and shops.
		"https://t-info.mail.adobe.com/r/?id=h1,2,3&p1=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc": evil,
		"https://www.awin1.com/cread.php?ued=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":           evil,
		"https://click.linksynergy.com/deeplink?murl=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":   evil,
		"https://rd.bizrate.com/rd?t=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                   evil,
		"https://track.pstmrk.it/3s/evil.example.net%2Fa%3Fb%3Dc/x1/y/z":                       "http://evil.example.net/a?b=c",
		"https://www.shareasale.com/u.cfm?urllink=evil%2Eexample%2Enet%2Fa%3Fb%3Dc":            "http://evil.example.net/a?b=c",
		"https://t.info.shop.example/r/?id=h5c3,1,2&p1=evil.example.net/a%3Fb%3Dc":             "http://evil.example.net/a?b=c",
	} {
		if got := Parse(link, true).Target; got != want {
			t.Errorf("%s:\n\t%q, want %q", link, got, want)
		}
	}
}

// Those that keep the target to themselves are known as such, and what only looks like one is not.
func TestOpaqueInUse(t *testing.T) {
	for link, want := range map[string]bool{
		"https://protect-us.mimecast.com/r/AbC_opaque":                        true,
		"https://protect-us.mimecast.com/s/AbC":                               true,
		"https://url.us.m.mimecastprotect.com/s/abc":                          true,
		"https://url.emailprotection.link/?bAbC_opaque":                       true,
		"https://url3.mailanyone.net/scanner?m=1abc&d=4%7Cmail&o=%2Fphta&s=x": true,
		"https://links.us1.defend.egress.com/Warning?crId=abc":                true,
		"https://atpscan.global.hornetsecurity.com/index.php?atp_str=opaque":  true,
		"https://seclinks.cloud-security.net/?id=x":                           true,
		"https://yandex.ru/clck/opaque":                                       true,
		"https://d2x.na1.hubspotlinks.com/Ctc/x":                              true,
		"https://u123.ct.sendgrid.net/ls/click?upn=x":                         true,
		"https://x.us1.list-manage.com/track/click?u=1&id=2&e=3":              true,
		"https://www.linkedin.com/slink?code=a":                               true,
		"https://www.baidu.com/link?url=opaque_x":                             true,
		"https://www.sogou.com/link?url=opaque":                               true,
		"https://cr2.naver.com/adcr?x=1":                                      true,
		"https://cr.shopping.naver.com/adcr.nhn?x=abc":                        true,
		"https://ader.naver.com/v1/abc":                                       true,
		"https://www.googleadservices.com/pagead/aclk?sa=L&ai=x":              true,
		"https://notifications.googleapis.com/email/redirect?t=AFG8":          true,
		"https://notifications.google.com/g/p/AD-opaque":                      true,
		"https://cl.s10.exct.net/?qs=1":                                       true,
		"https://clicks.aweber.com/y/ct/?l=x":                                 true,
		"https://www.bing.com/ck/a?!&&p=1":                                    true,
		"https://www.mimecast.com/products/":                                  false,
		"https://www.linkedin.com/in/anna":                                    false,
		"https://www.naver.com/":                                              false,
		"https://www.figma.com/file/abc":                                      false,
		"https://www.sogou.com/web?query=x":                                   false,
	} {
		if got := slices.Contains(BuiltinLists().Signals(Parse(link, true), nil), SignalOpaque); got != want {
			t.Errorf("%s: %v", link, got)
		}
	}
}
