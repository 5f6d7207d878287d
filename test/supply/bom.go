package main

import (
	"os"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

// writeBOM writes what a program consists of as a CycloneDX document. It holds no time and no random number, so that the
// same program gives the same document.
func writeBOM(path string, p program) error {
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Component: &cyclonedx.Component{
		BOMRef: p.path, Type: cyclonedx.ComponentTypeApplication, Name: p.path, Version: p.version,
	}}
	components := []cyclonedx.Component{{
		BOMRef: "std", Type: cyclonedx.ComponentTypeLibrary, Name: "std", Version: p.goVersion,
		PackageURL: "pkg:golang/std@" + p.goVersion, Licenses: licences("BSD-3-Clause"),
	}}
	needs := []string{"std"}
	inside := map[string][]string{} // by the name of the module
	for _, c := range p.components {
		ref := c.name + "@" + c.version
		components = append(components, cyclonedx.Component{
			BOMRef: ref, Type: cyclonedx.ComponentTypeLibrary, Name: c.name, Version: c.version,
			PackageURL: c.purl, Licenses: licences(c.licence), Properties: goSum(c.sum),
		})
		if c.within == "" {
			needs = append(needs, ref)
		} else {
			inside[c.within] = append(inside[c.within], ref)
		}
	}
	bom.Components = &components
	dependencies := []cyclonedx.Dependency{{Ref: p.path, Dependencies: &needs}}
	for _, c := range p.components {
		if libraries := inside[c.name]; libraries != nil {
			dependencies = append(dependencies, cyclonedx.Dependency{Ref: c.name + "@" + c.version, Dependencies: &libraries})
		}
	}
	bom.Dependencies = &dependencies

	var text strings.Builder
	if err := cyclonedx.NewBOMEncoder(&text, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}

func licences(expression string) *cyclonedx.Licenses {
	if expression == "" {
		return nil
	}
	return &cyclonedx.Licenses{{Expression: expression}}
}

// goSum keeps the checksum of go.sum as a property: it is of the module's tree, no digest of one file.
func goSum(sum string) *[]cyclonedx.Property {
	if sum == "" {
		return nil
	}
	return &[]cyclonedx.Property{{Name: "go:sum", Value: sum}}
}
