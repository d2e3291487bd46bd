package acctest

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// Steps without a binary fail as steps with one do.
func TestInProcess_fails(t *testing.T) {
	t.Parallel()
	const token = "prefactor_api_token.test"
	config := func(arguments string) string {
		return fmt.Sprintf("resource \"prefactor_api_token\" \"test\" {\n%s\n}\n", arguments)
	}
	does := func(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(token, action)}}
	}
	state := func(status string) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(token, tfjsonpath.New("status"), knownvalue.StringExact(status))}
	}
	for name, c := range map[string]struct {
		step resource.TestStep
		says string
	}{
		"as it is":          {step: resource.TestStep{Config: config(""), ConfigPlanChecks: does(plancheck.ResourceActionCreate), ConfigStateChecks: state("active")}},
		"another action":    {resource.TestStep{Config: config(""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)}, "expected Update"},
		"another value":     {resource.TestStep{Config: config(""), ConfigStateChecks: state("suspended")}, "error checking value"},
		"a check":           {resource.TestStep{Config: config(""), Check: resource.TestCheckNoResourceAttr(token, "id")}, "Attribute 'id' found"},
		"plan with changes": {resource.TestStep{Config: config(""), PlanOnly: true}, "is planned to be changed"},
		"expected error":    {resource.TestStep{Config: config(""), ExpectError: regexp.MustCompile("anything")}, "the error is"},
		"another error":     {resource.TestStep{Config: config(`lifetime = "x"`), ExpectError: regexp.MustCompile("anything else")}, "the error is"},
		"unknown argument":  {resource.TestStep{Config: config(`x = 1`)}, "unsupported argument"},
		"a list":            {resource.TestStep{Config: config(`lifetime = []`)}, "incorrect attribute value type"},
		"no resource":       {resource.TestStep{Config: config(`lifetime = prefactor_api_token.other.id`)}, "refers to what it does not have"},
		"lifecycle":         {resource.TestStep{Config: config("lifecycle {\n}")}, "needs a binary"},
		"output":            {resource.TestStep{Config: "output \"x\" {\n value = 1\n}\n"}, "needs a binary"},
		"refresh":           {resource.TestStep{RefreshState: true}, "needs a binary"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := NewWorld(t, emulator.Variant{})
			err := w.inProcess(w.Factories()).step(t.Context(), c.step)
			if c.says == "" && err != nil || c.says != "" && (err == nil || !regexp.MustCompile(c.says).MatchString(err.Error())) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// References are resolved, data sources are read when their arguments are known, and
// everything is destroyed in the order in which it can be.
func TestInProcess_references(t *testing.T) {
	t.Parallel()
	w := NewWorld(t, emulator.Variant{})
	w.TestInProcess(t, resource.TestStep{
		Config: `
data "prefactor_agent" "new" {
  id = prefactor_agent.new.id
}

resource "prefactor_deployment_token" "new" {
  agent_id       = prefactor_agent_deployment.new.agent_id
  environment_id = prefactor_agent_deployment.new.environment_id
}

resource "prefactor_agent_deployment" "new" {
  agent_id       = data.prefactor_agent.new.id
  environment_id = prefactor_environment.new.id
}

resource "prefactor_agent" "new" {
  name = "new"
}

resource "prefactor_environment" "new" {
  name = "new"
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.prefactor_agent.new", tfjsonpath.New("name"), knownvalue.StringExact("new")),
			statecheck.ExpectKnownValue("prefactor_deployment_token.new", tfjsonpath.New("status"), knownvalue.StringExact("active")),
		},
	})
	if n := w.Calls("DELETE", ""); n == 0 {
		t.Error("nothing was deleted")
	}
}
