package quishmilter

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayUse says which packages of ours each package may import: the house's plan, as docs/flow.md draws it. A package
// that is not named may import none. cmd and test may import all.
var mayUse = map[string][]string{
	"milter":                 {"inspect", "journal", "mime", "verdict"},
	"mime":                   {},
	"picture":                {"mime", "picture/quickjpeg"},
	"picture/quickjpeg":      {},
	"qr":                     {"qr/bitmap", "qr/runs", "qr/lattice", "qr/aztec", "qr/datamatrix", "qr/pdf417", "qr/eci", "qr/reedsolomon"},
	"qr/bitmap":              {},
	"qr/eci":                 {},
	"qr/reedsolomon":         {},
	"qr/runs":                {"qr/bitmap"},
	"qr/lattice":             {"qr/bitmap", "qr/runs"},
	"qr/lattice/latticetest": {"qr/bitmap", "qr/lattice"},
	"qr/aztec":               {"qr/bitmap", "qr/lattice", "qr/eci", "qr/reedsolomon", "qr/runs"},
	"qr/datamatrix":          {"qr/bitmap", "qr/lattice", "qr/eci", "qr/reedsolomon"},
	"qr/pdf417":              {"qr/bitmap", "qr/lattice", "qr/eci", "qr/reedsolomon", "qr/runs"},
	"payload":                {},
	"identity":               {"mime"},
	"state":                  {},
	"prevalence":             {"state", "identity"},
	"verdict":                {"payload"},
	"inspect":                {"mime", "picture", "qr", "payload", "identity", "prevalence", "verdict", "sandbox"},
	"sandbox":                {},
	"journal":                {"state", "verdict", "payload", "identity", "journal/table"},
	"journal/table":          {},
	"journal/tabletest":      {"journal/table"},
	"docs":                   {},
	"postfix":                {},
	"notify":                 {"mime", "postfix"},
	"alert":                  {"state", "journal", "prevalence", "verdict"},
	"control":                {"alert", "journal", "prevalence", "docs"},
}

// hidden names the libraries that only one package may know, so that no other depends on them.
var hidden = map[string][]string{
	"github.com/emersion/go-milter":    {"milter"},
	"go.etcd.io/bbolt":                 {"state"},
	"github.com/klippa-app/go-pdfium":  {"picture"},
	"github.com/pdfcpu/pdfcpu":         {"picture"},
	"github.com/gen2brain":             {"picture"},
	"github.com/richardlehane/mscfb":   {"picture"},
	"github.com/nwaples/rardecode/v2":  {"picture"},
	"github.com/ulikunitz/xz":          {"picture"},
	"github.com/klauspost/compress":    {"picture"},
	"github.com/makiuchi-d/gozxing":    {"qr"},
	"github.com/pelletier/go-toml/v2":  {"cmd/quishmilter"},
	"github.com/expr-lang/expr":        {"verdict"},
	"blitiri.com.ar/go/spf":            {"identity"},
	"github.com/spf13/cobra":           {"cmd/quishmilter"},
	"github.com/prometheus":            {"control"},
	"github.com/schollz/progressbar":   {"cmd/quishmilter"},
	"github.com/redis/rueidis":         {"prevalence"},
	"github.com/coreos/go-systemd/v22": {"cmd/quishmilter"},
	"github.com/emersion/go-message":   {"mime", "identity", "prevalence"},
}

func TestLayers(t *testing.T) {
	for pkg, imports := range importTable(t) {
		if pkg == "" || under(pkg, "cmd") || under(pkg, "test") {
			continue
		}
		allowed, planned := mayUse[pkg]
		if !planned {
			t.Errorf("%s is not in the plan: add it to mayUse, with what it may import", pkg)
		}
		for _, path := range imports {
			if ours, ok := strings.CutPrefix(path, "quishmilter/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s must not import %s", pkg, ours)
			}
			for library, homes := range hidden {
				if under(path, library) && !slices.ContainsFunc(homes, func(home string) bool { return under(pkg, home) }) {
					t.Errorf("%s must not import %s, which %s hides", pkg, path, strings.Join(homes, " and "))
				}
			}
		}
	}
}

func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// importTable lists what each package of ours imports outside its tests.
func importTable(t *testing.T) map[string][]string {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return table
		} else if err != nil {
			t.Fatal(err)
		}
		table[strings.TrimPrefix(strings.TrimPrefix(pkg.ImportPath, "quishmilter"), "/")] = pkg.Imports
	}
}
