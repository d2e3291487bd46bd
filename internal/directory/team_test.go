package directory_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const teamAt = "prefactor_team.test"

func TestTeam(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	var id string
	team := func(name string) string { return config("prefactor_team", "name = \""+name+"\"") }
	s.test(t,
		resource.TestStep{Config: team(""), ExpectError: regexp.MustCompile("length must be at least 1")},
		resource.TestStep{
			Config:            team("Support"),
			ConfigPlanChecks:  does(teamAt, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{text(teamAt, "name", "Support")},
			Check:             acctest.IDOf(teamAt, &id),
		},
		resource.TestStep{
			Config:            team("Customer support"),
			ConfigPlanChecks:  does(teamAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{text(teamAt, "name", "Customer support")},
		},
		resource.TestStep{
			// Someone else renames it.
			PreConfig: func() {
				_, err := s.admin.UpdateTeam(t.Context(), id, prefactor.TeamUpdate{Name: "Renamed"})
				must(t, err)
			},
			Config:           team("Customer support"),
			ConfigPlanChecks: does(teamAt, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig:        func() { s.Clock.Advance(acctest.Later); must(t, s.admin.DeleteTeam(t.Context(), id)) },
			Config:           team("Customer support"),
			ConfigPlanChecks: does(teamAt, plancheck.ResourceActionCreate),
		},
	)
}

// What the API rejects is in no state.
func TestTeam_rejected(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.Inject(emulator.Fault{Method: "POST", Path: "/team", Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"})
	s.testInProcess(t, resource.TestStep{
		Config:      config("prefactor_team", `name = "Support"`),
		ExpectError: regexp.MustCompile("Cannot create the team"),
	})
}

func TestTeam_data(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	support, sales := s.AddTeam(s.Account.ID, "Support"), s.AddTeam(s.Account.ID, "Sales")
	s.AddTeam(s.Account.ID, "Twin")
	s.AddTeam(s.Account.ID, "Twin")
	s.keepsInProcess(t,
		resource.TestStep{Config: data("prefactor_team", ""), ExpectError: regexp.MustCompile(folded(`[Ee]xactly one|[Mm]issing`))},
		resource.TestStep{
			Config: data("prefactor_teams", "") + `
data "prefactor_team" "by_name" {
  name = "Support"
}

data "prefactor_team" "by_id" {
  id = "` + sales.ID + `"
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				text("data.prefactor_team.by_name", "id", support.ID),
				text("data.prefactor_team.by_id", "name", "Sales"),
				value("data.prefactor_teams.test", "teams", rows("name", "Sales", "Support", "Twin", "Twin")),
			},
		},
		resource.TestStep{Config: data("prefactor_team", `name = "Twin"`), ExpectError: regexp.MustCompile(folded(`is the name of 2 teams: .* Set id`))},
		resource.TestStep{Config: data("prefactor_team", `name = "support"`), ExpectError: regexp.MustCompile(folded(`no team whose name is "support"\. .* 4 teams: "Sales"`))},
		resource.TestStep{Config: data("prefactor_team", `id = "`+s.Agent.ID+`"`), ExpectError: regexp.MustCompile(folded(`There is no team ` + s.Agent.ID))},
	)
}

func TestAdminUser_data(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	ada, bob := s.AddAdminUser(s.Account.ID, "Ada", "ada@example.com"), s.AddAdminUser(s.Account.ID, "", "bob@example.com")
	s.keepsInProcess(t,
		resource.TestStep{
			Config: data("prefactor_admin_users", "") + `
data "prefactor_admin_users" "of_account" {
  account_id = "` + s.Account.ID + `"
}

data "prefactor_admin_user" "by_email" {
  email = "Ada@example.com"
}

data "prefactor_admin_user" "by_id" {
  id = "` + bob.ID + `"
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				text("data.prefactor_admin_user.by_email", "id", ada.ID),
				text("data.prefactor_admin_user.by_email", "name", "Ada"),
				text("data.prefactor_admin_user.by_id", "email", "bob@example.com"),
				value("data.prefactor_admin_users.test", "admin_users", rows("email", "ada@example.com", "admin@example.com", "bob@example.com")),
				text("data.prefactor_admin_users.of_account", "account_id", s.Account.ID),
				value("data.prefactor_admin_users.of_account", "admin_users", rows("id", ada.ID, s.User.ID, bob.ID)),
			},
		},
		resource.TestStep{Config: data("prefactor_admin_user", `email = "eve@example.com"`), ExpectError: regexp.MustCompile(folded(`no admin user whose email is "eve@example.com"\. .* 3 admin users`))},
	)
}

// An identifier is that of several versions: the newest one is taken.
func TestAgentVersion_data(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	first := s.AddAgentVersion(s.Agent.ID, "v1")
	s.Clock.Advance(1000)
	s.AddAgentVersion(s.Agent.ID, "v2")
	s.AddAgentVersion(s.OtherAgent.ID, "v1")
	newest := s.AddAgentVersion(s.Agent.ID, "v1")
	pair := func(identifier string) string {
		return "agent_id = \"" + s.Agent.ID + "\"\n external_identifier = \"" + identifier + "\""
	}
	s.keepsInProcess(t,
		resource.TestStep{Config: data("prefactor_agent_version", `agent_id = "`+s.Agent.ID+`"`), ExpectError: regexp.MustCompile(folded(`must be configured together`))},
		resource.TestStep{
			Config: data("prefactor_agent_version", pair("v1")) + `
data "prefactor_agent_version" "by_id" {
  id = "` + first.ID + `"
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				text("data.prefactor_agent_version.test", "id", newest.ID),
				text("data.prefactor_agent_version.test", "agent_schema_version_id", newest.AgentSchemaVersionID),
				text("data.prefactor_agent_version.by_id", "external_identifier", "v1"),
				text("data.prefactor_agent_version.by_id", "agent_id", s.Agent.ID),
			},
		},
		resource.TestStep{Config: data("prefactor_agent_version", pair("v3")), ExpectError: regexp.MustCompile(folded(`no agent version of agent .* whose external_identifier is "v3"\. .* 3 agent versions`))},
	)
}
