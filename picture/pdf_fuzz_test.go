package picture

import (
	"bytes"
	"context"
	"testing"

	"quishmilter/test/mailmaker"
)

// FuzzPDFObjects takes damaged files apart and puts them together again, without the renderer, which would be all that is
// fuzzed.
func FuzzPDFObjects(f *testing.F) {
	f.Add(mailmaker.PDFDrawn(mailmaker.Modules("x")))
	f.Add([]byte("%PDF-1.4\n1 0 obj\n<</Type/ObjStm/N 9/First 99999999999999>>\nstream\nx\nendstream\n2 0 obj\n<</Type/Page/Encrypt 1 0 R/ID[<00>]>>"))
	f.Add([]byte("%PDF-1.4\n1 0 obj\n<</PatternType 1/Resources 2 0 R>>\nendobj\n2 0 obj\n<</XObject 1 0 R/Width 99999/Height 99999>>\nendobj"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := &view{run: &run{ctx: context.Background(), limits: Limits{Pixels: 10_000, Unpacked: 1 << 20}.forPart(len(data)), spent: &Budget{Unpacked: 1 << 20}}, part: Part{Data: data}}
		kept := bytes.Clone(data)
		v.withoutCycles(v.withoutGiants(data))
		if !bytes.Equal(kept, data) {
			t.Error("the part's own bytes were changed")
		}
		objects := v.findObjects(data)
		objects.mended(objects.find("/Catalog"), nil)
		objects.mended(0, objects.findAll("/Page"))
	})
}
