package directory_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// rows lists the rows that a plural data source is to show, in order.
func rows(attribute string, values ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, v := range values {
		checks[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{attribute: knownvalue.StringExact(v)})
	}
	return knownvalue.ListExact(checks)
}

// Each thing is found in each way, on each platform.
func TestLookUp(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(true) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, v.Variant)
			s.Clock.Advance(time.Second)
			environment, err := s.admin.CreateEnvironment(t.Context(), prefactor.NewEnvironment{AccountID: s.Account.ID, Name: "qa", Purpose: "testing", Description: "For QA"})
			must(t, err)
			agent, err := s.admin.CreateAgent(t.Context(), prefactor.NewAgent{Name: "crm-bot", Description: "Answers", ExternalIdentifier: "crm"})
			must(t, err)
			deployment, err := s.admin.CreateDeployment(t.Context(), prefactor.NewDeployment{AgentID: agent.Object.ID, EnvironmentID: environment.Object.ID})
			must(t, err)
			must(t, s.SetDeploymentVersion(deployment.Object.ID, "v7"))
			lookups := map[string]string{
				"prefactor_account.by_id":            fmt.Sprintf("id = %q", s.Account.ID),
				"prefactor_account.by_name":          `name = "Acme"`,
				"prefactor_account.only":             ``,
				"prefactor_environment.by_id":        fmt.Sprintf("id = %q", environment.Object.ID),
				"prefactor_environment.by_name":      `name = "qa"`,
				"prefactor_environment.of_account":   fmt.Sprintf("name = \"qa\"\n account_id = %q", s.Account.ID),
				"prefactor_agent.by_id":              fmt.Sprintf("id = %q", agent.Object.ID),
				"prefactor_agent.by_name":            `name = "crm-bot"`,
				"prefactor_agent.by_identifier":      `external_identifier = "crm"`,
				"prefactor_agent_deployment.by_id":   fmt.Sprintf("id = %q", deployment.Object.ID),
				"prefactor_agent_deployment.by_pair": fmt.Sprintf("agent_id = %q\n environment_id = %q", agent.Object.ID, environment.Object.ID),
				"prefactor_accounts.all":             ``,
				"prefactor_environments.all":         ``,
				"prefactor_agents.all":               ``,
				"prefactor_agent_deployments.all":    fmt.Sprintf("agent_id = %q", s.Agent.ID),
			}
			fields := map[string]map[string]string{
				"prefactor_account":          {"id": s.Account.ID, "name": "Acme"},
				"prefactor_environment":      {"id": environment.Object.ID, "name": "qa", "account_id": s.Account.ID, "purpose": "testing", "description": "For QA"},
				"prefactor_agent":            {"id": agent.Object.ID, "name": "crm-bot", "external_identifier": "crm", "description": "Answers", "status": "pending"},
				"prefactor_agent_deployment": {"id": deployment.Object.ID, "agent_id": agent.Object.ID, "environment_id": environment.Object.ID, "account_id": s.Account.ID, "current_version_id": "v7"},
			}
			var config strings.Builder
			var checks []statecheck.StateCheck
			for address, arguments := range lookups {
				typeName, name, _ := strings.Cut(address, ".")
				fmt.Fprintf(&config, "data %q %q {\n%s\n}\n", typeName, name, arguments)
				for attribute, want := range fields[typeName] {
					checks = append(checks, text("data."+address, attribute, want))
				}
			}
			deployments, err := s.admin.Deployments(t.Context(), s.Agent.ID)
			must(t, err)
			checks = append(checks,
				value("data.prefactor_accounts.all", "accounts", rows("name", "Acme")),
				value("data.prefactor_environments.all", "environments", rows("name", "production", "qa", "staging")),
				value("data.prefactor_environments.all", "environments", rows("account_id", s.Account.ID, s.Account.ID, s.Account.ID)),
				value("data.prefactor_agents.all", "agents", rows("name", "billing-bot", "crm-bot", "support-bot")),
				value("data.prefactor_agents.all", "agents", rows("status", "pending", "pending", "pending")),
				value("data.prefactor_agent_deployments.all", "agent_deployments", rows("id", deployments[0].ID, deployments[1].ID)),
				value("data.prefactor_agent_deployments.all", "agent_deployments", rows("environment_id", s.Production.ID, s.Staging.ID)),
			)
			run := s.keepsInProcess
			if v.Name == "plausible" {
				run = s.keeps
			}
			run(t, resource.TestStep{Config: config.String(), ConfigStateChecks: checks})
		})
	}
}

