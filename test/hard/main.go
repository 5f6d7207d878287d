// Command hard makes photographs that are hard to read, with known payloads, as a corpus for ../recall.
//
//	go run ./test/hard [-n 12] [-seed 1] [-only KINDS] FOLDER
//	go run ./test/recall -peers ../shared/bench FOLDER
//
// Each kind of hardship (kinds.go) becomes one set: pictures of one to three megapixels in which sheets with codes lie
// in a scene, are seen by a camera, lit, blurred and compressed. The same seed gives the same pictures. Where a code
// is damaged or lies under glare, its modules are decoded at once as they stand on the sheet, and the damage is made
// anew until error correction holds: no picture asks for more than a reader can know.
package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	n := flag.Int("n", 12, "pictures of each kind")
	seed := flag.Uint64("seed", 1, "another seed gives other pictures")
	only := flag.String("only", "", "comma-separated beginnings of kinds")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	for _, k := range kinds {
		if !chosen(k.name, *only) {
			continue
		}
		if err := write(filepath.Join(flag.Arg(0), k.name), k, *n, *seed); err != nil {
			fmt.Fprintln(os.Stderr, "hard:", err)
			os.Exit(1)
		}
	}
}

func chosen(name, only string) bool {
	for _, start := range strings.Split(only, ",") {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// write makes the pictures of one kind and their labels.
func write(folder string, k kind, n int, seed uint64) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	name := fnv.New64()
	name.Write([]byte(k.name))
	var labels strings.Builder
	for i := range n {
		s := k.make(&maker{rand.New(rand.NewPCG(seed^name.Sum64(), uint64(i))), i})
		file := fmt.Sprintf("%02d.jpg", i)
		for _, text := range s.texts {
			fmt.Fprintf(&labels, "%s\t%s\n", file, text)
		}
		if err := save(filepath.Join(folder, file), s); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "labels.tsv"), []byte(labels.String()), 0o644)
}

func save(path string, s *scene) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := jpeg.Encode(f, s.shoot(), &jpeg.Options{Quality: s.quality}); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
