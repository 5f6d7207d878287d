package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"quishmilter/verdict"
)

// setting is one definition, with the value that a configuration gives it.
type setting struct{ section, key, value, help string }

// allSettings reads the definitions off the Settings type.
func allSettings(s Settings) []setting {
	var all []setting
	collect(reflect.ValueOf(s), "", &all)
	return all
}

func collect(v reflect.Value, section string, all *[]setting) {
	for n := range v.NumField() {
		field := v.Type().Field(n)
		name, ok := field.Tag.Lookup("toml")
		if !ok || field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct {
			continue // rules are no settings with a default
		}
		if field.Type.Kind() == reflect.Struct {
			defer collect(v.Field(n), name, all) // TOML wants the top level first
			continue
		}
		*all = append(*all, setting{section, name, tomlValue(v.Field(n).Interface()), field.Tag.Get("help")})
	}
}

// tomlValue writes a value as TOML does.
func tomlValue(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case int, bool:
		return fmt.Sprint(v)
	case []string:
		quoted := make([]string, len(v))
		for n, s := range v {
			quoted[n] = strconv.Quote(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	default: // Duration and Size
		return strconv.Quote(fmt.Sprint(v))
	}
}

// settingNames are the names that a file may use, with their section.
func settingNames() []string {
	var names []string
	for _, s := range allSettings(Settings{}) {
		names = append(names, s.name())
	}
	return names
}

func (s setting) name() string {
	if s.section == "" {
		return s.key
	}
	return s.section + "." + s.key
}

// passwords are where an address has them.
var passwords = regexp.MustCompile(`(://[^:/@?]*:)[^@]+(@)|(\bsentinel_password=)[^&"]+`)

// webhookPath is what follows the host of an address; who knows it may often post there.
var webhookPath = regexp.MustCompile(`(://[^/"]+/).+"`)

// printSettings writes a configuration that a file may hold, each setting with its sentence. Passwords are left out,
// since what is printed gets shown around.
func printSettings(out io.Writer, s Settings) {
	section := ""
	for _, one := range allSettings(s) {
		if one.section != section {
			section = one.section
			fmt.Fprintf(out, "\n[%s]\n", section)
		}
		if one.name() == "alerts.webhook" {
			one.value = webhookPath.ReplaceAllString(one.value, "${1}xxxxx\"")
		}
		if one.key == "store" {
			one.value = passwords.ReplaceAllString(one.value, "${1}${3}xxxxx${2}")
		}
		fmt.Fprintf(out, "# %s\n%s = %s\n", one.help, one.key, one.value)
	}
}

// printPolicy writes what stands behind the settings: the groups, the rules of the file, and as comments those that the
// policy adds.
func printPolicy(out io.Writer, s Settings) error {
	policy, err := s.policy()
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	printGroups(out, s.Groups)
	rules := policy.Rules()
	printRules(out, rules[:len(s.Rules)])
	fmt.Fprintf(out, "# What the policy adds, in the order in which it is asked:\n#\n")
	var added strings.Builder
	printRules(&added, rules[len(s.Rules):])
	for line := range strings.Lines(added.String()) {
		fmt.Fprint(out, strings.TrimRight("# "+line, " \n")+"\n")
	}
	return nil
}

// printAllRules writes a configuration of nothing but the policy and all its rules: those that the policy adds too, which
// a configuration may hold as they are.
func printAllRules(out io.Writer, s Settings) error {
	policy, err := s.policy()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "# The rules in effect, in the order in which they are asked. Lists of hosts (lists) and entries are asked beside them.\npolicy = %q\n", s.Policy)
	if s.TagOnly {
		fmt.Fprintln(out, "tag_only = true")
	}
	fmt.Fprintln(out)
	printGroups(out, s.Groups)
	printRules(out, policy.Rules())
	return nil
}

func printGroups(out io.Writer, groups []GroupSettings) {
	for _, g := range groups {
		fmt.Fprintf(out, "[[group]]\nname = %s\nmembers = %s\n", tomlText(g.Name), tomlValue(g.Members))
		if g.Policy != "" {
			fmt.Fprintf(out, "policy = %q\n", g.Policy)
		}
		fmt.Fprintln(out)
	}
}

// printRules writes rules as a configuration may hold them.
func printRules(out io.Writer, rules []verdict.Rule) {
	for _, r := range rules {
		fmt.Fprintf(out, "[[rule]]\nname = %s\nwhen = %s\n", tomlText(r.Name), tomlText(r.When))
		if len(r.Recipients) > 0 {
			fmt.Fprintf(out, "recipients = %s\n", tomlValue(r.Recipients))
		}
		fmt.Fprintf(out, "then = %q\n", string(r.Then))
		for _, more := range []struct{ key, value string }{{"to", r.To}, {"reason", r.Reason}, {"text", r.Text}} {
			if more.value != "" {
				fmt.Fprintf(out, "%s = %s\n", more.key, tomlText(more.value))
			}
		}
		fmt.Fprintln(out)
	}
}

// tomlText writes a text as it is, between single quotes, where that can be; else with escapes, of which JSON's are a
// part of TOML's.
func tomlText(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '\'' || r < ' ' || r == 0x7f || r == utf8.RuneError }) {
		return "'" + s + "'"
	}
	quoted, _ := json.Marshal(s) // a string can always be written
	return string(quoted)
}

// printSettingsTable writes docs/settings.md.
func printSettingsTable(out io.Writer) {
	fmt.Fprint(out, "# Settings\n\nMade by `quishmilter check --print=markdown` from the program's own definitions; a test compares. ")
	fmt.Fprint(out, "The file is TOML, named by `-c FILE`. An unknown name or a bad value stops the start.\n\n")
	fmt.Fprint(out, "| setting | default | what it does |\n|---|---|---|\n")
	defaults := defaultSettings()
	defaults.State = "quishmilter-state"
	for _, one := range allSettings(defaults) {
		fmt.Fprintf(out, "| `%s` | `%s` | %s |\n", one.name(), one.value, one.help)
	}
	fmt.Fprint(out, "\nRules of your own, asked before those of the policy (`check --print=rules` shows all of them; see [policy.md](policy.md)):\n\n")
	printFields(out, "rule", reflect.TypeFor[RuleSettings]())
	fmt.Fprint(out, "\nRecipients for whom rules are written, or another policy holds:\n\n")
	printFields(out, "group", reflect.TypeFor[GroupSettings]())
	fmt.Fprint(out, "\nHunts that the daemon repeats (see [hunting.md](hunting.md)):\n\n")
	printFields(out, "detection", reflect.TypeFor[DetectionSettings]())
}

// printFields is the table of what may stand in a [[section]].
func printFields(out io.Writer, section string, fields reflect.Type) {
	fmt.Fprintf(out, "| in `[[%s]]` | what it is |\n|---|---|\n", section)
	for n := range fields.NumField() {
		field := fields.Field(n)
		fmt.Fprintf(out, "| `%s` | %s |\n", field.Tag.Get("toml"), field.Tag.Get("help"))
	}
}
