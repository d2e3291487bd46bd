package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	token := func(scope string) (emulator.Token, string) {
		spec := emulator.TokenSpec{Scope: scope, AccountID: s.account.ID}
		if scope != "account" {
			spec.AgentID, spec.EnvironmentID = s.agent.ID, s.environment.ID
		}
		return s.AddToken(spec)
	}
	suspended, suspendedValue := token("account")
	revoked, revokedValue := token("account")
	deleted, deletedValue := token("account")
	for _, err := range []error{s.Suspend(suspended.ID), s.Revoke(revoked.ID), s.DeleteToken(deleted.ID)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, deploymentValue := token("agent_deployment")
	_, expiredValue := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account.ID, ExpiresAt: start.Add(time.Second)})
	s.clock.advance(time.Second)

	for _, c := range []struct {
		name, value string
		ping, list  int
		code        string
	}{
		{"account token", s.value, 200, 200, ""},
		{"deployment token", deploymentValue, 200, 401, "not_authenticated"},
		{"none", "", 401, 401, "not_authenticated"},
		{"unknown", "pft_unknown", 401, 401, "bad_authtoken"},
		{"suspended", suspendedValue, 401, 401, "bad_authtoken"},
		{"revoked", revokedValue, 401, 401, "bad_authtoken"},
		{"deleted", deletedValue, 401, 401, "bad_authtoken"},
		{"expired", expiredValue, 401, 401, "bad_authtoken"},
	} {
		if a := s.callAs(c.value, http.MethodGet, "/ping", nil); a.status != c.ping {
			t.Errorf("%s: ping answers %d, want %d", c.name, a.status, c.ping)
		}
		if a := s.callAs(c.value, http.MethodGet, "/api_token", nil); a.status != c.list || a.code() != c.code {
			t.Errorf("%s: the list answers %d %q, want %d %q", c.name, a.status, a.code(), c.list, c.code)
		}
		if s.Authenticates(c.value) != (c.ping == 200) {
			t.Errorf("%s: Authenticates is %t", c.name, c.ping != 200)
		}
	}
	r := s.request("", http.MethodGet, "/ping", nil)
	r.SetBasicAuth("x", s.value)
	if a := s.do(r); a.status != http.StatusUnauthorized {
		t.Errorf("basic authentication: %d", a.status)
	}
	// Suspension is not for good.
	if err := s.Activate(suspended.ID); err != nil || !s.Authenticates(suspendedValue) {
		t.Errorf("after the activation: %v", err)
	}
}

func TestLastUse(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if token, _ := s.Token(s.admin.ID); !token.LastUsedAt.IsZero() {
		t.Errorf("used at %s, before any request", token.LastUsedAt)
	}
	s.clock.advance(time.Hour)
	s.want(s.callAs("pft_unknown", http.MethodGet, "/ping", nil), 401, "bad_authtoken")
	if token, _ := s.Token(s.admin.ID); !token.LastUsedAt.IsZero() {
		t.Error("another token's use was recorded")
	}
	a := s.want(s.get("/api_token/"+s.admin.ID), 200, "")
	if got := a.text("last_used_at"); got != "2030-01-02T04:04:05.678901Z" {
		t.Errorf("last_used_at %q", got)
	}
	if token, _ := s.Token(s.admin.ID); !token.LastUsedAt.Equal(start.Add(time.Hour)) {
		t.Errorf("used at %s", token.LastUsedAt)
	}
	if _, found := s.Token(s.account.ID); found {
		t.Error("an account is a token")
	}
}

