package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quishmilter/test/mailmaker"
)

// The pieces of the program that find a code only together: a password in the text, HTML that puts pictures together.
func TestScanAcrossParts(t *testing.T) {
	for name, want := range map[string]struct {
		letter mailmaker.Letter
		has    string
	}{
		"a linked picture": {linking("https://pictures.example"), `"reasons":["asks-to-scan","remote-picture-unseen"]`},
		"a photo twice": {mailmaker.Letter{From: "a@example.net", To: "b@example.org", Body: mailmaker.Mixed(
			mailmaker.Attached("image/png", "one.png", mailmaker.PNG(mailmaker.CodeImage("https://example.net/1", 4))),
			mailmaker.Attached("image/png", "one.png", mailmaker.PNG(mailmaker.CodeImage("https://example.net/1", 4))))}, `"part":"2"`},
	} {
		file := filepath.Join(t.TempDir(), "m.eml")
		if err := os.WriteFile(file, want.letter.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, _ := quishmilter(t, "scan", "--json", file); !strings.Contains(out, want.has) {
			t.Errorf("%s: no %s in %s", name, want.has, out)
		}
	}
}
