package postfix

import (
	"context"
	"strings"
)

// Parameters are values of main.cf, the defaults included and names in them replaced, by name (postconf(1)).
func (q Queue) Parameters(ctx context.Context, names ...string) (map[string]string, error) {
	var out []byte
	if _, err := q.run(ctx, text(&out, maxSaid), "postconf", append([]string{"-x"}, names...)...); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, value, ok := strings.Cut(line, "="); ok {
			values[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return values, nil
}

// Milters are the addresses in a list like smtpd_milters, without the settings that stand beside one in braces.
func Milters(list string) (addresses []string) {
	for list = trimList(list); list != ""; list = trimList(list) {
		var word string
		if inside, ok := strings.CutPrefix(list, "{"); ok {
			var settings string
			settings, list, _ = strings.Cut(inside, "}")
			word, _, _ = strings.Cut(trimList(settings), ",")
			word = strings.TrimSpace(word)
		} else if end := strings.IndexAny(list, ", \t\r\n"); end >= 0 {
			word, list = list[:end], list[end:]
		} else {
			word, list = list, ""
		}
		if word != "" {
			addresses = append(addresses, word)
		}
	}
	return addresses
}

func trimList(list string) string { return strings.TrimLeft(list, ", \t\r\n") }
