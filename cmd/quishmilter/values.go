package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"quishmilter/verdict"
)

// Duration is a time span as people write it: "14d", "24h", "90m", "10s".
type Duration time.Duration

func (d Duration) std() time.Duration { return time.Duration(d) }

func days(n int) Duration    { return Duration(n) * Duration(24*time.Hour) }
func seconds(n int) Duration { return Duration(n) * Duration(time.Second) }

// UnmarshalText reads a time span.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if n, ok := strings.CutSuffix(s, "d"); ok {
		if count, err := strconv.Atoi(n); err == nil && count >= 0 && count < 100000 {
			*d = days(count)
			return nil
		}
	}
	span, err := time.ParseDuration(s)
	if err != nil || span < 0 {
		return fmt.Errorf("%q is no time span; write for example \"14d\", \"24h\" or \"10s\"", s)
	}
	*d = Duration(span)
	return nil
}

// MarshalText writes the span so that UnmarshalText reads it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string {
	if d > 0 && d%days(1) == 0 {
		return strconv.Itoa(int(d/days(1))) + "d"
	}
	s := d.std().String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Size is a number of bytes or pixels: 1000000, "50MiB", "50M".
type Size int64

var sizeUnits = []struct {
	suffix string
	factor int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"", 1}}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	for _, unit := range sizeUnits {
		if number, ok := strings.CutSuffix(string(text), unit.suffix); ok {
			if n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 40); err == nil && n >= 0 {
				*s = Size(n * unit.factor)
				return nil
			}
		}
	}
	return fmt.Errorf("%q is no size; write for example \"50MiB\" or \"40M\"", text)
}

// MarshalText writes the size in the largest unit that divides it.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Size) String() string {
	for _, unit := range []int{2, 1, 0, 5, 4, 3} {
		if u := sizeUnits[unit]; s > 0 && int64(s)%u.factor == 0 {
			return strconv.FormatInt(int64(s)/u.factor, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// splitListen takes "inet:HOST:PORT" or "unix:PATH" apart into what net.Listen wants.
func splitListen(listen string) (network, address string, err error) {
	kind, address, _ := strings.Cut(listen, ":")
	switch {
	case kind == "inet" && isHostPort(address):
		return "tcp", address, nil
	case (kind == "unix" || kind == "local") && address != "":
		return "unix", address, nil
	}
	return "", "", fmt.Errorf("%q is no address; write inet:HOST:PORT or unix:PATH", listen)
}

// isHostPort tells an address to listen on from what could only fail at the start. An empty host is all addresses.
func isHostPort(address string) bool {
	host, port, err := net.SplitHostPort(address)
	number, badPort := strconv.ParseUint(port, 10, 16)
	return err == nil && badPort == nil && number > 0 && !strings.ContainsAny(host, " \t/@")
}

func parseMode(text string) (os.FileMode, error) {
	mode, err := strconv.ParseUint(text, 8, 32)
	if err != nil || mode > 0o777 {
		return 0, fmt.Errorf("%q are no permissions; write for example \"0660\"", text)
	}
	return os.FileMode(mode), nil
}

// explainTOML names the file, the line and what to write instead.
func explainTOML(name string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		row, column := first.Position()
		key := strings.Join(first.Key(), ".")
		return fmt.Errorf("%s:%d:%d: there is no setting %q; %s", name, row, column, key, nearest(key))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		row, column := bad.Position()
		return fmt.Errorf("%s:%d:%d: %s%s", name, row, column, keyText(bad.Key()), typeText(strings.TrimPrefix(bad.Error(), "toml: ")))
	}
	return fmt.Errorf("%s: %w", name, err)
}

// wrongType is go-toml's complaint about a value of another type, which speaks of our program and not of the file.
var wrongType = regexp.MustCompile(`^cannot decode TOML (\w+) into .* of type (\S+)$`)

// typeText says in the words of the file what to write instead.
func typeText(problem string) string {
	m := wrongType.FindStringSubmatch(problem)
	if m == nil {
		return problem
	}
	want, ok := map[string]string{
		"string": "a text in quotes", "int": "a whole number without quotes", "bool": "true or false without quotes",
		"[]string": `a list of texts, for example ["a", "b"]`,
	}[m[2]]
	if !ok {
		return problem
	}
	return fmt.Sprintf("write %s; the value there is of type %s", want, m[1])
}

func keyText(key toml.Key) string {
	if len(key) == 0 {
		return ""
	}
	return strings.Join(key, ".") + ": "
}

// namesIn are the settings of a section that a file may have many of.
func namesIn(section string) (names []string) {
	lists := map[string]reflect.Type{"rule": reflect.TypeFor[RuleSettings](), "group": reflect.TypeFor[GroupSettings](), "detection": reflect.TypeFor[DetectionSettings]()}
	if t := lists[section]; t != nil {
		for n := range t.NumField() {
			names = append(names, section+"."+t.Field(n).Tag.Get("toml"))
		}
	}
	return names
}

// nearest suggests the setting whose name is most like the unknown one.
func nearest(key string) string {
	names := settingNames()
	if section, _, inside := strings.Cut(key, "."); inside {
		if of := namesIn(section); len(of) > 0 {
			names = of
		}
	}
	like := verdict.Nearest(key, names)
	if like == "" {
		return "'quishmilter check --print' lists all settings"
	}
	return fmt.Sprintf("did you mean %q? ('quishmilter check --print' lists all)", like)
}

// lineOf finds the line that sets the key which a settingError names; 1 where it is not set at all.
func lineOf(text []byte, err error) int {
	var bad settingError
	if !errors.As(err, &bad) {
		return 1
	}
	if _, after, ok := strings.Cut(bad.problem, bad.key+" \""); bad.key == "detection" && ok {
		name, _, _ := strings.Cut(after, "\"")
		return lineWith(text, `"`+name+`"`)
	}
	section, key, inSection := strings.Cut(bad.key, ".")
	if !inSection {
		section, key = "", section
	}
	current := ""
	for n, line := range bytes.Split(text, []byte("\n")) {
		content := strings.TrimSpace(string(line))
		if strings.HasPrefix(content, "[") {
			current = strings.Trim(content, "[] ")
		}
		name, _, ok := strings.Cut(content, "=")
		if name = strings.TrimSpace(name); ok && (current == section && name == key || name == bad.key) {
			return n + 1
		}
	}
	return 1
}

// lineWith finds the first line that has something in it.
func lineWith(text []byte, what string) int {
	before, _, found := bytes.Cut(text, []byte(what))
	if !found {
		return 1
	}
	return bytes.Count(before, []byte("\n")) + 1
}
