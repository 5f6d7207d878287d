package inspect

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"testing"
	"time"

	"quishmilter/test/mailmaker"
)

// TestMain lets the test binary be its own worker.
func TestMain(m *testing.M) {
	if os.Getenv("QUISHMILTER_TEST_WORKER") != "" {
		if err := RunWorker(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// newPool starts workers that are this test binary, for everything but PDF.
func newPool(t testing.TB, change func(*PoolConfig)) *Pool {
	t.Helper()
	config := PoolConfig{Command: []string{"/proc/self/exe"}, Env: []string{"QUISHMILTER_TEST_WORKER=1"}, Size: 1}
	if change != nil {
		change(&config)
	}
	p, err := NewPool(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func lease(t testing.TB, p *Pool) *Lease {
	t.Helper()
	l, err := p.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Release)
	return l
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func partOf(name string, data []byte) Part {
	return Part{Path: "2.1", Name: name, Size: int64(len(data)), Reader: bytes.NewReader(data)}
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadPNG(t *testing.T) {
	l := lease(t, newPool(t, nil))
	found, problems := l.Read(within(t, 10*time.Second), partOf("a.png", pngOf(t, mailmaker.CodeImage("https://example.com/x", 4))))
	if len(problems) != 0 || len(found) != 1 || found[0].Text != "https://example.com/x" {
		t.Fatalf("found %+v, problems %+v", found, problems)
	}
	f := found[0]
	if f.Part != "2.1" || f.Name != "a.png" || f.Carrier != "image" || f.Symbology != "qr" {
		t.Errorf("found %+v", f)
	}
}
