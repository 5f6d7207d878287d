package inspect

import (
	"encoding/binary"
	"testing"

	"quishmilter/mime"
)

func TestCache(t *testing.T) {
	c := NewKnown()
	logo := &mime.Part{Path: "2", Type: "image/png", Name: "logo.png", Raw: []byte("pixels")}
	if _, _, ok := c.get(keyOf(logo, nil), "2", true); ok {
		t.Fatal("known before it was seen")
	}
	c.put(keyOf(logo, nil), []Found{{Part: "2", Name: "logo.png"}}, []mime.Problem{{Part: "2", Kind: mime.Broken}}, false)
	found, problems, ok := c.get(keyOf(logo, nil), "1.7", true)
	if !ok || len(found) != 1 || found[0].Part != "1.7" || len(problems) != 1 || problems[0].Part != "1.7" {
		t.Errorf("%v %v %v", found, problems, ok)
	}
	half := &mime.Part{Raw: []byte("half a code")}
	c.put(keyOf(half, nil), nil, nil, true)
	if _, _, ok := c.get(keyOf(half, nil), "1", false); ok {
		t.Error("half a code is not looked at beside the other half")
	}
	if _, _, ok := c.get(keyOf(half, nil), "1", true); !ok {
		t.Error("alone it is what it was")
	}
	renamed := *logo
	renamed.Name = "other.png"
	if _, _, ok := c.get(keyOf(&renamed, nil), "2", true); ok {
		t.Error("another name is another part: the name stands in the result")
	}
	if _, _, ok := c.get(keyOf(logo, []string{"1234"}), "2", true); ok {
		t.Error("a password may open what did not open before")
	}
	for _, kind := range []mime.Kind{mime.Timeout, mime.Overload, mime.OverLimit} {
		slow := &mime.Part{Raw: []byte(kind)}
		c.put(keyOf(slow, nil), nil, []mime.Problem{{Kind: kind}}, false)
		if _, _, ok := c.get(keyOf(slow, nil), "1", true); ok {
			t.Errorf("%s was kept", kind)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := NewKnown()
	key := func(n int) (d digest) {
		binary.BigEndian.PutUint64(d[:], uint64(n))
		return d
	}
	for n := range cacheSize + 10 {
		c.put(key(n), nil, nil, false)
		c.get(key(0), "1", true) // what is asked for stays
	}
	if len(c.known) != cacheSize || c.recent.Len() != cacheSize {
		t.Errorf("%d and %d entries", len(c.known), c.recent.Len())
	}
	if _, _, ok := c.get(key(0), "1", true); !ok {
		t.Error("what is used often was dropped")
	}
	if _, _, ok := c.get(key(5), "1", true); ok {
		t.Error("the oldest was kept")
	}
}

// Pictures of codes have a bound of their own.
func TestCachedPicturesAreBounded(t *testing.T) {
	c := NewKnown()
	picture := make([]byte, maxEvidence)
	for n := range 2 * cachePicture / maxEvidence {
		var key digest
		binary.BigEndian.PutUint64(key[:], uint64(n))
		c.put(key, []Found{{Shown: picture}}, nil, false)
	}
	if c.size > cachePicture || c.recent.Len() != cachePicture/maxEvidence {
		t.Errorf("%d bytes in %d entries", c.size, c.recent.Len())
	}
}
