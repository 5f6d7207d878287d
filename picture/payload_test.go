package picture

import (
	"fmt"
	"strings"
	"testing"

	"quishmilter/mime"
)

// payloadsOf shows texts as codes of one part.
func payloadsOf(t *testing.T, carrier string, texts ...string) (shown []Picture, problems []mime.Problem) {
	r := &run{ctx: t.Context(), opener: NewOpener(""), limits: DefaultLimits(), show: func(p Picture) { shown = append(shown, p) }}
	v := &view{run: r, part: Part{Path: "1", Name: "a.docx"}, place: "word/document.xml", carrier: carrier, shelf: newShelf()}
	for _, text := range texts {
		v.payload(text, "field", "generator-url")
	}
	return shown, r.problems
}

func TestPayload(t *testing.T) {
	shown, problems := payloadsOf(t, "office", "https://example.com", "https://example.com", "", strings.Repeat("7", maxPayload), strings.Repeat("7", maxPayload+1))
	if len(shown) != 2 || problems != nil {
		t.Fatalf("shown %d, problems %v", len(shown), problems)
	}
	if p := shown[0]; p.Image != nil || p.Payload != "https://example.com" || p.At != "word/document.xml field" || p.Carrier != "office" || p.Name != "a.docx" {
		t.Errorf("shown %+v", p)
	}
}

func TestPayloadsAreBounded(t *testing.T) {
	for _, n := range []int{maxPayloads - 1, maxPayloads, maxPayloads + 3} {
		var texts []string
		for i := range n {
			texts = append(texts, fmt.Sprint("code ", i))
		}
		shown, problems := payloadsOf(t, "", texts...)
		if len(shown) != min(n, maxPayloads) || len(problems) != min(1, n/(maxPayloads+1)) {
			t.Errorf("%d: shown %d, problems %v", n, len(shown), problems)
		}
	}
}
