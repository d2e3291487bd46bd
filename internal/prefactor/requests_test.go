package prefactor_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	none := func(_ prefactor.Token, err error) error { return err }
	firstPage := "pagination%5Boffset%5D=0&pagination%5Bpage_size%5D=100"
	for _, c := range []struct {
		name                string
		call                func(context.Context, *prefactor.Client) error
		response            reply
		method, path, query string
		body                string
	}{
		{
			name: "ping", method: "GET", path: "/api/v1/ping", response: ok(`{"status":"success","details":{"token_type":"api"}}`),
			call: func(ctx context.Context, c *prefactor.Client) error { _, err := c.Ping(ctx); return err },
		},
		{
			name: "token", method: "GET", path: "/api/v1/api_token/" + tokenID, response: ok(single(tokenID)),
			call: func(ctx context.Context, c *prefactor.Client) error { return none(c.Token(ctx, tokenID)) },
		},
		{
			name: "suspend", method: "POST", path: "/api/v1/api_token/" + tokenID + "/suspend", body: "{}", response: ok(single(tokenID)),
			call: func(ctx context.Context, c *prefactor.Client) error { return none(c.SuspendToken(ctx, tokenID)) },
		},
		{
			name: "activate", method: "POST", path: "/api/v1/api_token/" + tokenID + "/activate", body: "{}", response: ok(single(tokenID)),
			call: func(ctx context.Context, c *prefactor.Client) error { return none(c.ActivateToken(ctx, tokenID)) },
		},
		{
			name: "revoke", method: "POST", path: "/api/v1/api_token/" + tokenID + "/revoke", body: "{}", response: ok(single(tokenID)),
			call: func(ctx context.Context, c *prefactor.Client) error { return none(c.RevokeToken(ctx, tokenID)) },
		},
		{
			name: "delete, 204", method: "DELETE", path: "/api/v1/api_token/" + tokenID, response: reply{status: http.StatusNoContent},
			call: func(ctx context.Context, c *prefactor.Client) error { return c.DeleteToken(ctx, tokenID) },
		},
		{
			name: "delete, 200", method: "DELETE", path: "/api/v1/api_token/" + tokenID, response: ok(`{"status":"success"}`),
			call: func(ctx context.Context, c *prefactor.Client) error { return c.DeleteToken(ctx, tokenID) },
		},
		{
			name: "delete, 200 without a body", method: "DELETE", path: "/api/v1/api_token/" + tokenID, response: ok(" \n"),
			call: func(ctx context.Context, c *prefactor.Client) error { return c.DeleteToken(ctx, tokenID) },
		},
		{
			name: "delete, 200 with the object", method: "DELETE", path: "/api/v1/api_token/" + tokenID, response: ok(single(tokenID)),
			call: func(ctx context.Context, c *prefactor.Client) error { return c.DeleteToken(ctx, tokenID) },
		},
		{
			name: "tokens", method: "GET", path: "/api/v1/api_token", query: firstPage, response: ok(`{"status":"success","summaries":[]}`),
			call: func(ctx context.Context, c *prefactor.Client) error { _, err := c.Tokens(ctx, ""); return err },
		},
		{
			name: "tokens of an account", method: "GET", path: "/api/v1/api_token", query: "account_id=a+b&" + firstPage, response: ok(`{"status":"success","summaries":[]}`),
			call: func(ctx context.Context, c *prefactor.Client) error { _, err := c.Tokens(ctx, "a b"); return err },
		},
		{
			name: "accounts", method: "GET", path: "/api/v1/account", query: firstPage, response: ok(`{"status":"success","summaries":[]}`),
			call: func(ctx context.Context, c *prefactor.Client) error { _, err := c.Accounts(ctx); return err },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := replies(t, c.response)
			if err := c.call(t.Context(), s.client(t)); err != nil {
				t.Fatal(err)
			}
			all := s.requests()
			if len(all) != 1 {
				t.Fatalf("%d requests, want one", len(all))
			}
			r := all[0]
			if r.Method != c.method || r.URL.Path != c.path || r.URL.RawQuery != c.query || r.body != c.body {
				t.Errorf("%s %s ? %s with %q\nwant %s %s ? %s with %q", r.Method, r.URL.Path, r.URL.RawQuery, r.body, c.method, c.path, c.query, c.body)
			}
			checkHeaders(t, r)
		})
	}
}

