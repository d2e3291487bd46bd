package directory_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func TestAgentDeployment(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	first, second := s.AddEnvironment(s.Account.ID, "one"), s.AddEnvironment(s.Account.ID, "two")
	var id string
	s.keeps(t,
		resource.TestStep{
			Config:           deploymentConfig(s.Agent.ID, first.ID),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				text(deploymentAt, "agent_id", s.Agent.ID), text(deploymentAt, "environment_id", first.ID), text(deploymentAt, "account_id", s.Account.ID),
				value(deploymentAt, "current_version_id", knownvalue.Null()), value(deploymentAt, "created_at", knownvalue.NotNull()),
			},
		},
		resource.TestStep{
			Config:           deploymentConfig(s.Agent.ID, second.ID),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionReplace),
		},
		resource.TestStep{
			Config:            deploymentConfig(s.OtherAgent.ID, second.ID),
			ConfigPlanChecks:  does(deploymentAt, plancheck.ResourceActionReplace),
			ConfigStateChecks: []statecheck.StateCheck{text(deploymentAt, "agent_id", s.OtherAgent.ID)},
			Check:             acctest.IDOf(deploymentAt, &id),
		},
		resource.TestStep{
			// A new version runs there: no change that anyone has to make.
			PreConfig:         func() { must(t, s.SetDeploymentVersion(id, "v2")) },
			Config:            deploymentConfig(s.OtherAgent.ID, second.ID),
			ConfigPlanChecks:  does(deploymentAt, plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{text(deploymentAt, "current_version_id", "v2")},
		},
		resource.TestStep{
			PreConfig:        func() { s.Clock.Advance(acctest.Later); must(t, s.admin.DeleteDeployment(t.Context(), id)) },
			Config:           deploymentConfig(s.OtherAgent.ID, second.ID),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionCreate),
			Check:            acctest.IDOf(deploymentAt, &id),
		},
	)
	if _, err := s.admin.Deployment(t.Context(), id); err == nil {
		t.Error("the deployment is left behind")
	}
}

// The version that runs is chosen, changed, let go of and cleared in place.
func TestAgentDeployment_version(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	first := s.AddEnvironment(s.Account.ID, "one")
	with := func(version string) string {
		return config("prefactor_agent_deployment", fmt.Sprintf("agent_id = %q\n environment_id = %q\n %s", s.Agent.ID, first.ID, version))
	}
	var id string
	runs := func(want string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			found, err := s.admin.Deployment(t.Context(), id)
			if err == nil && found.CurrentVersionID.Value != want {
				err = fmt.Errorf("version %q runs, not %q", found.CurrentVersionID.Value, want)
			}
			return err
		}
	}
	s.keepsInProcess(t,
		resource.TestStep{
			Config:            with(`current_version_id = "v1"`),
			ConfigStateChecks: []statecheck.StateCheck{text(deploymentAt, "current_version_id", "v1")},
			Check:             resource.ComposeTestCheckFunc(acctest.IDOf(deploymentAt, &id), runs("v1")),
		},
		resource.TestStep{
			Config:           with(`current_version_id = "v2"`),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionUpdate),
			Check:            runs("v2"),
		},
		resource.TestStep{
			// Someone else has another one run: what was configured comes back.
			PreConfig:        func() { must(t, s.SetDeploymentVersion(id, "v3")) },
			Config:           with(`current_version_id = "v2"`),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionUpdate),
			Check:            runs("v2"),
		},
		resource.TestStep{
			Config:           with(""),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionNoop),
			Check:            runs("v2"),
		},
		resource.TestStep{
			Config:           with(`current_version_id = ""`),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionUpdate),
			Check:            runs(""),
		},
		resource.TestStep{
			Config:           with(""),
			ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionNoop),
		},
	)
}

func TestAgentDeployment_inUse(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	first := s.AddEnvironment(s.Account.ID, "one")
	var token emulator.Token
	s.keepsInProcess(t,
		resource.TestStep{
			Config: deploymentConfig(s.Agent.ID, first.ID),
			Check: func(*terraform.State) error {
				token, _ = s.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.Account.ID, AgentID: s.Agent.ID, EnvironmentID: first.ID})
				return nil
			},
		},
		resource.TestStep{
			Config:      deploymentConfig(s.Agent.ID, first.ID),
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)Tokens\s+depend\s+on\s+the\s+agent\s+deployment`),
		},
		resource.TestStep{
			PreConfig: func() { must(t, s.Revoke(token.ID)) },
			Config:    deploymentConfig(s.Agent.ID, first.ID),
		},
	)
}

// From nothing to a running agent's token and back, in one configuration, on
// each platform.
func TestWay(t *testing.T) {
	t.Parallel()
	variants := emulator.Variants(testing.Short())
	for _, v := range []emulator.NamedVariant{
		variants[0], variants[len(variants)-1],
	} {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, v.Variant)
			way := func(name string) string {
				return fmt.Sprintf(`
resource "prefactor_environment" "test" {
  name = %q
}

resource "prefactor_agent" "test" {
  name = "new-bot"
}

resource "prefactor_agent_deployment" "test" {
  agent_id       = prefactor_agent.test.id
  environment_id = prefactor_environment.test.id
}

resource "prefactor_deployment_token" "test" {
  agent_id       = prefactor_agent_deployment.test.agent_id
  environment_id = prefactor_agent_deployment.test.environment_id
  lifetime       = "720h"
}

data "prefactor_agent_deployments" "test" {
  agent_id   = prefactor_agent.test.id
  depends_on = [prefactor_deployment_token.test]
}
`, name)
			}
			const token = "prefactor_deployment_token.test"
			s.test(t,
				resource.TestStep{
					Config: way("qa"),
					Check:  s.CheckAuthenticates(token, true),
					ConfigStateChecks: []statecheck.StateCheck{
						value("data.prefactor_agent_deployments.test", "agent_deployments", knownvalue.ListSizeExact(1)),
						statecheck.CompareValuePairs(token, pathOf("agent_deployment_id"), deploymentAt, pathOf("id"), compare.ValuesSame()),
					},
				},
				resource.TestStep{
					Config:           way("quality"),
					ConfigPlanChecks: does(token, plancheck.ResourceActionNoop),
				},
			)
		})
	}
}

// The ids of an agent and an environment tell that they are of different accounts.
func TestAgentDeployment_otherAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	other := s.AddEnvironment(s.AddAccount("Other").ID, "production")
	_, err := s.NewCore(nil).Resource(t, "prefactor_agent_deployment").Plan(t.Context(), map[string]any{"agent_id": s.Agent.ID, "environment_id": other.ID})
	says(t, err, "Agent and environment of different accounts")
}
