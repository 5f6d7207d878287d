package picture_test

import (
	"slices"
	"strings"
	"testing"

	"quishmilter/picture"
)

func TestTextFacts(t *testing.T) {
	for text, want := range map[string]bool{
		"Please scan the QR code with your phone.":                                          true,
		"<p>Scan the <b>code</b> below with the camera of your mobile.</p>":                 true,
		"请用手机扫描下方二维码":                                                                       true,
		"कृपया अपने फ़ोन से क्यूआर कोड स्कैन करें":                                          true,
		"Escanee el código QR con su teléfono móvil.":                                       true,
		"Veuillez scanner le code QR avec votre téléphone.":                                 true,
		"يرجى مسح رمز الاستجابة السريعة بهاتفك":                                             true,
		"আপনার ফোন দিয়ে কিউআর কোড স্ক্যান করুন":                                            true,
		"Escaneie o código QR com o seu celular.":                                           true,
		"Отсканируйте QR-код телефоном.":                                                    true,
		"スマートフォンでQRコードを読み取ってください。":                                                          true,
		"Bitte scannen Sie den QR-Code mit Ihrem Smartphone.":                               true,
		"The document was scanned for viruses.":                                             false,
		"This message was scanned by the mail gateway. Your discount code is AUTUMN.":       false,
		"Das Dokument wurde eingescannt.":                                                   false,
		"I read the code review and it is fine.":                                            false,
		"Landscape photos of Scandinavia, use the code SUMMER at the till.":                 false,
		strings.Repeat("x ", 200<<10) + "scan the QR code":                                  false, // behind the limit
		"Scan results are in. " + strings.Repeat("Much more text. ", 20) + "The code is 5.": false,
	} {
		if got := picture.TextFacts(text); got != want {
			t.Errorf("%.60q: %v", text, got)
		}
	}
}

func TestRemotePictures(t *testing.T) {
	document := `<style>.a{background:url(https://a.example/bg.png)} @font-face{src:url(https://a.example/font.woff)}</style>
<img src="https://a.example/1.png"><img src="//a.example/2.png"><img src="cid:x"><img src="data:image/png;base64,AA==">
<img src="https://track.example/o.gif" width="1" height="1"><td background="http://a.example/3.png"></td>
<p style="background-image:url('https://a.example/4.png')"></p><img srcset="https://a.example/5.png 1x, https://a.example/6.png 2x"><img src="https://a.example/1.png">`
	want := []string{"https://a.example/1.png", "https://a.example/2.png", "http://a.example/3.png", "https://a.example/4.png", "https://a.example/5.png", "https://a.example/6.png", "https://a.example/bg.png"}
	if got := picture.RemotePictures([]byte(document)); !slices.Equal(got, want) {
		t.Errorf("listed %q", got)
	}
}
