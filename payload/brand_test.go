package payload

import (
	"strings"
	"testing"
)

// A brand's own hosts are in their place: those of the list, and the ones that real mail of the brands leads to.
func TestBrandsOwnHosts(t *testing.T) {
	hosts := strings.Fields(`login.microsoftonline.com login.microsoftonline.us device.login.microsoftonline.com contoso-my.sharepoint.com contoso.onmicrosoft.com
		teams.cloud.microsoft mysignins.microsoft.com outlook.office365.com nam02.safelinks.protection.outlook.com microsoftedge.microsoft.com
		accounts.google.com www.google.co.uk lh3.googleusercontent.com www.googleadservices.com googleads.g.doubleclick.net maps.app.goo.gl store.google
		appleid.apple.com apple.co appleid.cdn-apple.com gateway.icloud.com www.icloud.com.cn
		www.amazon.de www.amazon.co.jp s3.eu-central-1.amazonaws.com pay.amazon.com www.amazonpay.com m.media-amazon.com
		paypal.me www.paypal.com www.paypal.de www.paypalobjects.com na4.docusign.net apps.docusign.com account.docusign.com.au
		acrobat.adobe.com adobe.ly dl.dropboxusercontent.com www.facebook.com l.instagram.com wa.me api.whatsapp.com www.linkedin.com
		open.spotify.com spotify.link us02web.zoom.us files.slack.com githubstatus.com username.github.io www.dhl.de nolp.dhl.de mydhl.express.dhl
		www.dhlparcel.nl tracking.dpd.de www.ups.com www.fedex.com tools.usps.com www.royalmail.com www.laposte.fr www.chronopost.fr
		www.telekom.de email.t-online.de www.vodafone.co.uk www.ebay.co.uk ebay-kleinanzeigen.de www.rakuten.co.jp www.mercadolibre.com.ar
		www.credit-agricole.fr www.deutsche-bank.de www.commerzbanking.de www.postfinance.ch group.bnpparibas www.santanderbank.com www.elster.de www.tax.service.gov.uk`)
	for _, o := range known.owner {
		for domain := range o.domains {
			hosts = append(hosts, domain, "www."+domain)
		}
	}
	for _, host := range hosts {
		if got := spelling(host); len(got) > 0 {
			t.Errorf("%s: %q", host, got)
		}
	}
	for _, host := range strings.Fields(`microsoftonline.example login-microsoftonline.com paypal.me.example dhl.de.example dhl-de.com paypal-me.com microsoft.github.io
		docusign.pages.dev www.microsoft-online.com`) {
		if got := spelling(host); len(got) == 0 {
			t.Errorf("%s is nobody's", host)
		}
	}
}
