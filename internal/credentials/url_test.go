package credentials_test

import "testing"

func TestResolveNormalizesURLs(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://app.prefactorai.com":     "https://app.prefactorai.com",
		"https://app.prefactorai.com/":    "https://app.prefactorai.com",
		"https://app.prefactorai.com///":  "https://app.prefactorai.com",
		"HTTPS://App.PrefactorAI.com":     "https://app.prefactorai.com",
		"https://app.prefactorai.com:443": "https://app.prefactorai.com",
		"https://app.prefactorai.com:/":   "https://app.prefactorai.com",
		"https://host.example:8443/":      "https://host.example:8443",
		"https://host.example:80":         "https://host.example:80",
		"https://host.example/Prefix/":    "https://host.example/Prefix",
		"https://host.example/a%2Fb/":     "https://host.example/a%2Fb",
		"https://host.example/api":        "https://host.example/api",
		"https://host.example/api/v1/x":   "https://host.example/api/v1/x",
		"https://host.example/api/v10":    "https://host.example/api/v10",
		"https://10.0.0.1":                "https://10.0.0.1",
		"http://localhost":                "http://localhost",
		"http://LOCALHOST:8080/":          "http://localhost:8080",
		"http://localhost:80":             "http://localhost",
		"http://localhost:443":            "http://localhost:443",
		"http://127.0.0.1:4010":           "http://127.0.0.1:4010",
		"http://127.255.255.254":          "http://127.255.255.254",
		"http://[::1]:4010":               "http://[::1]:4010",
		"http://[::1]":                    "http://[::1]",
		"http://[0:0::1]":                 "http://[0:0::1]",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			got, err := scene{token: new(blockToken), url: &given}.resolve(t)
			if err != nil {
				t.Fatal(err)
			}
			if got.URL != want {
				t.Errorf("got %s, want %s", got.URL, want)
			}
			again, err := scene{token: new(blockToken), url: new(got.URL)}.resolve(t)
			if err != nil || again.URL != got.URL {
				t.Errorf("%s became %s the second time (%v)", got.URL, again.URL, err)
			}
		})
	}
}

func TestResolveRefusesURLs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ url, flaw string }{
		"no scheme":                     {"app.prefactorai.com", "is not an absolute http or https URL"},
		"no scheme, but a port":         {"app.prefactorai.com:443", "is not an absolute http or https URL"},
		"host as scheme":                {"localhost:8080", "is not an absolute http or https URL"},
		"relative to the scheme":        {"//app.prefactorai.com", "is not an absolute http or https URL"},
		"path":                          {"/api", "is not an absolute http or https URL"},
		"token instead of a URL":        {secret, "is not an absolute http or https URL"},
		"ftp":                           {"ftp://host.example", "is not an absolute http or https URL"},
		"websocket":                     {"wss://host.example", "is not an absolute http or https URL"},
		"broken escape":                 {"https://host.example/%zz" + secret, "is not an absolute http or https URL"},
		"broken IPv6":                   {"https://[::1", "is not an absolute http or https URL"},
		"port that is a word":           {"https://host.example:" + secret, "is not an absolute http or https URL"},
		"port too high":                 {"https://host.example:65536", "has a port above 65535"},
		"no host":                       {"https://", "has no host"},
		"no host, but a port":           {"https://:8080", "has no host"},
		"one slash":                     {"https:/host.example", "has no host"},
		"opaque":                        {"https:host.example", "has no host"},
		"blank at the end":              {"https://host.example ", "contains a space"},
		"blank in the path":             {"https://host.example/a b", "contains a space"},
		"newline at the end":            {"https://host.example\n", "contains a space, a newline"},
		"control character":             {"https://host.example/\x1b[2J", "a control character"},
		"user":                          {"https://me@host.example", "contains a user name or password"},
		"password":                      {"https://me:" + secret + "@host.example", "contains a user name or password"},
		"password with a slash":         {"https://me:12/" + secret + "@host.example", "contains a user name or password"},
		"password with a question mark": {"https://me:12?" + secret + "@host.example", "contains a user name or password"},
		"password with a hash":          {"https://me:" + secret + "#1@host.example", "contains a user name or password"},
		"query":                         {"https://host.example?token=" + secret, "has a query"},
		"empty query":                   {"https://host.example/?", "has a query"},
		"fragment":                      {"https://host.example/#" + secret, "has a fragment"},
		"empty fragment":                {"https://host.example#", "has a fragment"},
		"http":                          {"http://host.example", "unencrypted"},
		"http in a private network":     {"http://10.0.0.1", `"10.0.0.1" is not this machine`},
		"http, all addresses":           {"http://0.0.0.0:8080", "unencrypted"},
		"http, name with localhost":     {"http://localhost.host.example", "unencrypted"},
		"http, name with 127.0.0.1":     {"http://127.0.0.1.host.example", "unencrypted"},
		"http, short loopback":          {"http://127.1", "unencrypted"},
		"http, decimal loopback":        {"http://2130706433", "unencrypted"},
		"http, IPv6":                    {"http://[fe80::1]", "unencrypted"},
		"http, user for a loopback":     {"http://localhost@host.example", "contains a user name or password"},
		"API path":                      {"https://host.example/api/v1", "Remove /api/v1: use https://host.example."},
		"API path and slash":            {"https://host.example/api/v1/", "Remove /api/v1: use https://host.example."},
		"API path in capitals":          {"https://host.example/API/v1", "Remove /api/v1: use https://host.example."},
		"API path under a prefix":       {"https://host.example/prefix//api/v1", "Remove /api/v1: use https://host.example/prefix."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene{token: new(blockToken), url: &c.url}.
				refuses(t, "api_url", "The API URL from the provider block ", c.flaw)
			scene{env: map[string]string{"PREFACTOR_API_TOKEN": envToken, "PREFACTOR_API_URL": c.url}}.
				refuses(t, "", "The API URL from the "+urlFromEnv+" ", c.flaw)
			scene{files: map[string]string{workFile: profileOf(t, "default", defaultToken, c.url)}}.
				refuses(t, "", "The API URL from the "+workProfile+" ", c.flaw)
			scene{profile: new("ci"), files: map[string]string{workFile: profileOf(t, "ci", ciToken, c.url)}}.
				refuses(t, "profile", "The API URL from the "+workCI+" ", c.flaw)
			// Beside a URL that is good, too.
			scene{url: new("https://host.example"), env: map[string]string{"PREFACTOR_API_TOKEN": envToken, "PREFACTOR_API_URL": c.url}}.
				refuses(t, "", urlFromEnv)
			scene{url: &c.url, files: map[string]string{workFile: twoProfiles}}.
				refuses(t, "api_url", c.flaw)
		})
	}
	t.Run("empty in a profile", func(t *testing.T) {
		t.Parallel()
		scene{files: map[string]string{workFile: profileOf(t, "default", defaultToken, "")}}.
			refuses(t, "", workProfile+" is empty")
	})
}
