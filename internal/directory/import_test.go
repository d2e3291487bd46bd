package directory_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// found is one object of each kind that someone else has made, with a
// configuration that fits it.
func found(t *testing.T, s *stage) map[string]struct{ id, config string } {
	t.Helper()
	environment, err := s.admin.CreateEnvironment(t.Context(), prefactor.NewEnvironment{AccountID: s.Account.ID, Name: "qa", Purpose: "testing"})
	must(t, err)
	agent, err := s.admin.CreateAgent(t.Context(), prefactor.NewAgent{Name: "bot", Description: "Answers", ExternalIdentifier: "crm"})
	must(t, err)
	elsewhere := s.AddEnvironment(s.Account.ID, "elsewhere")
	deployment, err := s.admin.CreateDeployment(t.Context(), prefactor.NewDeployment{AgentID: s.Agent.ID, EnvironmentID: elsewhere.ID})
	must(t, err)
	scores := func(keys []string) map[string]*float64 {
		all := map[string]*float64{}
		for _, key := range keys {
			all[key] = new(1.5)
		}
		return all
	}
	rules := prefactor.Ruleset{
		ActionMultipliers: scores(prefactor.RiskActions()), CategoryWeights: scores(prefactor.RiskCategories()),
		Thresholds: prefactor.RiskThresholds{Medium: 10, High: 20.1, Critical: 30},
	}
	rules.CategoryWeights["minors_data"], rules.CategoryWeights["criminal_justice"] = new(0.1), nil
	profile, err := s.admin.CreateRiskProfile(t.Context(), prefactor.NewRiskProfile{Name: "Strict", Ruleset: rules})
	must(t, err)
	return map[string]struct{ id, config string }{
		environmentAt: {environment.Object.ID, environmentConfig("name = \"qa\"\n purpose = \"testing\"")},
		agentAt:       {agent.Object.ID, agentConfig("name = \"bot\"\n description = \"Answers\"")},
		teamAt:        {s.AddTeam(s.Account.ID, "Support").ID, config("prefactor_team", `name = "Support"`)},
		personAt:      {s.AddPerson(s.Account.ID, "Ada", "ada@example.com").ID, config("prefactor_person", "name = \"Ada\"\n email = \"ada@example.com\"")},
		profileAt:     {profile.Object.ID, profileConfig("name = \"Strict\"", ruleset(limits, map[string]string{"minors_data": "0.1", "criminal_justice": "null"}))},
		deploymentAt:  {deployment.Object.ID, deploymentConfig(s.Agent.ID, elsewhere.ID)},
	}
}

func TestImport_block(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	for address, c := range found(t, s) {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			s.keeps(t, resource.TestStep{
				Config:            fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, c.id) + c.config,
				ConfigPlanChecks:  does(address, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{text(address, "id", c.id)},
			})
		})
	}
}

func TestImport_command(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	for address, c := range found(t, s) {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			run := s.keepsInProcess
			if address == agentAt {
				run = s.keeps
			}
			run(t, resource.TestStep{
				Config: c.config, ResourceName: address, ImportState: true, ImportStateId: c.id, ImportStatePersist: true,
			}, resource.TestStep{
				Config:           c.config,
				ConfigPlanChecks: does(address, plancheck.ResourceActionNoop),
			})
		})
	}
}

func TestImport_identity(t *testing.T) {
	t.Parallel()
	if !acctest.RequireTerraform(t).AtLeast("1.12.0") {
		acctest.NotRun(t, "import by identity needs Terraform or OpenTofu 1.12")
	}
	s := newStage(t, emulator.Variant{})
	for address, c := range found(t, s) {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			s.keeps(t, resource.TestStep{
				Config:            fmt.Sprintf("import {\n to = %s\n identity = { id = %q }\n}\n", address, c.id) + c.config,
				ConfigPlanChecks:  does(address, plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{text(address, "id", c.id)},
			})
		})
	}
}

func TestImport_refused(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	configs := found(t, s)
	s.Clock.Advance(acctest.Later)
	for name, c := range map[string]struct{ address, id, says string }{
		"a name":       {environmentAt, "production", `A name is not an id: data\.prefactor_environment`},
		"a value":      {agentAt, s.AdminToken, `32 characters`},
		"another kind": {agentAt, s.Production.ID, `non-existent|[Cc]annot import`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := s.keepsInProcess
			if name == "another kind" {
				run = s.keeps
			}
			run(t, resource.TestStep{
				Config: configs[c.address].config, ResourceName: c.address, ImportState: true, ImportStateId: c.id, ExpectError: regexp.MustCompile(folded(c.says)),
			})
		})
	}
}
