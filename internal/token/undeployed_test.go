package token_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// Where the platform makes no deployment by itself, however it says so, the
// error says what to add.
func TestToken_withoutDeployment(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]emulator.Variant{
		"404":            {MissingDeployment: "404"},
		"422":            {MissingDeployment: "422"},
		"400":            {MissingDeployment: "422", ValidationStatus: 400, FieldErrors: "nested"},
		"everything odd": emulator.Variants()[len(emulator.Variants())-1].Variant,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v)
			environment := w.AddEnvironment(w.Account.ID, "new")
			w.Test(t, resource.TestStep{
				Config: strings.Replace(deploymentTokenConfig(w, ""), w.Production.ID, environment.ID, 1),
				ExpectError: regexp.MustCompile(fmt.Sprintf(`(?s)Agent\s+%s\s+is\s+not\s+deployed\s+to\s+environment\s+%s.*Add\s+a\s+prefactor_agent_deployment\s+resource`,
					w.Agent.ID, environment.ID)),
			})
		})
	}
}

// A refusal for another reason is not taken for this one.
func TestToken_refusedForOtherReasons(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	environment := w.AddEnvironment(w.Account.ID, "new")
	for name, c := range map[string]struct {
		fault         emulator.Fault
		environmentID string
	}{
		"deployed":       {emulator.Fault{Status: 422}, w.Production.ID},
		"another field":  {emulator.Fault{Kind: emulator.FaultRaw, Status: 422, Body: []byte(`{"status":"error","code":"validation_errors","message":"no","errors":{"expires_at":"is too late"}}`)}, environment.ID},
		"not allowed":    {emulator.Fault{Status: 403}, environment.ID},
		"a proxy's page": {emulator.Fault{Kind: emulator.FaultHTML, Status: 404}, environment.ID},
	} {
		if c.fault.Kind == emulator.FaultLatency {
			c.fault.Kind = emulator.FaultStatus
		}
		c.fault.Method, c.fault.Path, c.fault.Times = "POST", "/api_token", 1
		w.ClearFaults()
		w.Inject(c.fault)
		token := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
		_, err := token.Run(t.Context(), map[string]any{"agent_id": w.Agent.ID, "environment_id": c.environmentID})
		if err == nil || strings.Contains(err.Error(), "not deployed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
