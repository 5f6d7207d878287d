package identity

import (
	"fmt"
	"testing"

	"quishmilter/test/dns"
)

func TestCachedResolver(t *testing.T) {
	server := dns.Start(t, dns.Zone{TXT: map[string][]string{"known.example": {"one"}}, Fail: map[string]bool{"broken.example": true}})
	plain, err := NewResolver(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	r := Cached(plain)
	for range 3 {
		if got, err := r.LookupTXT(t.Context(), "known.example"); err != nil || len(got) != 1 || got[0] != "one" {
			t.Fatalf("%v, %v", got, err)
		}
		if _, err := r.LookupTXT(t.Context(), "missing.example"); err == nil {
			t.Fatal("a name that does not exist was found")
		}
	}
	if n := len(server.Asked()); n != 2 {
		t.Errorf("asked %d times: %v", n, server.Asked())
	}
	before := len(server.Asked())
	for range 2 {
		if _, err := r.LookupTXT(t.Context(), "broken.example"); err == nil {
			t.Fatal("no error")
		}
	}
	if len(server.Asked()) < before+2 {
		t.Error("a failure was kept")
	}
	kept := r.(*cachedResolver)
	for n := range maxAnswers + 5 {
		ask(kept, question{"TXT", fmt.Sprint(n)}, func() ([]string, error) { return nil, nil })
	}
	if len(kept.kept) > maxAnswers {
		t.Errorf("%d answers kept", len(kept.kept))
	}
}
