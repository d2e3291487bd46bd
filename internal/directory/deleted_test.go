package directory_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// everyResource are the objects of the directory and both kinds of tokens: what
// is confirmed to be deleted is the same for all.
func everyResource() []subject {
	return append(
		subjects(),
		subject{name: "prefactor_api_token", path: "/api_token", create: func(*stage) map[string]any { return map[string]any{} }},
		subject{
			name: "prefactor_deployment_token", path: "/api_token",
			create: func(s *stage) map[string]any {
				return map[string]any{"agent_id": s.Agent.ID, "environment_id": s.Production.ID}
			},
		},
	)
}

const notFound = `{"status":"error","code":"not_found","message":"no such route"}`

// nothingThere is an address that answers every request like the API does for
// an object that does not exist, as a router without a backend may.
func nothingThere(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		// The clock of the test is not that of the server.
		w.Header()["Date"] = nil
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(notFound))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Unless it is confirmed that an object was deleted, it stays in the state.
func TestDeleted_unconfirmed(t *testing.T) {
	t.Parallel()
	emptyList := emulator.Fault{Method: "GET", Kind: emulator.FaultRaw, Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"status":"success","summaries":[],"pagination":null,"sorting":null}`)}
	missing := emulator.Fault{Method: "GET", Kind: emulator.FaultStatus, Status: 404, Code: "not_found"}
	refused := emulator.Fault{Method: "GET", Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"}
	on := func(f emulator.Fault, path string) emulator.Fault {
		f.Path = path
		return f
	}
	// stranger are credentials that see none of the account's objects.
	stranger := func(t *testing.T, s *stage) map[string]any {
		t.Helper()
		_, token := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.AddAccount("Other").ID})
		return map[string]any{"api_token": token}
	}
	cases := map[string]struct {
		block func(t *testing.T, s *stage) map[string]any
		// faults are of a platform on which the object exists.
		faults func(k subject) []emulator.Fault
		young  bool
		// listed tells that the list still has the object.
		listed bool
		says   string
	}{
		"wrong address": {
			block: func(t *testing.T, _ *stage) map[string]any {
				t.Helper()
				return map[string]any{"api_url": nothingThere(t)}
			},
			says: `could not be confirmed.*Check that api_url is the platform's address`,
		},
		"wrong path": {
			block: func(_ *testing.T, s *stage) map[string]any { return map[string]any{"api_url": s.URL + "/wrong"} },
			says:  `Cannot read the`,
		},
		"a router during a deployment": {
			faults: func(subject) []emulator.Fault { return []emulator.Fault{missing} },
			says:   `could not be confirmed`,
		},
		"list still contains it": {
			listed: true,
			faults: func(k subject) []emulator.Fault { return []emulator.Fault{on(missing, k.path+"/:id")} },
			says:   `could not be confirmed.*the list of [a-z ]+s still contains it`,
		},
		"list refused": {
			faults: func(k subject) []emulator.Fault {
				return []emulator.Fault{on(missing, k.path+"/:id"), on(refused, k.path)}
			},
			says: `could not be confirmed.*could not be read`,
		},
		"all lists empty": {
			faults: func(k subject) []emulator.Fault {
				return []emulator.Fault{on(missing, k.path+"/:id"), on(missing, "/account/:id"), on(emptyList, k.path), on(emptyList, "/account")}
			},
			says: `could not be confirmed.*the list of accounts is empty`,
		},
		"lists empty, account visible": {
			faults: func(k subject) []emulator.Fault {
				return []emulator.Fault{on(missing, k.path+"/:id"), on(emptyList, k.path), on(emptyList, "/api_token")}
			},
			says: `could not be confirmed.*s is empty, .*the provider's own token must be in`,
		},
		"list empty, accounts refused": {
			faults: func(k subject) []emulator.Fault {
				return []emulator.Fault{on(missing, k.path+"/:id"), on(refused, "/account/:id"), on(emptyList, k.path), on(refused, "/account")}
			},
			says: `could not be confirmed.*HTTP 403`,
		},
		"list empty, accounts missing": {
			faults: func(k subject) []emulator.Fault {
				return []emulator.Fault{on(missing, k.path+"/:id"), on(missing, "/account/:id"), on(emptyList, k.path), on(missing, "/account")}
			},
			says: `could not be confirmed.*HTTP 404`,
		},
		"credentials of another account": {block: stranger, says: `credentials cannot see`},
		"credentials of another account, accounts refused": {
			block: stranger, faults: func(subject) []emulator.Fault { return []emulator.Fault{on(refused, "/account")} },
			says: `could not be confirmed`,
		},
		"credentials of another account, accounts empty": {
			block: stranger, faults: func(subject) []emulator.Fault { return []emulator.Fault{on(emptyList, "/account")} },
			says: `could not be confirmed`,
		},
		"recently created": {
			young:  true,
			listed: true,
			faults: func(k subject) []emulator.Fault { return []emulator.Fault{on(missing, k.path+"/:id")} },
			says:   `could not be confirmed.*created less than`,
		},
	}
	for name, c := range cases {
		for _, k := range everyResource() {
			t.Run(name+"/"+k.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, emulator.Variant{})
				object := s.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, k.name)
				config := k.create(s)
				if _, err := object.Run(t.Context(), config); err != nil {
					t.Fatal(err)
				}
				if !c.young {
					s.Clock.Advance(acctest.Later)
				}
				state := fmt.Sprint(object.State)
				if c.block != nil {
					object.Use(s.NewCore(c.block(t, s)))
				}
				if c.faults != nil {
					for _, f := range c.faults(k) {
						s.Inject(f)
					}
				}
				_, err := object.Plan(t.Context(), config)
				if c.listed && k.name == "prefactor_agent_deployment" {
					must(t, err) // It is read from the list of its agent, which has it.
				} else {
					says(t, err, c.says)
				}
				if fmt.Sprint(object.State) != state {
					t.Errorf("the state is %v, was %s", object.State, state)
				}
				s.ClearFaults()
				object.Use(s.NewCore(nil))
				if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
					t.Errorf("the plan afterwards is %+v, %v", p, err)
				}
			})
		}
	}
}

