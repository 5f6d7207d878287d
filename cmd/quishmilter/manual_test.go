package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls fn with each command that people see.
func everyCommand(cmd *cobra.Command, fn func(*cobra.Command)) {
	fn(cmd)
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			everyCommand(c, fn)
		}
	}
}

// Each command has its page, with its sentence and all of its flags, and there are no other pages.
func TestManualIsComplete(t *testing.T) {
	root, dir := commands(), t.TempDir()
	if err := writeManual(root, dir); err != nil {
		t.Fatal(err)
	}
	pages := map[string]bool{}
	everyCommand(root, func(cmd *cobra.Command) {
		if cmd.Name() == "help" {
			return
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".8"
		pages[name] = true
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			return
		}
		if cmd.Short == "" || !bytes.Contains(page, []byte(cmd.Short[:min(20, len(cmd.Short))])) {
			t.Errorf("%s does not say what the command does", name)
		}
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if !flag.Hidden && !bytes.Contains(page, []byte("--"+flag.Name)) {
				t.Errorf("%s says nothing of --%s", name, flag.Name)
			}
		})
	})
	files, err := os.ReadDir(dir)
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, file := range files {
		if !pages[file.Name()] {
			t.Errorf("%s is the page of no command", file.Name())
		}
	}
}

// Two runs write the same pages, so that packages can be built twice and compared.
func TestManualIsTheSameTwice(t *testing.T) {
	var texts [2]string
	for i := range texts {
		dir := t.TempDir()
		if err := writeManual(commands(), dir); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(dir, "quishmilter-scan.8"))
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(page)
	}
	if texts[0] != texts[1] || strings.Contains(texts[0], "Auto generated") {
		t.Errorf("%s\n%s", texts[0], texts[1])
	}
}

// The shells' completions are scripts, and what they ask the program knows the commands and their flags.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, err := ran("completion", shell)
		if err != nil || !strings.Contains(out, "quishmilter") || strings.Count(out, "\n") < 50 {
			t.Errorf("%s: %v: %.100s", shell, err, out)
		}
		if shell != "bash" {
			continue
		}
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(out)
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("bash: %v: %s", err, said)
		}
	}
	for asked, want := range map[string]string{
		"":                      "backup",
		"back":                  "backup",
		"hunt --pre":            "--preset",
		"allow ":                "add",
		"hunt --format ":        "csv",
		"hunt --preset ":        "rule",
		"scan --auth ":          "fail",
		"allow add ":            "list-id",
		"hunt --verdict quar":   "quarantine",
		"export --table EmailU": "EmailUrlInfo",
	} {
		words := strings.Split(asked, " ")
		out, err := ran(append([]string{"__complete"}, words...)...)
		if err != nil || !strings.Contains("\n"+out, "\n"+want) {
			t.Errorf("%q: %v: %s", asked, err, out)
		}
	}
	if out, err := ran("__complete", "work"); err != nil || strings.Contains(out, "worker") {
		t.Errorf("%v: a hidden command is offered: %s", err, out)
	}
}

// ran is what the program says with these arguments.
func ran(args ...string) (string, error) {
	var out bytes.Buffer
	root := commands()
	root.SetArgs(args)
	root.SetOut(&out)
	err := root.Execute()
	return out.String(), err
}
