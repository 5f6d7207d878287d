package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quishmilter/sandbox"
)

// Each set-up that is unsafe is found, and the packaged one is not blamed.
func TestUnsafeFilesAndSockets(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, s *Settings)
		want   string // "": nothing is found
	}{
		"safe":          {func(*testing.T, *Settings) {}, ""},
		"state folder":  {func(t *testing.T, s *Settings) { chmod(t, s.State, 0o755) }, "mode 0755"},
		"state file":    {func(t *testing.T, s *Settings) { chmod(t, s.stateFile(), 0o644) }, "state.db is open to everybody (mode 0644)"},
		"control mode":  {func(_ *testing.T, s *Settings) { s.ControlMode = "0666" }, "everybody may use the control socket"},
		"milter mode":   {func(_ *testing.T, s *Settings) { s.SocketMode = "0666" }, "everybody may use the socket for Postfix"},
		"other network": {func(_ *testing.T, s *Settings) { s.Listen = "inet:0.0.0.0:8895" }, "is reached from other hosts"},
		"configuration": {func(t *testing.T, s *Settings) { s.file = written(t, 0o646) }, "can be written by everybody (mode 0646)"},
		"entries":       {func(t *testing.T, s *Settings) { s.Entries = written(t, 0o666) }, "can be written by everybody (mode 0666)"},
		"secret":        {func(t *testing.T, s *Settings) { s.Prevalence.Secret = written(t, 0o644) }, "can be read by everybody (mode 0644)"},
		"usual files": {func(t *testing.T, s *Settings) {
			s.file, s.Entries, s.Prevalence.Secret = written(t, 0o644), written(t, 0o664), written(t, 0o640)
		}, ""},
		"loopback": {func(_ *testing.T, s *Settings) { s.Listen = "inet:[::1]:8895" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := defaultSettings()
			s.State = t.TempDir()
			s.Listen = "unix:" + filepath.Join(s.State, "milter.sock")
			if err := os.WriteFile(s.stateFile(), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			chmod(t, s.State, 0o700)
			c.change(t, &s)
			found := strings.Join(openToAll(s), "\n")
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %q", found, c.want)
			}
		})
	}
}

// written is a file of such a mode.
func written(t *testing.T, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	chmod(t, name, mode)
	return name
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// The owner of the control socket is the daemon's user.
func TestRootWithoutNeed(t *testing.T) {
	s := defaultSettings()
	s.State = t.TempDir()
	if text := rootWarning(s); text != "" {
		t.Errorf("without a daemon: %s", text)
	}
	ln, err := net.Listen("unix", s.control())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if text := rootWarning(s); (text != "") != (os.Geteuid() == 0) {
		t.Errorf("as user %d: %q", os.Geteuid(), text)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(s.control(), 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if text := rootWarning(s); text != "" {
			t.Error(text)
		}
	}
}

func TestPlaceAmongMilters(t *testing.T) {
	for _, c := range []struct {
		name, milters, listen string
		tagOnly               bool
		policy, want          string
	}{
		{"alone", "{ unix:quishmilter/milter.sock, default_action=tempfail }", "", false, "standard", ""},
		{"last", "inet:127.0.0.1:11332, unix:quishmilter/milter.sock", "", false, "standard", ""},
		{"whole path", "unix:/var/spool/postfix/quishmilter/milter.sock", "", false, "standard", ""},
		{"first, may hold", "unix:quishmilter/milter.sock, inet:127.0.0.1:11332", "", false, "standard", "inet:127.0.0.1:11332 stands behind us"},
		{"first, tags", "unix:quishmilter/milter.sock, inet:127.0.0.1:11332", "", true, "standard", ""},
		{"first, observes", "unix:quishmilter/milter.sock, inet:127.0.0.1:11332", "", false, "observe", ""},
		{"last, tags", "inet:127.0.0.1:11332, unix:quishmilter/milter.sock", "", true, "standard", "the last in smtpd_milters"},
		{"not attached", "inet:127.0.0.1:11332", "", false, "standard", "does not name"},
		{"no milter at all", "", "", false, "standard", "smtpd_milters in Postfix's main.cf is empty"},
		{"inet", "inet:localhost:8895, inet:127.0.0.1:11332", "inet:127.0.0.1:8895", false, "strict", "stands behind us"},
		{"another port", "inet:localhost:8896", "inet:127.0.0.1:8895", false, "strict", "does not name"},
	} {
		s := defaultSettings()
		s.Listen, s.TagOnly, s.Policy = c.listen, c.tagOnly, c.policy
		if s.Listen == "" {
			s.Listen = "unix:/var/spool/postfix/quishmilter/milter.sock"
		}
		found := strings.Join(placeWarnings(s, map[string]string{"smtpd_milters": c.milters, "queue_directory": "/var/spool/postfix"}), "\n")
		if c.want == "" && found != "" || !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", c.name, found, c.want)
		}
	}
}

func TestMissingMacros(t *testing.T) {
	full := map[string]string{"milter_mail_macros": "i {auth_type} {auth_authen}", "milter_end_of_data_macros": "i"}
	if found := macroWarnings(full); len(found) != 0 {
		t.Errorf("%q", found)
	}
	if found := macroWarnings(map[string]string{"milter_mail_macros": "i, {auth_type}", "milter_end_of_data_macros": ""}); len(found) != 2 ||
		!strings.Contains(found[0], "milter_mail_macros in Postfix's main.cf lacks {auth_authen}") || !strings.Contains(found[1], "lacks i") {
		t.Errorf("%q", found)
	}
}

// What is required and not there stops the start; what is not required is said.
func TestConfined(t *testing.T) {
	s := defaultSettings()
	all := &sandbox.Report{Seccomp: true, Landlock: 7, User: "nobody"}
	some := &sandbox.Report{Seccomp: true, Missing: []string{"landlock (the kernel has none: function not implemented)"}}
	for _, c := range []struct {
		setting string
		report  *sandbox.Report
		want    string
		fails   bool
	}{
		{sandboxAuto, all, "workers are confined: seccomp, landlock 7, no new privileges, resource limits, user nobody", false},
		{sandboxAuto, some, "missing: landlock (the kernel has none", false},
		{sandboxAuto, nil, "no worker is ready yet", false},
		{sandboxRequired, all, "seccomp", false},
		{sandboxRequired, some, "missing", true},
		{sandboxRequired, nil, "", true},
		{sandboxOff, nil, "keep all rights", false},
	} {
		s.Workers.Sandbox = c.setting
		text, err := s.confined(c.report)
		if !strings.Contains(text, c.want) || (err != nil) != c.fails {
			t.Errorf("%s: %q, %v", c.setting, text, err)
		}
	}
}

// Memory: the default grows with the workers, and what is written is kept to.
func TestMemoryCeiling(t *testing.T) {
	s := defaultSettings()
	var got []int64
	for _, workers := range []int{1, 2, 4} {
		s.Workers.Count = workers
		got = append(got, s.memory())
	}
	s.Limits.Memory = 400e6
	if got = append(got, s.memory()); !slices.Equal(got, []int64{700e6, 700e6, 1240e6, 400e6}) {
		t.Errorf("%d", got)
	}
	s.Limits.Memory = 200e6
	if err := s.checkNumbers(); err == nil {
		t.Error("a ceiling that leaves nothing for a worker is taken")
	}
}