// However many look-ups there are, each list is asked for once in a run.
func TestLookUp_oneRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	var config strings.Builder
	for i := range 20 {
		name := []string{"production", "staging"}[i%2]
		fmt.Fprintf(&config, "data \"prefactor_environment\" \"n%d\" {\n name = %q\n}\n", i, name)
		fmt.Fprintf(&config, "data \"prefactor_agent\" \"n%d\" {\n name = \"support-bot\"\n}\n", i)
		fmt.Fprintf(&config, "data \"prefactor_agent_deployment\" \"n%d\" {\n agent_id = %q\n environment_id = data.prefactor_environment.n%d.id\n}\n", i, s.Agent.ID, i)
		fmt.Fprintf(&config, "data \"prefactor_environments\" \"n%d\" {}\ndata \"prefactor_agents\" \"n%d\" {}\ndata \"prefactor_account\" \"n%d\" {}\n", i, i, i)
	}
	c := s.NewCLI(t, config.String())
	s.ResetRequests()
	c.MustRun(t, "plan")
	// The list of agents does not have all fields of an agent.
	if n := len(s.Requests()); n != 5 {
		t.Errorf("%d requests, not one for each of the four lists and one for the agent", n)
		for _, r := range s.Requests() {
			t.Log(r.Method, r.Path, r.Query)
		}
	}
}

// What an apply has created is found by it, though it has listed before.
func TestLookUp_afterCreate(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.test(t, resource.TestStep{
		Config: `
resource "terraform_data" "first" {}

data "prefactor_environments" "before" {
  depends_on = [terraform_data.first]
}

resource "prefactor_environment" "test" {
  name       = "qa"
  depends_on = [data.prefactor_environments.before]
}

data "prefactor_environment" "found" {
  name       = "qa"
  depends_on = [prefactor_environment.test]
}
`,
		ConfigStateChecks: []statecheck.StateCheck{text("data.prefactor_environment.found", "name", "qa")},
	})
}

