package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"quishmilter/alert"
	"quishmilter/journal"
)

func (d *daemon) Alerts(_ context.Context, q alert.Query, from string) (alert.Page, error) {
	return alert.New(d.db).List(q, from)
}

func (d *daemon) Alert(ctx context.Context, id string) (alert.Report, error) {
	a, err := alert.New(d.db).Get(id, nil)
	if err != nil {
		return alert.Report{}, err
	}
	return alert.Answer(ctx, d, a, noon, 1)
}

func (d *daemon) Event(_ context.Context, id string) (journal.Event, error) { return d.events.Get(id) }

func (d *daemon) ActOnAlert(ctx context.Context, id string, act alert.Act) (alert.Alert, error) {
	return alert.New(d.db).Act(ctx, id, act)
}

// Of two people who close an alert the second is told by whom it is closed, and neither says who they are nor when it was.
func TestAlertsOverTheSocket(t *testing.T) {
	d, path, log := start(t)
	id := d.fill(t)
	c, ctx := connect(t, path), context.Background()
	page, err := c.Alerts(ctx, alert.Query{State: alert.Open, Level: alert.Medium}, "")
	if err != nil || len(page.Alerts) != 1 || page.Alerts[0].ID != id {
		t.Fatalf("%+v, %v", page, err)
	}
	if page, err := c.Alerts(ctx, alert.Query{Since: noon}, ""); err != nil || len(page.Alerts) != 0 {
		t.Errorf("of later: %+v, %v", page, err)
	}
	r, err := c.Alert(ctx, id)
	if err != nil || len(r.Says) != 1 || r.Says[0].URL != "https://evil.example/x" || len(r.Artefacts) == 0 || r.Scope[0].Rcpt != "b@b.example" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := c.Alert(ctx, journal.NewID(noon)); !errors.Is(err, alert.ErrNone) {
		t.Errorf("an alert that is none: %v", err)
	}
	past := time.Unix(1, 0)
	a, err := c.ActOnAlert(ctx, id, alert.Act{Time: past, What: alert.WasClosed, As: alert.TruePositive, By: "claire", UID: 1000, Text: "seen before"})
	if err != nil || a.State != alert.Closed || !a.Acts[0].Time.Equal(noon) {
		t.Fatalf("%+v, %v", a, err)
	}
	if os.Geteuid() != 0 && a.Acts[0].UID != os.Geteuid() {
		t.Errorf("who acted is what the asker says: %+v", a.Acts)
	}
	_, err = c.ActOnAlert(ctx, id, alert.Act{What: alert.WasClosed, As: alert.FalsePositive, By: "bob"})
	if !errors.Is(err, alert.ErrClosed) || !strings.Contains(err.Error(), `as true-positive by "`+a.Acts[0].By+`" at 2026-11-21T12:00:00Z`) {
		t.Errorf("closed twice: %v", err)
	}
	if want := "alert: closed by " + a.Acts[0].By; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, log)
	}
}

// Who is not root acts under the name that the kernel knows, whatever he calls himself; root may name who is behind sudo.
func TestWhoActsIsNotTheAskersToSay(t *testing.T) {
	d, _, _ := start(t)
	id := d.fill(t)
	s := NewServer(d, func() time.Time { return noon }, journal.NewLog(io.Discard, journal.Text, ""))
	for uid, want := range map[uint32]string{nobody: "nobody 65534", 4_000_000: "user 4000000 4000000", 0: "claire 1000"} {
		body := strings.NewReader(`{"alert":"` + id + `","act":{"what":"noted","text":"x","by":"claire","uid":1000}}`)
		r := httptest.NewRequest(http.MethodPost, "/v1/alerts", body).WithContext(context.WithValue(t.Context(), peerKey{}, peer{uid: uid}))
		answer, err := s.actOnAlert(r)
		if err != nil {
			t.Fatal(err)
		}
		acts := answer.(alert.Alert).Acts
		if last := acts[len(acts)-1]; fmt.Sprint(last.By, " ", last.UID) != want {
			t.Errorf("user %d: %+v", uid, last)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/alerts", strings.NewReader(`{"alert":"`+id+`","act":{"what":"noted","text":"x"}}`))
	if _, err := s.actOnAlert(r); err == nil {
		t.Error("somebody of whom nothing is known acts")
	}
	if err := byPeer(r, handling); err == nil {
		t.Error("somebody of whom nothing is known may act")
	}
}
