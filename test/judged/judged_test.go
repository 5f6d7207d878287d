package judged

import (
	"fmt"
	"os"
	"testing"
	"time"

	"quishmilter/inspect"
	"quishmilter/test/daemon"
	"quishmilter/verdict"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var court *Court

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "quishmilter-judged-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program, err := daemon.Program(dir)
	if err == nil {
		court, err = Open(program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer court.Close()
	return m.Run()
}

// Every code is read as the link that was put in, or the counts would mean nothing; of wanted mail standard holds at
// most 5 % cold, and 1 % of a sender who writes once a month.
func TestFalseHolds(t *testing.T) {
	outcomes, err := court.JudgeWanted(verdict.Standard, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) < 150 {
		t.Errorf("%d messages", len(outcomes))
	}
	cold, warm, proven := 0, 0, 0
	for _, o := range outcomes {
		r := o.Warm
		if len(r.Codes) != 1 || r.Codes[0].URL != o.Wanted.Link || r.Scan != inspect.Complete {
			t.Errorf("%s in %s: %+v %v, want %s", o.Wanted.Kind, o.Wanted.Language, r.Codes, r.Problems, o.Wanted.Link)
		}
		if o.Wanted.Authenticated {
			proven++
		}
		cold += held(t, "cold", o.Wanted, o.Cold)
		warm += held(t, "warm", o.Wanted, o.Warm)
	}
	if 2*proven != len(outcomes) {
		t.Errorf("%d of %d are authenticated", proven, len(outcomes))
	}
	if 100*cold > 5*len(outcomes) || 100*warm > len(outcomes) {
		t.Errorf("%d of %d held cold, %d warm", cold, len(outcomes), warm)
	}
}

func held(t *testing.T, when string, m Wanted, r inspect.Report) int {
	if r.Decision.Action != verdict.Quarantine {
		return 0
	}
	t.Logf("%s, held: %s in %s (proven: %v), %s: %v", when, m.Kind, m.Language, m.Authenticated, m.Link, r.Decision.Reasons)
	return 1
}

func TestCatches(t *testing.T) {
	for n, a := range AllAttacks(now) {
		catch, err := court.JudgeAttack(fmt.Sprint("attack-", n), a.Case())
		if err != nil {
			t.Fatal(err)
		}
		if err := catch.Caught(a.Strong, a.Names).Err(); err != nil {
			t.Errorf("%s: %v", a.Name, err)
		}
		if !a.Strong && catch.Standard.Decision.Action != verdict.Tag {
			t.Errorf("%s: %+v", a.Name, catch.Standard.Decision)
		}
		if !catch.Stolen.Sender.Prevalent {
			t.Errorf("%s: the stolen account is not known: %+v", a.Name, catch.Stolen.Sender)
		}
	}
}
