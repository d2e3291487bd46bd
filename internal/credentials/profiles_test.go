package credentials

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"unicode"
)

func FuzzProfiles(f *testing.F) {
	for _, seed := range []string{
		"", " ", "null", "true", "1", `"text"`, "[]", "{}", "{", `{"a":`, "{}{}", "\ufeff{}", "\xff",
		`{"default": {"api_key": "k", "base_url": "https://host.example"}}`,
		`{"default": {"api_key": "k", "base_url": "u", "more": [1, {"x": null}]}, "b": null, "c": [], "d": 1}`,
		`{"a": {"api_key": "1", "base_url": "u"}, "a": {"api_key": "2"}}`,
		`{"": {"API_KEY": "k", "base_url": "u"}}`,
		`{"\ud800": {"api_key": "\u0000", "base_url": ""}}`,
		strings.Repeat(`{"a":`, 20000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		profiles, broken, err := parseProfiles(data)
		if err != nil {
			if profiles != nil || broken != nil {
				t.Fatal("profiles along with an error")
			}
			if strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Fatalf("the error has something of the file: %q", err)
			}
			return
		}
		var entries map[string]any
		if err := json.Unmarshal(data, &entries); err != nil {
			t.Fatalf("took for JSON what is not: %v", err)
		}
		if len(profiles)+len(broken) != len(entries) {
			t.Fatalf("%d profiles and %d broken entries out of %d", len(profiles), len(broken), len(entries))
		}
		for name := range broken {
			if _, both := profiles[name]; both {
				t.Fatalf("%q is a profile and broken", name)
			}
		}

		// What was read comes back when it is written as the vendor's tool does.
		written := map[string]map[string]string{}
		for name, p := range profiles {
			written[name] = map[string]string{"api_key": p.token, "base_url": p.url}
		}
		text, err := json.Marshal(written)
		if err != nil {
			t.Fatal(err)
		}
		again, broken, err := parseProfiles(text)
		if err != nil || len(broken) > 0 || !maps.Equal(again, profiles) {
			t.Fatalf("%q came back as %q, %v", profiles, again, err)
		}
	})
}
