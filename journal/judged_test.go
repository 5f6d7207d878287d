package journal

import (
	"reflect"
	"strings"
	"testing"

	"quishmilter/payload"
	"quishmilter/verdict"
)

// judged is the founding case with the evidence it was judged by.
func judged() (Event, verdict.Evidence) {
	e := soc251()
	evidence := verdict.Evidence{Inbound: true, ScanComplete: true, AsksToScan: true, Recipients: e.Rcpts, Client: e.ClientAddr, Subject: e.Subject,
		Sender:  verdict.Sender{Address: e.HeaderFrom, Auth: "none", Signals: []string{"brand-in-sender"}},
		Codes:   []verdict.Code{{Kind: payload.URL, Host: "ipfs.io", Carrier: "image", Signals: []string{"ipfs-gateway"}, Picture: "ab"}},
		Entries: []verdict.Entry{{Name: "block host ipfs.io", Then: verdict.Quarantine}}}
	e.Evidence = &evidence
	return e, evidence
}

func TestEvidenceComesBackWhole(t *testing.T) {
	j, _ := newJournal(t)
	e, want := judged()
	add(t, j, e)
	kept, err := j.Get(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, whole := kept.Judged(); !whole || !reflect.DeepEqual(got, want) {
		t.Errorf("whole %v\ngot  %+v\nwant %+v", whole, got, want)
	}
	if kept.Evidence.Subject != "" || len(kept.Evidence.Recipients) > 0 {
		t.Error("subject or recipients are kept twice")
	}
}

func TestPlainMailKeepsNoEvidence(t *testing.T) {
	j, _ := newJournal(t)
	e := plainEvent(noon)
	e.Evidence = &verdict.Evidence{Inbound: true, ScanComplete: true, Subject: "private"}
	add(t, j, e)
	kept, err := j.Get(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, whole := kept.Judged()
	if whole || !got.Inbound || !got.ScanComplete || got.Subject != "" || got.Sender.Messages != 7 || got.Sender.Address != "x@a" {
		t.Errorf("%v %+v", whole, got)
	}
}

func TestEvidenceHoldsNoSecretsAndIsBounded(t *testing.T) {
	e, _ := judged()
	e.Codes = append(e.Codes, CodeEvent{Kind: "payment"})
	evidence := *e.Evidence
	evidence.Codes = append(evidence.Codes[:1:1], verdict.Code{Kind: payload.Payment, Host: "secret.example", Hosts: []string{"secret.example"}, Domains: []string{"secret.example"}, Target: "https://secret.example/", Picture: "cd"})
	e.Evidence = &evidence
	fit := e.fit().Evidence
	if c := fit.Codes[1]; c.Host != "" || c.Hosts != nil || c.Domains != nil || c.Target != "" || c.Picture != "" || fit.Codes[0].Host != "ipfs.io" {
		t.Errorf("%+v", fit.Codes)
	}
	if evidence.Codes[1].Host == "" {
		t.Error("the caller's evidence was changed")
	}
	evidence.ListID = strings.Repeat("x", maxEvidence)
	if fit := e.fit().Evidence; fit != nil {
		t.Error("evidence without bounds is kept")
	}
	for range 100 {
		evidence.Codes = append(evidence.Codes, verdict.Code{})
	}
	evidence.ListID = ""
	if fit := e.fit().Evidence; len(fit.Codes) != maxCodes {
		t.Errorf("%d codes", len(fit.Codes))
	}
}
