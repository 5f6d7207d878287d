package picture_test

import (
	"slices"
	"testing"

	"quishmilter/picture"
)

func TestRemotePictures(t *testing.T) {
	document := `<style>.a{background:url(https://a.example/bg.png)} @font-face{src:url(https://a.example/font.woff)}</style>
<img src="https://a.example/1.png"><img src="//a.example/2.png"><img src="cid:x"><img src="data:image/png;base64,AA==">
<img src="https://track.example/o.gif" width="1" height="1"><td background="http://a.example/3.png"></td>
<p style="background-image:url('https://a.example/4.png')"></p><img srcset="https://a.example/5.png 1x, https://a.example/6.png 2x"><img src="https://a.example/1.png">`
	want := []string{"https://a.example/1.png", "https://a.example/2.png", "http://a.example/3.png", "https://a.example/4.png", "https://a.example/5.png", "https://a.example/6.png", "https://a.example/bg.png"}
	if got := picture.RemotePictures([]byte(document)); !slices.Equal(got, want) {
		t.Errorf("listed %q", got)
	}
	// What Outlook alone shows, and what stands beside a base.
	document = `<base href="https://b.example/mail/"><img src="q.png"><img src="#x"><a href="cid:1"></a><video poster="/p.png"></video>
<!--[if mso]><v:fill src="https://a.example/fill.png"/><img src="https://a.example/mso.png"><![endif]--><v:image src="https://a.example/v.png"/>`
	want = []string{"https://b.example/mail/q.png", "https://b.example/p.png", "https://a.example/v.png", "https://a.example/fill.png", "https://a.example/mso.png"}
	if got := picture.RemotePictures([]byte(document)); !slices.Equal(got, want) {
		t.Errorf("listed %q", got)
	}
}
