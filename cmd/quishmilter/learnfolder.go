package main

import (
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// Names under which mail programs keep mail, in lower case. Those of RFC 6154 (special use) come first, then what
// programs make of them in other languages.
var (
	junkNames = folderNames(`junk|spam|bulk|bulk mail|junk e-mail|junk email|junk mail|quarantine|probably spam|possible spam|likely spam|suspected spam
		almost certainly spam|caught spam|spam mail|spam folder|spambox|spamverdacht|spam verdacht|spamordner|unerwünscht|unerwünschte werbung
		courrier indésirable|indésirables|pourriel|pourriels|spams|correo no deseado|correo basura|no deseado|posta indesiderata|indesiderata
		lixo eletrônico|lixo electrónico|lixo de email|correio não solicitado|ongewenste e-mail|ongewenst|skräppost|uønsket e-post
		uønsket mail|søppelpost|roskaposti|wiadomości-śmieci|niechciane|nevyžádaná pošta|nevyžiadaná pošta|levélszemét|önemsiz e-posta|önemsiz|gereksiz|istenmeyen
		спам|нежелательная почта|нежелательные|небажана пошта|небажані|垃圾邮件|垃圾郵件|垃圾电子邮件|垃圾電子郵件|垃圾信件|垃圾箱|迷惑メール|迷惑メール フォルダー|ジャンクメール|スパム
		스팸|스팸함|스팸메일함|스팸 메일|정크 메일|البريد غير المرغوب فيه|بريد غير مرغوب فيه|غير مرغوب فيه|البريد غير الهام|البريد المزعج|بريد مزعج|سبام|هرزنامه|سپیم
		स्पैम|जंक|जंक ईमेल|जंक मेल|स्पॅम|স্প্যাম|জাঙ্ক|জাঙ্ক ইমেল|email sampah|surat sampah|thư rác|email rác|อีเมลขยะ|จดหมายขยะ`)
	trashNames = folderNames(`trash|deleted|deleted items|deleted messages|bin|expunged
		papierkorb|gelöscht|gelöschte elemente|gelöschte objekte|corbeille|éléments supprimés|messages supprimés|papelera|basura|elementos eliminados|eliminados
		cestino|posta eliminata|elementi eliminati|lixeira|itens excluídos|lixo|prullenbak|verwijderde items|papperskorgen|borttagna objekt|papirkurv
		papirkurven|slettet post|slettede elementer|roskakori|poistetut|kosz|elementy usunięte|koš|odstraněná pošta|kuka|törölt elemek
		çöp kutusu|silinmiş öğeler|корзина|удаленные|удалённые|已删除|已删除邮件|已刪除的郵件|ゴミ箱|削除済みアイテム|휴지통|지운 편지함
		المهملات|سلة المهملات|العناصر المحذوفة|ट्रैश|बिन|हटाए गए आइटम|ট্র্যাশ|বিন|sampah|item terhapus|thùng rác`)
	draftNames = folderNames(`drafts|draft|outbox|templates|unsent messages
		entwürfe|vorlagen|postausgang|brouillons|modèles|boîte d'envoi|borradores|bandeja de salida|bozze|modelli|posta in uscita|rascunhos
		concepten|klad|utkast|kladder|luonnokset|szkice|kopie robocze|koncepty|rozpracované|piszkozatok|taslaklar|черновики|草稿|草稿箱|下書き|임시 보관함
		المسودات|مسودات|ड्राफ़्ट|ड्राफ्ट|খসড়া|ড্রাফ্ট|draf|bản nháp`)
	sentNames = folderNames(`sent|sent items|sent messages|sent mail
		gesendet|gesendete elemente|gesendete objekte|envoyés|éléments envoyés|messages envoyés|enviados|elementos enviados|correo enviado|inviati|inviata
		posta inviata|elementi inviati|itens enviados|verzonden|verzonden items|skickat|skickade objekt|sendt|sendte elementer|sendt post|lähetetyt
		wysłane|elementy wysłane|odeslaná pošta|odeslané|odoslané|elküldött|elküldött elemek|gönderilmiş öğeler|gönderilenler|отправленные
		已发送|已发送邮件|已傳送的郵件|送信済み|送信済みアイテム|보낸 편지함|المرسلة|البريد المرسل|العناصر المرسلة|भेजे गए|প্রেরিত|terkirim|item terkirim|đã gửi`)
)

func folderNames(list string) (all []string) {
	for name := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == '|' || r == '\n' }) {
		all = append(all, oneSpelling(strings.TrimSpace(name)))
	}
	return all
}

