package verdict

// Entry is a line of the allow and block lists that speaks about a message, or about one of its codes. Whether it does
// was found out before: the policy only weighs it.
type Entry struct {
	Name string `json:"name"` // for people: "block host evil.example"
	Then Action `json:"then"` // Accept for an allow entry, anything else for a block entry
}

// Reasons that entries give.
const (
	AllowedByEntry = "allowed-by-entry"
	BlockedByEntry = "blocked-by-entry"
)

// entryRule makes a rule of the entries about subject n, a code or the message without one: they are asked before all
// rules. A block wins over an allow, and the most severe block over the others: an allow says "I know these people", a
// block says "I know this very thing", often of people who are known and were robbed of their account.
func (e Evidence) entryRule(n int) *Rule {
	all := e.Entries
	if n < len(e.Codes) {
		all = append(all[:len(all):len(all)], e.Codes[n].Entries...)
	}
	if len(all) == 0 || !e.Inbound {
		return nil
	}
	worst := all[0]
	for _, entry := range all[1:] {
		if worse(entry.Then, worst.Then) {
			worst = entry
		}
	}
	rule := &Rule{Name: worst.Name, Then: worst.Then, Reason: BlockedByEntry, Text: "The message matches an entry of the block list."}
	if worst.Then == Accept {
		rule.Reason, rule.Text = AllowedByEntry, "The message matches an entry of the allow list."
	}
	return rule
}