func checkHeaders(t *testing.T, r sent) {
	t.Helper()
	want := map[string]string{
		"Authorization":   "Bearer " + ownToken,
		"Accept":          "application/json",
		"User-Agent":      "terraform-provider-prefactor/1.2.3 (+https://registry.terraform.io/providers/prefactordev/prefactor)",
		"X-Prefactor-Sdk": "terraform-provider-prefactor@1.2.3",
		"Content-Type":    "",
	}
	if r.body != "" {
		want["Content-Type"] = "application/json"
	}
	for name, value := range want {
		if got := r.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// createRequest is the body of a create as the vendor's clients send it.
type createRequest struct {
	Details        map[string]any `json:"details"`
	IdempotencyKey string         `json:"idempotency_key"`
}

func createsIn(t *testing.T, s *server) []createRequest {
	t.Helper()
	var all []createRequest
	for _, r := range s.requests() {
		var body createRequest
		decoder := json.NewDecoder(strings.NewReader(r.body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&body); err != nil {
			t.Fatal(err)
		}
		all = append(all, body)
	}
	return all
}

func TestCreateRequest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		token prefactor.NewToken
		want  map[string]any
	}{
		{"account token", prefactor.NewToken{Scope: prefactor.ScopeAccount}, map[string]any{"token_scope": "account"}},
		{
			"deployment token",
			prefactor.NewToken{
				Scope: prefactor.ScopeAgentDeployment, AccountID: accountID, AgentID: agentID, EnvironmentID: envID,
				ExpiresAt: time.Date(2031, 2, 3, 4, 5, 6, 700_000_000, time.FixedZone("", 2*60*60)),
			},
			map[string]any{
				"token_scope": "agent_deployment", "account_id": accountID, "agent_id": agentID, "environment_id": envID,
				"expires_at": "2031-02-03T02:05:06.7Z",
			},
		},
	} {
		for _, status := range []int{http.StatusOK, http.StatusCreated} {
			t.Run(c.name+", "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				s := replies(t, reply{status: status, body: createdJSON(newValue)})
				created, err := s.client(t).CreateToken(t.Context(), c.token)
				if err != nil {
					t.Fatal(err)
				}
				if created.ID != tokenID || created.Value != newValue || created.Ambiguous {
					t.Errorf("created %+v", created)
				}
				r := s.requests()[0]
				checkHeaders(t, r)
				if r.Method != http.MethodPost || r.URL.Path != "/api/v1/api_token" || r.URL.RawQuery != "" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				if got := createsIn(t, s)[0].Details; !sameMap(got, c.want) {
					t.Errorf("details %v, want %v", got, c.want)
				}
			})
		}
	}
}

func sameMap(a, b map[string]any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// One key for all attempts of a call, and another one for the next call.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n%3 != 2 {
			apiError(http.StatusBadGateway, "unexpected", "down").write(w, r)
			return
		}
		reply{status: http.StatusCreated, body: createdJSON(newValue)}.write(w, r)
	})
	c := s.client(t)
	for range 2 {
		created, err := c.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
		if err != nil {
			t.Fatal(err)
		}
		if !created.Ambiguous {
			t.Error("a 502 before the success leaves no doubt")
		}
	}
	all := createsIn(t, s)
	if len(all) != 6 {
		t.Fatalf("%d requests, want 6", len(all))
	}
	for i, r := range all {
		if first := all[i/3*3].IdempotencyKey; r.IdempotencyKey != first {
			t.Errorf("request %d has the key %q, its first attempt had %q", i, r.IdempotencyKey, first)
		}
		if n := len(r.IdempotencyKey); n < 16 || n > 64 {
			t.Errorf("a key of %d characters", n)
		}
	}
	if all[0].IdempotencyKey == all[3].IdempotencyKey {
		t.Error("two calls share a key")
	}
}

// Only ids reach a URL.
func TestMalformedID(t *testing.T) {
	t.Parallel()
	s := replies(t, ok(single(tokenID)))
	c := s.client(t)
	for _, id := range []string{"", ".", "..", "../account", tokenID + "/revoke", tokenID + "?x", strings.ToUpper(tokenID), ownToken} {
		for name, err := range map[string]error{
			"read":     fails(c.Token(t.Context(), id)),
			"suspend":  fails(c.SuspendToken(t.Context(), id)),
			"activate": fails(c.ActivateToken(t.Context(), id)),
			"revoke":   fails(c.RevokeToken(t.Context(), id)),
			"delete":   c.DeleteToken(t.Context(), id),
		} {
			e := failure(t, err)
			if e.Ambiguous || e.Attempts != 0 || !strings.HasPrefix(e.Error(), "cannot "+name) {
				t.Errorf("%s %q: %+v", name, id, e)
			}
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func fails[T any](_ T, err error) error { return err }

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ suffix, want string }{
		{"", "/api/v1/ping"},
		{"/", "/api/v1/ping"},
		{"/below//", "/below/api/v1/ping"},
		{"/a%2Fb", "/a%2Fb/api/v1/ping"},
		{"/?x=y", "/api/v1/ping"},
	} {
		s := replies(t, ok(`{"status":"success","details":{"token_type":"api"}}`))
		c2 := newClient(t, s.URL+c.suffix)
		if _, err := c2.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.requests()[0].RequestURI; got != c.want {
			t.Errorf("%q: %s, want %s", c.suffix, got, c.want)
		}
	}
	for _, address := range []string{"app.prefactorai.com", "://", "https://", "%zz", "/path"} {
		if _, err := prefactor.New(prefactor.Config{BaseURL: address, Token: ownToken}); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
	if _, err := prefactor.New(prefactor.Config{}); err != nil {
		t.Errorf("without an address: %v", err)
	}
}
