package token_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// The error of a create names ids that are swapped, of another kind, or of
// nothing, whichever words the API has for it.
func TestCreateError_wrongIDs(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	missing := strings.Replace(w.Agent.ID, w.Agent.ID[26:], "000000", 1)
	for name, c := range map[string]struct{ agentID, environmentID, says string }{
		"swapped":              {w.Production.ID, w.Agent.ID, "are swapped"},
		"environment as agent": {w.Production.ID, w.Staging.ID, "is an environment"},
		"agent as environment": {w.Agent.ID, w.OtherAgent.ID, "is an agent."},
		"no such agent":        {missing, w.Production.ID, "see none with the id " + missing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
			_, err := token.Run(t.Context(), map[string]any{"agent_id": c.agentID, "environment_id": c.environmentID})
			if err == nil || !strings.Contains(err.Error(), "Cannot create the deployment token") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "prefactor_agent_deployment") {
				t.Errorf("the error recommends a deployment: %v", err)
			}
		})
	}
}

// A rejection for another reason is reported as it is.
func TestCreateError_otherReasons(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for name, f := range map[string]emulator.Fault{
		"validation":  {Kind: emulator.FaultRaw, Status: 422, Body: []byte(`{"status":"error","code":"validation_errors","message":"no","errors":{"expires_at":"is too late"}}`)},
		"not allowed": {Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"},
	} {
		f.Method, f.Path, f.Times = http.MethodPost, "/api_token", 1
		w.ClearFaults()
		w.Inject(f)
		token := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
		_, err := token.Run(t.Context(), map[string]any{"agent_id": w.Agent.ID, "environment_id": w.Production.ID})
		if err == nil || strings.Contains(err.Error(), "must be the id of") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Swapped ids are found at the plan where the lists are loaded anyway.
func TestPlan_wrongIDs(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Clock.Advance(acctest.Later)
	config := `
		data "prefactor_agents" "all" {}
		data "prefactor_environments" "all" {}
		resource "prefactor_deployment_token" "test" {
			agent_id       = data.prefactor_environments.all.environments[0].id
			environment_id = data.prefactor_agents.all.agents[0].id
		}`
	w.TestInProcess(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Wrong id for the deployment token.*are\s+swapped`)})
}

// A replacement whose new ids cannot work is refused at the plan: the old token
// would be deleted first.
func TestReplacement_wrongIDs(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for name, wrong := range map[string]map[string]any{
		"swapped":     {"agent_id": w.Production.ID, "environment_id": w.Agent.ID},
		"environment": {"agent_id": w.Agent.ID, "environment_id": w.OtherAgent.ID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
			apply(t, token, map[string]any{"agent_id": w.Agent.ID, "environment_id": w.Production.ID})
			if _, err := token.Run(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "Wrong id for the deployment token") {
				t.Errorf("got %v", err)
			}
			if !w.Authenticates(token.Text("token")) {
				t.Error("the old token no longer works")
			}
			apply(t, token, map[string]any{"agent_id": w.OtherAgent.ID, "environment_id": w.Staging.ID})
		})
	}
}

// The same for an account.
func TestReplacement_wrongAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, token, map[string]any{"account_id": w.Account.ID})
	for _, id := range []string{w.Staging.ID, w.AddAccount("Other").ID} {
		if _, err := token.Run(t.Context(), map[string]any{"account_id": id}); err == nil || !strings.Contains(err.Error(), "Wrong id for the account token") {
			t.Errorf("got %v", err)
		}
	}
	if !w.Authenticates(token.Text("token")) {
		t.Error("the old token no longer works")
	}
}

// With create_before_destroy the old token stays until there is a new one.
func TestReplacement_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(environment string) string {
		return strings.Replace(deploymentTokenConfig(w, "lifecycle {\n create_before_destroy = true\n}"), w.Production.ID, environment, 1)
	}
	c := w.NewCLI(t, config(w.Production.ID))
	c.MustRun(t, "apply", "-auto-approve")
	before := stateIDs(t, c.Dir)
	c.Write(t, config(w.Staging.ID))
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token", Kind: emulator.FaultStatus, Status: 422, Code: "invalid_value"})
	if out, err := c.Run(t, "apply", "-auto-approve"); err == nil {
		t.Errorf("the create was not rejected:\n%s", out)
	}
	sameTokens(t, w, c.Dir, 1)
	must(t, statusOf(w, before[0], "active"))
	w.ClearFaults()
	c.MustRun(t, "apply", "-auto-approve")
	sameTokens(t, w, c.Dir, 1)
	c.MustRun(t, "plan", "-detailed-exitcode")
}
