package credentials_test

import (
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
)

func TestResolveOrder(t *testing.T) {
	t.Parallel()
	everywhere := map[string]string{workFile: twoProfiles}
	for name, c := range map[string]struct {
		scene scene
		want  credentials.Result
	}{
		"api_token alone": {
			scene{token: new(blockToken)},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"api_token before profile": {
			scene{token: new(blockToken), profile: new("ci"), files: everywhere},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"api_token before a profile that does not exist": {
			scene{token: new(blockToken), profile: new("nobody")},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"api_token before PREFACTOR_PROFILE": {
			scene{token: new(blockToken), env: map[string]string{"PREFACTOR_PROFILE": "ci"}, files: everywhere},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"api_token before PREFACTOR_API_TOKEN": {
			scene{token: new(blockToken), env: map[string]string{"PREFACTOR_API_TOKEN": envToken}},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"api_token before the default profile": {
			scene{token: new(blockToken), files: everywhere},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"profile before PREFACTOR_PROFILE": {
			scene{profile: new("ci"), env: map[string]string{"PREFACTOR_PROFILE": "default"}, files: everywhere},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"profile before PREFACTOR_API_TOKEN": {
			scene{profile: new("ci"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken}, files: everywhere},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"profile default, when named, before PREFACTOR_API_TOKEN": {
			scene{profile: new("default"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken}, files: everywhere},
			credentials.Result{Token: defaultToken, URL: "https://default.example", TokenSource: workProfile, URLSource: workProfile},
		},
		"profile before the default profile": {
			scene{profile: new("ci"), files: everywhere},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"PREFACTOR_PROFILE before PREFACTOR_API_TOKEN": {
			scene{env: map[string]string{"PREFACTOR_PROFILE": "ci", "PREFACTOR_API_TOKEN": envToken}, files: everywhere},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"PREFACTOR_PROFILE before the default profile": {
			scene{env: map[string]string{"PREFACTOR_PROFILE": "ci"}, files: everywhere},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"empty PREFACTOR_PROFILE is not set": {
			scene{env: map[string]string{"PREFACTOR_PROFILE": "", "PREFACTOR_API_TOKEN": envToken}, files: everywhere},
			credentials.Result{Token: envToken, URL: credentials.DefaultURL, TokenSource: fromEnv, URLSource: byDefault},
		},
		"PREFACTOR_API_TOKEN before the default profile": {
			scene{env: map[string]string{"PREFACTOR_API_TOKEN": envToken}, files: everywhere},
			credentials.Result{Token: envToken, URL: credentials.DefaultURL, TokenSource: fromEnv, URLSource: byDefault},
		},
		"empty PREFACTOR_API_TOKEN is not set": {
			scene{env: map[string]string{"PREFACTOR_API_TOKEN": ""}, files: everywhere},
			credentials.Result{Token: defaultToken, URL: "https://default.example", TokenSource: workProfile, URLSource: workProfile},
		},
		"default profile": {
			scene{files: everywhere},
			credentials.Result{Token: defaultToken, URL: "https://default.example", TokenSource: workProfile, URLSource: workProfile},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.scene.resolve(t)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, c.want)
		})
	}
}

func TestResolvePairsTokenAndURL(t *testing.T) {
	t.Parallel()
	files := map[string]string{workFile: twoProfiles}
	for name, c := range map[string]struct {
		scene scene
		want  credentials.Result
	}{
		"api_token and api_url, whatever the environment says": {
			scene{token: new(blockToken), url: new("https://block.example"), env: map[string]string{"PREFACTOR_API_URL": "https://env.example"}},
			credentials.Result{Token: blockToken, URL: "https://block.example", TokenSource: block, URLSource: block},
		},
		"api_token and PREFACTOR_API_URL": {
			scene{token: new(blockToken), env: map[string]string{"PREFACTOR_API_URL": "https://env.example"}},
			credentials.Result{Token: blockToken, URL: "https://env.example", TokenSource: block, URLSource: urlFromEnv},
		},
		"api_token and empty PREFACTOR_API_URL": {
			scene{token: new(blockToken), env: map[string]string{"PREFACTOR_API_URL": ""}},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"api_token never goes to a profile's URL": {
			scene{token: new(blockToken), profile: new("ci"), env: map[string]string{"PREFACTOR_PROFILE": "ci"}, files: files},
			credentials.Result{Token: blockToken, URL: credentials.DefaultURL, TokenSource: block, URLSource: byDefault},
		},
		"named profile ignores PREFACTOR_API_URL": {
			scene{profile: new("ci"), env: map[string]string{"PREFACTOR_API_URL": "https://env.example"}, files: files},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"profile ignores even a PREFACTOR_API_URL that is no URL": {
			scene{profile: new("ci"), env: map[string]string{"PREFACTOR_API_URL": "::"}, files: files},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"default profile ignores PREFACTOR_API_URL": {
			scene{env: map[string]string{"PREFACTOR_API_URL": "https://env.example"}, files: files},
			credentials.Result{Token: defaultToken, URL: "https://default.example", TokenSource: workProfile, URLSource: workProfile},
		},
		"profile and its own URL as api_url": {
			scene{profile: new("ci"), url: new("HTTPS://CI.example:443/"), files: files},
			credentials.Result{Token: ciToken, URL: "https://ci.example", TokenSource: workCI, URLSource: workCI},
		},
		"PREFACTOR_API_TOKEN and api_url": {
			scene{url: new("https://block.example"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken}},
			credentials.Result{Token: envToken, URL: "https://block.example", TokenSource: fromEnv, URLSource: block},
		},
		"PREFACTOR_API_TOKEN and PREFACTOR_API_URL": {
			scene{env: map[string]string{"PREFACTOR_API_TOKEN": envToken, "PREFACTOR_API_URL": "https://env.example"}},
			credentials.Result{Token: envToken, URL: "https://env.example", TokenSource: fromEnv, URLSource: urlFromEnv},
		},
		"PREFACTOR_API_TOKEN and the same URL in both places": {
			scene{url: new("https://same.example/"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken, "PREFACTOR_API_URL": "https://SAME.example"}},
			credentials.Result{Token: envToken, URL: "https://same.example", TokenSource: fromEnv, URLSource: block},
		},
		"PREFACTOR_API_TOKEN, api_url and empty PREFACTOR_API_URL": {
			scene{url: new("https://block.example"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken, "PREFACTOR_API_URL": ""}},
			credentials.Result{Token: envToken, URL: "https://block.example", TokenSource: fromEnv, URLSource: block},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.scene.resolve(t)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, c.want)
		})
	}
}

func TestResolveRefusesTwoURLs(t *testing.T) {
	t.Parallel()
	files := map[string]string{workFile: twoProfiles}
	for name, c := range map[string]struct {
		scene scene
		parts []string
	}{
		"named profile": {
			scene{profile: new("ci"), url: new("https://block.example"), files: files},
			[]string{workCI, "https://ci.example", "https://block.example", "Remove api_url"},
		},
		"profile of the environment": {
			scene{env: map[string]string{"PREFACTOR_PROFILE": "ci"}, url: new("https://block.example"), files: files},
			[]string{workCI, "Remove api_url"},
		},
		"default profile": {
			scene{url: new("https://block.example"), files: files},
			[]string{workProfile, "https://default.example", "Remove api_url"},
		},
		"profile with another port": {
			scene{profile: new("ci"), url: new("https://ci.example:8443"), files: files},
			[]string{"https://ci.example:8443"},
		},
		"environment": {
			scene{url: new("https://block.example"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken, "PREFACTOR_API_URL": "https://env.example"}},
			[]string{"PREFACTOR_API_TOKEN", "https://env.example", "https://block.example", "Remove api_url", "unset PREFACTOR_API_URL"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.scene.refuses(t, "api_url", c.parts...)
		})
	}
}

func TestResolveRefusesEmptyAttributes(t *testing.T) {
	t.Parallel()
	env := map[string]string{"PREFACTOR_API_TOKEN": envToken}
	files := map[string]string{workFile: twoProfiles}
	for attribute, s := range map[string]scene{
		"api_token":     {token: new(""), env: env, files: files},
		"api_url":       {url: new(""), env: env, files: files},
		"profile":       {profile: new(""), env: env, files: files},
		"profiles_file": {file: new(""), files: files},
	} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, attribute, attribute+" in the provider block is an empty string", "null")
		})
	}
}

func TestResolveFindsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scene scene
		want  string
	}{
		"bare machine": {
			scene{},
			`No API token is configured. These sources were checked, in this order:
  - api_token in the provider block: not set
  - profile in the provider block: not set
  - environment variable PREFACTOR_PROFILE: not set
  - environment variable PREFACTOR_API_TOKEN: not set
  - %ROOT%/work/prefactor.json: does not exist
  - %ROOT%/home/.prefactor/prefactor.json: does not exist

To set one: export PREFACTOR_API_TOKEN=...`,
		},
		"almost set up": {
			scene{
				env:   map[string]string{"PREFACTOR_PROFILE": "", "PREFACTOR_API_TOKEN": "", "PREFACTOR_API_URL": "https://env.example"},
				files: map[string]string{workFile: onlyCI},
			},
			`No API token is configured. These sources were checked, in this order:
  - api_token in the provider block: not set
  - profile in the provider block: not set
  - environment variable PREFACTOR_PROFILE: set, but empty
  - environment variable PREFACTOR_API_TOKEN: set, but empty
  - %ROOT%/work/prefactor.json: has no profile "default" (it has "ci")

To set one: export PREFACTOR_API_TOKEN=..., or use a profile of that file: profile = "ci"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.scene.resolve(t)
			if err == nil {
				t.Fatal("found something")
			}
			checkError(t, err, "")
			if err.Detail != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", err.Detail, c.want)
			}
		})
	}
}

// Without a WorkDir the current folder is meant: that of this package.
func TestResolveCurrentFolder(t *testing.T) {
	t.Parallel()
	_, err := credentials.Resolve(credentials.Input{ProfilesFile: new("files.go")})
	if err == nil || !strings.Contains(err.Error(), "is not valid JSON (line 1)") {
		t.Errorf("got %v, want that this package's files.go was read", err)
	}
}

// same compares field by field, since a Result does not print its token.
func same(t *testing.T, got, want credentials.Result) {
	t.Helper()
	for _, f := range []struct{ name, got, want string }{
		{"token", got.Token, want.Token},
		{"URL", got.URL, want.URL},
		{"token source", got.TokenSource, want.TokenSource},
		{"URL source", got.URLSource, want.URLSource},
	} {
		if f.got != f.want {
			t.Errorf("%s: got %q, want %q", f.name, f.got, f.want)
		}
	}
}
