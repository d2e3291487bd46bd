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
	stamps := object{"inserted_at": "2030-01-02T03:04:05.678901Z", "updated_at": "2030-01-02T03:04:05.678901Z", "type": "account"}
	s.shown(s.get(path), stamps)
	s.clock.advance(time.Second)
	s.faulty(s.put(path, object{"name": ""}), "name")
	s.faulty(s.put(path, object{"name": 7}), "name")
	s.shown(s.put(path, object{}), stamps)
	s.shown(s.put(path, object{"name": "Acme Ltd"}), object{"id": s.account.ID, "name": "Acme Ltd", "updated_at": "2030-01-02T03:04:06.678901Z"})
	s.shown(s.get(path), object{"name": "Acme Ltd"})

	s = newScene(t, emulator.Variant{AccountAsObject: true})
	if a := s.get("/account"); a.text("id") != s.account.ID || a.body["summaries"] != nil {
		t.Errorf("%s", a.raw)
	}
	s = newScene(t, emulator.Variant{NoAccountList: true})
	s.want(s.get("/account"), 403, "not_permitted")
	s.want(s.get("/account/"+s.account.ID), 200, "")
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.faulty(s.get("/environment"), "account_id")
	for field, details := range map[string]object{
		"account_id": {"name": "x"},
		"name":       {"account_id": s.account.ID},
		"purpose":    {"account_id": s.account.ID, "name": "x", "purpose": 7},
	} {
		s.faulty(s.create("/environment", details), field)
	}
	s.faulty(s.create("/environment", object{"account_id": s.foreign.ID, "name": "x"}), "account_id")
	a := s.want(s.create("/environment", object{"account_id": s.account.ID, "name": "staging", "purpose": "test"}), 201, "")
	path := "/environment/" + a.text("id")
	s.shown(s.get(path), object{"name": "staging", "purpose": "test", "description": nil, "account_id": s.account.ID, "type": "environment"})
	s.faulty(s.put(path, object{"name": nil}), "name")
	s.faulty(s.put(path, object{"description": []string{}}), "description")
	s.shown(s.put(path, object{"purpose": nil, "description": "for tests"}), object{"name": "staging", "purpose": nil, "description": "for tests"})
	if got := len(s.list("/environment", "account_id", s.account.ID).ids()); got != 2 {
		t.Errorf("%d environments", got)
	}
	s.want(s.delete(path), 204, "")
	s.want(s.get(path), 404, "not_found")
}

// An update which is refused for one field changes none. The fields are read in
// no order, so one try proves little.
func TestRefusedUpdates(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for range 30 {
		for path, details := range map[string]object{
			"/environment/" + s.environment.ID: {"name": "x", "purpose": "x", "description": 7},
			"/agent/" + s.agent.ID:             {"name": "x", "description": "x", "current_version_id": 7},
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
	for variant, status := range map[int]int{0: 201, 200: 200} {
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
	s.faulty(s.create("/agent", object{"name": "x", "account_id": s.foreign.ID}), "account_id")
	a := s.want(s.create("/agent", object{"name": "new-bot", "account_id": s.account.ID, "external_identifier": "crm", "description": "d"}), 201, "")
	s.faulty(s.create("/agent", object{"name": "x", "external_identifier": "crm"}), "external_identifier")
	path := "/agent/" + a.text("id")
	s.shown(s.get(path), object{
		"name": "new-bot", "description": "d", "external_identifier": "crm", "status": "pending", "current_version_id": nil, "account_id": s.account.ID,
	})
	s.faulty(s.get("/agent/show"), "external_identifier")
	s.want(s.list("/agent/show", "external_identifier", "none"), 404, "not_found")
	s.shown(s.list("/agent/show", "external_identifier", "crm"), object{"id": a.text("id")})
	s.want(s.callAs(s.foreignValue, http.MethodGet, "/agent/show?external_identifier=crm", nil), 404, "not_found")

	s.faulty(s.put(path, object{"external_identifier": "erp"}), "external_identifier")
	s.faulty(s.put(path, object{"external_identifier": 7}), "external_identifier")
	s.faulty(s.put(path, object{"name": ""}), "name")
	s.shown(s.put(path, object{"external_identifier": "crm", "name": "bot", "description": nil, "current_version_id": "v1"}),
		object{"name": "bot", "description": nil, "current_version_id": "v1"})
	if got := len(s.list("/agent", "account_id", s.account.ID).ids()); got != 2 {
		t.Errorf("%d agents", got)
	}

	s.want(s.call(http.MethodPost, path+"/reinstate", object{}), 409, "invalid_action")
	s.shown(s.call(http.MethodPost, path+"/retire", object{}), object{"status": "retired"})
	s.want(s.call(http.MethodPost, path+"/retire", object{}), 409, "invalid_action")
	s.shown(s.call(http.MethodPost, path+"/reinstate", object{}), object{"status": "pending"})
	s.want(s.delete(path), 204, "")
	s.want(s.get(path), 404, "not_found")
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
	a := s.want(s.create("/agent_deployment", object{"agent_id": other.ID, "environment_id": s.environment.ID, "current_version_id": "v1"}), 201, "")
	path := "/agent_deployment/" + a.text("id")
	s.shown(s.get(path), object{"agent_id": other.ID, "environment_id": s.environment.ID, "account_id": s.account.ID, "current_version_id": "v1", "type": "agent_deployment"})
	s.shown(s.put(path, object{"current_version_id": "v2"}), object{"current_version_id": "v2"})
	s.faulty(s.put(path, object{"current_version_id": 2}), "current_version_id")
	s.want(s.delete(path), 204, "")
	s.want(s.get(path), 404, "not_found")
}

// Nothing that is in use can be deleted.
func TestDeletionsRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t, emulator.Variant{DeleteBody: true})
	environment, agent, deployment := "/environment/"+s.environment.ID, "/agent/"+s.agent.ID, "/agent_deployment/"+s.deployment.ID
	token, _ := s.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.account.ID, AgentID: s.agent.ID, EnvironmentID: s.environment.ID})
	for _, path := range []string{environment, agent, deployment} {
		s.want(s.delete(path), 409, "invalid_action")
		s.want(s.get(path), 200, "")
	}
	if err := s.Suspend(token.ID); err != nil {
		t.Fatal(err)
	}
	s.want(s.delete(deployment), 409, "invalid_action")
	if err := s.Revoke(token.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{environment, agent} {
		s.want(s.delete(path), 409, "invalid_action")
	}
	s.shown(s.want(s.delete(deployment), 200, ""), object{"id": s.deployment.ID})

	// Without a deployment there may still be tokens, legacy ones.
	legacy, _ := s.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: s.account.ID, AgentID: s.agent.ID, EnvironmentID: s.environment.ID})
	for _, path := range []string{environment, agent} {
		s.want(s.delete(path), 409, "invalid_action")
	}
	if err := s.Revoke(legacy.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{environment, agent} {
		s.want(s.delete(path), 200, "")
		s.want(s.get(path), 404, "not_found")
	}
}
