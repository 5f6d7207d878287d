package picture

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPasswordCandidates(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"The password is: Tango-42.", "Tango-42"},
		{"Password:\r\n\r\n  hunter2\r\n", "hunter2"},
		{"PDF PASSWORD = (q7!x)", "q7!x"},
		{"Ihr Passwort lautet „Frühling2026“.", "Frühling2026"},
		{"Das Kennwort:\nsommer", "sommer"},
		{"Votre mot de passe : été-75", "été-75"},
		{"Su contraseña es 4711-abc", "4711-abc"},
		{"Use access code 884213 to open it", "884213"},
		{"tango is the password", "tango"},
		{"パスワード：abc123", "abc123"},
	} {
		if got := PasswordCandidates(c.text); !slices.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q among them", c.text, got, c.want)
		}
	}
	if got := PasswordCandidates("Nothing of the kind stands here."); len(got) != 0 {
		t.Errorf("without a password: %q", got)
	}
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "password w%dx%d w%dy%d\n", i, i, i, i)
	}
	if got := PasswordCandidates(many.String()); len(got) != MaxPasswords {
		t.Errorf("%d of many", len(got))
	}
}

func FuzzPasswordCandidates(f *testing.F) {
	f.Add("The password is: Tango-42.")
	f.Add("Şifre: İİİ\nPASSWORT\xff x")
	f.Fuzz(func(t *testing.T, text string) {
		got := PasswordCandidates(text)
		if len(got) > MaxPasswords {
			t.Errorf("%d words", len(got))
		}
		for _, w := range got {
			if w == "" || len(w) > maxPassword {
				t.Errorf("word %q", w)
			}
		}
	})
}
