package emulator_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// tokenIn is a token in a state, made by clicks of an administrator.
func (s *scene) tokenIn(status string) string {
	s.t.Helper()
	token, _ := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account.ID})
	var err error
	switch status {
	case "suspended":
		err = s.Suspend(token.ID)
	case "revoked":
		err = s.Revoke(token.ID)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return token.ID
}

// transitions are all of them: from each state, by each action, where it ends;
// empty where it is refused.
var transitions = map[string]map[string]string{
	"active":    {"suspend": "suspended", "activate": "", "revoke": "revoked"},
	"suspended": {"suspend": "", "activate": "active", "revoke": "revoked"},
	"revoked":   {"suspend": "", "activate": "", "revoke": ""},
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for from, actions := range transitions {
		for action, to := range actions {
			id := s.tokenIn(from)
			s.clock.advance(time.Second)
			a := s.call(http.MethodPost, "/api_token/"+id+"/"+action, object{})
			token, _ := s.Token(id)
			if to == "" {
				s.want(a, 409, "invalid_action")
				if token.Status != from || !token.UpdatedAt.Before(s.clock.Now().Add(-time.Millisecond)) {
					t.Errorf("%s of a token that is %s changed it: %+v", action, from, token)
				}
				continue
			}
			s.want(a, 200, "")
			if a.text("status") != to || a.text("id") != id || token.Status != to || !token.UpdatedAt.Equal(s.clock.Now()) {
				t.Errorf("%s of a token that is %s: %+v", action, from, token)
			}
		}
	}
}

// The admin page keeps to the same rules.
func TestClicks(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for from, actions := range transitions {
		for action, to := range actions {
			id := s.tokenIn(from)
			err := map[string]func(string) error{"suspend": s.Suspend, "activate": s.Activate, "revoke": s.Revoke}[action](id)
			if (err == nil) != (to != "") {
				t.Errorf("%s of a token that is %s: %v", action, from, err)
			}
		}
		if err := s.DeleteToken(s.tokenIn(from)); err != nil {
			t.Errorf("deletion of a token that is %s: %v", from, err)
		}
	}
	for _, err := range []error{s.Suspend("x"), s.Activate("x"), s.Revoke("x"), s.DeleteToken("x")} {
		if err == nil || err.Error() != "not_found: api_token not found" {
			t.Errorf("of no token: %v", err)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, body := range []bool{false, true} {
		s := newScene(t, emulator.Variant{DeleteNoContent: !body})
		for _, from := range []string{"active", "suspended"} {
			id := s.tokenIn(from)
			s.want(s.call(http.MethodDelete, "/api_token/"+id, nil), 409, "invalid_action")
			if _, found := s.Token(id); !found {
				t.Errorf("a token that was %s is gone", from)
			}
		}
		id := s.tokenIn("revoked")
		a := s.call(http.MethodDelete, "/api_token/"+id, nil)
		if body {
			s.shown(s.want(a, 200, ""), object{"id": id, "status": "revoked"})
		} else if s.want(a, 204, ""); a.raw != "" {
			t.Errorf("204 with %q", a.raw)
		}
		if _, found := s.Token(id); found {
			t.Error("the token is still there")
		}
		for _, r := range []struct{ method, suffix string }{{"DELETE", ""}, {"GET", ""}, {"POST", "/suspend"}, {"POST", "/activate"}, {"POST", "/revoke"}} {
			s.want(s.call(r.method, "/api_token/"+id+r.suffix, nil), 404, "not_found")
		}
	}
}

func TestRefusedVariants(t *testing.T) {
	t.Parallel()
	for _, v := range []emulator.Variant{{RefusedStatus: 422}, {RefusedStatus: 400, ValidationStatus: 422}} {
		s := newScene(t, v)
		s.want(s.call(http.MethodPost, "/api_token/"+s.tokenIn("revoked")+"/suspend", object{}), v.RefusedStatus, "invalid_action")
	}
	s := newScene(t, emulator.Variant{ExpiredIsFinal: true})
	id := s.tokenIn("active")
	s.clock.advance(2 * 365 * 24 * time.Hour)
	_, fresh := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account.ID})
	s.want(s.callAs(fresh, http.MethodPost, "/api_token/"+id+"/revoke", object{}), 409, "invalid_action")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.clock.advance(time.Minute)
	a := s.want(s.createToken(object{
		"token_scope": "agent_deployment", "account_id": s.account.ID, "agent_id": s.agent.ID, "environment_id": s.environment.ID,
		"expires_at": "2030-06-01T02:00:00.123456789+02:00",
	}), 200, "")
	want := object{
		"id": a.text("id"), "type": "api_token", "token_scope": "agent_deployment", "account_id": s.account.ID, "agent_id": s.agent.ID,
		"environment_id": s.environment.ID, "agent_deployment_id": s.deployment.ID, "expires_at": "2030-06-01T00:00:00.123456Z", "last_used_at": nil,
		"status": "active", "inserted_at": "2030-01-02T03:05:05.678901Z", "updated_at": "2030-01-02T03:05:05.678901Z", "created_by_admin_user_id": s.user.ID,
		"available_actions": object{"activate": false, "delete": false, "revoke": true, "suspend": true},
	}
	if !reflect.DeepEqual(a.details(), want) {
		t.Errorf("%v\nwant %v", a.details(), want)
	}
	value, _ := a.body["token"].(string)
	if !s.Authenticates(value) {
		t.Error("the value does not authenticate")
	}
	// The value is never shown again.
	again := s.want(s.get("/api_token/"+a.text("id")), 200, "")
	if !reflect.DeepEqual(again.details(), want) || again.body["token"] != nil {
		t.Errorf("read again: %s", again.raw)
	}
	// Without a time it is valid for a year.
	a = s.want(s.createToken(object{"token_scope": "account", "expires_at": nil, "agent_id": nil, "environment_id": nil}), 200, "")
	if got := a.text("expires_at"); got != "2031-01-02T03:05:05.678901Z" || a.details()["agent_deployment_id"] != nil {
		t.Errorf("%s", a.raw)
	}
}

func TestCreateRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	account := object{"token_scope": "account"}
	deployment := object{"token_scope": "agent_deployment", "agent_id": s.agent.ID, "environment_id": s.environment.ID}
	for _, c := range []struct {
		name   string
		base   object
		change object
		fields []string
	}{
		{"no scope", account, object{"token_scope": nil}, []string{"token_scope"}},
		{"a number as scope", account, object{"token_scope": 7}, []string{"token_scope"}},
		{"another scope", account, object{"token_scope": "world"}, []string{"token_scope"}},
		{"legacy scope", account, object{"token_scope": "environment", "environment_id": s.environment.ID}, []string{"token_scope"}},
		{"account token with an agent", account, object{"agent_id": s.agent.ID}, []string{"agent_id"}},
		{"account token with both", account, object{"agent_id": s.agent.ID, "environment_id": s.environment.ID}, []string{"agent_id", "environment_id"}},
		{"foreign account", account, object{"account_id": s.foreign.ID}, []string{"account_id"}},
		{"no account of that id", account, object{"account_id": "x"}, []string{"account_id"}},
		{"deployment token without an agent", deployment, object{"agent_id": nil}, []string{"agent_id"}},
		{"deployment token without both", deployment, object{"agent_id": nil, "environment_id": nil}, []string{"agent_id", "environment_id"}},
		{"foreign agent", deployment, object{"agent_id": s.foreignAgent.ID}, []string{"agent_id"}},
		{"foreign environment", deployment, object{"environment_id": s.foreignEnvironment.ID}, []string{"environment_id"}},
		{"no such agent", deployment, object{"agent_id": s.environment.ID}, []string{"agent_id"}},
		{"past", account, object{"expires_at": "2030-01-02T03:04:05Z"}, []string{"expires_at"}},
		{"now", account, object{"expires_at": start.Format(time.RFC3339Nano)}, []string{"expires_at"}},
		{"garbage", account, object{"expires_at": "soon"}, []string{"expires_at"}},
		{"a date", account, object{"expires_at": "2031-01-02"}, []string{"expires_at"}},
		{"a number", account, object{"expires_at": 1924992000}, []string{"expires_at"}},
	} {
		details := maps.Clone(c.base)
		maps.Copy(details, c.change)
		a := s.createToken(details)
		if s.want(a, 422, "validation_errors"); t.Failed() {
			t.Fatal(c.name)
		}
		errors, _ := a.body["errors"].(object)
		for _, field := range c.fields {
			if f, ok := errors[field].(object); !ok || f["message"] == "" || f["code"] == "" {
				t.Errorf("%s: %s, want %s in it", c.name, a.raw, field)
			}
		}
		if len(errors) != len(c.fields) {
			t.Errorf("%s: %s", c.name, a.raw)
		}
	}
	if got := len(s.Tokens()); got != 2 {
		t.Errorf("%d tokens, want the two seeded ones", got)
	}
	// A nanosecond later is the future.
	s.want(s.createToken(object{"token_scope": "account", "expires_at": start.Add(1).Format(time.RFC3339Nano)}), 200, "")
}

