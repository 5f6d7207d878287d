package postfix

import (
	"testing"
	"time"
)

func TestQueueIDs(t *testing.T) {
	for _, id := range []string{"A485398AECF", "3C0F2A1B9", "4Szm0h1DbTz9rxK", "4bHQxX3qR2z4wqy"} {
		if err := CheckID(id); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"", "ALL", "-", "-d", "--", "A485398AEC/", "../../etc", "A485398AECF ALL", "a485398aecf", "A485398AECF\n", "4Szm0h1DbTz", "4Szm0h1DbTa9rxK",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "A485398AECF\x00", "4Szm0h1DbTz9rxKbbbbbbbbbbbbbbbb"} {
		if CheckID(id) == nil {
			t.Errorf("%q is taken for a queue id", id)
		}
	}
}

func TestTimesOfMainCF(t *testing.T) {
	for value, want := range map[string]time.Duration{"5d": 120 * time.Hour, "5": 120 * time.Hour, "0": 0, "90m": 90 * time.Minute, "3600s": time.Hour, "2w": 336 * time.Hour} {
		if got, err := parseTime(value); got != want || err != nil {
			t.Errorf("%s: %v, %v", value, got, err)
		}
	}
	for _, value := range []string{"", "d", "-1", "five", "99999999999999999999"} {
		if got, err := parseTime(value); err == nil {
			t.Errorf("%q: %v", value, got)
		}
	}
}
