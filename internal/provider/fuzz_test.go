package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
)

// FuzzConfigure mixes the attributes of the provider block with an environment
// and a profiles file: it ends in a provider that can be used or in an error
// that has no secret in it, and never in both. Empty text leaves a part out;
// "unknown" is a value that is not known yet.
func FuzzConfigure(f *testing.F) {
	const (
		file  = `{"default": {"api_key": "a-token-of-the-file", "base_url": "https://host.example"}, "ci": {"api_key": "x y", "base_url": "http://host"}}`
		token = "a-token-of-the-block"
		id    = "01jv4z9v6p0000g0h2x5k3m7q8s9t4w6"
	)
	for _, s := range [][10]string{
		{},
		{token},
		{token, "https://host.example", id, "", "30s", "336h"},
		{token + "\n", "HTTPS://Host.Example:443/api/v1/", "acme"},
		{"unknown", "unknown", "unknown", "unknown"},
		{"", "", "", "", "", "", file},
		{"", "https://other.example", "", "default", "", "", file},
		{"", "", "", "ci", "", "", file},
		{"", "", "", "", "", "", "{", "a-token-of-the-environment", "https://[::1%25eth0]:99999/?q#f"},
		{"", "", "", "", "0s", "-1h", file, "a-token-of-the-environment", "http://user:pass@host", "ci"},
		{"\xff", "%zz://", "\x00", "\u202e", "9999999999h", "x", "\xff", "\xff", "\xff", "\xff"},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4], s[5], []byte(s[6]), s[7], s[8], s[9], false, uint8(3), uint8(5))
		f.Add(s[0], s[1], s[2], s[3], s[4], s[5], []byte(s[6]), s[7], s[8], s[9], true, uint8(20), uint8(64))
	}
	dir := f.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o750); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token, url, account, profile, timeout, warning string, file []byte, envToken, envURL, envProfile string, named bool, retries, concurrent uint8) {
		path := filepath.Join(dir, "prefactor.json")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{credentials.EnvToken: envToken, credentials.EnvURL: envURL, credentials.EnvProfile: envProfile}
		p := &prefactorProvider{
			version: "test", workDir: dir, homeDir: dir,
			lookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		}
		m := providerModel{
			APIToken: textOrNot(token), APIURL: textOrNot(url), AccountID: textOrNot(account), Profile: textOrNot(profile),
			ProfilesFile: types.StringNull(), RequestTimeout: textOrNot(timeout), ExpiryWarning: textOrNot(warning),
			MaxRetries: types.Int64Value(int64(retries)), MaxConcurrentRequests: types.Int64Value(int64(concurrent)), AllowSelfLockout: types.BoolNull(),
		}
		if named {
			m.ProfilesFile = types.StringValue(path)
		}
		var diags diag.Diagnostics
		data, ok := p.configure(m, "1.14.0", &diags)
		if ok == diags.HasError() || (ok && data == nil) {
			t.Fatalf("usable: %t, with %v", ok, diags)
		}
		waits := m.APIToken.IsUnknown() || m.APIURL.IsUnknown() || m.Profile.IsUnknown() || m.ProfilesFile.IsUnknown()
		if ok && (data.API == nil) != waits {
			t.Fatalf("there is a client: %t, though something is not known yet: %t", data.API != nil, waits)
		}
		for _, e := range diags.Errors() {
			text := e.Summary() + "\n" + e.Detail()
			// What is a secret in one place may be harmless in another.
			harmless := strings.Join([]string{url, account, profile, timeout, warning, envURL, envProfile, dir}, "\n")
			for _, secret := range []string{token, envToken, "a-token-of-the-file"} {
				if len(secret) >= 12 && strings.Contains(text, secret) && !strings.Contains(harmless, secret) {
					t.Errorf("a token is in the error: %s", text)
				}
			}
			if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
				t.Errorf("a control character is in the error: %q", text)
			}
		}
	})
}

func textOrNot(text string) types.String {
	switch text {
	case "":
		return types.StringNull()
	case "unknown":
		return types.StringUnknown()
	}
	return types.StringValue(text)
}
