package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
)

// built is the program that the tests of this run use, or one built for this test.
func built(t *testing.T) string {
	t.Helper()
	if binary := os.Getenv("QUISHMILTER_BIN"); binary != "" {
		return binary
	}
	binary := filepath.Join(t.TempDir(), "quishmilter")
	build(t, "../..", binary)
	return binary
}

// build is what `make build` does.
func build(t *testing.T, folder, binary string) {
	t.Helper()
	command := exec.Command("go", "build", "-trimpath", "-tags", "nodynamic", "-o", binary, "./cmd/quishmilter")
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

func TestLicencesAndBillOfMaterials(t *testing.T) {
	folder := t.TempDir()
	binary, first, second := built(t), filepath.Join(folder, "1.json"), filepath.Join(folder, "2.json")
	var out bytes.Buffer
	for _, file := range []string{first, second} {
		if err := run(&out, binary, file); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range []string{"go.etcd.io/bbolt", "libheif"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the table lacks %s:\n%s", line, &out)
		}
	}
	text, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(second); err != nil || !bytes.Equal(text, again) {
		t.Errorf("two documents of one program differ (%v)", err)
	}
	var bom cyclonedx.BOM
	if err := json.Unmarshal(text, &bom); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{bom.Metadata.Component.BOMRef: true}
	for _, c := range *bom.Components {
		if c.Licenses == nil {
			t.Errorf("%s has no licence", c.BOMRef)
		}
		if known[c.BOMRef] {
			t.Errorf("%s is listed twice", c.BOMRef)
		}
		known[c.BOMRef] = true
	}
	for _, d := range *bom.Dependencies {
		for _, ref := range *d.Dependencies {
			if !known[d.Ref] || !known[ref] {
				t.Errorf("%s depends on %s, and not both are listed", d.Ref, ref)
			}
		}
	}
}

func TestALicenceThatMayNotBePassedOn(t *testing.T) {
	for _, c := range []component{
		{name: "a", licence: "GPL-3.0"},
		{name: "b", licence: "MIT AND AGPL-3.0"},
		{name: "c"},
	} {
		if err := (program{components: []component{c}}).check(); err == nil {
			t.Errorf("%s: licence %q passes", c.name, c.licence)
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "LICENSE"), []byte("You may do as you like on Tuesdays."), 0o600); err != nil {
		t.Fatal(err)
	}
	if licence, err := licenceOf(folder); err != nil || licence != "" {
		t.Errorf("a licence of somebody's own is taken for %q (%v)", licence, err)
	}
}

func TestAModuleThatNobodyLookedInto(t *testing.T) {
	if libraries, err := carriedBy("github.com/gen2brain/heic", "v9.9.9"); err == nil {
		t.Errorf("an unknown version is said to carry %v", libraries)
	}
}

// Two builds of one commit in different folders are the same file.
func TestBuildIsReproducible(t *testing.T) {
	var folders [2]string
	for i := range folders {
		folders[i] = filepath.Join(t.TempDir(), strings.Repeat("long", i+1))
		if out, err := exec.Command("git", "clone", "-q", "../..", folders[i]).CombinedOutput(); err != nil {
			t.Fatalf("git clone: %v\n%s", err, out)
		}
	}
	var programs [2][]byte
	for i, folder := range folders {
		binary := filepath.Join(folder, "quishmilter")
		build(t, folder, binary)
		text, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		programs[i] = text
	}
	if !bytes.Equal(programs[0], programs[1]) {
		t.Error("two builds of the same commit differ")
	}
}
