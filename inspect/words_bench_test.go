package inspect

import (
	"strings"
	"testing"

	"quishmilter/mime"
)

// BenchmarkWords is what the words of a newsletter of 60 KB cost, which links its pictures.
func BenchmarkWords(b *testing.B) {
	row := `<tr><td style="padding:4px"><a href="https://shop.example.com/p/1234"><img src="https://img.example.com/1234.jpg" width="160"></a><p>Jackets for autumn, now 20 % off: warm, light and made to last.</p></td></tr>`
	parts := []mime.Part{
		{Path: "1.1", Type: "text/plain", Encoding: "7bit", Raw: []byte(strings.Repeat("Jackets for autumn, now 20 % off: warm, light and made to last.\n", 100))},
		{Path: "1.2", Type: "text/html", Encoding: "7bit", Raw: []byte("<html><table>" + strings.Repeat(row, 60<<10/len(row)) + "</table></html>")},
	}
	b.ReportAllocs()
	for b.Loop() {
		if t := textOf("Autumn has come", parts, nil, 0); t.AsksToScan || len(t.Remote) != 1 {
			b.Fatal(t)
		}
	}
}
