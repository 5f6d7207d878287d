package main

import (
	"sync"

	"quishmilter/journal"
	"quishmilter/verdict"
)

// ruleFailures counts how often each rule could not be answered, so that a rule which always fails does not fill the log.
type ruleFailures struct {
	mu     sync.Mutex
	byRule map[string]int64
}

func (f *ruleFailures) tell(log *journal.Log, queueID string, failed []verdict.Failure) {
	if len(failed) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byRule == nil {
		f.byRule = map[string]int64{}
	}
	for _, one := range failed { // of rules of the configuration, so there are few names
		f.byRule[one.Rule]++
		log.RuleFailed(queueID, one.Rule, one.Problem, f.byRule[one.Rule])
	}
}
