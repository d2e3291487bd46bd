package token_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// manyTokens are tokens of every kind and state.
func manyTokens(t *testing.T, w *acctest.World) map[string]emulator.Token {
	t.Helper()
	k := addTokens(w)
	all := map[string]emulator.Token{"account": k.account, "production": k.deployment, "staging": k.other, "legacy": k.legacy}
	add := func(name, scope, agent, environment string, lifetime time.Duration) {
		all[name], _ = w.AddToken(emulator.TokenSpec{Scope: scope, AccountID: w.Account.ID, AgentID: agent, EnvironmentID: environment, ExpiresAt: w.Clock.Now().Add(lifetime)})
	}
	add("suspended", "account", "", "", 48*time.Hour+123456*time.Microsecond)
	add("revoked", "account", "", "", time.Hour)
	add("expired", "account", "", "", -24*time.Hour)
	add("other agent", "agent_deployment", w.OtherAgent.ID, w.Production.ID, time.Hour)
	add("revoked deployment", "agent_deployment", w.OtherAgent.ID, w.Staging.ID, time.Hour)
	must(t, w.Suspend(all["suspended"].ID))
	must(t, w.Revoke(all["revoked"].ID))
	must(t, w.Revoke(all["revoked deployment"].ID))
	all["admin"] = w.Admin
	return all
}

func TestList(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v.Variant)
			all := manyTokens(t, w)
			for name, c := range map[string]struct {
				typeName string
				config   map[string]any
				limit    int64
				want     []string
			}{
				"account tokens":    {"prefactor_api_token", nil, 0, []string{"admin", "account", "suspended", "expired"}},
				"suspended":         {"prefactor_api_token", map[string]any{"status": "suspended"}, 0, []string{"suspended"}},
				"of an account":     {"prefactor_api_token", map[string]any{"account_id": w.Account.ID, "status": "suspended"}, 0, []string{"suspended"}},
				"two of them":       {"prefactor_api_token", nil, 2, []string{"admin", "account"}},
				"deployment tokens": {"prefactor_deployment_token", nil, 0, []string{"production", "staging", "other agent"}},
				"agent":             {"prefactor_deployment_token", map[string]any{"agent_id": w.Agent.ID}, 0, []string{"production", "staging"}},
				"environment":       {"prefactor_deployment_token", map[string]any{"environment_id": w.Production.ID}, 0, []string{"production", "other agent"}},
				"both, suspended":   {"prefactor_deployment_token", map[string]any{"environment_id": w.Production.ID, "agent_id": w.Agent.ID, "status": "suspended"}, 0, nil},
			} {
				for _, resources := range []bool{false, true} {
					if c.config == nil {
						c.config = map[string]any{}
					}
					listed, err := w.NewCore(nil).Query(t.Context(), c.typeName, c.config, resources, c.limit)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					var got []string
					for _, l := range listed {
						for name, token := range all {
							if token.ID == l.ID {
								got = append(got, name)
							}
						}
					}
					if !slices.Equal(got, c.want) {
						t.Errorf("%s: got %q, want %q", name, got, c.want)
					}
				}
			}
		})
	}
}

// Two lists give the names of all tokens, however many tokens there are.
func TestList_displayName(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	all := manyTokens(t, w)
	date := func(name string) string { return all[name].ExpiresAt.UTC().Format(time.DateOnly) }
	minute := func(name string) string { return all[name].ExpiresAt.UTC().Format("2006-01-02 15:04 UTC") }
	names := map[string]string{
		all["account"].ID:     "account token (" + all["account"].ID + ", active, expires " + date("account") + ")",
		all["suspended"].ID:   "account token (" + all["suspended"].ID + ", suspended, expires " + date("suspended") + ")",
		all["expired"].ID:     "account token (" + all["expired"].ID + ", active, expired " + date("expired") + ")",
		all["production"].ID:  "deployment token of support-bot in production (" + all["production"].ID + ", active, expires " + date("production") + ")",
		all["other agent"].ID: "deployment token of billing-bot in production (" + all["other agent"].ID + ", active, expires " + minute("other agent") + ")",
	}
	for typeName, requests := range map[string]int{"prefactor_api_token": 1, "prefactor_deployment_token": 3} {
		w.ResetRequests()
		listed, err := w.NewCore(nil).Query(t.Context(), typeName, map[string]any{}, false, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(w.Requests()); n != requests {
			t.Errorf("%d requests for %s", n, typeName)
		}
		for _, l := range listed {
			if name, ok := names[l.ID]; ok && name != l.DisplayName {
				t.Errorf("got %q, want %q", l.DisplayName, name)
			}
			delete(names, l.ID)
		}
	}
	if len(names) > 0 {
		t.Errorf("not listed: %v", names)
	}
}

// Where the names cannot be looked up, ids are there, and no request for a
// single object.
func TestList_displayNameWithoutNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variant emulator.Variant
		denied  []string
		want    func(w *acctest.World) string
	}{
		"agents not permitted": {emulator.Variant{}, []string{"/agent"}, func(w *acctest.World) string { return " of " + w.Agent.ID + " in production (" }},
		"nothing permitted":    {emulator.Variant{}, []string{"/agent", "/environment"}, func(w *acctest.World) string { return " of " + w.Agent.ID + " in " + w.Production.ID + " (" }},
		"rows without agent":   {emulator.Variant{AgentID: "details"}, nil, func(*acctest.World) string { return "deployment token in production (" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, c.variant)
			token := addTokens(w).deployment
			for _, path := range c.denied {
				w.Inject(emulator.Fault{Method: "GET", Path: path, Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"})
			}
			listed, err := w.NewCore(nil).Query(t.Context(), "prefactor_deployment_token", map[string]any{}, false, 0)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(listed[0].DisplayName, c.want(w)) || !strings.Contains(listed[0].DisplayName, token.ID) {
				t.Errorf("%q", listed[0].DisplayName)
			}
			for _, r := range w.Requests() {
				if strings.Count(strings.TrimPrefix(r.Path, "/api/v1"), "/") > 1 {
					t.Errorf("%s %s was sent", r.Method, r.Path)
				}
			}
		})
	}
}

