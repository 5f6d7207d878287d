package picture

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
)

// The renderer is pdfium, compiled to WebAssembly, under wazero: a document can write outside its own memory no more
// than any other data can. It sees no files: by default the library would mount the root of the file system.

// renderMemory is what the renderer may use for one document, in pages of 64 KiB: 192 MiB. Growing copies the
// memory, so that for a moment nearly twice as much is taken; with Go's own that stays below a worker's 512 MiB.
const renderMemory = 3072

// renderNested is how many documents may be open at once: one attached to another, and so on down to Limits.Depth.
const renderNested = 9

// instanceTime bounds the wait for an instance, of which there is always one to be had.
const instanceTime = 30 * time.Second

// renderer starts the renderer at the first use, and gives an instance for one document. Each document gets a new one
// (1.3 ms), since one sender's document must not have a hand in how another's is read, and its memory goes with it.
func (o *Opener) renderer() (pdfium.Pdfium, error) {
	if o.pool == nil {
		pool, err := startRenderer(o.cacheDir)
		if err != nil {
			return nil, err
		}
		o.pool = pool
	}
	return o.pool.GetInstance(instanceTime)
}

func startRenderer(cacheDir string) (pdfium.Pool, error) {
	config := wazero.NewRuntimeConfigCompiler().WithMemoryLimitPages(renderMemory).WithDebugInfoEnabled(false)
	if cacheDir != "" {
		if err := os.MkdirAll(cacheDir, 0o700); err != nil {
			return nil, fmt.Errorf("making the renderer's cache: %w", err)
		}
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("opening the renderer's cache: %w", err)
		}
		config = config.WithCompilationCache(cache)
	}
	return webassembly.Init(webassembly.Config{
		MaxTotal:      renderNested,
		FSConfig:      wazero.NewFSConfig(),
		RuntimeConfig: config,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
}

// Warm compiles the renderer, or reads it from the cache, ahead of the first PDF. It takes a second and 200 MB when
// the cache is empty, and 50 ms else.
func (o *Opener) Warm() error {
	instance, err := o.renderer()
	if err != nil {
		return err
	}
	return instance.Close()
}

// Close ends the renderer.
func (o *Opener) Close() error {
	if o.pool == nil {
		return nil
	}
	pool := o.pool
	o.pool = nil
	return pool.Close()
}
