package picture

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"quishmilter/mime"
)

// pages shows the pages, and says which it left out.
func (d *document) pages() {
	n := pageCount(d.pdf, d.ref)
	pick := d.choosePages(n, max(0, min(d.limits.Pages, d.limits.Message.Pages-d.spent.Pages)))
	d.spent.Pages += len(pick)
	if len(pick) < n {
		d.problem(mime.OverLimit, "pages", "%d of %d pages were not looked at: %s", n-len(pick), n, leftOut(n, pick))
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

// weighPage tells how likely a page holds a code: 3 with a picture of about a code's shape, 2 with any picture or
// many drawn shapes, 1 with forms, annotations or some shapes, 0 with text alone.
func (d *document) weighPage(index int) int {
	loaded, err := d.pdf.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.ref, Index: index})
	if err != nil {
		return 0
	}
	defer d.pdf.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: loaded.Page})
	page := requests.Page{ByReference: &loaded.Page}
	weight := 0
	if notes, err := d.pdf.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page}); err == nil && notes.Count > 0 {
		weight = 1
	}
	count, err := d.pdf.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return weight
	}
	paths := 0
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
			if paths++; paths >= manyPaths {
				weight = max(weight, 2)
			}
		case enums.FPDF_PAGEOBJ_FORM, enums.FPDF_PAGEOBJ_SHADING:
			weight = max(weight, 1)
		case enums.FPDF_PAGEOBJ_IMAGE:
			weight = max(weight, d.weighImage(object.PageObject))
		}
	}
	if paths > 0 {
		weight = max(weight, 1)
	}
	return weight
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