func TestFieldErrorForms(t *testing.T) {
	t.Parallel()
	asObject := object{"code": "required", "message": "is required"}
	for form, want := range map[string]object{
		"":       {"token_scope": asObject},
		"object": {"token_scope": asObject},
		"string": {"token_scope": "is required"},
		"list":   {"token_scope": []any{"is required"}},
		"nested": {"details": object{"token_scope": asObject}},
	} {
		s := newScene(t, emulator.Variant{FieldErrors: form})
		a := s.want(s.createToken(object{}), 422, "validation_errors")
		if !reflect.DeepEqual(a.body["errors"], any(want)) {
			t.Errorf("%q: %v, want %v", form, a.body["errors"], want)
		}
	}
}

// The status of a validation is one thing, that of a refused transition another.
func TestValidationStatus(t *testing.T) {
	t.Parallel()
	for variant, status := range map[int]int{0: 422, 400: 400} {
		s := newScene(t, emulator.Variant{ValidationStatus: variant, RefusedStatus: 400})
		for _, a := range []answer{s.createToken(object{}), s.list("/agent", "sorting", "colour"), s.get("/environment")} {
			if errors, _ := a.body["errors"].(object); a.status != status || a.code() != "validation_errors" || len(errors) != 1 {
				t.Errorf("%d %s, want %d", a.status, a.raw, status)
			}
		}
		s.want(s.call(http.MethodPost, "/api_token/"+s.tokenIn("revoked")+"/suspend", object{}), 400, "invalid_action")
	}
}

func TestMissingDeployment(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	staging := s.AddEnvironment(s.account.ID, "staging")
	details := object{"token_scope": "agent_deployment", "agent_id": s.agent.ID, "environment_id": staging.ID}
	a := s.want(s.createToken(details), 200, "")
	if made := s.list("/agent_deployment", "agent_id", s.agent.ID).ids(); len(made) != 2 || made[1] != a.text("agent_deployment_id") {
		t.Errorf("%v %s", made, a.raw)
	}
	if s.createToken(details).text("agent_deployment_id") != a.text("agent_deployment_id") {
		t.Error("two deployments of one agent in one environment")
	}
}

// Other accounts' objects do not exist for the caller.
func TestForeignObjects(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, c := range []struct{ method, path string }{
		{"GET", "/api_token/" + s.foreignToken.ID},
		{"DELETE", "/api_token/" + s.foreignToken.ID},
		{"POST", "/api_token/" + s.foreignToken.ID + "/suspend"},
		{"POST", "/api_token/" + s.foreignToken.ID + "/activate"},
		{"POST", "/api_token/" + s.foreignToken.ID + "/revoke"},
		{"GET", "/api_token?account_id=" + s.foreign.ID},
		{"GET", "/account/" + s.foreign.ID},
		{"PUT", "/account/" + s.foreign.ID},
		{"GET", "/environment?account_id=" + s.foreign.ID},
		{"GET", "/environment/" + s.foreignEnvironment.ID},
		{"PUT", "/environment/" + s.foreignEnvironment.ID},
		{"DELETE", "/environment/" + s.foreignEnvironment.ID},
		{"GET", "/agent/" + s.foreignAgent.ID},
		{"PUT", "/agent/" + s.foreignAgent.ID},
		{"DELETE", "/agent/" + s.foreignAgent.ID},
		{"POST", "/agent/" + s.foreignAgent.ID + "/retire"},
		{"POST", "/agent/" + s.foreignAgent.ID + "/reinstate"},
		{"GET", "/agent_deployment?agent_id=" + s.foreignAgent.ID},
		{"GET", "/agent_deployment/" + s.foreignDeployment.ID},
		{"PUT", "/agent_deployment/" + s.foreignDeployment.ID},
		{"DELETE", "/agent_deployment/" + s.foreignDeployment.ID},
	} {
		if a := s.call(c.method, c.path, nil); a.status != 404 || a.code() != "not_found" {
			t.Errorf("%s %s: %d %q", c.method, c.path, a.status, a.code())
		}
	}
	for path, want := range map[string]string{
		"/api_token": s.admin.ID, "/account": s.account.ID, "/environment?account_id=" + s.account.ID: s.environment.ID,
		"/agent": s.agent.ID, "/agent_deployment?agent_id=" + s.agent.ID: s.deployment.ID,
	} {
		if got := s.get(path).ids(); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, want only %s", path, got, want)
		}
	}
}

