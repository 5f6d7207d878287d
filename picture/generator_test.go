package picture_test

import (
	"slices"
	"testing"

	"quishmilter/picture"
)

func TestGeneratorPayload(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"https://chart.googleapis.com/chart?cht=qr&chs=300x300&chl=https%3A%2F%2Fa.example%2Fx%3Fu%3D1%26v%3D2", "https://a.example/x?u=1&v=2"},
		{"https://chart.googleapis.com/chart?cht=p3&chl=Hello|World", ""},
		{"http://chart.apis.google.com/chart?chl=hello+there&cht=qr", "hello there"},
		{"https://api.qrserver.com/v1/create-qr-code/?size=150x150&data=https://a.example/?a=1&b=2&color=255", "https://a.example/?a=1&b=2"},
		{"//API.QRSERVER.COM/v1/create-qr-code/?data=x", "x"},
		{"https://quickchart.io/qr?text=WIFI%3AT%3AWPA%3B&dark=f00", "WIFI:T:WPA;"},
		{"https://quickchart.io/chart?c={type:'bar'}", ""},
		{"https://image-charts.com/chart?cht=qr&chl=y", "y"},
		{"https://barcodeapi.org/api/qr/https%3A%2F%2Fa.example", "https://a.example"},
		{"https://qrenco.de/https://a.example", "https://a.example"},
		{"https://qrcode.tec-it.com/API/QRCode?data=z", "z"},
		{"https://api.qrserver.com/", ""},
		{"https://api.qrserver.com.evil.example/v1/create-qr-code/?data=x", ""},
		{"https://www.example.com/qr?text=x", ""},
		{"https://api.qrserver.com/v1/create-qr-code/?data=%zz", "%zz"},
		{"", ""},
	} {
		got, ok := picture.GeneratorPayload(c.url)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", c.url, got, ok)
		}
	}
}

func TestGeneratorURLsInText(t *testing.T) {
	const want = "https://a.example/?u=1"
	u := "https://api.qrserver.com/v1/create-qr-code/?size=99x99&amp;data=https%3A%2F%2Fa.example%2F%3Fu%3D1"
	plain := "https://quickchart.io/qr?text=https%3A%2F%2Fa.example%2F%3Fu%3D1"
	for name, part := range map[string]picture.Part{
		"img":      page(`<img src="` + u + `">`),
		"css":      page(`<div style="background:url(` + plain + `)">`),
		"hidden":   page(`<img src="&#104;ttps:&#47;&#47;quickchart.io/qr?text=https%3A%2F%2Fa.example%2F%3Fu%3D1">`),
		"markdown": {Type: "text/plain", Data: []byte("Scan: ![code](" + plain + ").")},
		"plain":    {Type: "text/plain", Data: []byte("Open <" + plain + "> and scan.")},
	} {
		t.Run(name, func(t *testing.T) { wants(t, part, want, "generator-url") })
	}
	if got := picture.GeneratorURLs("see " + plain + ", and again " + plain); !slices.Equal(got, []string{plain}) {
		t.Errorf("listed %q", got)
	}
}
