package picture

import (
	"cmp"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// pages shows the pages, and says which it left out.
func (d *document) pages() {
	n := pageCount(d.pdf, d.ref)
	pick := d.choosePages(n, max(0, min(d.limits.Pages, d.limits.Message.Pages-d.spent.Pages)))
	d.spent.Pages += len(pick)
	if done := d.lookedOver(n, pick); len(done) < n {
		d.problem(mime.OverLimit, "pages", "%d of %d pages were not looked at: %s", n-len(done), n, leftOut(n, done))
	}
	for _, index := range pick {
		at := fmt.Sprintf("page %d", index+1)
		if d.ended(at) {
			return
		}
		d.page(index, at)
	}
}

// maxWeighed is how many pages of a long document are looked over for pictures: a page costs a millisecond, mostly.
const maxWeighed = 150

// choosePages picks at most budget of n pages, in their order: what people see when they open the file, what they
// come to at its end, and between these the pages that are most likely to hold a code.
func (d *document) choosePages(n, budget int) []int {
	if n <= budget {
		return spread(n, n)
	}
	const first, last = 3, 1
	if budget <= first+last {
		return spread(n, budget)
	}
	pick := append(spread(first, first), n-1)
	type weighed struct{ index, weight int }
	var others []weighed
	for _, i := range spread(n-first-last, maxWeighed) {
		if d.ctx.Err() != nil {
			break
		}
		others = append(others, weighed{first + i, d.weighPage(first + i)})
	}
	slices.SortStableFunc(others, func(a, b weighed) int { return cmp.Compare(b.weight, a.weight) })
	for _, w := range others[:min(len(others), budget-len(pick))] {
		pick = append(pick, w.index)
	}
	slices.Sort(pick)
	return pick
}

// lookedOver adds to the pages that are shown those that were seen to hold nothing but text, sorted.
func (d *document) lookedOver(n int, pick []int) []int {
	if len(pick) == n {
		return pick
	}
	done := slices.Clone(pick)
	for index := range d.plain {
		if !slices.Contains(pick, index) {
			done = append(done, index)
		}
	}
	slices.Sort(done)
	return done
}

// weighPage tells how likely a page holds a code: 3 with a picture of about a code's shape, 2 with any picture or
// many drawn shapes, 1 with forms, annotations or some shapes, 0 with text alone.
func (d *document) weighPage(index int) int {
	loaded, err := d.pdf.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.ref, Index: index})
	if err != nil {
		return 0
	}
	defer d.pdf.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	page := requests.Page{ByReference: &loaded.Page}
	weight, corners := d.weigh(page)
	if weight == 0 || weight == 1 && corners >= 0 && corners < fewestCorners {
		if d.saysOnly(page) {
			d.plain[index] = true
		}
	}
	return weight
}

// fewestCorners is fewer than the outlines of the smallest code have together.
const fewestCorners = 100

// highestLine is how high text may be, in points: more than headings are.
const highestLine = 45

// weigh is weighPage for a page that is open. corners are those of its outlines, negative where it has more than outlines
// and text.
func (d *document) weigh(page requests.Page) (weight, corners int) {
	if notes, err := d.pdf.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page}); err == nil && notes.Count > 0 {
		weight, corners = 1, -1
	}
	count, err := d.pdf.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return weight, -1
	}
	paths, others := 0, corners < 0 || count.Count > manyPaths*4
	for i := range min(count.Count, manyPaths*4) {
		object, err := d.pdf.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			continue
		}
		kind, err := d.pdf.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: object.PageObject})
		if err != nil {
			continue
		}
		switch kind.Type {
		case enums.FPDF_PAGEOBJ_PATH:
			corners += d.segments(object.PageObject)
			if paths++; paths >= manyPaths {
				weight = max(weight, 2)
			}
		case enums.FPDF_PAGEOBJ_TEXT: // one letter of a font may be a whole code
			b, ok := d.bounds(object.PageObject, identity)
			others = others || !ok || b.height() > highestLine
		case enums.FPDF_PAGEOBJ_FORM, enums.FPDF_PAGEOBJ_SHADING:
			weight, others = max(weight, 1), true
		case enums.FPDF_PAGEOBJ_IMAGE:
			others = true
			weight = max(weight, d.weighImage(object.PageObject))
		}
	}
	if paths > 0 {
		weight = max(weight, 1)
	}
	if others {
		corners = -1
	}
	return weight, corners
}

// saysOnly tells whether a page's text is one that people read: a Type 3 font may draw a code, and so may characters.
func (d *document) saysOnly(page requests.Page) bool {
	const most = 20_000 // characters
	loaded, err := d.pdf.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page})
	if err != nil {
		return false
	}
	defer d.pdf.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: loaded.TextPage})
	got, err := d.pdf.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: loaded.TextPage, StartIndex: 0, Count: most})
	if err != nil || len(got.Text) >= most {
		return false
	}
	return readable(got.Text) && !signsOf([]byte(got.Text), false).written()
}

// readable tells a text in which letters and digits are as mixed as in any language, or that is empty.
func readable(text string) bool {
	different, all := map[rune]bool{}, 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			all++
			different[r] = true
		}
	}
	return all < fewestCorners && len(text) < fewestCorners || len(different) >= 10 && all*2 >= utf8.RuneCountInString(text)
}

// leftOut names the pages that are not in pick, which is sorted: "4-9, 12".
func leftOut(n int, pick []int) string {
	text, next := "", 0
	for _, p := range append(slices.Clone(pick), n) {
		if p > next {
			if text != "" {
				text += ", "
			}
			if text += fmt.Sprint(next + 1); p-1 > next {
				text += fmt.Sprintf("-%d", p)
			}
		}
		next = p + 1
	}
	const most = 120 // characters
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}