// oneSpelling takes "Junk_E-Mail" for "junk e mail", and a letter with its accent behind it, as macOS writes names, for one.
func oneSpelling(name string) string {
	return strings.NewReplacer("-", " ", "_", " ").Replace(strings.ToLower(norm.NFC.String(name)))
}

// leftOut are the folders whose mail builds no trust, and what to call it.
var leftOut = []struct {
	names []string
	why   string
}{{junkNames, "a folder of junk"}, {trashNames, "a folder of deleted mail"}, {draftNames, "a folder of drafts"}}

// whyLeftOut says why the mail of a folder or mbox file builds no trust; "" when it may.
func whyLeftOut(name string) string {
	for _, kind := range leftOut {
		if isFolder(name, kind.names) {
			return kind.why
		}
	}
	return ""
}

// whyLabelled says why a message of one mailbox for all, as Gmail exports it, builds no trust.
func whyLabelled(labels string) string {
	for label := range strings.SplitSeq(labels, ",") {
		for _, kind := range leftOut {
			if slices.Contains(kind.names, oneSpelling(strings.Trim(label, " \t\r\n\""))) {
				return kind.why
			}
		}
	}
	return ""
}

// isFolder compares a folder's or mbox file's name, as Maildir++ (".INBOX.Junk"), plain trees ("mail/Junk") and
// Thunderbird ("Junk.sbd") have it. What lies below such a folder in Maildir++ (".Junk.2020") is of it.
func isFolder(path string, names []string) bool {
	name := oneSpelling(fromUTF7(filepath.Base(path)))
	for _, end := range []string{".mbox", ".mbx", ".sbd"} {
		name = strings.TrimSuffix(name, end)
	}
	if !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "inbox.") {
		return slices.Contains(names, name)
	}
	return slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return slices.Contains(names, part) })
}

// places are the names by which a named path says what mail it has: its own, that of the Maildir whose "cur" it is, and
// of a single message that of its folder.
func places(path string, isDir bool) []string {
	all := []string{}
	if isDir || filepath.Ext(path) != ".eml" {
		all = append(all, path)
	}
	if !isDir {
		path = filepath.Dir(path)
		all = append(all, path)
	}
	if base := filepath.Base(path); base == "cur" || base == "new" {
		all = append(all, filepath.Dir(path))
	}
	return all
}

// isSent says whether a file lies in a folder of sent mail, below the named path.
func isSent(root, name string) bool {
	rest, err := filepath.Rel(root, name)
	if err != nil || rest == "." {
		return false
	}
	return slices.ContainsFunc(strings.Split(rest, string(filepath.Separator)), func(part string) bool { return isFolder(part, sentNames) })
}

// flags are those at the end of a file's name in a Maildir: "…:2,ST".
func flags(name string) string {
	if i := strings.LastIndex(name, ":2,"); i >= 0 {
		return name[i+3:]
	}
	return ""
}

var utf7 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// fromUTF7 reads a folder's name as IMAP has it (RFC 3501, section 5.1.3): "Entw&APw-rfe". What is no such name stays.
func fromUTF7(name string) string {
	var b strings.Builder
	for rest := name; rest != ""; {
		before, after, found := strings.Cut(rest, "&")
		b.WriteString(before)
		if !found {
			break
		}
		coded, next, closed := strings.Cut(after, "-")
		octets, err := utf7.DecodeString(coded)
		if !closed || err != nil {
			return name
		}
		if coded == "" {
			b.WriteByte('&')
		}
		units := make([]uint16, len(octets)/2)
		for i := range units {
			units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
		}
		b.WriteString(string(utf16.Decode(units)))
		rest = next
	}
	return b.String()
}
