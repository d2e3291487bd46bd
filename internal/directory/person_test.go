package directory_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const personAt = "prefactor_person.test"

func TestPerson(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	var id string
	person := func(rest string) string {
		return config("prefactor_team", `name = "Support"`) + config("prefactor_person", "email = \"ada@example.com\"\n"+rest)
	}
	s.test(t,
		resource.TestStep{Config: config("prefactor_person", "name = \"Ada\"\n email = \"Ada\""), ExpectError: regexp.MustCompile("must be an email address")},
		resource.TestStep{
			Config:           person("name = \"Ada\"\n title = \"Head\"\n team_ids = [prefactor_team.test.id]"),
			ConfigPlanChecks: does(personAt, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				text(personAt, "email", "ada@example.com"), text(personAt, "name", "Ada"), text(personAt, "title", "Head"),
				value(personAt, "team_ids", knownvalue.SetSizeExact(1)),
			},
			Check: acctest.IDOf(personAt, &id),
		},
		resource.TestStep{
			Config:           person(`name = "Ada Lovelace"`),
			ConfigPlanChecks: does(personAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				text(personAt, "name", "Ada Lovelace"), value(personAt, "title", knownvalue.Null()), value(personAt, "team_ids", knownvalue.Null()),
			},
		},
		resource.TestStep{
			// No teams and an empty set of them are the same at the platform.
			Config: person("name = \"Ada Lovelace\"\n team_ids = []"),
		},
		resource.TestStep{
			// The platform may write an email address in its own way.
			PreConfig: func() {
				_, err := s.admin.UpdatePerson(t.Context(), id, prefactor.PersonUpdate{Email: "Ada@example.com", Name: "Ada Lovelace"})
				must(t, err)
			},
			Config:           person("name = \"Ada Lovelace\"\n team_ids = []"),
			ConfigPlanChecks: does(personAt, plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			PreConfig: func() {
				_, err := s.admin.UpdatePerson(t.Context(), id, prefactor.PersonUpdate{Email: "eve@example.com", Name: "Eve", Title: prefactor.Some("CTO")})
				must(t, err)
			},
			Config:           person(`name = "Ada Lovelace"`),
			ConfigPlanChecks: does(personAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				text(personAt, "email", "ada@example.com"), value(personAt, "title", knownvalue.Null()),
			},
		},
		resource.TestStep{
			PreConfig:        func() { s.Clock.Advance(acctest.Later); must(t, s.admin.DeletePerson(t.Context(), id)) },
			Config:           person(`name = "Ada Lovelace"`),
			ConfigPlanChecks: does(personAt, plancheck.ResourceActionCreate),
		},
	)
}

func TestPerson_rejected(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	ada := s.AddPerson(s.Account.ID, "Ada", "ada@example.com")
	person := s.NewCore(nil).Resource(t, "prefactor_person")
	s.Inject(emulator.Fault{
		Method: "POST", Path: "/person", Kind: emulator.FaultRaw, Status: 422, Header: map[string][]string{"Content-Type": {"application/json"}},
		Body: []byte(`{"status":"error","code":"validation_errors","message":"invalid","errors":{"email":["has already been taken"]}}`),
	})
	_, err := person.Run(t.Context(), map[string]any{"email": "Ada@example.com", "name": "Ada"})
	says(t, err, `already been taken.*"Ada <ada@example.com>" \(`+ada.ID+`\).*import it`)
}

func TestPerson_data(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	team := s.AddTeam(s.Account.ID, "Support")
	ada, bob := s.AddPerson(s.Account.ID, "Ada", "ada@example.com", team.ID), s.AddPerson(s.Account.ID, "Bob", "bob@example.com")
	s.keepsInProcess(t,
		resource.TestStep{
			Config: data("prefactor_persons", "") + fmt.Sprintf(`
data "prefactor_persons" "of_team" {
  team_id = %q
}

data "prefactor_person" "by_email" {
  email = "ADA@example.com"
}

data "prefactor_person" "by_id" {
  id = %q
}
`, team.ID, bob.ID),
			ConfigStateChecks: []statecheck.StateCheck{
				text("data.prefactor_person.by_email", "id", ada.ID),
				value("data.prefactor_person.by_email", "team_ids", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(team.ID)})),
				text("data.prefactor_person.by_id", "name", "Bob"),
				value("data.prefactor_person.by_id", "team_ids", knownvalue.SetSizeExact(0)),
				value("data.prefactor_persons.test", "persons", rows("email", "ada@example.com", "bob@example.com")),
				value("data.prefactor_persons.of_team", "persons", rows("email", "ada@example.com")),
			},
		},
		resource.TestStep{
			Config:      data("prefactor_person", `email = "eve@example.com"`),
			ExpectError: regexp.MustCompile(folded(`no person whose email is "eve@example.com"\. .* 2 persons: "Ada <ada@example.com>"`)),
		},
		resource.TestStep{
			Config:      data("prefactor_persons", fmt.Sprintf("team_id = %q", s.Agent.ID)),
			ExpectError: regexp.MustCompile(folded(`Cannot list the persons`)),
		},
	)
}
