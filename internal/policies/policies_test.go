// Package policies tests the example policies with OPA. It is a module of its own,
// since the provider needs none of OPA's dependencies.
package policies

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const folder = "../../examples/policies"

func TestMain(m *testing.M) { acctest.Main(m) }

// The rules keep to their own tests.
func TestRules(t *testing.T) {
	t.Parallel()
	results, err := tester.Run(t.Context(), filepath.Join(folder, "opa"))
	if err != nil {
		t.Fatal(err)
	}
	if len(results) < 5 {
		t.Errorf("only %d tests ran", len(results))
	}
	for _, r := range results {
		if !r.Pass() {
			t.Errorf("%s: %v", r, r.Error)
		}
	}
}

const recipient = `["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]`

// What Terraform plans is allowed or denied as its configuration says.
func TestPlan(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, `
provider "prefactor" {}

resource "terraform_data" "key" {
  input = `+recipient+`
}

resource "prefactor_api_token" "good" {
  lifetime   = "2160h"
  recipients = `+recipient+`
  rotation   = { before_expiry = "336h" }
}

resource "prefactor_api_token" "key_not_known" {
  lifetime   = "720h"
  recipients = terraform_data.key.output
  rotation   = { triggers = { reason = terraform_data.key.id } }
}

resource "prefactor_api_token" "github" {
  lifetime          = "720h"
  github_public_key = "2Sg8iYjAxxmI2LvUXpJjkYrMxURPc8r+dB7TJyvvcCU="
  rotation          = { triggers = { reason = "" } }
}

resource "prefactor_api_token" "never_rotated" {
  lifetime   = "720h"
  recipients = `+recipient+`
  rotation   = { overlap = "24h" }
}

resource "prefactor_api_token" "too_long" {
  lifetime   = "2161h"
  recipients = `+recipient+`
  rotation   = { before_expiry = "336h" }
}

resource "prefactor_api_token" "too_late" {
  expires_at = "2099-01-01T00:00:00Z"
  recipients = `+recipient+`
  rotation   = { before_expiry = "336h" }
}

resource "prefactor_api_token" "nothing" {}

resource "prefactor_deployment_token" "nothing" {
  agent_id       = "`+w.Agent.ID+`"
  environment_id = "`+w.Production.ID+`"
}
`)
	want := []string{
		"prefactor_api_token.never_rotated: set rotation",
		"prefactor_api_token.nothing: set lifetime",
		"prefactor_api_token.nothing: set recipients",
		"prefactor_api_token.nothing: set rotation",
		"prefactor_api_token.too_late: it would expire at 2099-01-01T00:00:00Z",
		"prefactor_api_token.too_long: the lifetime 2161h is longer than 2160h",
		"prefactor_deployment_token.nothing: set lifetime",
		"prefactor_deployment_token.nothing: set recipients",
		"prefactor_deployment_token.nothing: set rotation",
	}
	expect(t, "create", denied(t, c), want)
	c.MustRun(t, "apply", "-auto-approve")
	// The platform has chosen the end of what has no lifetime: the rules judge that.
	again := denied(t, c)
	for _, name := range []string{"good", "key_not_known", "github"} {
		if slices.ContainsFunc(again, func(m string) bool { return strings.HasPrefix(m, "prefactor_api_token."+name+":") }) {
			t.Errorf("after the apply %s is not allowed: %q", name, again)
		}
	}
	expect(t, "too long, after the apply", slices.DeleteFunc(again, func(m string) bool { return strings.Contains(m, ".nothing:") }), []string{want[0], want[4], want[5]})
	expect(t, "destroy", denied(t, c, "-destroy"), nil)
}

// denied are the messages of the policy for a plan, sorted.
func denied(t *testing.T, c *acctest.CLI, args ...string) []string {
	t.Helper()
	c.MustRun(t, append([]string{"plan", "-out=tokens.tfplan"}, args...)...)
	// Warnings of the error stream stand before it.
	_, printed, _ := strings.Cut(c.MustRun(t, "show", "-json", "tokens.tfplan"), "{")
	var plan any
	if err := json.Unmarshal([]byte("{"+printed), &plan); err != nil {
		t.Fatal(err)
	}
	policy, err := os.ReadFile(filepath.Join(folder, "opa", "prefactor.rego"))
	if err != nil {
		t.Fatal(err)
	}
	results, err := rego.New(rego.Query("data.prefactor.deny"), rego.Module("prefactor.rego", string(policy)), rego.Input(plan), rego.Strict(true)).Eval(t.Context())
	if err != nil || len(results) != 1 {
		t.Fatalf("%v, %v", results, err)
	}
	var messages []string
	for _, m := range results[0].Expressions[0].Value.([]any) {
		messages = append(messages, m.(string))
	}
	slices.Sort(messages)
	return messages
}

// expect wants one message with each of the beginnings.
func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// Both tools have the same maximum, and read the same arguments.
func TestSentinel(t *testing.T) {
	t.Parallel()
	for file, maximum := range map[string]string{
		"opa/prefactor.rego":          `maximum_lifetime := "2160h"`,
		"sentinel/prefactor.sentinel": `param maximum_lifetime_hours default 2160`,
	} {
		raw, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{maximum, `"recipients"`, `"github_public_key"`, "rotation.before_expiry", "rotation.triggers"} {
			if !strings.Contains(string(raw), text) {
				t.Errorf("%s does not have %q", file, text)
			}
		}
	}
}
