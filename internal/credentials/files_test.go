package credentials_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestResolveFindsFile(t *testing.T) {
	t.Parallel()
	in := func(name string) string { return profileOf(t, "default", secret+"-"+name, "https://host.example") }
	const nested = "work/repo/infra/eu"
	for name, c := range map[string]struct {
		scene scene
		want  string // The folder of the file, as it is named in its token; also its place below %ROOT%.
	}{
		"root of a clone": {
			scene{workDir: nested, files: map[string]string{"work/repo/.git/": "", "work/repo/prefactor.json": in("work/repo")}},
			"work/repo",
		},
		"root of a linked work tree, where .git is a file": {
			scene{workDir: nested, files: map[string]string{"work/repo/.git": "gitdir: elsewhere", "work/repo/prefactor.json": in("work/repo")}},
			"work/repo",
		},
		"current folder is the root": {
			scene{workDir: "work/repo", files: map[string]string{"work/repo/.git/": "", "work/repo/prefactor.json": in("work/repo")}},
			"work/repo",
		},
		"first root of two": {
			scene{workDir: nested, files: map[string]string{
				"work/repo/.git/": "", "work/repo/prefactor.json": in("work/repo"),
				"work/repo/infra/.git": "gitdir: ../.git/modules/infra", "work/repo/infra/prefactor.json": in("work/repo/infra"),
			}},
			"work/repo/infra",
		},
		"first root has no file: home, not the root above": {
			scene{workDir: nested, files: map[string]string{
				"work/repo/.git/": "", "work/repo/prefactor.json": in("work/repo"),
				"work/repo/infra/.git": "gitdir: ../.git/modules/infra", homeFile: in("home/.prefactor"),
			}},
			"home/.prefactor",
		},
		"a file between the current folder and the root does not count": {
			scene{workDir: nested, files: map[string]string{
				"work/repo/.git/": "", "work/repo/prefactor.json": in("work/repo"),
				"work/repo/infra/prefactor.json": in("work/repo/infra"), nested + "/prefactor.json": in(nested),
			}},
			"work/repo",
		},
		"no work tree: the current folder": {
			scene{workDir: nested, files: map[string]string{nested + "/prefactor.json": in(nested), "work/prefactor.json": in("work")}},
			nested,
		},
		"work tree before home": {
			scene{files: map[string]string{workFile: in("work"), homeFile: in("home/.prefactor")}},
			"work",
		},
		"home": {
			scene{files: map[string]string{homeFile: in("home/.prefactor")}},
			"home/.prefactor",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.scene.resolve(t)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(got.Token, "-"+c.want) {
				t.Errorf("got the token %q, want that of %s", got.Token, c.want)
			}
			if want := `profile "default" in %ROOT%/` + c.want + "/prefactor.json"; got.TokenSource != want {
				t.Errorf("got %s, want %s", got.TokenSource, want)
			}
		})
	}
}

func TestResolveExplicitFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, at string }{
		"absolute":                          {"%ROOT%/elsewhere/p.json", "elsewhere/p.json"},
		"below home":                        {"~/p.json", "home/p.json"},
		"relative to the current folder":    {"conf/p.json", "work/conf/p.json"},
		"a tilde that is not the home's":    {"~p.json", "work/~p.json"},
		"before the file of the work tree":  {"../other/prefactor.json", "other/prefactor.json"},
		"dots in it":                        {"./conf/../p.json", "work/p.json"},
		"below home, with a folder and dot": {"~/.config/prefactor/p.json", "home/.config/prefactor/p.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{workFile: twoProfiles, homeFile: twoProfiles}
			files[c.at] = profileOf(t, "default", secret+"-explicit", "https://explicit.example")
			got, err := scene{file: &c.file, files: files}.resolve(t)
			if err != nil {
				t.Fatal(err)
			}
			from := `profile "default" in %ROOT%/` + c.at
			if got.Token != secret+"-explicit" || got.URL != "https://explicit.example" || got.TokenSource != from || got.URLSource != from {
				t.Errorf("got %v, want %s", got, from)
			}
		})
	}
}

const brokenJSON = "{\n  \"default\": {\"api_key\": \"" + defaultToken + "\" \"base_url\": 1}\n}"

