package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"quishmilter/inspect"
	"quishmilter/payload"
	"quishmilter/test/judged"
	"quishmilter/verdict"
)

// Sets of the corpus with pictures that people took or drew, whose labels say what their codes hold.
var realSets = []string{"zxing-qrcode-*", "zxing-multi-qrcode-*", "zxing-aztec-*", "zxing-datamatrix-*", "zxingcpp-qrcode-*", "zxingcpp-multi-*", "zxingcpp-microqrcode-*", "strelka-fixtures"}

// maxAlike is how many pictures of one code count, so that a poster that was photographed thirty times is not most of it.
const maxAlike = 4

// doubled is how the labels of two pictures name themselves that show how to hide a code within another. Such mail is to
// be held, and is no measure of what is wanted.
const doubled = "側QRコード]" // "the outer QR code", "the inner QR code"

// picture is a real one with its label.
type picture struct{ path, text string }

// realPictures are those whose code opens a link, and those whose code opens nothing.
func (r *report) realPictures() (links, others []picture, err error) {
	alike := map[string]int{}
	for _, pattern := range realSets {
		folders, err := filepath.Glob(filepath.Join(r.corpus, pattern))
		if err != nil {
			return nil, nil, err
		}
		for _, folder := range folders {
			labels, err := labelsOf(folder)
			if err != nil {
				return nil, nil, err
			}
			for _, l := range labels {
				text := unescaped(l.text)
				if alike[text]++; l.text == "-" || l.text == "?" || alike[text] > maxAlike || strings.Contains(text, doubled) {
					continue
				}
				one := picture{filepath.Join(folder, l.file), text}
				if opens(text) {
					links = append(links, one)
				} else {
					others = append(others, one)
				}
			}
		}
	}
	return links, others, nil
}

func opens(text string) bool {
	k := payload.Parse(text, true).Kind
	return k == payload.URL || k == payload.AppLink || k == payload.DeviceLink
}

// realMail are the messages of people that the pictures are attached to.
func (r *report) realMail() ([]string, error) {
	mails, err := filepath.Glob(filepath.Join(r.corpus, "mail-ham", "*.eml"))
	if err == nil && len(mails) == 0 {
		err = fmt.Errorf("there is no mail in %s", filepath.Join(r.corpus, "mail-ham"))
	}
	slices.Sort(mails)
	return mails, err
}

// real judges real mail with real pictures: half of the authors are proven, half are not.
func (r *report) real() error {
	if r.corpus == "" {
		return nil
	}
	links, others, err := r.realPictures()
	if err != nil {
		return err
	}
	mails, err := r.realMail()
	if err != nil {
		return err
	}
	fmt.Printf("Real mail (mail-ham) with a real picture of a code attached, policy %q, at most %d pictures of one code\n\n", verdict.Standard, maxAlike)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "codes\tsenders\tmessages\theld\ttagged\taccepted\tnot read")
	for _, kind := range []struct {
		name     string
		pictures []picture
	}{{"a link", links}, {"no link", others}} {
		t, err := r.judgeReal(kind.name, kind.pictures, mails)
		if err != nil {
			return err
		}
		for n, tally := range []tally{t.cold, t.warm} {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%d\n", kind.name, when(n == 1), tally.all(), tally.share(tally.held), tally.share(tally.tagged), tally.share(tally.accepted), t.unread)
		}
		if kind.name == "a link" {
			r.limit("real wanted mail with a link, cold: at most 5 % held", t.cold, 5)
			r.limit("real wanted mail with a link, warm: at most 1 % held", t.warm, 1)
		} else {
			r.limit("real mail with a code that opens nothing: none held", t.cold, 0)
		}
	}
	_ = w.Flush()
	fmt.Println()
	return nil
}

// twice counts what becomes of messages at first and a month later. Codes that are not read are counted apart, since
// they would only flatter.
type twice struct {
	cold, warm tally
	unread     int
}

func (r *report) judgeReal(name string, pictures []picture, mails []string) (t twice, err error) {
	for n, p := range pictures {
		data, err := os.ReadFile(p.path)
		if err != nil {
			return t, err
		}
		of, err := r.caseOf(mails[n*len(mails)/len(pictures)])
		if err != nil {
			return t, err
		}
		of.Message = judged.WithPicture(of.Message, filepath.Base(p.path), data)
		of.Auth = []string{"pass", "none"}[n%2]
		cold, warm, err := r.court.JudgeTwice(fmt.Sprint("real ", name, n), verdict.Standard, of)
		if err != nil {
			return t, err
		}
		if !slices.ContainsFunc(cold.Codes, func(c inspect.Code) bool { return strings.TrimSpace(c.Text) == strings.TrimSpace(p.text) }) {
			t.unread++
			continue
		}
		t.cold.add(cold)
		t.warm.add(warm)
		if r.verbose && cold.Decision.Action == verdict.Quarantine {
			fmt.Printf("held: %s, %q %v\n", strings.TrimPrefix(p.path, r.corpus), p.text, cold.Decision.Reasons)
		}
	}
	return t, nil
}
