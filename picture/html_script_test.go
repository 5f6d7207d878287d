package picture_test

import (
	"slices"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
	"quishmilter/test/mailmaker"
)

// TestScripts has attached pages whose scripts build what they show.
func TestScripts(t *testing.T) {
	uri := "data:image/png;base64," + base64Text(mailmaker.PNG(mailmaker.CodeImage(drawnURL, 5)))
	page := `<html><body><img src="` + uri + `"></body></html>`
	for name, c := range map[string]struct {
		html  string
		codes int
	}{
		"canvas":   {`<html><canvas id=c></canvas><script>var x = document.getElementById("c").getContext("2d"); x.fillRect(0,0,4,4)</script>`, 0},
		"source":   {`<html><img id=q><script>var a = "data:", b = location.hash; q.src=a+b</script>`, 0},
		"handler":  {`<html><body onload="document.write(String.fromCharCode(60,98,62))">`, 0},
		"library":  {`<html><div id=q></div><script src="https://cdn.example.net/qrcode.min.js"></script>`, 0},
		"data URI": {`<html><img id=q><script>document.createElement("img").src = "` + uri + `"</script>`, 1},
		"base64":   {`<html><script>document.write(atob('` + base64Text([]byte(page)) + `'))</script>`, 1},
		"percent":  {`<html><script>document.write(unescape("` + percentEncoded(page) + `"))</script>`, 1},
		"as it is": {"<html><script>document.body.innerHTML = `" + page + "`</script>", 1},
	} {
		t.Run(name, func(t *testing.T) {
			part := picture.Part{Path: "2", Name: "a.html", Type: "text/html", Data: []byte(c.html)}
			if !picture.WantedText(part.Type, part.Name, "", part.Data) {
				t.Error("the gate does not want it")
			}
			r := readAll(t, part)
			if len(slices.Compact(r.codes)) != c.codes || c.codes == 1 && r.codes[0] != drawnURL {
				t.Errorf("read %q", r.codes)
			}
			if len(r.problems) == 0 || slices.ContainsFunc(r.problems, func(p mime.Problem) bool { return p.Kind != mime.Unsupported }) {
				t.Errorf("problems %v", r.problems)
			}
		})
	}
	svg := picture.Part{Path: "2", Name: "a.svg", Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>document.createElementNS("a", "rect")</script></svg>`)}
	if r := readAll(t, svg); len(r.problems) != 1 || r.problems[0].Kind != mime.Unsupported {
		t.Errorf("a drawing with a script: %v", r.problems)
	}
	body := picture.Part{Path: "1", Type: "text/html", Data: []byte(`<html><script>document.write("x")</script><p>Dear reader</p>`)}
	if picture.WantedText(body.Type, body.Name, "", body.Data) || readAll(t, body).problems != nil {
		t.Error("in the body of a message no script is run")
	}
	plain := picture.Part{Path: "2", Name: "a.html", Type: "text/html", Data: []byte(`<html><script>var printed = new Date()</script><p>Report</p>`)}
	if picture.WantedText(plain.Type, plain.Name, "", plain.Data) || readAll(t, plain).problems != nil {
		t.Error("a script that builds nothing")
	}
}

func percentEncoded(s string) string {
	out := ""
	for _, b := range []byte(s) {
		out += "%" + string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15])
	}
	return out
}