// Files that give no profiles, and what is said of them.
func uselessFiles() map[string]struct{ text, says string } {
	return map[string]struct{ text, says string }{
		"not JSON":       {brokenJSON, "is not valid JSON (line 2)"},
		"cut off":        {twoProfiles[:len(twoProfiles)-2], "is not valid JSON"},
		"two objects":    {"{}\n{}", "is not valid JSON (line 2)"},
		"a bare token":   {secret, "is not valid JSON (line 1)"},
		"a quoted token": {`"` + secret + `"`, "is valid JSON, but not an object of profiles"},
		"list":           {"[" + twoProfiles + "]", "is valid JSON, but not an object of profiles"},
		"null":           {"null", "is valid JSON, but not an object of profiles"},
		"empty":          {"", "is empty"},
		"blank":          {" \n", "is empty"},
		"too large":      {twoProfiles + strings.Repeat(" ", 1<<20), "is larger than 1048576 bytes"},
	}
}

func TestResolveRefusesExplicitFile(t *testing.T) {
	t.Parallel()
	refuses := func(t *testing.T, s scene, parts ...string) {
		t.Helper()
		s.refuses(t, "profiles_file", parts...)
		s.profile = new("ci")
		s.refuses(t, "profiles_file", parts...)
	}
	for name, c := range uselessFiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, scene{file: new("%ROOT%/p.json"), files: map[string]string{"p.json": c.text, workFile: twoProfiles}},
				"%ROOT%/p.json, "+c.says)
		})
	}
	t.Run("missing", func(t *testing.T) {
		t.Parallel()
		refuses(t, scene{file: new("%ROOT%/p.json"), files: map[string]string{workFile: twoProfiles}}, "%ROOT%/p.json, does not exist")
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		refuses(t, scene{file: new("%ROOT%/work"), files: map[string]string{workFile: twoProfiles}}, "%ROOT%/work, is not a file")
	})
	t.Run("name too long for any file system", func(t *testing.T) {
		t.Parallel()
		refuses(t, scene{file: new("%ROOT%/" + strings.Repeat("p", 5000))}, "ppp, cannot be read: ")
	})
	t.Run("home without a home", func(t *testing.T) {
		t.Parallel()
		refuses(t, scene{file: new("~/p.json"), noHome: true, files: map[string]string{workFile: twoProfiles}}, "no home directory", "Use an absolute path")
	})
}

// profiles_file is read when a profile is needed, and only then.
func TestResolveExplicitFileIsNotNeeded(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]scene{
		"api_token":           {token: new(blockToken)},
		"PREFACTOR_API_TOKEN": {env: map[string]string{"PREFACTOR_API_TOKEN": envToken}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.file = new("%ROOT%/missing.json")
			if _, err := s.resolve(t); err != nil {
				t.Error(err)
			}
		})
	}
}

// A file that exists ends the search, even if it is of no use.
func TestResolveUselessDiscoveredFile(t *testing.T) {
	t.Parallel()
	for name, c := range uselessFiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scene{files: map[string]string{workFile: c.text, homeFile: twoProfiles}}
			says := "%ROOT%/work/prefactor.json: " + c.says
			s.refuses(t, "", "No API token", says)
			s.profile = new("ci")
			s.refuses(t, "profile", "Profile not found", says)
			// Another source is not held up by it.
			s.profile, s.env = nil, map[string]string{"PREFACTOR_API_TOKEN": envToken}
			if _, err := s.resolve(t); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		scene{files: map[string]string{workFile + "/": "", homeFile: twoProfiles}}.
			refuses(t, "", "%ROOT%/work/prefactor.json: is not a file")
	})
	t.Run("home file", func(t *testing.T) {
		t.Parallel()
		scene{files: map[string]string{homeFile: brokenJSON}}.
			refuses(t, "", "%ROOT%/work/prefactor.json: does not exist", "%ROOT%/home/.prefactor/prefactor.json: is not valid JSON (line 2)")
	})
}

