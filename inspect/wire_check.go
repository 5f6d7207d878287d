package inspect

import (
	"bufio"
	"encoding/json"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"quishmilter/mime"
)

// readAnswer reads and checks one line. The reader's buffer bounds its length.
func readAnswer(r *bufio.Reader) (answer, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return answer{}, errGarbage
	}
	if err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		return answer{}, errGarbage
	}
	return a, a.check()
}

func (a answer) check() error {
	said := 0
	for _, is := range []bool{a.Ready, a.Begun, a.Tried != nil, a.Found != nil, a.Link != nil, a.Problem != nil, a.Done != nil} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		return errGarbage
	case a.Found != nil && !a.Found.sane():
		return errGarbage
	case a.Link != nil && (len(a.Link.URL) > maxLink || strings.IndexFunc(a.Link.URL, unicode.IsControl) >= 0):
		return errGarbage
	case a.Problem != nil && !saneProblem(*a.Problem):
		return errGarbage
	}
	return nil
}

func (f *Found) sane() bool {
	for _, c := range f.Box {
		if c < -maxCoordinate || c > maxCoordinate {
			return false
		}
	}
	for _, trick := range f.Tricks {
		if !token(trick) {
			return false
		}
	}
	for _, signal := range f.Words {
		if !token(signal) {
			return false
		}
	}
	return len(f.Words) <= maxTricks && len(f.Tricks) <= maxTricks && token(f.Symbology) && token(f.Carrier) && place(f.At) && place(f.Name) &&
		saneEvidence(f.Shown) && len(f.Bytes) <= maxPayload && len(f.Text) <= 2*maxPayload && f.Version >= 0 && f.Version <= 64 && len(f.Level) <= 4
}

func saneProblem(p mime.Problem) bool {
	switch p.Kind {
	case mime.Broken, mime.Unsupported, mime.OverLimit, mime.Timeout, mime.Encrypted, mime.Overload:
		return place(p.At) && place(p.Detail)
	}
	return false
}

// token checks a word of ours, "micro-qr".
func token(s string) bool {
	return s != "" && len(s) <= maxToken && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// place checks a short text that ends in logs and headers.
func place(s string) bool {
	return len(s) <= maxPlace && strings.IndexFunc(s, unicode.IsControl) < 0
}

// cutPlace makes a text from a message fit for place.
func cutPlace(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for len(s) > maxPlace {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