// An account_id that is not an account is an error, also where its lists are empty.
func TestDataSource_noSuchAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, arguments string }{
		"prefactor_environments": {"/environment", ""},
		"prefactor_environment":  {"/environment", `name = "qa"`},
	} {
		s := newStage(t, emulator.Variant{})
		s.Inject(emulator.Fault{
			Method: "GET", Path: c.path, Kind: emulator.FaultRaw, Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: []byte(`{"status":"success","summaries":[],"pagination":null,"sorting":null}`),
		})
		s.testInProcess(t, resource.TestStep{
			Config:      data(name, fmt.Sprintf("account_id = %q\n%s", s.Agent.ID, c.arguments)),
			ExpectError: regexp.MustCompile(`No such account`),
		})
	}
}

// One wrong response that the object does not exist is not believed.
func TestDeleted_once(t *testing.T) {
	t.Parallel()
	for _, k := range everyResource() {
		s := newStage(t, emulator.Variant{})
		object := s.NewCore(nil).Resource(t, k.name)
		config := k.create(s)
		if _, err := object.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(acctest.Later)
		s.Inject(emulator.Fault{Method: "GET", Path: k.path + "/:id", Kind: emulator.FaultStatus, Status: 404, Code: "not_found", Times: 1})
		if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp || (s.FaultHits() != 1 && k.name != "prefactor_agent_deployment") {
			t.Errorf("%s: %+v, %v", k.name, p, err)
		}
	}
}

// noAccounts rejects the list of accounts.
func noAccounts() emulator.Fault {
	return emulator.Fault{Method: "GET", Path: "/account", Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"}
}

// What was deleted outside Terraform is created again, also where the accounts
// cannot be listed: other objects of the account are in the list.
func TestDeleted_confirmed(t *testing.T) {
	t.Parallel()
	for _, k := range everyResource() {
		for _, accounts := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/accounts %v", k.name, accounts), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, emulator.Variant{})
				if !accounts {
					s.Inject(noAccounts())
				}
				s.addOthers()
				object := s.NewCore(map[string]any{"account_id": s.Account.ID}).Resource(t, k.name)
				config := k.create(s)
				if _, err := object.Run(t.Context(), config); err != nil {
					t.Fatal(err)
				}
				s.Clock.Advance(acctest.Later)
				other := s.NewCore(nil).Resource(t, k.name)
				must(t, other.Import(t.Context(), object.Text("id")))
				if _, err := other.Run(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				if action, err := object.Run(t.Context(), config); err != nil || action != acctest.Create {
					t.Errorf("%s, %v", action, err)
				}
			})
		}
	}
}

// With the agent its deployments are deleted, whose list cannot be requested
// any more then.
func TestDeleted_withParent(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	agent := s.AddAgent(s.Account.ID, "short-lived")
	deployment := s.NewCore(nil).Resource(t, "prefactor_agent_deployment")
	config := map[string]any{"agent_id": agent.ID, "environment_id": s.Production.ID}
	if _, err := deployment.Run(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(acctest.Later)
	must(t, s.admin.DeleteDeployment(t.Context(), deployment.Text("id")))
	must(t, s.admin.DeleteAgent(t.Context(), agent.ID))
	p, err := deployment.Plan(t.Context(), config)
	if err != nil || p.Action != acctest.Create {
		t.Errorf("%+v, %v", p, err)
	}
}

// A fleet of tokens that were deleted outside Terraform costs two reads each
// and one list.
func TestDeleted_fleet(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	const fleet = 30
	core := s.NewCore(nil)
	var tokens []*acctest.Instance
	for range fleet {
		token := core.Resource(t, "prefactor_api_token")
		if _, err := token.Run(t.Context(), map[string]any{}); err != nil {
			t.Fatal(err)
		}
		must(t, s.DeleteToken(token.Text("id")))
		tokens = append(tokens, token)
	}
	session, err := core.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	for _, token := range tokens {
		must(t, token.RefreshIn(t.Context(), session))
		if token.State != nil {
			t.Error("the token is still in the state")
		}
	}
	lists := 0
	for _, r := range s.Requests() {
		if strings.HasSuffix(r.Path, "/api_token") || strings.HasSuffix(r.Path, "/account") {
			lists++
		}
	}
	// One confirms all; the others are the reader's, which hopes to save reads.
	if n := len(s.Requests()); n > 2*fleet+3 || lists > 3 {
		t.Errorf("%d requests, %d of them lists", n, lists)
	}
}

// The whole story by Terraform itself: with a wrong address nothing leaves the state.
func TestDeleted_wrongAddressKeepsState(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	c := s.NewCLI(t, environmentConfig(`name = "qa"`)+agentConfig(`name = "bot"`)+config("prefactor_api_token", ""))
	c.MustRun(t, "apply", "-auto-approve")
	s.Clock.Advance(acctest.Later)
	wrong := *c
	wrong.Env = append(append([]string{}, c.Env...), "PREFACTOR_API_URL="+nothingThere(t))
	for _, command := range [][]string{{"plan"}, {"apply", "-refresh-only", "-auto-approve"}} {
		if out, err := wrong.Run(t, command...); err == nil || strings.Count(out, "could not be confirmed") == 0 {
			t.Errorf("%v: %v\n%s", command, err, out)
		}
	}
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "No changes") {
		t.Errorf("the plan afterwards:\n%s", out)
	}
}
