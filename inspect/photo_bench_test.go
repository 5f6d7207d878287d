package inspect

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/test/mailmaker"
	"quishmilter/test/proc"
	"quishmilter/verdict"
)

// BenchmarkPhoto is what a message with a logo and a photo costs, its record apart: beside the wall's time that of the
// processors, worker included.
func BenchmarkPhoto(b *testing.B) {
	policy, err := verdict.Compile(verdict.Standard, nil, false)
	if err != nil {
		b.Fatal(err)
	}
	raw := mailmaker.HTMLWithLogoAndPhoto().Bytes()
	i := &Inspector{Policy: policy, Window: prevalence.Default(), Lists: payload.BuiltinLists(), Pool: realPool(b, 1),
		Limits: Limits{Time: 10 * time.Second, Parts: 500, Depth: 100}}
	start, err := proc.CPUTime(os.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		i.Known = NewKnown()
		header, body := mime.ParseMessage(raw)
		r := i.Inspect(b.Context(), &Message{Header: header, Body: body, Envelope: Envelope{ClientAddr: netip.MustParseAddr("203.0.113.7"), ClientPort: 25,
			MailFrom: "garden@example.net", Rcpts: []string{"reader@example.org"}, Arrived: time.Now()}})
		if len(r.Problems) > 0 {
			b.Fatal(r.Problems)
		}
	}
	end, err := proc.CPUTime(os.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric((end-start).Seconds()*1e3/float64(b.N), "cpu-ms/op")
}
