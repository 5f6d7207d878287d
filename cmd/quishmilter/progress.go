package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far long work is, on a terminal; elsewhere nothing, since lines that overwrite themselves are of
// no use in a log.
type progress struct{ bar *progressbar.ProgressBar }

// besides is where progress may be shown of work whose results go to out: not between the lines that a terminal shows,
// unless they come at the end.
func besides(out io.Writer, atEnd bool) io.Writer {
	if isTerminal(out) && !atEnd {
		return io.Discard
	}
	return os.Stderr
}

// newProgress shows a count of what is done, of so many; -1 where that is not known before.
func newProgress(out io.Writer, doing, what string, of int64) progress {
	return startProgress(out, of, progressbar.OptionSetDescription(doing), progressbar.OptionShowIts(), progressbar.OptionSetItsString(what))
}

// newBytes shows bytes that are done.
func newBytes(out io.Writer, doing string, of int64) progress {
	return startProgress(out, of, progressbar.OptionSetDescription(doing), progressbar.OptionShowBytes(true))
}

func startProgress(out io.Writer, of int64, options ...progressbar.Option) progress {
	if !isTerminal(out) {
		return progress{}
	}
	return progress{progressbar.NewOptions64(of, append(options, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())...)}
}

// Add counts. A terminal that cannot be written to does not end the work.
func (p progress) Add(n int) {
	if p.bar != nil {
		_ = p.bar.Add(n)
	}
}

// Write counts bytes.
func (p progress) Write(data []byte) (int, error) {
	p.Add(len(data))
	return len(data), nil
}

// Finish takes the bar away.
func (p progress) Finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
