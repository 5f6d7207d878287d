package picture_test

import (
	"testing"

	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// fuzzContainer opens whatever comes: it must end, and not panic.
func fuzzContainer(f *testing.F, name string, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	limits := picture.Limits{Pixels: 10_000, Pictures: 4, Pages: 1, Embedded: 20, Unpacked: 1 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		opener := picture.NewOpener("")
		opener.Open(t.Context(), picture.Part{Name: name, Data: data}, limits, func(p picture.Picture) {
			if p.Words != nil {
				p.Words()
			}
			if p.Image == nil && p.Payload == "" {
				t.Error("a picture without content")
			}
		})
	})
}

func smallPNG() []byte { return mailmaker.PNG(mailmaker.CodeImage("x", 1)) }

func FuzzZIP(f *testing.F) {
	fuzzContainer(f, "a.zip", mailmaker.Zip(mailmaker.File{Name: "a.png", Data: smallPNG()}), mailmaker.ODT("", smallPNG()),
		mailmaker.DOCX(mailmaker.WordField(`DISPLAYBARCODE "x" QR`), mailmaker.File{Name: "a.png", Data: smallPNG()}))
}

func FuzzTar(f *testing.F) {
	file := mailmaker.File{Name: "a.png", Data: smallPNG()}
	fuzzContainer(f, "a.tar", mailmaker.Tar(file), mailmaker.Gzip(mailmaker.Tar(file)))
}

func FuzzSevenZip(f *testing.F) {
	file := mailmaker.File{Name: "a.png", Data: smallPNG()}
	fuzzContainer(f, "a.7z", mailmaker.SevenZip(file, file), mailmaker.XZ(smallPNG()))
}

func FuzzRAR(f *testing.F) {
	fuzzContainer(f, "a.rar", mailmaker.RAR(mailmaker.File{Name: "a.png", Data: smallPNG()}))
}

func FuzzOLE(f *testing.F) {
	file := mailmaker.File{Name: "a.png", Data: smallPNG()}
	fuzzContainer(f, "a.doc", mailmaker.DOC(smallPNG()), mailmaker.XLS(smallPNG()), mailmaker.PPT(mailmaker.EMF(mailmaker.CodeImage("x", 1))),
		mailmaker.MSG("<p>", file), mailmaker.MSGWithMessage("", file),
		mailmaker.Compound(mailmaker.Entry{Name: "\x01Ole10Native", Data: mailmaker.Package(file)}))
}

func FuzzRTF(f *testing.F) {
	fuzzContainer(f, "a.rtf", mailmaker.RTF("pngblip", smallPNG()), mailmaker.RTF("dibitmap0", mailmaker.DIB(mailmaker.CodeImage("x", 1))),
		[]byte(`{\rtf1\fromhtml1{\*\htmltag64 <p>}\u8364?\'e4\bin3 abc{\field{\*\fldinst DISPLAYBARCODE "x" QR}}{\object{\*\objdata 0105}}}`))
}

func FuzzMetafile(f *testing.F) {
	img := mailmaker.CodeImage("x", 1)
	fuzzContainer(f, "a.emf", mailmaker.EMF(img), mailmaker.EMFPlus(smallPNG(), 50), mailmaker.WMF(img))
}

func FuzzTNEF(f *testing.F) {
	fuzzContainer(f, "winmail.dat", mailmaker.TNEF(mailmaker.File{Name: "a.png", Data: smallPNG()}), mailmaker.TNEFWithHTML("<p>", "a", smallPNG()))
}

func FuzzCMS(f *testing.F) {
	fuzzContainer(f, "smime.p7m", mailmaker.Signed(2, smallPNG()), mailmaker.Signed(3, nil), mailmaker.Signed(2, mailmaker.PNGCode().Bytes()))
}

func FuzzMessage(f *testing.F) {
	fuzzContainer(f, "a.eml", mailmaker.PNGCode().Bytes(), mailmaker.Plain5KB().Bytes())
}

func FuzzVCard(f *testing.F) {
	fuzzContainer(f, "a.vcf", mailmaker.VCard("2.1", smallPNG()), mailmaker.VCard("3.0", smallPNG()), mailmaker.VCard("4.0", smallPNG()))
}

func FuzzFlatOffice(f *testing.F) {
	fuzzContainer(f, "a.xml", []byte(`<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:binData w:name="a">iVBORw0KGgo=</w:binData>`+
		mailmaker.WordField(`DISPLAYBARCODE "x" QR`)))
}
