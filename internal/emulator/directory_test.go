package emulator_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func (s *scene) put(path string, details object) answer {
	s.t.Helper()
	return s.call(http.MethodPut, path, object{"details": details})
}

func (s *scene) delete(path string) answer {
	s.t.Helper()
	return s.call(http.MethodDelete, path, nil)
}

// faulty fails the test unless the answer finds fault with this field.
func (s *scene) faulty(a answer, field string) {
	s.t.Helper()
	s.want(a, 422, "validation_errors")
	if errors, _ := a.body["errors"].(object); errors[field] == nil {
		s.t.Errorf("%s, want %s in it", a.raw, field)
	}
}

// shown fails the test unless the details have these fields.
func (s *scene) shown(a answer, want object) {
	s.t.Helper()
	for field, value := range want {
		if got, present := a.details()[field]; !present || !reflect.DeepEqual(got, value) {
			s.t.Errorf("%s is %v, want %v: %s", field, got, value, a.raw)
		}
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	path := "/account/" + s.account.ID
	was := object{"name": "Acme", "organisation_name": "Acme", "purpose": "business", "website": nil}
	s.shown(s.get(path), was)
	s.faulty(s.put(path, object{"name": ""}), "name")
	s.faulty(s.put(path, object{"name": 7}), "name")
	s.faulty(s.put(path, object{"purpose": "fun"}), "purpose")
	s.faulty(s.put(path, object{"organisation_name": nil}), "organisation_name")
	s.shown(s.put(path, object{}), was)
	s.shown(s.put(path, object{"name": "Acme Ltd", "purpose": "personal", "organisation_name": nil}), object{"id": s.account.ID, "name": "Acme Ltd", "organisation_name": nil})
	s.shown(s.get(path), object{"name": "Acme Ltd"})

	s = newScene(t, emulator.Variant{AccountAsObject: true})
	if a := s.get("/account"); a.text("id") != s.account.ID || a.body["summaries"] != nil {
		t.Errorf("%s", a.raw)
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.faulty(s.get("/environment"), "account_id")
	for field, details := range map[string]object{
		"account_id": {"name": "x"},
		"name":       {"account_id": s.account.ID},
		"purpose":    {"account_id": s.account.ID, "name": "x", "purpose": "test"},
	} {
		s.faulty(s.create("/environment", details), field)
	}
	s.faulty(s.create("/environment", object{"account_id": s.foreign.ID, "name": "x"}), "account_id")
	s.shown(s.create("/environment", object{"account_id": s.account.ID, "name": "dev"}), object{"purpose": "development", "external_identifier": nil})
	a := s.want(s.create("/environment", object{"account_id": s.account.ID, "name": "staging", "purpose": "testing"}), 200, "")
	path := "/environment/" + a.text("id")
	s.shown(s.get(path), object{"name": "staging", "purpose": "testing", "description": nil, "account_id": s.account.ID, "type": "environment"})
	s.faulty(s.put(path, object{"name": ""}), "name")
	s.faulty(s.put(path, object{"purpose": ""}), "purpose")
	s.faulty(s.put(path, object{"description": []string{}}), "description")
	// null clears what can be null, and leaves the rest alone.
	s.shown(s.put(path, object{"purpose": nil, "name": nil, "description": "for tests"}), object{"name": "staging", "purpose": "testing", "description": "for tests"})
	s.shown(s.put(path, object{"description": nil}), object{"description": nil})
	s.shown(s.list("/environment/show", "environment_id", a.text("id")), object{"name": "staging"})
	s.faulty(s.get("/environment/show"), "external_identifier")
	if got := len(s.list("/environment", "account_id", s.account.ID).ids()); got != 3 {
		t.Errorf("%d environments", got)
	}
	s.shown(s.want(s.delete(path), 200, ""), object{"id": a.text("id"), "name": "staging"})
	s.want(s.get(path), 404, "not_found")
}

// An update which is refused for one field changes none. The fields are read in
// no order, so one try proves little.
func TestRefusedUpdates(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for range 30 {
		for path, details := range map[string]object{
			"/environment/" + s.environment.ID: {"name": "x", "purpose": "testing", "description": 7},
			"/agent/" + s.agent.ID:             {"name": "x", "team_id": nil, "description": 7},
		} {
			before := s.get(path).raw
			s.clock.advance(time.Second)
			s.want(s.put(path, details), 422, "validation_errors")
			if after := s.get(path).raw; after != before {
				t.Fatalf("%s\nbefore %s", after, before)
			}
		}
	}
}

// Every create answers with the variant's status, not that of tokens only.
func TestCreateStatus(t *testing.T) {
	t.Parallel()
	for variant, status := range map[int]int{0: 200, 201: 201} {
		s := newScene(t, emulator.Variant{CreateStatus: variant})
		other := s.AddAgent(s.account.ID, "other-bot")
		for path, details := range map[string]object{
			"/api_token":        {"token_scope": "account"},
			"/environment":      {"account_id": s.account.ID, "name": "x"},
			"/agent":            {"name": "x"},
			"/agent_deployment": {"agent_id": other.ID, "environment_id": s.environment.ID},
		} {
			if got := s.create(path, details).status; got != status {
				t.Errorf("%s: %d, want %d", path, got, status)
			}
		}
	}
}

func TestAgents(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.faulty(s.create("/agent", object{}), "name")
	s.faulty(s.create("/agent", object{"name": 7}), "name")
	a := s.want(s.create("/agent", object{"name": "new-bot", "account_id": s.foreign.ID, "external_identifier": "crm", "description": "d"}), 200, "")
	s.faulty(s.create("/agent", object{"name": "x", "external_identifier": "crm"}), "external_identifier")
	path := "/agent/" + a.text("id")
	s.shown(s.get(path), object{"name": "new-bot", "description": "d", "external_identifier": "crm", "status": "pending"})
	s.faulty(s.get("/agent/show"), "external_identifier")
	s.faulty(s.list("/agent/show", "external_identifier", "crm", "agent_id", a.text("id")), "external_identifier")
	s.want(s.list("/agent/show", "external_identifier", "none"), 404, "not_found")
	s.shown(s.list("/agent/show", "external_identifier", "crm"), object{"id": a.text("id")})
	s.shown(s.list("/agent/show", "agent_id", a.text("id")), object{"id": a.text("id")})
	s.want(s.callAs(s.foreignValue, http.MethodGet, "/agent/show?external_identifier=crm", nil), 404, "not_found")

	// An external identifier is for new agents only, unknown fields are dropped.
	s.shown(s.put(path, object{"external_identifier": "erp", "current_version_id": 7}), object{"external_identifier": "crm"})
	s.faulty(s.put(path, object{"name": ""}), "name")
	s.shown(s.put(path, object{"name": "bot", "description": nil}), object{"name": "bot", "description": nil})
	if got := len(s.list("/agent", "account_id", s.foreign.ID).ids()); got != 2 {
		t.Errorf("%d agents", got)
	}

	actions := func(retire, remove bool) object {
		return object{"available_actions": object{"delete": remove, "reinstate": !retire, "retire": retire, "update": true}}
	}
	s.want(s.call(http.MethodPost, path+"/reinstate", object{}), 409, "invalid_action")
	s.shown(s.get(path), actions(true, true))
	s.shown(s.call(http.MethodPost, path+"/retire", object{}), object{"status": "retired"})
	s.shown(s.get(path), actions(false, true))
	s.want(s.call(http.MethodPost, path+"/retire", object{}), 409, "invalid_action")
	s.shown(s.call(http.MethodPost, path+"/reinstate", object{}), object{"status": "pending"})
	if err := s.SetActiveInstances(a.text("id"), 2); err != nil {
		t.Fatal(err)
	}
	s.shown(s.get(path), actions(true, false))
	s.want(s.delete(path), 409, "invalid_action")
	if err := s.SetActiveInstances(a.text("id"), 0); err != nil {
		t.Fatal(err)
	}
	s.want(s.delete(path), 200, "")
	s.want(s.get(path), 404, "not_found")
}

func TestAgentFilters(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	profile, team, person := s.AddRiskProfile(s.account.ID, "Strict"), s.AddTeam(s.account.ID, "Support"), s.AddPerson(s.account.ID, "Ada", "ada@example.com")
	a := s.create("/agent", object{"name": "x", "risk_profile_id": profile.ID, "team_id": team.ID, "owner_person_id": person.ID})
	for filter, id := range map[string]string{"risk_profile_id": profile.ID, "team_id": team.ID, "owner_person_id": person.ID} {
		for value, want := range map[string]string{id: a.text("id"), "null": s.agent.ID} {
			if got := s.list("/agent", filter, value).ids(); len(got) != 1 || got[0] != want {
				t.Errorf("%s=%s: %v, want %s", filter, value, got, want)
			}
		}
	}
}

func TestDeployments(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := s.AddAgent(s.account.ID, "other-bot")
	s.faulty(s.get("/agent_deployment"), "agent_id")
	s.want(s.list("/agent_deployment", "agent_id", "x"), 404, "not_found")
	for _, c := range []struct {
		agent, environment any
		field              string
	}{
		{nil, s.environment.ID, "agent_id"},
		{other.ID, nil, "environment_id"},
		{7, s.environment.ID, "agent_id"},
		{s.foreignAgent.ID, s.environment.ID, "agent_id"},
		{other.ID, s.foreignEnvironment.ID, "environment_id"},
		{s.agent.ID, s.environment.ID, "environment_id"},
	} {
		s.faulty(s.create("/agent_deployment", object{"agent_id": c.agent, "environment_id": c.environment}), c.field)
	}
	a := s.want(s.create("/agent_deployment", object{"agent_id": other.ID, "environment_id": s.environment.ID, "current_version_id": "v1"}), 200, "")
	path := "/agent_deployment/" + a.text("id")
	s.shown(s.get(path), object{"agent_id": other.ID, "environment_id": s.environment.ID, "account_id": s.account.ID, "current_version_id": "v1", "type": "agent_deployment"})
	s.shown(s.put(path, object{"current_version_id": "v2"}), object{"current_version_id": "v2"})
	s.faulty(s.put(path, object{"current_version_id": 2}), "current_version_id")
	s.want(s.delete(path), 200, "")
	s.want(s.get(path), 404, "not_found")
}

// What is in use can be deleted, and its tokens stop working.
func TestDeletionsBreakTokens(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/environment/", "/agent/", "/agent_deployment/"} {
		s := newScene(t)
		token, value := s.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.account.ID, AgentID: s.agent.ID, EnvironmentID: s.environment.ID})
		id := map[string]string{"/environment/": s.environment.ID, "/agent/": s.agent.ID, "/agent_deployment/": s.deployment.ID}[path]
		s.want(s.callAs(value, http.MethodGet, "/ping", nil), 200, "")
		s.shown(s.want(s.delete(path+id), 200, ""), object{"id": id})
		s.want(s.callAs(value, http.MethodGet, "/ping", nil), 401, "bad_authtoken")
		s.shown(s.get("/api_token/"+token.ID), object{"status": "active"})
		if left := s.Exists(s.deployment.ID); left != (path == "/environment/") {
			t.Errorf("%s: the deployment is left: %t", path, left)
		}
	}
}
