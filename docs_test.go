package quishmilter

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"quishmilter/payload"
)

// Every line of docs/carriers.md names files and tests that exist.
func TestCarriersDocument(t *testing.T) {
	text, err := os.ReadFile("docs/carriers.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.Contains(cells[3], "Test") {
			continue
		}
		rows++
		for _, file := range regexp.MustCompile("`([^`]+\\.go)`").FindAllStringSubmatch(cells[2], -1) {
			if _, err := os.Stat(file[1]); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(cells[1]), err)
			}
		}
		for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(cells[3], -1) {
			if !tests[name] {
				t.Errorf("%s: there is no %s", strings.TrimSpace(cells[1]), name)
			}
		}
	}
	if rows < 30 {
		t.Errorf("%d carriers", rows)
	}
}

// testNames are the names of all test functions of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(code, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Every signal of a list of hosts, and every reason of the policy, is explained.
func TestReasonsDocument(t *testing.T) {
	text, err := os.ReadFile("docs/reasons.md")
	if err != nil {
		t.Fatal(err)
	}
	tokens := []string{"rule-failed", payload.SignalManyLinks, "blocked-by-entry", "allowed-by-entry", "unscannable-part", "marked-as-spam", "disguised-code", "device-linking", "sender-not-authenticated", "own-domain-forged",
		"asks-to-scan", "remote-picture-unseen", "qr-link-from-new-sender", "qr-link-from-known-sender", payload.SignalRecipient, payload.SignalRedirect,
		payload.SignalUserInfo, payload.SignalIPHost, payload.SignalPunycode, payload.SignalMixedScript, payload.SignalLookAlike,
		payload.SignalFakePayment, payload.SignalAppDownload, payload.SignalRecipientParts, payload.SignalRecipientHint, payload.SignalBrandHost, payload.SignalPort,
		payload.SignalLinkInPayment, payload.SignalLinkInText, payload.SignalServiceCode, payload.SignalAsksToScan, payload.SignalLureWords,
		payload.SignalBrandSender, payload.SignalNameAddress, payload.SignalReplyTo, payload.SignalEmptyBody, payload.SignalBareCode, payload.SignalBlankCode}
	for signal := range payload.BuiltinLists() {
		tokens = append(tokens, signal)
	}
	for _, token := range tokens {
		if !strings.Contains(string(text), "`"+token+"`") {
			t.Errorf("docs/reasons.md says nothing about %s", token)
		}
	}
}

// Every example for other filters is named in docs/downstream.md, and every test named there exists.
func TestDownstreamDocument(t *testing.T) {
	text, err := os.ReadFile("docs/downstream.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("packaging/downstream")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		if !strings.Contains(string(text), "`"+file.Name()+"`") {
			t.Errorf("docs/downstream.md says nothing about %s", file.Name())
		}
	}
	tests := testNames(t)
	for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(string(text), -1) {
		if !tests[name] {
			t.Errorf("there is no %s", name)
		}
	}
}
