package picture_test

import (
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// strip is the only strip of a TIFF in Intel order, and its size in pixels.
func strip(t testing.TB, data []byte) (coded []byte, width, height int) {
	t.Helper()
	le := binary.LittleEndian
	directory := data[le.Uint32(data[4:]):]
	tags := map[uint16]uint32{}
	for i := range le.Uint16(directory) {
		entry := directory[2+12*int(i):]
		tags[le.Uint16(entry)] = le.Uint32(entry[8:])
		if le.Uint16(entry[2:]) == 3 { // a short
			tags[le.Uint16(entry)] &= 0xffff
		}
	}
	from := tags[273]
	return data[from : from+tags[279]], int(tags[256]), int(tags[257])
}

// jbig2 is a page of one generic region in MMR coding, which is that of CCITT group 4, as a PDF embeds it: segments
// without a file header (ITU T.88, 7.2 and 7.4.6).
func jbig2(g4 []byte, width, height int) []byte {
	be := binary.BigEndian
	segment := func(out []byte, number, kind byte, body []byte) []byte {
		out = append(out, 0, 0, 0, number, kind, 0, 1)
		return append(be.AppendUint32(out, uint32(len(body))), body...)
	}
	size := be.AppendUint32(be.AppendUint32(nil, uint32(width)), uint32(height))
	const pageInformation, genericRegion, mmr = 48, 38, 1
	out := segment(nil, 0, pageInformation, append(slices.Clone(size), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	region := append(slices.Clone(size), 0, 0, 0, 0, 0, 0, 0, 0, 0, mmr)
	return segment(out, 1, genericRegion, append(region, g4...))
}

// TestPDFFilters reads codes that stand in a PDF in the codings of fax machines and scanners.
func TestPDFFilters(t *testing.T) {
	fax, err := os.ReadFile("testdata/code.g4.tiff")
	if err != nil {
		t.Fatal(err)
	}
	jp2, err := os.ReadFile("testdata/code.jp2")
	if err != nil {
		t.Fatal(err)
	}
	g4, w, h := strip(t, fax)
	bilevel := "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter "
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"CCITT", mailmaker.PDFFiltered(g4, w, h, bilevel+"/CCITTFaxDecode /DecodeParms << /K -1 /Columns 148 /Rows 148 >>")},
		{"JBIG2", mailmaker.PDFFiltered(jbig2(g4, w, h), w, h, bilevel+"/JBIG2Decode")},
		{"JPX", mailmaker.PDFFiltered(jp2, w, h, "/Filter /JPXDecode")},
		{"DCT", mailmaker.PDFFiltered(mailmaker.JPEG(mailmaker.CodeImage(fixtureLink, 4), 80), w, h, "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode")},
		{"a TIFF by itself", fax},
	} {
		if got := look(t, picture.Part{Data: c.data}); !slices.Equal(got.texts, []string{fixtureLink}) || len(got.problems) != 0 {
			t.Errorf("%s: read %q, problems %+v", c.name, got.texts, got.problems)
		}
	}
}