func TestRouting(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{"GET", "/api_token/", nil, 404, "not_found"},
		{"GET", "/api_token/not-an-id", nil, 404, "not_found"},
		{"POST", "/api_token", "{", 400, "bad_request"},
		{"POST", "/api_token", "[]", 400, "bad_request"},
		{"POST", "/api_token", `"x"`, 400, "bad_request"},
		{"POST", "/api_token", `{"details":[]}`, 422, "validation_errors"},
		{"POST", "/api_token", `{"details":"x"}`, 422, "validation_errors"},
		{"POST", "/api_token", " ", 422, "validation_errors"},
		{"POST", "/api_token", "{}", 422, "validation_errors"},
		{"POST", "/api_token", `{"details":null}`, 422, "validation_errors"},
		{"POST", "/api_token", `{"x":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "bad_request"},
		{"POST", "/api_token", keyed(strings.Repeat("x", 129)), 422, "validation_errors"},
	} {
		a := s.call(c.method, c.path, c.body)
		if a.status != c.status || a.code() != c.code {
			t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, a.status, a.code(), c.status, c.code)
		}
		if a.body["status"] != "error" || a.body["message"] == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
			t.Errorf("%s %s: %s", c.method, c.path, a.raw)
		}
	}
	for _, c := range []struct{ method, path string }{
		{"GET", "/nothing"}, {"GET", "/api_token/" + s.admin.ID + "/suspend"}, {"PUT", "/api_token/" + s.admin.ID}, {"DELETE", "/ping"},
	} {
		if a := s.want(s.call(c.method, c.path, nil), 404, ""); a.body["errors"] == nil || a.body["status"] != nil {
			t.Errorf("%s %s: %s", c.method, c.path, a.raw)
		}
		all := newScene(t, emulator.Variant{CatchAll: true})
		all.want(all.call(c.method, c.path, nil), 404, "not_found")
	}
	r := s.request(s.value, http.MethodGet, "", nil)
	for _, path := range []string{"/", "/api/v1", "/api/v1x/ping", "/api/v2/ping", "/ping"} {
		r.URL.Path = path
		if a := s.do(r); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if got := len(s.Tokens()); got != 2 {
		t.Errorf("%d tokens, want the two seeded ones", got)
	}
}

// The platform's answers carry its own time.
func TestDate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.clock.advance(time.Hour)
	if got := s.get("/ping").header.Get("Date"); got != "Wed, 02 Jan 2030 04:04:05 GMT" {
		t.Errorf("Date %q", got)
	}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var watched []emulator.Request
	s.Watch(func(r emulator.Request) { watched = append(watched, r) })
	s.list("/api_token", "account_id", s.account.ID)
	s.createToken(object{"token_scope": "account"})
	s.callAs("pft_unknown", http.MethodGet, "/ping", nil)
	all := s.Requests()
	if len(all) != 3 || len(watched) != 3 || s.InFlightMax() != 1 {
		t.Fatalf("%d requests, %d watched, %d at once", len(all), len(watched), s.InFlightMax())
	}
	if r := all[0]; r.Method != http.MethodGet || r.Path != "/api/v1/api_token" || r.Query.Get("account_id") != s.account.ID || r.Status != 200 || r.TokenID != s.admin.ID || !r.At.Equal(start) {
		t.Errorf("%+v", r)
	}
	if r := all[1]; string(r.Body) != `{"details":{"token_scope":"account"}}` || r.Status != 200 || watched[1].Status != 200 {
		t.Errorf("%+v", r)
	}
	if r := all[2]; r.TokenID != "" || r.Status != 401 {
		t.Errorf("%+v", r)
	}
	for _, r := range all {
		if r.Header.Get("Authorization") != "" {
			t.Error("the log has a secret")
		}
	}
	s.ResetRequests()
	if len(s.Requests()) != 0 || s.InFlightMax() != 0 {
		t.Error("the log was not reset")
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.createToken(object{"token_scope": "account"})
	value, _ := a.body["token"].(string)
	if err := s.DeleteToken(a.text("id")); err != nil {
		t.Fatal(err)
	}
	got := s.Secrets()
	if len(got) != 3 || got[0] != s.value || got[1] != s.foreignValue || got[2] != value || len(value) < 40 {
		t.Errorf("%d secrets", len(got))
	}
}
