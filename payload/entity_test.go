package payload

import "testing"

// What neither phone nor browser decodes in a link, but the page behind it does.
func TestRecipientInReferences(t *testing.T) {
	for _, written := range []string{
		"claire&#64;letsdefend.io", "claire&#064letsdefend.io", "claire&#x40;letsdefend.io", "claire&commat;letsdefend&period;io",
		"cl&#97;ire&#64;letsdefend&#46;io", "claire%26%2364%3Bletsdefend.io", "&#99;&#108;&#97;&#105;&#114;&#101;&#64;letsdefend.io",
		`claire\u0040letsdefend.io`, `\u0063laire\u0040letsdefend\u002eio`, "claire%u0040letsdefend.io", `claire\x40letsdefend\x2eio`, `claire\u{40}letsdefend.io`,
		"claire&amp;#64;letsdefend.io", b64("claire&#64;letsdefend.io"), "claire%26commat%3Bletsdefend.io", "claire(at)letsdefend.io",
	} {
		for _, place := range []string{"https://evil.example/?a=1&amp;u=", "https://evil.example/?a=1&u=", "https://evil.example/x/", "https://evil.example/#"} {
			if p := Parse(place+written, true); inLink(p, []string{claire}) != whole {
				t.Errorf("not found in %s", p.URL)
			}
			if p := Parse(place+written, true); inLink(p, []string{"clara@letsdefend.io"}) == whole {
				t.Errorf("somebody else found in %s", p.URL)
			}
		}
	}
}

// A target that a page reads out of its link as HTML.
func TestTargetInReferences(t *testing.T) {
	const evil = "https://evil.example/a"
	for link, want := range map[string]string{
		"https://shop.example/out?a=1&amp;url=https%3A%2F%2Fevil.example%2Fa":                            evil,
		"https://shop.example/out?a=1&#38;url=https%3A%2F%2Fevil.example%2Fa":                            evil,
		"https://shop.example/out?url=https&#58;&#47;&#47;evil.example/a":                                evil,
		"https://shop.example/out?url=https&colon;&sol;&sol;evil.example&sol;a":                          evil,
		"https://shop.example/out?url=https%26%2358%3B%2F%2Fevil.example%2Fa":                            evil,
		"https://shop.example/out?url=https%26%23x3a%3B%2F%2Fevil%26%2346%3Bexample%2Fa":                 evil,
		`https://shop.example/out?url=https\u003a\u002f\u002fevil.example/a`:                             evil,
		"https://shop.example/out?u=" + b64("https&#58;//evil.example/a"):                                evil,
		"https://www.google.com/url?sa=t&amp;q=https%3A%2F%2Fevil.example%2Fa":                           evil,
		"https://nam01.safelinks.protection.outlook.com/?x=1&amp;url=https%3A%2F%2Fevil.example%2Fa":     evil,
		"https://urldefense.proofpoint.com/v2/url?k=1&amp;u=https-3A__evil.example_a&amp;d=DwMFAg&amp;c": evil,
		"https://shop.example/?a=1&amp;b=2&copy=3":                                                       "",
	} {
		if got := Parse(link, true).Target; got != want {
			t.Errorf("%s:\n\t%q, want %q", link, got, want)
		}
	}
}
