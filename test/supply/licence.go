package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// recognised is how much of a licence file, in per cent of its words, must be the text of known licences.
const recognised = 75

// licenceOf returns the licences (SPDX) of a module's own files named LICENSE or COPYING, joined by AND, and nothing
// where a file is not recognised.
func licenceOf(folder string) (string, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	var found []string
	for _, file := range files {
		name := strings.ToUpper(file.Name())
		if file.IsDir() || !strings.HasPrefix(name, "LICENSE") && !strings.HasPrefix(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			return "", err
		}
		coverage := licensecheck.Scan(text)
		if coverage.Percent < recognised {
			return "", nil
		}
		for _, match := range coverage.Match {
			if !match.IsURL && !slices.Contains(found, match.ID) {
				found = append(found, match.ID)
			}
		}
	}
	return strings.Join(found, " AND "), nil
}
