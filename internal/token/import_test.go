package token_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func importBlock(address, id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}

func TestImport_thenEmptyPlan(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]func(emulator.Token) string{
		"bare":       func(emulator.Token) string { return "" },
		"expires_at": func(k emulator.Token) string { return expiresAt(k.ExpiresAt.In(time.FixedZone("", 3600))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
			w.Test(t,
				resource.TestStep{
					Config:           importBlock(apiToken, existing.ID) + apiTokenConfig(arguments(existing)),
					ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
					ConfigStateChecks: []statecheck.StateCheck{
						value(apiToken, "token", knownvalue.Null()),
						value(apiToken, "id", knownvalue.StringExact(existing.ID)),
					},
					Check: w.CheckCount(1),
				},
				resource.TestStep{
					// A change in place leaves the value as unknown as it was.
					Config:            apiTokenConfig(arguments(existing) + "\nstatus = \"suspended\""),
					ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "token", knownvalue.Null())},
				},
			)
		})
	}
}

// A lifetime written down for an imported token is no reason to replace it
// when it is the one that the token has.
func TestImport_lifetime(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(720 * time.Hour)})
	w.Test(t,
		resource.TestStep{
			Config:           importBlock(apiToken, existing.ID) + apiTokenConfig(`lifetime = "720h"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            resource.TestCheckResourceAttr(apiToken, "id", existing.ID),
		},
		resource.TestStep{
			Config:           apiTokenConfig(`lifetime = "700h"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
		},
	)
}

// An import has no changes, also where the API does not show the agents.
func TestImport_deploymentToken(t *testing.T) {
	t.Parallel()
	for _, agentID := range []string{"", "details", "absent"} {
		t.Run("agent_id "+agentID, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{AgentID: agentID})
			existing, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID})
			w.Test(t,
				resource.TestStep{
					Config:           importBlock(deploymentToken, existing.ID) + deploymentTokenConfig(w, ""),
					ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionNoop),
				},
				resource.TestStep{
					Config: deploymentTokenConfig(w, ""), ResourceName: deploymentToken, ImportState: true, ImportStateId: existing.ID, ImportStateVerify: true,
				},
			)
		})
	}
}

// However many tokens a plan imports, it warns once.
func TestImport_oneWarning(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var config strings.Builder
	for i := range 5 {
		existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
		address := fmt.Sprintf("prefactor_api_token.t%d", i)
		config.WriteString(importBlock(address, existing.ID) + fmt.Sprintf("resource \"prefactor_api_token\" \"t%d\" {}\n", i))
	}
	out := w.NewCLI(t, config.String()).MustRun(t, "plan", "-json")
	if n := len(regexp.MustCompile(`"summary":"[^"]*[Ii]mported`).FindAllString(out, -1)); n != 1 {
		t.Errorf("%d warnings in\n%s", n, out)
	}
}

func TestImport_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	account, secret := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	deployment, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID})
	legacy, _ := w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID})
	for name, c := range map[string]struct{ address, id, says string }{
		"deployment as account": {apiToken, deployment.ID, `Import\s+it\s+as\s+prefactor_deployment_token`},
		"account as deployment": {deploymentToken, account.ID, `Import\s+it\s+as\s+prefactor_api_token`},
		"legacy":                {apiToken, legacy.ID, `legacy\s+environment\s+token`},
		"malformed":             {apiToken, "no-id", `32\s+characters`},
		"upper case":            {apiToken, "01KDVDNA0000001A88CVX6PV3PZGQZN6", `upper-case`},
		"a value":               {apiToken, secret, `Invalid\s+token\s+id`},
		"not there":             {apiToken, w.Agent.ID, `(?s)There\s+is\s+no\s+token`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := apiTokenConfig("")
			if c.address == deploymentToken {
				config = deploymentTokenConfig(w, "")
			}
			w.TestOneOf(t, name == "legacy", resource.TestCase{
				CheckDestroy: resource.ComposeTestCheckFunc(),
				Steps: []resource.TestStep{
					{Config: config, ResourceName: c.address, ImportState: true, ImportStateId: c.id, ExpectError: regexp.MustCompile(c.says)},
				},
			})
		})
	}
}

func TestImport_identity(t *testing.T) {
	t.Parallel()
	if !acctest.RequireTerraform(t).AtLeast("1.12.0") {
		acctest.NotRun(t, "import by identity needs Terraform or OpenTofu 1.12")
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	w.Test(t, resource.TestStep{
		Config:           fmt.Sprintf("import {\n to = %s\n identity = { id = %q }\n}\n", apiToken, existing.ID) + apiTokenConfig(""),
		ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
		Check:            resource.TestCheckResourceAttr(apiToken, "id", existing.ID),
	})
}
