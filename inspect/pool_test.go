package inspect

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"quishmilter/sandbox"
	"quishmilter/test/mailmaker"
)

// TestMain lets the test binary be its own worker: a sound one, or one that fails in a given way.
func TestMain(m *testing.M) {
	switch mode := os.Getenv(workerMode); mode {
	case "":
		status := m.Run()
		if dir, err := realWorker(); builtWorker && err == nil {
			os.RemoveAll(dir)
		}
		os.Exit(status)
	case "daemon":
		shortDaemon()
	case "sound":
		if err := RunWorker(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		failingWorker(mode)
	}
}

const workerMode = "QUISHMILTER_TEST_WORKER"

// newPool starts workers that are this test binary, for everything but PDF.
func newPool(t testing.TB, change func(*PoolConfig)) *Pool {
	t.Helper()
	config := PoolConfig{Command: []string{"/proc/self/exe"}, Env: []string{workerMode + "=sound"}, Size: 1}
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

// builtWorker says that realWorker was used.
var builtWorker bool

// realWorker is a worker program without the race detector, built once, and a cache for its renderer.
var realWorker = sync.OnceValues(func() (dir string, err error) {
	builtWorker = true
	if dir, err = os.MkdirTemp("", "quishmilter-worker-"); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-tags", "nodynamic", "-o", dir+"/worker", "quishmilter/test/worker")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

// nobody is whom workers become when the tests are run by root.
var nobody = &sandbox.User{Name: "nobody", UID: 65534, GID: 65534}

// realPool runs such workers, with the PDF renderer compiled beforehand.
func realPool(t testing.TB, size int) *Pool {
	t.Helper()
	dir, err := realWorker()
	if err != nil {
		t.Fatal(err)
	}
	p := newPool(t, func(c *PoolConfig) {
		*c = PoolConfig{Command: []string{dir + "/worker"}, Size: size, CacheDir: dir + "/cache", Sandbox: &sandbox.Config{User: nobody, CPU: 3600}}
	})
	p.Warmed(t.Context())
	return p
}

func lease(t testing.TB, p *Pool) *Lease {
	t.Helper()
	l, err := p.Lease(t.Context(), "")
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
