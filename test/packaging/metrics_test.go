package packaging

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"quishmilter/test/daemon"
)

// The rules are right in form, and speak when they should and no sooner.
func TestAlertRules(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "prometheus-rules.yml"}, {"test", "rules", "prometheus-rules_test.yml"}} {
		command := exec.Command("promtool", args...)
		command.Dir = filepath.Join(top, "packaging")
		if said, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
	rules, tests := readFile(t, "packaging/prometheus-rules.yml"), readFile(t, "packaging/prometheus-rules_test.yml")
	alerts := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(rules, -1)
	if len(alerts) < 10 {
		t.Errorf("%d alerts", len(alerts))
	}
	for _, alert := range alerts {
		if strings.Count(tests, "alertname: "+alert[1]+"\n") != 2 {
			t.Errorf("%s is not tried both ways", alert[1])
		}
	}
}

// exposed are the names of all series that a running daemon shows, and its answers to whoever asks for its health.
func exposed(t *testing.T) map[string]bool {
	t.Helper()
	program := build(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	address, err := daemon.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.Start(ctx, daemon.Config{Program: program, TCP: true,
		TOML: fmt.Sprintf("metrics = %q\n[[detection]]\nname = \"strangers\"\npreset = \"rule\"\n", address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	names := map[string]bool{}
	series := regexp.MustCompile(`^[a-z_]+`)
	for lines := get(t, ctx, address, "/metrics", http.StatusOK); lines.Scan(); {
		names[series.FindString(lines.Text())] = true
	}
	get(t, ctx, address, "/healthz", http.StatusOK)
	get(t, ctx, address, "/v1/events", http.StatusNotFound)
	return names
}

func get(t *testing.T, ctx context.Context, address, path string, status int) *bufio.Scanner {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != status {
		t.Errorf("%s: %s", path, response.Status)
	}
	return bufio.NewScanner(response.Body)
}

// Dashboard and rules ask for nothing that a daemon does not show, and a daemon shows nothing of its own that nobody
// can look at.
func TestDashboardAndRulesUseWhatThereIs(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Templating struct{ List []struct{ Definition string } }
	}
	text := readFile(t, "packaging/grafana-dashboard.json")
	if err := json.Unmarshal([]byte(text), &dashboard); err != nil {
		t.Fatal(err)
	}
	shown := exposed(t)
	name := regexp.MustCompile(`\b(quishmilter|go|process)_[a-z_]+`)
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			asked := name.FindAllString(target.Expr, -1)
			if len(asked) == 0 {
				t.Errorf("%s asks for nothing: %s", panel.Title, target.Expr)
			}
			for _, metric := range asked {
				if !shown[metric] {
					t.Errorf("the panel %s asks for %s, which the daemon does not show", panel.Title, metric)
				}
			}
		}
	}
	rules := readFile(t, "packaging/prometheus-rules.yml")
	for _, metric := range regexp.MustCompile(`quishmilter_[a-z_]+`).FindAllString(rules, -1) {
		if !shown[metric] {
			t.Errorf("the rules ask for %s, which the daemon does not show", metric)
		}
	}
	for metric := range shown {
		base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(metric, "")
		if strings.HasPrefix(metric, "quishmilter_") && !strings.Contains(text, base) {
			t.Errorf("no panel shows %s", metric)
		}
	}
}
