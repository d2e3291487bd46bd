package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

const minimal = `
resource "prefactor_api_token" "test" {}
`

// block is a provider block with these lines in it.
func block(lines ...string) string {
	return "provider \"prefactor\" {\n" + strings.Join(lines, "\n") + "\n}\n"
}

func noChecks(*terraform.State) error { return nil }

// Where token and address come from, in each of the ways.
func TestProvider_credentials(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		block    string
		env      map[string]string
		profiles map[string]string // profile to token; the address is right
		home     bool              // the profiles are in the home folder
		says     string            // empty: it works
	}{
		"attributes":            {block: block(`api_token = "TOKEN"`, `api_url = "URL"`)},
		"environment":           {env: map[string]string{"PREFACTOR_API_TOKEN": "TOKEN", "PREFACTOR_API_URL": "URL"}},
		"attribute for the url": {block: block(`api_url = "URL"`), env: map[string]string{"PREFACTOR_API_TOKEN": "TOKEN"}},
		"attribute wins":        {block: block(`api_token = "TOKEN"`, `api_url = "URL"`), env: map[string]string{"PREFACTOR_API_TOKEN": "wrong-token-here", "PREFACTOR_API_URL": "https://wrong.invalid"}},
		"named profile":         {block: block(`profile = "ops"`), profiles: map[string]string{"ops": "TOKEN", "default": "wrong-token-here"}},
		"profile by variable":   {env: map[string]string{"PREFACTOR_PROFILE": "ops", "PREFACTOR_API_TOKEN": "wrong-token-here"}, profiles: map[string]string{"ops": "TOKEN"}},
		"default profile":       {profiles: map[string]string{"default": "TOKEN"}},
		"profile at home":       {profiles: map[string]string{"default": "TOKEN"}, home: true},
		"environment first":     {env: map[string]string{"PREFACTOR_API_TOKEN": "TOKEN", "PREFACTOR_API_URL": "URL"}, profiles: map[string]string{"default": "wrong-token-here"}},

		"nothing":              {says: `(?s)No\s+API\s+token.*PREFACTOR_API_TOKEN.*prefactor\.json`},
		"unknown profile":      {block: block(`profile = "prod"`), profiles: map[string]string{"ops": "TOKEN"}, says: `(?s)"prod".*ops`},
		"profile elsewhere":    {block: block(`profile = "ops"`, `api_url = "https://other.example.com"`), profiles: map[string]string{"ops": "TOKEN"}, says: `api_url`},
		"plain http":           {block: block(`api_token = "TOKEN"`, `api_url = "http://app.prefactorai.com"`), says: `http`},
		"empty token":          {block: block(`api_token = ""`), says: `(?i)empty`},
		"token with a newline": {block: block(`api_token = "TOKEN\n"`, `api_url = "URL"`), says: `newline`},
		"token of a stranger":  {block: block(`api_token = "some-other-token"`, `api_url = "URL"`), says: `does\s+not\s+accept\s+the\s+provider's\s+own\s+token`},
		"bad account":          {block: block(`api_token = "TOKEN"`, `api_url = "URL"`, `account_id = "acme"`), says: `(?i)account\s+id`},
		"too many requests":    {block: block(`api_token = "TOKEN"`, `api_url = "URL"`, `max_concurrent_requests = 0`), says: `between\s+1\s+and\s+64`},
		"bad time-out":         {block: block(`api_token = "TOKEN"`, `api_url = "URL"`, `request_timeout = "soon"`), says: `(?i)duration`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			fill := strings.NewReplacer("TOKEN", w.AdminToken, "URL", w.URL)
			work, home := t.TempDir(), t.TempDir()
			if c.profiles != nil {
				folder := work
				if c.home {
					folder = filepath.Join(home, ".prefactor")
				}
				writeProfiles(t, folder, c.profiles, fill, w.URL)
			}
			lookup := func(name string) (string, bool) {
				v, ok := c.env[name]
				// The names have TOKEN and URL in them as well; only values are filled in.
				return fill.Replace(v), ok
			}
			step := resource.TestStep{Config: fill.Replace(c.block) + minimal}
			if c.block == "" {
				step.Config = block() + minimal
			}
			if c.says != "" {
				step.ExpectError = regexp.MustCompile(c.says)
			}
			w.TestOneOf(t, name == "environment" || name == "nothing", resource.TestCase{
				ProtoV6ProviderFactories: w.Factories(provider.WithEnvironment(lookup, work, home)),
				Steps:                    []resource.TestStep{step},
			})
		})
	}
}

