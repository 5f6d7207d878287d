package picture

import (
	"strings"
	"unicode"
)

// MaxPasswords bounds the words of a message that are tried on an encrypted document.
const MaxPasswords = 20

const (
	maxPasswordText = 256 << 10 // bytes of a text that are searched
	maxPassword     = 64        // bytes of one; a longer word is none that a person is asked to type
	passwordLines   = 2         // lines behind the word for password that may hold it
)

// passwordWords announce a password in the languages in which the attacks of recent years were written; codeWords
// announce many other things too, so what is near them is tried last.
var (
	passwordWords = []string{
		"password", "passcode", "passphrase", "pass code", "access code",
		"passwort", "kennwort", "zugangscode", "zugriffscode",
		"mot de passe", "code d'accès", "contraseña", "senha", "palavra-passe",
		"wachtwoord", "toegangscode", "lösenord", "adgangskode", "kodeord", "passord", "salasana",
		"hasło", "haslo", "heslo", "jelszó", "parola", "şifre", "пароль", "סיסמה", "密码", "密碼", "パスワード", "비밀번호",
	}
	codeWords = []string{"code", "pin", "clave", "код", "unlock", "open it with", "öffnen"}
)

// PasswordCandidates finds words in a message's text that may be the password of a document sent with it: the words
// on a line that speaks of a password, and on the two lines behind it, those nearest behind the word first. It
// returns at most MaxPasswords, each once, as they stand and without the punctuation around them.
func PasswordCandidates(text string) []string {
	text = strings.ToValidUTF8(text[:min(len(text), maxPasswordText)], " ")
	var c candidates
	c.search(text, passwordWords)
	c.search(text, codeWords)
	return c.list
}

// search takes the words near those that announce them.
func (c *candidates) search(text string, announcing []string) {
	var late []string // lines that are searched when all others were
	wait := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		before, behind, announced := announcement(line, announcing)
		switch {
		case announced:
			c.words(behind)
			late = append(late, before)
			wait = passwordLines
		case wait > 0:
			c.words(line)
			wait--
		}
		if len(c.list) >= MaxPasswords {
			break
		}
	}
	for _, line := range late { // "tango is the password"
		c.words(line)
	}
}

// announcement splits a line around the first word for a password. Letters are compared without their case, byte
// for byte where a language's lower-case form is no longer than the other.
func announcement(line string, words []string) (before, behind string, found bool) {
	lower := strings.ToLower(line)
	if len(lower) != len(line) {
		line = lower
	}
	first, end := -1, 0
	for _, word := range words {
		if i := strings.Index(lower, word); i >= 0 && (first < 0 || i < first || i == first && i+len(word) > end) {
			first, end = i, i+len(word)
		}
	}
	if first < 0 {
		return "", "", false
	}
	return line[:first], line[end:], true
}

// candidates is a list in the making.
type candidates struct{ list []string }

// words adds the words of a text: those with a digit or a sign inside first, since a password mostly has one.
func (c *candidates) words(text string) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\u00a0\u200b<>", r) })
	const most = 24 // of one line
	fields = fields[:min(len(fields), most)]
	for _, odd := range []bool{true, false} {
		for _, field := range fields {
			bare := strings.TrimFunc(field, func(r rune) bool { return unicode.IsPunct(r) && !strings.ContainsRune("#%&@*!?$", r) })
			if strings.ContainsFunc(bare, func(r rune) bool { return !unicode.IsLetter(r) }) == odd {
				c.add(bare)
				c.add(strings.TrimFunc(bare, unicode.IsPunct))
			}
		}
	}
}

func (c *candidates) add(word string) {
	if len(word) < 3 || len(word) > maxPassword || len(c.list) >= MaxPasswords {
		return
	}
	for _, known := range c.list {
		if known == word {
			return
		}
	}
	c.list = append(c.list, word)
}
