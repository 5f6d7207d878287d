package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// component is a Go module, or a library inside one, that a program contains.
type component struct {
	name, version string
	licence       string // SPDX expression; empty: none was recognised
	sum           string // of go.sum ("h1:" and base64), for modules
	purl          string // package URL, for modules
	within        string // the module that carries it, for libraries inside one
}

// program is what a binary says of itself (debug/buildinfo), with the licences found in the module cache.
type program struct {
	path, version, goVersion string
	components               []component
}

// readProgram needs the modules of the binary in the module cache, where building it has put them.
func readProgram(binary string) (program, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return program{}, err
	}
	p := program{path: info.Main.Path, version: info.Main.Version, goVersion: strings.TrimPrefix(info.GoVersion, "go")}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		folder, err := moduleFolder(dep.Path, dep.Version)
		if err != nil {
			return program{}, err
		}
		licence, err := licenceOf(folder)
		if err != nil {
			return program{}, err
		}
		p.components = append(p.components, component{
			name: dep.Path, version: dep.Version, licence: licence, sum: dep.Sum,
			purl: "pkg:golang/" + dep.Path + "@" + dep.Version,
		})
		libraries, err := carriedBy(dep.Path, dep.Version)
		if err != nil {
			return program{}, err
		}
		p.components = append(p.components, libraries...)
	}
	return p, nil
}

func moduleFolder(path, version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", path+"@"+version).Output()
	var module struct{ Dir, Error string }
	if e := json.Unmarshal(out, &module); e != nil || module.Dir == "" {
		return "", fmt.Errorf("%s %s: %w", path, version, errors.Join(err, e, errors.New(module.Error)))
	}
	return module.Dir, nil
}

// passable are the licences (SPDX) under which we pass on what we build on: they ask for a notice, and the LGPL for the
// means to exchange its library, which is a WebAssembly file here that anyone can build and put in the module's place.
var passable = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "LGPL-3.0-or-later", "MIT"}

// check returns an error for each component with a licence that was not recognised or is not passable.
func (p program) check() error {
	var bad []error
	for _, c := range p.components {
		for _, licence := range strings.Split(c.licence, " AND ") {
			if !slices.Contains(passable, licence) {
				bad = append(bad, fmt.Errorf("%s %s: licence %q is not among those that we may pass on", c.name, c.version, c.licence))
				break
			}
		}
	}
	return errors.Join(bad...)
}
