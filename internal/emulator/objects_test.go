package emulator_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func TestTeamsAndPersons(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.faulty(s.create("/team", object{}), "name")
	team := s.want(s.create("/team", object{"name": "Support"}), 200, "")
	s.faulty(s.create("/person", object{"name": "Ada"}), "email")
	s.faulty(s.create("/person", object{"name": "Ada", "email": "ada@example.com", "team_ids": []string{s.agent.ID}}), "team_ids")
	ada := s.want(s.create("/person", object{"name": "Ada", "email": "ada@example.com", "team_ids": []string{team.text("id")}}), 200, "")
	bob := s.AddPerson(s.account.ID, "Bob", "bob@example.com")
	s.shown(s.get("/team/"+team.text("id")), object{"name": "Support", "people_count": 1.0, "agent_count": 0.0, "type": "team"})

	agent := "/agent/" + s.agent.ID
	s.faulty(s.put(agent, object{"team_id": ada.text("id")}), "team_id")
	s.shown(s.put(agent, object{"team_id": team.text("id"), "owner_person_id": ada.text("id")}), object{"team_id": team.text("id"), "owner_person_id": ada.text("id")})
	s.shown(s.put(agent, object{"name": "renamed"}), object{"team_id": team.text("id"), "owner_person_id": ada.text("id")})
	s.shown(s.put(agent, object{"owner_person_id": nil}), object{"team_id": team.text("id"), "owner_person_id": nil})

	if got := s.list("/person", "team_id", team.text("id")).ids(); len(got) != 1 || got[0] != ada.text("id") {
		t.Errorf("%v", got)
	}
	if got := s.get("/person").ids(); len(got) != 2 {
		t.Errorf("%v", got)
	}
	s.shown(s.put("/person/"+bob.ID, object{"title": "CTO", "team_ids": []string{team.text("id")}}), object{"title": "CTO", "name": "Bob", "team_ids": []any{team.text("id")}})
	s.shown(s.put("/person/"+bob.ID, object{"title": nil, "team_ids": []string{}}), object{"title": nil, "team_ids": []any{}})
	s.delete("/team/" + team.text("id"))
	s.want(s.get("/team/"+team.text("id")), 404, "not_found")
	s.shown(s.get(agent), object{"team_id": nil})
	s.shown(s.get("/person/"+ada.text("id")), object{"team_ids": []any{}})
	s.want(s.callAs(s.foreignValue, http.MethodGet, "/person/"+ada.text("id"), nil), 404, "not_found")
}

func TestRiskProfiles(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	template := s.want(s.list("/risk_profile/template", "template_name", "Standard"), 200, "")
	ruleset, _ := template.body["ruleset"].(object)
	s.want(s.list("/risk_profile/template", "template_name", "Other"), 404, "not_found")
	s.faulty(s.create("/risk_profile", object{"name": "Strict"}), "ruleset")
	s.faulty(s.create("/risk_profile", object{"name": "Strict", "ruleset": object{}}), "ruleset.thresholds.medium")
	made := s.want(s.create("/risk_profile", object{"name": "Strict", "ruleset": ruleset}), 200, "")
	path := "/risk_profile/" + made.text("id")
	s.shown(made, object{"ruleset": ruleset, "description": nil})
	ruleset["thresholds"] = object{"medium": 5.0, "high": 4.0, "critical": 10.0}
	s.faulty(s.put(path, object{"ruleset": ruleset}), "ruleset.thresholds")
	ruleset["thresholds"] = object{"medium": 5.0, "high": 6.5, "critical": 10.0}
	s.shown(s.put(path, object{"ruleset": ruleset, "description": "x"}), object{"ruleset": ruleset, "description": "x", "name": "Strict"})
	s.shown(s.put(path, object{"ruleset": nil, "description": nil}), object{"ruleset": ruleset, "description": nil})

	s.shown(s.put("/agent/"+s.agent.ID, object{"risk_profile_id": made.text("id")}), object{"risk_profile_id": made.text("id")})
	s.delete(path)
	s.want(s.get(path), 404, "not_found")
	s.shown(s.get("/agent/"+s.agent.ID), object{"risk_profile_id": made.text("id")})
}

func TestAdminUsersAndVersions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	user := s.AddAdminUser(s.account.ID, "Bob", "bob@example.com")
	token, value := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account.ID, CreatedBy: user.ID})
	s.shown(s.get("/admin_user/"+user.ID), object{"name": "Bob", "email": "bob@example.com", "job_title": nil, "account_id": s.account.ID})
	s.shown(s.get("/api_token/"+token.ID), object{"created_by_admin_user_id": user.ID})
	if err := s.RemoveAdminUser(user.ID); err != nil {
		t.Fatal(err)
	}
	if got := s.list("/admin_user", "account_id", s.account.ID).ids(); !slices.Equal(got, []string{s.user.ID}) {
		t.Errorf("%v", got)
	}
	s.want(s.callAs(value, http.MethodGet, "/api_token/"+token.ID, nil), 200, "")

	version := s.AddAgentVersion(s.agent.ID, "v1")
	s.AddAgentVersion(s.agent.ID, "v1")
	if err := s.SetDeploymentVersion(s.deployment.ID, version.ID); err != nil {
		t.Fatal(err)
	}
	s.faulty(s.get("/agent_version"), "agent_id")
	if got := s.list("/agent_version", "agent_id", s.agent.ID).ids(); len(got) != 2 {
		t.Errorf("%v", got)
	}
	s.shown(s.get("/agent_version/"+version.ID), object{"external_identifier": "v1", "external_identifier_repeats": 1.0, "current_agent_deployment_refs": []any{s.deployment.ID}})
}
