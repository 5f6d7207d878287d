package prevalence

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of histories can be HMACs of the keys under a secret of the site. Then whoever gets hold of the file without
// the secret cannot read addresses from it, nor ask for one. With both it can still be asked for any address: this
// protects backups and lost disks, not a host that was taken over. The journal is another matter.

// hashedName is the length of a hashed key: 128 bits are far from any collision.
const hashedName = 16

// nameOf says where the history of a key lies; ok is false when there can be none. A key of two parts stays one of
// two parts, so that all pairs of a sender lie together.
func (s *Store) nameOf(kind Kind, key string) (n name, ok bool) {
	if key == "" || len(key) > maxKey || kind >= kinds {
		return name{}, false
	}
	if kind == Exact {
		key = Key(key) + "\x00" + key
	}
	if s.secret == nil {
		return name{kind, key}, true
	}
	return name{kind, s.hidden(key)}, true
}

func (s *Store) hash(part string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(part))
	return mac.Sum(nil)[:hashedName]
}

// halves takes a name of two parts apart, as long as it is one.
func (s *Store) halves(key string) (first, second string) {
	if s.secret != nil {
		n := min(hashedName, len(key))
		return key[:n], key[n:]
	}
	first, second, _ = strings.Cut(key, "\x00")
	return first, second
}

// Secret reads the site's secret from a file, and makes one (mode 0600) when there is none. Hosts that share a store
// need the same one. Whoever loses it loses the histories.
func Secret(path string) ([]byte, error) {
	secret, err := ReadSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSecret(path)
	}
	return secret, err
}

// ReadSecret is Secret, and makes none.
func ReadSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("prevalence: reading the secret: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) < 16 {
		return nil, fmt.Errorf("prevalence: %s holds no secret: at least 32 hexadecimal digits are needed", path)
	}
	return secret, nil
}

// newSecret links the file to its name when it is whole, so that two programs that start at once agree on one.
func newSecret(path string) ([]byte, error) {
	secret := make([]byte, 32)
	rand.Read(secret) // it never fails
	file, err := os.CreateTemp(filepath.Dir(path), ".secret-*")
	if err != nil {
		return nil, fmt.Errorf("prevalence: cannot create the secret: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = fmt.Fprintf(file, "%x\n", secret)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("prevalence: cannot write the secret: %w", err)
	}
	if err := os.Link(file.Name(), path); errors.Is(err, fs.ErrExist) {
		return Secret(path)
	} else if err != nil {
		return nil, fmt.Errorf("prevalence: cannot create the secret: %w", err)
	}
	return secret, nil
}
