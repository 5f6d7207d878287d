package milter

import (
	"strings"

	"quishmilter/mime"
)

// Forged finds the fields of a header whose names begin with prefix, in whatever case. They come last one first, so
// that deleting them in this order changes the index of none that is still to be deleted.
func Forged(header []mime.Field, prefix string) []Occurrence {
	var found []Occurrence
	seen := map[string]int{}
	for _, f := range header {
		if !hasPrefixFold(f.Name, prefix) {
			continue
		}
		key := strings.ToLower(f.Name)
		seen[key]++
		found = append(found, Occurrence{Name: f.Name, Index: seen[key]})
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}
