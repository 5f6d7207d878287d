package picture

import (
	"net/url"
	"strings"
)

// Public generators of codes take what the code is to say in the URL of the picture. So the code can be read without
// fetching it.

// generators lists them by host; a subdomain counts too. Each has the beginning of the path and the parameters that
// may hold the payload, the likeliest first; "/" stands for the rest of the path.
var generators = map[string][]generator{
	"chart.googleapis.com":       {{"/chart", "chl"}},
	"chart.apis.google.com":      {{"/chart", "chl"}},
	"charts.googleapis.com":      {{"/chart", "chl"}},
	"api.qrserver.com":           {{"/v1/create-qr-code", "data"}},
	"goqr.me":                    {{"/", "data"}, {"/", "text"}},
	"quickchart.io":              {{"/qr", "text"}, {"/chart", "chl"}},
	"image-charts.com":           {{"/chart", "chl"}},
	"api.qr-code-generator.com":  {{"/v1/create", "qr_code_text"}},
	"api.qrcode-monkey.com":      {{"/qr/custom", "data"}, {"/qr", "data"}},
	"qrcode.tec-it.com":          {{"/api/qrcode", "data"}, {"/", "data"}},
	"barcode.tec-it.com":         {{"/barcode.ashx", "data"}, {"/", "data"}},
	"bwipjs-api.metafloor.com":   {{"/", "text"}},
	"api.qrtag.net":              {{"/qrcode", "d"}, {"/qrcode", "url"}},
	"qrtag.net":                  {{"/api/qr", "url"}},
	"qrickit.com":                {{"/api/qr", "d"}},
	"api.qrickit.com":            {{"/", "d"}},
	"generator.qrickit.com":      {{"/", "d"}},
	"barcodeapi.org":             {{"/api/qr/", "/"}, {"/api/auto/", "/"}, {"/api/", "/"}},
	"api.happi.dev":              {{"/v1/qrcode", "data"}},
	"zxing.org":                  {{"/w/chart", "chl"}},
	"createqrcode.appspot.com":   {{"/chart", "chl"}},
	"qrcode.kaywa.com":           {{"/img.php", "d"}},
	"kaywa.com":                  {{"/img.php", "d"}},
	"phpqrcode.sourceforge.net":  {{"/", "data"}},
	"qr.liantu.com":              {{"/api.php", "text"}},
	"api.pwmqr.com":              {{"/qrcode/create", "url"}},
	"api.k780.com":               {{"/", "data"}},
	"api.qrcode.studio":          {{"/", "data"}},
	"cli.im":                     {{"/api/qrcode", "text"}, {"/", "text"}},
	"api.2dcode.biz":             {{"/v1/create-qr-code", "data"}},
	"api.apgy.in":                {{"/qr", "data"}},
	"qrenco.de":                  {{"/", "/"}},
	"qr.ae":                      {{"/", "data"}},
	"mobilecodes.nokia.com":      {{"/", "DATA"}},
	"beqrious.com":               {{"/", "data"}},
	"qrcode.online":              {{"/img", "data"}, {"/", "text"}},
	"qrcodeapi.com":              {{"/", "data"}},
	"qr-generator.qrcode.studio": {{"/qr/custom", "data"}},
	"qrapi.io":                   {{"/", "data"}},
	"qrcode-generator.de":        {{"/", "data"}},
	"wechat-qr.com":              {{"/", "text"}},
	"chart.apps.com":             {{"/chart", "chl"}},
	"qr-code-styling.com":        {{"/", "data"}},
	"fungenerators.com":          {{"/qrcode", "text"}},
	"tool.oschina.net":           {{"/action/qrcode/generate", "data"}},
	"qrcodechimp.com":            {{"/api/qr", "data"}},
	"codigos-qr.com":             {{"/qr/php/qr_img.php", "d"}},
	"unitag.io":                  {{"/qreator/generate", "data"}},
	"api.unitag.io":              {{"/qreator/generate", "data"}},
	"qrd.by":                     {{"/api", "url"}},
	"delivr.com":                 {{"/qr-code", "url"}},
}

type generator struct{ path, parameter string }

