package main

import "fmt"

// carriage is what a module carries as WebAssembly, and the version of the module for which that was looked up.
type carriage struct {
	module    string
	libraries []component
}

// carriers are the modules with C and C++ libraries inside them, which no build information lists. Their versions stand
// in the modules' makefiles (lib/Makefile*).
var carriers = map[string]carriage{
	"github.com/gen2brain/avif": {"v0.4.4", []component{
		{name: "libavif", version: "1.1.1", licence: "BSD-2-Clause"},
		{name: "aom", version: "3.10.0", licence: "BSD-2-Clause"},
		{name: "libyuv", version: "stable", licence: "BSD-3-Clause"},
	}},
	"github.com/gen2brain/heic": {"v0.4.5", []component{
		{name: "libheif", version: "1.18.2", licence: "LGPL-3.0-or-later"},
		{name: "libde265", version: "1.0.15", licence: "LGPL-3.0-or-later"},
	}},
	"github.com/gen2brain/jpegxl": {"v0.4.5", []component{
		{name: "libjxl", version: "0.11.0", licence: "BSD-3-Clause"},
	}},
	"github.com/klippa-app/go-pdfium": {"v1.18.0", []component{
		{name: "pdfium", version: "not stated", licence: "BSD-3-Clause AND Apache-2.0"},
	}},
}

// carriedBy returns the libraries inside a module, and an error for a version that nobody has looked at.
func carriedBy(module, version string) ([]component, error) {
	carrier, ok := carriers[module]
	if !ok {
		return nil, nil
	}
	if carrier.module != version {
		return nil, fmt.Errorf("%s is %s now: look up what it carries, and correct test/supply/carried.go, which knows %s", module, version, carrier.module)
	}
	libraries := make([]component, len(carrier.libraries))
	for i, library := range carrier.libraries {
		library.within = module
		libraries[i] = library
	}
	return libraries, nil
}
