package picture_test

import (
	"bytes"
	"os"
	"runtime/debug"
	"slices"
	"testing"

	"quishmilter/mime"
	"quishmilter/picture"
)

// fixtureLink is in the codes of testdata.
const fixtureLink = "https://example.com/scan?id=4711"

// TestModern reads what the tools named in testdata/README.md wrote, and tells what is too large or cut off.
func TestModern(t *testing.T) {
	for _, name := range []string{"code.heic", "code.avif", "code.jxl"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got := look(t, picture.Part{Data: data}); !slices.Equal(got.texts, []string{fixtureLink}) || len(got.problems) != 0 {
			t.Errorf("%s: read %q, problems %+v", name, got.texts, got.problems)
		}
		if got := look(t, picture.Part{Data: data[:len(data)/2]}); !slices.Equal(got.kinds, []mime.Kind{mime.Broken}) {
			t.Errorf("%s, cut: problems %+v", name, got.problems)
		}
	}
	large, err := os.ReadFile("testdata/code.avif")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(large, []byte("ispe")) + 8
	copy(large[at:], []byte{0, 0, 0x10, 0, 0, 0, 0x10, 0})
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(384 << 20)) // as in a worker of 512 MiB
	if got := look(t, picture.Part{Data: large}); !slices.Equal(got.kinds, []mime.Kind{mime.OverLimit}) {
		t.Errorf("4096×4096: problems %+v", got.problems)
	}
}