func TestLookUp_problems(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	twins := []string{s.AddEnvironment(s.Account.ID, "twin").ID, s.AddEnvironment(s.Account.ID, "twin").ID}
	slices.Sort(twins)
	loner := s.AddAgent(s.Account.ID, "loner")
	s.AddAgent(s.Account.ID, "twin")
	s.AddAgent(s.Account.ID, "twin")
	other := s.AddAccount("Other")
	foreign := s.AddAgent(other.ID, "foreign")
	for name, c := range map[string]struct{ typeName, arguments, says string }{
		"none": {
			"prefactor_environment", `name = "Production"`,
			`no environment of account ` + s.Account.ID + ` whose name is "Production"\. .* 4 environments: "production" \(` + s.Production.ID + `\), "staging" \(\w+\), "twin"`,
		},
		"several":           {"prefactor_environment", `name = "twin"`, `2 environments: "twin" \(` + twins[0] + `\), "twin" \(` + twins[1] + `\)\. Set id`},
		"no agent":          {"prefactor_agent", `name = "nobody"`, `no agent whose name is "nobody".* 5 agents: "billing-bot"`},
		"several agents":    {"prefactor_agent", `name = "twin"`, `2 agents: .*Set id`},
		"no identifier":     {"prefactor_agent", `external_identifier = "x"`, `no agent whose external_identifier is "x".* 5 agents: "billing-bot"`},
		"no account":        {"prefactor_account", `name = "Acme Ltd"`, `no account whose name is "Acme Ltd".* one account: "Acme"`},
		"not deployed":      {"prefactor_agent_deployment", fmt.Sprintf("agent_id = %q\n environment_id = %q", loner.ID, s.Production.ID), `no agent deployment of agent .* whose environment_id is .* no agent deployment\. .*prefactor_agent_deployment`},
		"deployed else":     {"prefactor_agent_deployment", fmt.Sprintf("agent_id = %q\n environment_id = %q", s.Agent.ID, twins[0]), `2 agent deployments: \w+ in environment ` + s.Production.ID},
		"foreign":           {"prefactor_agent", fmt.Sprintf("id = %q", foreign.ID), `There is no agent ` + foreign.ID + ` that the provider's credentials`},
		"foreign account":   {"prefactor_account", fmt.Sprintf("id = %q", other.ID), `There is no account ` + other.ID},
		"account of others": {"prefactor_environment", fmt.Sprintf("name = \"x\"\n account_id = %q", other.ID), `[Cc]annot list the environments.*404`},
		"both":              {"prefactor_environment", fmt.Sprintf("name = \"x\"\n id = %q", s.Production.ID), `one.*of these attributes|only one|Exactly one|2 attributes specified`},
		"neither":           {"prefactor_agent", ``, `[Mm]issing|[Ee]xactly one`},
		"half a pair":       {"prefactor_agent_deployment", fmt.Sprintf("agent_id = %q", s.Agent.ID), `must be configured together`},
		"no id":             {"prefactor_environment", `id = "production"`, `Invalid Prefactor id`},
		"empty name":        {"prefactor_agent", `name = ""`, `length must be at least 1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := s.keepsInProcess
			if name == "neither" {
				run = s.keeps
			}
			run(t, resource.TestStep{Config: data(c.typeName, c.arguments), ExpectError: regexp.MustCompile(folded(c.says))})
		})
	}
}

// folded is a pattern for a text in which Terraform has broken the lines.
func folded(pattern string) string { return "(?s)" + strings.ReplaceAll(pattern, " ", `\s+`) }

// An error lists no more than a person reads, and no control characters.
func TestLookUp_bounded(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	for i := range 60 {
		s.AddAgent(s.Account.ID, fmt.Sprintf("bot-%02d", i))
	}
	s.AddAgent(s.Account.ID, "a\x1b[31m"+strings.Repeat("x", 200))
	s.keeps(t, resource.TestStep{
		Config:      data("prefactor_agent", `name = "nobody"`),
		ExpectError: regexp.MustCompile(folded(`63 agents: "a\\x1b\[31mx{50,60}…" \(\w+\), "billing-bot" \(\w+\), "bot-00" .*"bot-17" \(\w+\), and 43 more\.`)),
	})
}

func TestLookUp_accounts(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.Inject(twoAccounts(s))
	s.keepsInProcess(t,
		resource.TestStep{Config: data("prefactor_accounts", ""), ConfigStateChecks: []statecheck.StateCheck{
			value("data.prefactor_accounts.test", "accounts", rows("name", "Acme", "Zoo")),
		}},
		resource.TestStep{Config: data("prefactor_account", ""), ExpectError: regexp.MustCompile(folded(`2 accounts: "Acme" .*Set name or id`))},
		resource.TestStep{Config: data("prefactor_account", `name = "Zoo"`), ConfigStateChecks: []statecheck.StateCheck{text("data.prefactor_account.test", "id", s.Agent.ID)}},
		resource.TestStep{Config: data("prefactor_environments", ""), ExpectError: regexp.MustCompile(folded(`2 accounts: .*Set account_id`))},
		resource.TestStep{
			Config:            s.ProviderBlock(fmt.Sprintf("account_id = %q", s.Account.ID)) + data("prefactor_environments", ""),
			ConfigStateChecks: []statecheck.StateCheck{text("data.prefactor_environments.test", "account_id", s.Account.ID)},
		},
	)
}