// What is listed is what an import gives: nothing is left to change.
func TestList_asImported(t *testing.T) {
	t.Parallel()
	for _, agentID := range []string{"", "details", "absent"} {
		t.Run("agent_id "+agentID, func(t *testing.T) {
			t.Parallel()
			asImported(t, acctest.NewWorld(t, emulator.Variant{AgentID: agentID}))
		})
	}
}

func asImported(t *testing.T, w *acctest.World) {
	t.Helper()
	manyTokens(t, w)
	for _, typeName := range []string{"prefactor_api_token", "prefactor_deployment_token"} {
		core := w.NewCore(nil)
		listed, err := core.Query(t.Context(), typeName, map[string]any{}, true, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range listed {
			token := core.Resource(t, typeName)
			if err := token.Import(t.Context(), l.ID); err != nil {
				t.Fatal(err)
			}
			for name, value := range token.State {
				if !value.Equal(l.State[name]) {
					t.Errorf("%s: %s is listed as %s and imported as %s", l.DisplayName, name, l.State[name], value)
				}
			}
		}
	}
}

func TestList_errors(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for name, c := range map[string]struct {
		config map[string]any
		says   string
	}{
		"revoked":    {map[string]any{"status": "revoked"}, `(?s)status.*"active" "suspended"`},
		"no account": {map[string]any{"account_id": "acme"}, `account_id must be a Prefactor id`},
		"no agent":   {map[string]any{"agent_id": "support-bot"}, `agent_id must be a Prefactor id`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := w.NewCore(nil).Query(t.Context(), "prefactor_deployment_token", c.config, true, 0)
			want(t, err, c.says)
		})
	}
	t.Run("401", func(t *testing.T) {
		t.Parallel()
		_, err := w.NewCore(map[string]any{"api_token": "some-other-token"}).Query(t.Context(), "prefactor_api_token", map[string]any{}, false, 0)
		want(t, err, `(?s)Cannot list the tokens.*does not accept the provider's own token`)
	})
}

// From what a query writes, all is taken over without a change.
func TestList_binary(t *testing.T) {
	t.Parallel()
	requireActions(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	all := manyTokens(t, w)
	c := w.NewCLI(t, "")
	c.WriteFile(t, "tokens.tfquery.hcl", `list "prefactor_api_token" "all" {
  provider = prefactor
}
list "prefactor_deployment_token" "production" {
  provider         = prefactor
  include_resource = true
  config {
    environment_id = "`+w.Production.ID+`"
  }
}
`)
	out := c.MustRun(t, "query", "-generate-config-out=generated.tf")
	for _, name := range []string{"admin", "account", "suspended", "expired", "production", "other agent"} {
		if !regexp.MustCompile(` token[^(]*\(` + all[name].ID + `, `).MatchString(out) {
			t.Errorf("the %s token is not in\n%s", name, out)
		}
	}
	raw, err := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(raw), "\nimport {"); n != 6 {
		t.Errorf("%d import blocks in\n%s", n, raw)
	}
	plan := c.MustRun(t, "plan", "-out=plan")
	if !strings.Contains(plan, "6 to import, 0 to add, 0 to change, 0 to destroy") {
		t.Fatalf("the plan is\n%s\nof\n%s", plan, raw)
	}
	w.ResetRequests()
	c.MustRun(t, "apply", "plan")
	c.MustRun(t, "plan", "-detailed-exitcode")
	for _, r := range w.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
}
