package directory_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	environmentAt = "prefactor_environment.test"
	agentAt       = "prefactor_agent.test"
	deploymentAt  = "prefactor_agent_deployment.test"
)

func config(typeName, arguments string) string {
	return fmt.Sprintf("resource %q \"test\" {\n%s\n}\n", typeName, arguments)
}

func environmentConfig(arguments string) string { return config("prefactor_environment", arguments) }

func agentConfig(arguments string) string { return config("prefactor_agent", arguments) }

func deploymentConfig(agentID, environmentID string) string {
	return config("prefactor_agent_deployment", fmt.Sprintf("agent_id = %q\n environment_id = %q", agentID, environmentID))
}

func data(typeName, arguments string) string {
	return fmt.Sprintf("data %q \"test\" {\n%s\n}\n", typeName, arguments)
}

func does(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func value(address, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func text(address, attribute, want string) statecheck.StateCheck {
	return value(address, attribute, knownvalue.StringExact(want))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// stage is a world with someone else at work in it, by the platform's pages.
type stage struct {
	*acctest.World

	admin *prefactor.Client
	// others are the ids of what addOthers has added.
	others []string
}

func newStage(t *testing.T, variant emulator.Variant) *stage {
	t.Helper()
	w := acctest.NewWorld(t, variant)
	admin, err := prefactor.New(prefactor.Config{BaseURL: w.URL, Token: w.AdminToken, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &stage{World: w, admin: admin}
}

// test runs steps; at the end nothing that they made may be left.
func (s *stage) test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	s.TestWith(t, resource.TestCase{Steps: steps, CheckDestroy: s.nothingLeft})
}

// testInProcess does the same without a binary.
func (s *stage) testInProcess(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	s.TestInProcessWith(t, resource.TestCase{Steps: steps, CheckDestroy: s.nothingLeft})
}

// keepsInProcess is keeps without a binary.
func (s *stage) keepsInProcess(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	s.TestInProcessWith(t, resource.TestCase{Steps: steps, CheckDestroy: resource.ComposeTestCheckFunc()})
}

// keeps runs steps that may leave something behind.
func (s *stage) keeps(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	s.TestWith(t, resource.TestCase{Steps: steps, CheckDestroy: resource.ComposeTestCheckFunc()})
}

// nothingLeft fails when there is more at the platform than was seeded.
func (s *stage) nothingLeft(state *terraform.State) error {
	if left := s.made(context.Background()); len(left) > 0 {
		return fmt.Errorf("left at the platform: %v", left)
	}
	return s.NothingLeft(state)
}

// made are the ids of the environments, agents and deployments that are at the
// platform beyond the seeded ones. What cannot be listed is named instead.
func (s *stage) made(ctx context.Context) []string {
	var ids []string
	environments, err := s.admin.Environments(ctx, s.Account.ID)
	ids = append(ids, failed(err)...)
	for _, e := range environments {
		if e.ID != s.Production.ID && e.ID != s.Staging.ID {
			ids = append(ids, e.ID)
		}
	}
	agents, err := s.admin.Agents(ctx)
	ids = append(ids, failed(err)...)
	for _, a := range agents {
		seeded := a.ID == s.Agent.ID || a.ID == s.OtherAgent.ID
		if !seeded {
			ids = append(ids, a.ID)
		}
		deployments, err := s.admin.Deployments(ctx, a.ID)
		ids = append(ids, failed(err)...)
		for i, d := range deployments {
			if !seeded || i > 1 {
				ids = append(ids, d.ID)
			}
		}
	}
	return append(ids, s.madeBeside(ctx)...)
}

// madeBeside are the ids of the risk profiles, teams and persons, but for the
// others.
func (s *stage) madeBeside(ctx context.Context) []string {
	var ids []string
	profiles, err := s.admin.RiskProfiles(ctx)
	ids = append(ids, failed(err)...)
	for _, p := range profiles {
		ids = append(ids, p.ID)
	}
	teams, err := s.admin.Teams(ctx)
	ids = append(ids, failed(err)...)
	for _, team := range teams {
		ids = append(ids, team.ID)
	}
	persons, err := s.admin.Persons(ctx, "")
	ids = append(ids, failed(err)...)
	for _, p := range persons {
		ids = append(ids, p.ID)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(s.others, id) })
}

// addOthers adds one object of each kind of which there is none, so that a
// list shows which account it is of.
func (s *stage) addOthers() {
	s.others = []string{
		s.AddRiskProfile(s.Account.ID, "Other").ID, s.AddTeam(s.Account.ID, "Other").ID, s.AddPerson(s.Account.ID, "Other", "other@example.com").ID,
	}
}

func failed(err error) []string {
	if err == nil {
		return nil
	}
	return []string{err.Error()}
}

// places are the two ends of what is plausible, and what concerns the
// directory in particular.
func places() []emulator.NamedVariant {
	all := emulator.Variants(testing.Short())
	return slices.DeleteFunc(all, func(v emulator.NamedVariant) bool {
		switch v.Name {
		case "plausible", "pagination null", "create 201", "delete 204", "refused 422", "refused 400", "validation 400", "replay used", "replay second",
			"account as object", "field errors nested", "deployments of account", "everything odd":
			return false
		}
		return true
	})
}

func pathOf(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

// says checks that an error has a pattern in it, wherever its lines end.
func says(t *testing.T, err error, pattern string) {
	t.Helper()
	if err == nil || !regexp.MustCompile("(?s)"+pattern).MatchString(err.Error()) {
		t.Errorf("the error is %v, want %s in it", err, pattern)
	}
}

// twoAccounts lists the account and another one.
func twoAccounts(s *stage) emulator.Fault {
	return emulator.Fault{
		Method: "GET", Path: "/account", Kind: emulator.FaultRaw, Status: 200, Header: map[string][]string{"Content-Type": {"application/json"}},
		Body: fmt.Appendf(nil, `{"status":"success","summaries":[{"id":%q,"name":"Zoo"},{"id":%q,"name":"Acme"}]}`, s.Agent.ID, s.Account.ID),
	}
}
