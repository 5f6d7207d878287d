package milter

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"testing"
)

// TestMain wants go-milter, which writes to the standard log, to have had nothing to say in any test: neither an error,
// nor a panic of ours that it recovered.
func TestMain(m *testing.M) {
	std := &logged{}
	log.SetOutput(std)
	code := m.Run()
	if said := std.String(); said != "" {
		fmt.Fprintln(os.Stderr, "go-milter logged:", said)
		code = 1
	}
	os.Exit(code)
}

func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
