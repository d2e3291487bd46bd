package prefactor_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// must fails the test at once where there is an error.
func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestRiskProfiles(t *testing.T) {
	t.Parallel()
	p, value := platform(emulator.Variant{})
	c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
	ctx := t.Context()
	profile := must[prefactor.RiskProfile](t)

	ruleset := must[prefactor.Ruleset](t)(c.RiskProfileTemplate(ctx, "Standard"))
	if len(ruleset.CategoryWeights) != len(prefactor.RiskCategories()) || len(ruleset.ActionMultipliers) != len(prefactor.RiskActions()) || ruleset.Thresholds.Critical == 0 {
		t.Errorf("%+v", ruleset)
	}
	if _, err := c.RiskProfileTemplate(ctx, "Other"); !errors.Is(err, prefactor.ErrNotFound) {
		t.Error(err)
	}
	// Null and 0 are not the same.
	ruleset.CategoryWeights["minors_data"], ruleset.CategoryWeights["contact_information"] = nil, new(0.0)
	created := must[prefactor.Created[prefactor.RiskProfile]](t)(c.CreateRiskProfile(ctx, prefactor.NewRiskProfile{Name: "Strict", Description: "d", Ruleset: ruleset})).Object
	weights := profile(c.RiskProfile(ctx, created.ID)).Ruleset.Value.CategoryWeights
	if v, ok := weights["minors_data"]; !ok || v != nil || weights["contact_information"] == nil || *weights["contact_information"] != 0 {
		t.Errorf("%v", weights)
	}
	// What is left out stays; null clears.
	renamed := profile(c.UpdateRiskProfile(ctx, created.ID, prefactor.RiskProfileUpdate{Name: "Stricter"}))
	if renamed.Name.Value != "Stricter" || renamed.Description.Value != "d" {
		t.Errorf("%+v", renamed)
	}
	cleared := profile(c.UpdateRiskProfile(ctx, created.ID, prefactor.RiskProfileUpdate{Description: prefactor.Null[string]()}))
	if cleared.Name.Value != "Stricter" || !cleared.Description.Null {
		t.Errorf("%+v", cleared)
	}
	ruleset.Thresholds.Critical = 99.5
	changed := profile(c.UpdateRiskProfile(ctx, created.ID, prefactor.RiskProfileUpdate{Ruleset: prefactor.Some(ruleset)}))
	if changed.Ruleset.Value.Thresholds.Critical != 99.5 {
		t.Errorf("%+v", changed)
	}
	rows := must[[]prefactor.RiskProfile](t)(c.RiskProfiles(ctx))
	if len(rows) != 1 || rows[0].ID != created.ID || rows[0].Ruleset.Present {
		t.Errorf("%+v", rows)
	}

	agent := must[prefactor.Created[prefactor.Agent]](t)(c.CreateAgent(ctx, prefactor.NewAgent{Name: "bot", RiskProfileID: prefactor.Some(created.ID)})).Object
	must[prefactor.Created[prefactor.Agent]](t)(c.CreateAgent(ctx, prefactor.NewAgent{Name: "other"}))
	users := must[[]prefactor.Agent](t)(c.AgentsWithRiskProfile(ctx, created.ID))
	if len(users) != 1 || users[0].ID != agent.ID || users[0].RiskProfileID.Value != created.ID {
		t.Errorf("%+v", users)
	}
	if err := c.DeleteRiskProfile(ctx, created.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.RiskProfile(ctx, created.ID); !errors.Is(err, prefactor.ErrNotFound) {
		t.Error(err)
	}
}

func TestTeamsAndPersons(t *testing.T) {
	t.Parallel()
	p, value := platform(emulator.Variant{})
	c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
	ctx := t.Context()
	person := must[prefactor.Person](t)

	team := must[prefactor.Created[prefactor.Team]](t)(c.CreateTeam(ctx, prefactor.NewTeam{Name: "Support"})).Object
	ada := must[prefactor.Created[prefactor.Person]](t)(c.CreatePerson(ctx, prefactor.NewPerson{
		Email: "ada@example.com", Name: "Ada", Title: "Head", TeamIDs: []string{team.ID},
	})).Object
	bob := must[prefactor.Created[prefactor.Person]](t)(c.CreatePerson(ctx, prefactor.NewPerson{Email: "bob@example.com", Name: "Bob"})).Object
	if rows := must[[]prefactor.Person](t)(c.Persons(ctx, team.ID)); len(rows) != 1 || rows[0].ID != ada.ID || !slices.Equal(rows[0].TeamIDs.Value, []string{team.ID}) {
		t.Errorf("%+v", rows)
	}
	if rows := must[[]prefactor.Person](t)(c.Persons(ctx, "")); len(rows) != 2 || rows[1].ID != bob.ID {
		t.Errorf("%+v", rows)
	}
	// What is left out stays; null clears the title and an empty list the teams.
	if got := person(c.UpdatePerson(ctx, ada.ID, prefactor.PersonUpdate{Name: "Ada Lovelace"})); got.Title.Value != "Head" || len(got.TeamIDs.Value) != 1 {
		t.Errorf("%+v", got)
	}
	if got := person(c.UpdatePerson(ctx, ada.ID, prefactor.PersonUpdate{Title: prefactor.Null[string](), TeamIDs: prefactor.Some([]string{})})); !got.Title.Null || len(got.TeamIDs.Value) != 0 || got.Name.Value != "Ada Lovelace" {
		t.Errorf("%+v", got)
	}
	if got := must[prefactor.Team](t)(c.UpdateTeam(ctx, team.ID, prefactor.TeamUpdate{Name: "Sales"})); got.Name.Value != "Sales" {
		t.Errorf("%+v", got)
	}
	if err := errors.Join(c.DeletePerson(ctx, ada.ID), c.DeleteTeam(ctx, team.ID)); err != nil {
		t.Error(err)
	}
	_, noPerson := c.Person(ctx, ada.ID)
	_, noTeam := c.Team(ctx, team.ID)
	for _, err := range []error{noPerson, noTeam} {
		if !errors.Is(err, prefactor.ErrNotFound) {
			t.Error(err)
		}
	}
	if rows := must[[]prefactor.Team](t)(c.Teams(ctx)); len(rows) != 0 {
		t.Errorf("%+v", rows)
	}
}

func TestAdminUsersAndVersions(t *testing.T) {
	t.Parallel()
	p, value := platform(emulator.Variant{})
	account := p.Tokens()[0].AccountID
	c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
	ctx := t.Context()
	ada := p.AddAdminUser(account, "Ada", "ada@example.com")
	for _, id := range []string{"", account} {
		rows := must[[]prefactor.AdminUser](t)(c.AdminUsers(ctx, id))
		if len(rows) != 1 || rows[0].Email.Value != "ada@example.com" || rows[0].AccountID.Value != account || !rows[0].JobTitle.Null || !rows[0].InsertedAt.Known() {
			t.Errorf("%+v", rows)
		}
	}
	if found := must[prefactor.AdminUser](t)(c.AdminUser(ctx, ada.ID)); found.Name.Value != "Ada" {
		t.Errorf("%+v", found)
	}
	agent := p.AddAgent(account, "bot")
	version := p.AddAgentVersion(agent.ID, "1.4.0")
	rows := must[[]prefactor.AgentVersion](t)(c.AgentVersions(ctx, agent.ID))
	found := must[prefactor.AgentVersion](t)(c.AgentVersion(ctx, version.ID))
	if len(rows) != 1 || rows[0] != found || found.ExternalIdentifier.Value != "1.4.0" || found.AgentSchemaVersionID.Value != version.AgentSchemaVersionID {
		t.Errorf("%+v, %+v", rows, found)
	}
}

// In an update, what is not to change is left out, and null is sent as null.
func TestUpdates_json(t *testing.T) {
	t.Parallel()
	for want, update := range map[string]any{
		`{}`:                                     prefactor.RiskProfileUpdate{},
		`{"description":null}`:                   prefactor.RiskProfileUpdate{Description: prefactor.Null[string]()},
		`{"name":"x","title":null}`:              prefactor.PersonUpdate{Name: "x", Title: prefactor.Null[string]()},
		`{"team_ids":[]}`:                        prefactor.PersonUpdate{TeamIDs: prefactor.Some([]string{})},
		`{"risk_profile_id":null,"team_id":"t"}`: prefactor.AgentUpdate{TeamID: prefactor.Some("t"), RiskProfileID: prefactor.Null[string]()},
	} {
		got, err := json.Marshal(update)
		if err != nil || string(got) != want {
			t.Errorf("%s, not %s: %v", got, want, err)
		}
	}
}