func writeProfiles(t *testing.T, folder string, profiles map[string]string, fill *strings.Replacer, url string) {
	t.Helper()
	content := map[string]map[string]string{}
	for name, token := range profiles {
		content[name] = map[string]string{"api_key": fill.Replace(token), "base_url": url}
	}
	raw, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "prefactor.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A token that another resource brings is not known at the first plan.
func TestProvider_unknownAtPlan(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(salt string) string {
		return fmt.Sprintf(`
resource "terraform_data" "secret" {
  input = { token = %q, salt = %q }
}
`, w.AdminToken, salt) + block(`api_token = terraform_data.secret.output.token`, fmt.Sprintf("api_url = %q", w.URL)) + minimal
	}
	w.Test(t,
		resource.TestStep{
			Config: config("1"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("prefactor_api_token.test", plancheck.ResourceActionCreate),
			}},
			Check: w.CheckAuthenticates("prefactor_api_token.test", true),
		},
		resource.TestStep{
			// The provider is not known again, and the token is left alone.
			Config: config("2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("prefactor_api_token.test", plancheck.ResourceActionNoop),
			}},
		},
	)
}

// While the default account is not known, nothing that depends on it is asked
// of another one.
func TestProvider_unknownAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	account := fmt.Sprintf("resource \"terraform_data\" \"account\" {\n input = %q\n}\n", w.Account.ID) +
		w.ProviderBlock("account_id = terraform_data.account.output")
	for _, source := range []string{`data "prefactor_api_tokens" "all" {}`, `data "prefactor_environments" "all" {}`} {
		w.Test(t, resource.TestStep{Config: account + source, ExpectError: regexp.MustCompile(`(?s)known\s+only\s+after\s+an\s+apply`)})
	}
	w.Test(t, resource.TestStep{
		Config: account + fmt.Sprintf("data \"prefactor_api_tokens\" \"all\" {\n account_id = %q\n}\n", w.Account.ID) + minimal,
		Check:  w.CheckAuthenticates("prefactor_api_token.test", true),
	})
	s, err := w.NewCore(map[string]any{"account_id": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}).Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "prefactor_api_token", map[string]any{}); err == nil || !strings.Contains(err.Error(), "known only after an apply") {
		t.Errorf("got %v", err)
	}
	if n := len(w.Others()); n != 0 {
		t.Errorf("%d tokens are left", n)
	}
}

func TestProvider_defaultAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	env := func(name string) (string, bool) { return w.Account.ID, name == "PREFACTOR_ACCOUNT_ID" }
	w.TestWith(t, resource.TestCase{
		ProtoV6ProviderFactories: w.Factories(provider.WithEnvironment(env, t.TempDir(), t.TempDir())),
		Steps: []resource.TestStep{{
			Config: minimal + "data \"prefactor_api_tokens\" \"all\" {}\n",
			Check: func(*terraform.State) error {
				for _, r := range w.Requests() {
					if r.Method == http.MethodGet && r.Path == "/api/v1/api_token" && r.Query.Get("account_id") != w.Account.ID {
						return fmt.Errorf("the list was asked for with %v", r.Query)
					}
					if r.Method == http.MethodPost && r.Path == "/api/v1/api_token" && !strings.Contains(string(r.Body), `"account_id":"`+w.Account.ID) {
						return fmt.Errorf("the create was %s", r.Body)
					}
				}
				return nil
			},
		}},
	})
}

// The settings of the transport reach it.
func TestProvider_settings(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Inject(emulator.Fault{Kind: emulator.FaultLatency, Latency: 20 * time.Millisecond})
	many := "resource \"prefactor_api_token\" \"test\" {\n count = 10\n}\n"
	w.Test(t, resource.TestStep{
		Config: w.ProviderBlock("max_concurrent_requests = 2", "max_retries = 1", `request_timeout = "10s"`) + many,
		Check: func(*terraform.State) error {
			if n := w.InFlightMax(); n > 2 {
				return fmt.Errorf("%d requests were under way at once", n)
			}
			return nil
		},
	})
}

// A configuration is validated without a single request.
func TestProvider_noRequestAtValidate(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.TestWith(t, resource.TestCase{
		CheckDestroy: noChecks,
		Steps: []resource.TestStep{{
			Config:      minimal + "resource \"prefactor_api_token\" \"bad\" {\n status = \"revoked\"\n}\n",
			ExpectError: regexp.MustCompile(`suspended`),
		}},
	})
	if n := len(w.Requests()); n != 0 {
		t.Errorf("validating sent %d requests", n)
	}
}