func TestResolveProfileNotFound(t *testing.T) {
	t.Parallel()
	byEnv := map[string]string{"PREFACTOR_PROFILE": "nobody", "PREFACTOR_API_TOKEN": envToken}
	everything := map[string]string{workFile: twoProfiles, homeFile: profileOf(t, "nobody", secret, "https://home.example")}
	for name, c := range map[string]struct {
		scene     scene
		attribute string
		parts     []string
	}{
		"by attribute": {
			scene{profile: new("nobody"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken}, files: everything},
			"profile",
			[]string{`The profile "nobody", which is configured by the provider block`, `%ROOT%/work/prefactor.json: has no profile "nobody" (it has "ci", "default")`},
		},
		"by environment": {
			scene{env: byEnv, files: everything},
			"",
			[]string{`The profile "nobody", which is configured by the environment variable PREFACTOR_PROFILE`, `(it has "ci", "default")`},
		},
		"no file": {
			scene{profile: new("nobody"), env: byEnv},
			"profile",
			[]string{"%ROOT%/work/prefactor.json: does not exist", "%ROOT%/home/.prefactor/prefactor.json: does not exist"},
		},
		"no home": {
			scene{profile: new("nobody"), noHome: true},
			"profile",
			[]string{"%ROOT%/work/prefactor.json: does not exist"},
		},
		"no profiles": {
			scene{profile: new("nobody"), files: map[string]string{workFile: "{}"}},
			"profile",
			[]string{"(it has none)"},
		},
		"explicit file": {
			scene{profile: new("nobody"), file: new("~/p.json"), files: map[string]string{"home/p.json": onlyCI, workFile: twoProfiles}},
			"profile",
			[]string{`%ROOT%/home/p.json: has no profile "nobody" (it has "ci")`},
		},
		"other case": {
			scene{profile: new("CI"), files: everything},
			"profile",
			[]string{`has no profile "CI" (it has "ci", "default")`},
		},
		"many profiles": {
			scene{profile: new("nobody"), files: map[string]string{workFile: manyProfiles(25)}},
			"profile",
			[]string{`"p00"`, `"p19" and 5 more`},
		},
		"name that is long and has control characters": {
			scene{profile: new("a\n\x1b" + strings.Repeat("b", 1000))},
			"profile",
			[]string{"x1bbb", `bbb...", which is configured`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.scene.refuses(t, c.attribute, c.parts...)
		})
	}
}

func TestResolveEntryIsNoProfile(t *testing.T) {
	t.Parallel()
	for entry, says := range map[string]string{
		`{"base_url": "https://host.example"}`:                                "has no api_key that is a string",
		`{"api_key": 1, "base_url": "https://host.example"}`:                  "has no api_key that is a string",
		`{"API_KEY": "` + secret + `", "base_url": "https://host.example"}`:   "has no api_key that is a string",
		`{"api_key": null, "base_url": "https://host.example"}`:               "has no api_key that is a string",
		`{"api_key": "` + secret + `"}`:                                       "has no base_url that is a string",
		`{"api_key": "` + secret + `", "base_url": null}`:                     "has no base_url that is a string",
		`{"api_key": "` + secret + `", "base_url": ["https://host.example"]}`: "has no base_url that is a string",
		`"` + secret + `"`:   "is not an object",
		`["` + secret + `"]`: "is not an object",
		`null`:               "is not an object",
	} {
		t.Run(entry, func(t *testing.T) {
			t.Parallel()
			for _, wanted := range []string{"default", "ci"} {
				files := map[string]string{workFile: fmt.Sprintf(`{%q: %s, "good": {"api_key": %q, "base_url": "https://good.example"}}`, wanted, entry, secret)}
				s, attribute := scene{files: files}, ""
				if wanted != "default" {
					s.profile, attribute = &wanted, "profile"
				}
				s.refuses(t, attribute, fmt.Sprintf("its entry %q is not a profile: it %s", wanted, says))
				// The entries beside it are not harmed.
				s.profile = new("good")
				if got, err := s.resolve(t); err != nil || got.Token != secret {
					t.Errorf("the good profile: %v, %v", got, err)
				}
			}
		})
	}
}

func manyProfiles(n int) string {
	var entries []string
	for i := range n {
		entries = append(entries, fmt.Sprintf(`"p%02d": {"api_key": %q, "base_url": "https://host.example"}`, i, secret))
	}
	return "{" + strings.Join(entries, ",") + "}"
}