// What a token shows depends on the variant only.
func TestShownTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		variant emulator.Variant
		want    string
	}{
		{emulator.Variant{}, "2030-01-02T03:04:05.678901Z"},
		{emulator.Variant{WholeSeconds: true}, "2030-01-02T03:04:05Z"},
		{emulator.Variant{Offset: true}, "2030-01-02T03:04:05.678901+00:00"},
		{emulator.Variant{Offset: true, WholeSeconds: true}, "2030-01-02T03:04:05+00:00"},
	} {
		s := newScene(t, c.variant)
		s.shown(s.get("/api_token/"+s.admin.ID), object{"inserted_at": c.want})
	}
	for variant, want := range map[string][2]bool{"": {true, true}, "details": {false, true}, "absent": {}} {
		s := newScene(t, emulator.Variant{AgentID: variant})
		_, inRow := s.get("/api_token").body["summaries"].([]any)[0].(object)["agent_id"]
		_, single := s.get("/api_token/" + s.admin.ID).details()["agent_id"]
		if got := [2]bool{inRow, single}; got != want {
			t.Errorf("%q: %v, want %v", variant, got, want)
		}
	}
}

func TestLastUseVariants(t *testing.T) {
	t.Parallel()
	s := newScene(t, emulator.Variant{NoLastUsed: true})
	path := "/api_token/" + s.admin.ID
	s.shown(s.get(path), object{"last_used_at": nil})

	s = newScene(t, emulator.Variant{LastUsedLag: time.Minute})
	path = "/api_token/" + s.admin.ID
	s.shown(s.get(path), object{"last_used_at": nil})
	s.clock.advance(30 * time.Second)
	s.shown(s.get(path), object{"last_used_at": nil})
	s.clock.advance(30 * time.Second)
	s.shown(s.get(path), object{"last_used_at": "2030-01-02T03:04:05.678901Z"})
	s.clock.advance(30 * time.Second)
	s.shown(s.get(path), object{"last_used_at": "2030-01-02T03:04:35.678901Z"})
}

// A value is a JWT, whose payload names the token in one variant.
func TestValues(t *testing.T) {
	t.Parallel()
	for _, opaque := range []bool{false, true} {
		s := newScene(t, emulator.Variant{OpaqueTokens: opaque})
		parts := strings.Split(s.value, ".")
		if len(parts) != 3 || len(s.value) < 300 {
			t.Fatalf("%s", s.value)
		}
		for _, part := range parts {
			if _, err := base64.RawURLEncoding.DecodeString(part); err != nil {
				t.Error(err)
			}
		}
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
		if strings.Contains(string(payload), s.admin.ID) == opaque {
			t.Errorf("%s", payload)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, value := s.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.account.ID, AgentID: s.agent.ID, EnvironmentID: s.environment.ID})
	for value, want := range map[string]object{
		s.value: {"token_type": "api"},
		value:   {"token_type": "api_session_agent_deployment_scope", "agent_id": s.agent.ID}, //nolint:gosec // A kind.
	} {
		if a := s.callAs(value, http.MethodGet, "/ping", nil); !reflect.DeepEqual(a.details(), want) {
			t.Errorf("%s", a.raw)
		}
	}
}