// GeneratorPayload returns what the code says that a public generator draws for this URL; ok is false for all other
// URLs. The URL may lack its scheme.
func GeneratorPayload(raw string) (payload string, ok bool) {
	if len(raw) > maxGeneratorURL {
		raw = raw[:maxGeneratorURL]
	}
	raw = strings.ReplaceAll(strings.Trim(raw, " \t\r\n<>\"'"), "&amp;", "&")
	if i := strings.Index(raw, "//"); i >= 0 {
		raw = raw[i+2:]
	}
	end := strings.IndexAny(raw, "/?#")
	if end < 0 {
		return "", false
	}
	list := generatorsAt(raw[:end])
	if list == nil {
		return "", false
	}
	rest, _, _ := strings.Cut(raw[end:], "#")
	path, query, _ := strings.Cut(rest, "?")
	if path == "" {
		path = "/"
	}
	for _, g := range list {
		if !strings.HasPrefix(strings.ToLower(path), g.path) {
			continue
		}
		if g.parameter == "/" {
			payload = unescapeURL(path[len(g.path):], url.PathUnescape)
		} else {
			payload = queryValue(query, g.parameter)
		}
		if payload != "" && !otherChart(query) {
			return payload, true
		}
	}
	return "", false
}

// maxGeneratorURL bounds a URL; a code holds no more than 4,296 characters, each of which may be escaped.
const maxGeneratorURL = 16 << 10

// generatorsAt finds a host, or the domain it belongs to.
func generatorsAt(host string) []generator {
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	host = strings.TrimSuffix(host, ".")
	for range 4 {
		if list, ok := generators[host]; ok {
			return list
		}
		_, parent, ok := strings.Cut(host, ".")
		if !ok {
			return nil
		}
		host = parent
	}
	return nil
}

// queryValue finds a parameter in any case of letters. A payload that is a URL may stand there unescaped, with
// ampersands of its own: then it goes on to the end, or to a parameter that belongs to the generator.
func queryValue(query, name string) string {
	fields := strings.Split(query, "&")
	for i, field := range fields {
		key, value, _ := strings.Cut(field, "=")
		if !strings.EqualFold(key, name) {
			continue
		}
		if strings.Contains(value, "://") && strings.Contains(value, "?") {
			for _, more := range fields[i+1:] {
				if own, _, _ := strings.Cut(more, "="); generatorOption(own) {
					break
				}
				value += "&" + more
			}
		}
		return unescapeURL(value, url.QueryUnescape)
	}
	return ""
}

// generatorOption knows the parameters with which generators are told how to draw.
func generatorOption(name string) bool {
	switch strings.ToLower(name) {
	case "size", "chs", "cht", "chld", "choe", "margin", "format", "color", "bgcolor", "ecc", "qzone", "dark", "light", "width", "height", "eclevel", "eclvl", "s", "t", "e", "charset-source", "charset-target":
		return true
	}
	return false
}

func unescapeURL(s string, unescape func(string) (string, error)) string {
	if plain, err := unescape(s); err == nil {
		return plain
	}
	return s
}

// otherChart tells charts from codes, where a service draws both.
func otherChart(query string) bool {
	kind := queryValue(query, "cht")
	return kind != "" && !strings.EqualFold(kind, "qr")
}

// generatorURLs bounds the URLs of generators in one text.
const generatorURLs = 64

// GeneratorURLs returns the URLs in a text, of any kind, that draw a code.
func GeneratorURLs(text string) []string {
	var list []string
	for from := 0; len(list) < generatorURLs; {
		i := strings.Index(text[from:], "//")
		if i < 0 {
			return list
		}
		from += i + 2
		hostEnd := from
		for hostEnd < len(text) && hostEnd < from+100 && hostByte(text[hostEnd]) {
			hostEnd++
		}
		if hostEnd == from || generatorsAt(text[from:hostEnd]) == nil {
			continue
		}
		end := hostEnd
		for end < len(text) && end < from+maxGeneratorURL && urlByte(text[end]) {
			end++
		}
		for end > hostEnd && strings.IndexByte(").,;]", text[end-1]) >= 0 { // of the sentence, or Markdown
			end--
		}
		if u := "https://" + text[from:end]; !contains(list, u) {
			list = append(list, u)
		}
		from = hostEnd
	}
	return list
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

func hostByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':' || c == '@'
}

func urlByte(c byte) bool {
	return c > ' ' && c != '"' && c != '\'' && c != '<' && c != '>' && c != 0x7f
}

// generatorPayloads shows what codes of generators say that a text refers to.
func (v *view) generatorPayloads(text string) {
	for _, u := range GeneratorURLs(text) {
		if payload, ok := GeneratorPayload(u); ok {
			v.payload(payload, "", "generator-url")
		}
	}
}
