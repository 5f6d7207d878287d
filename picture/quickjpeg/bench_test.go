package quickjpeg

import (
	"bytes"
	"context"
	"image/jpeg"
	"syscall"
	"testing"
	"time"

	"quishmilter/test/mailmaker"
)

// BenchmarkPhoto decodes the photo of the benchmark's kind ii, here and with image/jpeg. Beside the wall's time it prints
// the processor's, which others who use the machine do not change.
func BenchmarkPhoto(b *testing.B) {
	data := mailmaker.JPEG(mailmaker.Photo(1600, 1200, 7), 86)
	b.Run("quick", func(b *testing.B) {
		defer processor(b)()
		var m Memory
		for b.Loop() {
			if _, err := m.Decode(context.Background(), data, 1<<30); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("image/jpeg", func(b *testing.B) {
		defer processor(b)()
		for b.Loop() {
			if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// processor reports the processor time from now on until the function is called that it returns.
func processor(b *testing.B) (stop func()) {
	start := used()
	return func() { b.ReportMetric((used()-start).Seconds()*1e3/float64(b.N), "cpu-ms/op") }
}

func used() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
