package identity

import "strings"

// anybodys are mail providers at which anybody may have an address: what one customer wrote says nothing of another.
// The list has the large ones; a missing one costs some precision, and a history of its address is what counts most.
var anybodys = func() map[string]bool {
	all := map[string]bool{}
	for _, domain := range strings.Fields(`
		gmail.com googlemail.com outlook.com hotmail.com live.com msn.com outlook.de outlook.fr outlook.es outlook.it
		hotmail.de hotmail.fr hotmail.es hotmail.it hotmail.co.uk live.de live.fr live.co.uk live.nl
		yahoo.com yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.com.br ymail.com rocketmail.com aol.com
		icloud.com me.com mac.com proton.me protonmail.com pm.me tutanota.com tutanota.de tuta.io tuta.com
		gmx.de gmx.net gmx.at gmx.ch gmx.com web.de freenet.de t-online.de mailbox.org posteo.de mail.de arcor.de
		orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it
		mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net
		qq.com 163.com 126.com sina.com sohu.com foxmail.com yeah.net naver.com daum.net hanmail.net
		mail.com email.com fastmail.com fastmail.fm zoho.com hushmail.com gmx.us inbox.com rediffmail.com
		bluewin.ch hispeed.ch seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl abv.bg uol.com.br bol.com.br terra.com.br
		comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net btinternet.com sky.com ntlworld.com
		xs4all.nl ziggo.nl kpnmail.nl telenet.be skynet.be sapo.pt telia.com`) {
		all[domain] = true
	}
	return all
}()

// AnybodysDomain says whether anybody may have an address at a registrable domain.
func AnybodysDomain(domain string) bool { return anybodys[domain] }
