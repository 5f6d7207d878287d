package payload

import "strings"

// lineEnds are removed out of a link by browsers (URL standard, section 4.4); most cameras end the link there.
const lineEnds = "\t\r\n"

// firstLine is the link on the first line of a text, where it is a whole one: where another link follows, or where it
// ends in a real domain and would lead elsewhere with the next line glued to it.
func firstLine(text, gluedHost string) (link, host string, ok bool) {
	text = trim(text)
	i := strings.IndexAny(text, lineEnds)
	if i < 0 {
		return "", "", false
	}
	link, host, ok = webLink(trim(text[:i]))
	return link, host, ok && (hasScheme(text[i:]) || host != gluedHost && (isDomain(host) || isIP(host)))
}

// otherLine is where a text of several lines leads besides its first line: to the link that follows, or, in readers
// that glue lines together, to another real domain; "" otherwise.
func otherLine(text, host string) string {
	i := strings.IndexAny(text, lineEnds)
	if i < 0 {
		return ""
	}
	if hasScheme(text[i:]) {
		return asLink(text[i:])
	}
	link, other, _ := webLink(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text))
	if other == host || !isDomain(other) && !isIP(other) {
		return ""
	}
	return link
}

// brokenLink finds the hosts in what begins as a link and has none that a browser takes: the names between forbidden
// characters in the place of the host. begins tells whether the text begins as a link with anything behind it.
func brokenLink(text string) (link string, hosts []string, begins bool) {
	_, compact := compacted(text)
	rest, scheme := cutScheme(compact)
	if scheme == "" || trim(rest) == "" {
		return "", nil, false
	}
	place := authority(rest)
	place = unescaped(place[strings.LastIndexByte(place, '@')+1:])
	for name := range strings.FieldsFuncSeq(place, notInHost) {
		if host := hostOf(name); host != "" {
			hosts = append(hosts, host)
		}
	}
	return scheme + "://" + rest, hosts, true
}
