package directory_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// subject is a kind of object with what it takes to create and change one.
type subject struct {
	name, path string
	// create and change are configurations, the second with something changed.
	create func(s *stage) map[string]any
	change func(created map[string]any) map[string]any
}

func subjects() []subject {
	return []subject{
		{
			name: "prefactor_environment", path: "/environment",
			create: func(*stage) map[string]any { return map[string]any{"name": "qa", "purpose": "testing"} },
			change: func(map[string]any) map[string]any { return map[string]any{"name": "quality"} },
		},
		{
			name: "prefactor_agent", path: "/agent",
			create: func(*stage) map[string]any { return map[string]any{"name": "bot", "external_identifier": "crm"} },
			change: func(map[string]any) map[string]any {
				return map[string]any{"name": "bot", "description": "changed", "status": "retired"}
			},
		},
		{
			name: "prefactor_agent_deployment", path: "/agent_deployment",
			create: func(s *stage) map[string]any {
				return map[string]any{"agent_id": s.Agent.ID, "environment_id": s.AddEnvironment(s.Account.ID, "new").ID, "current_version_id": "v1"}
			},
			change: func(created map[string]any) map[string]any {
				return map[string]any{"agent_id": created["agent_id"], "environment_id": created["environment_id"], "current_version_id": "v2"}
			},
		},
		{
			name: "prefactor_risk_profile", path: "/risk_profile",
			create: func(*stage) map[string]any { return profileArguments("Strict", 1) },
			change: func(map[string]any) map[string]any { return profileArguments("Strict", 2) },
		},
		{
			name: "prefactor_team", path: "/team",
			create: func(*stage) map[string]any { return map[string]any{"name": "Support"} },
			change: func(map[string]any) map[string]any { return map[string]any{"name": "Customer support"} },
		},
		{
			name: "prefactor_person", path: "/person",
			create: func(*stage) map[string]any { return map[string]any{"name": "Ada", "email": "ada@example.com"} },
			change: func(map[string]any) map[string]any {
				return map[string]any{"name": "Ada Lovelace", "email": "ada@example.com", "title": "Head"}
			},
		},
	}
}

// profileArguments are a risk profile in which all scores are the same.
func profileArguments(name string, score float64) map[string]any {
	scores := func(keys []string) map[string]any {
		all := map[string]any{}
		for _, key := range keys {
			all[key] = score
		}
		return all
	}
	return map[string]any{"name": name, "ruleset": map[string]any{
		"action_multipliers": scores(prefactor.RiskActions()), "category_weights": scores(prefactor.RiskCategories()),
		"thresholds": map[string]any{"medium": 1.0, "high": 2.0, "critical": 3.0},
	}}
}

// afterwards are faults of requests that were carried out, once.
func afterwards() map[string]emulator.Fault {
	return map[string]emulator.Fault{
		"500":       {Kind: emulator.FaultStatusAfter, Status: 500},
		"504 page":  {Kind: emulator.FaultHTMLAfter, Status: 504},
		"cut":       {Kind: emulator.FaultCutAfter},
		"cut body":  {Kind: emulator.FaultCutBody},
		"truncated": {Kind: emulator.FaultTruncatedJSON},
		"no body":   {Kind: emulator.FaultEmptyBody},
		"no id":     {Kind: emulator.FaultMissingFields, Fields: []string{"id"}},
	}
}

// before are faults of requests that were not carried out.
func before() map[string]emulator.Fault {
	return map[string]emulator.Fault{
		"500":      {Kind: emulator.FaultStatus, Status: 500},
		"502 page": {Kind: emulator.FaultHTML, Status: 502},
		"cut":      {Kind: emulator.FaultCutBefore},
	}
}

// once is a fault of one request of a kind.
func once(f emulator.Fault, method, path string) emulator.Fault {
	f.Method, f.Path, f.Times = method, path, 1
	return f
}

// count counts the objects of a kind beyond the seeded ones; that of a
// deployment is in an environment of its own.
func (s *stage) count(t *testing.T, k subject) int {
	t.Helper()
	n := len(s.made(t.Context()))
	if k.name == "prefactor_agent_deployment" {
		n-- // Its environment.
	}
	return n
}

// A create whose answer is lost ends well: whether it is sent again or not,
// and whatever the platform makes of a repetition, there is one object, and the
// state has it.
func TestLostCreate(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		for fault, f := range afterwards() {
			for _, replay := range []string{"first", "used", "second"} {
				for _, retries := range []int64{0, 2} {
					t.Run(fmt.Sprintf("%s/%s/replay %s/%d retries", k.name, fault, replay, retries), func(t *testing.T) {
						t.Parallel()
						s := newStage(t, emulator.Variant{Replay: replay})
						object := s.NewCore(map[string]any{"max_retries": retries}).Resource(t, k.name)
						config := k.create(s)
						s.Inject(once(f, "POST", k.path))
						if _, err := object.Run(t.Context(), config); err != nil {
							t.Fatal(err)
						}
						if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
							t.Errorf("the second plan is %+v, %v", p, err)
						}
						if n := s.count(t, k); n != 1 || s.FaultHits() != 1 {
							t.Errorf("%d objects, %d faults", n, s.FaultHits())
						}
						if _, err := object.Run(t.Context(), nil); err != nil || s.count(t, k) != 0 {
							t.Errorf("%v; left: %v", err, s.made(t.Context()))
						}
					})
				}
			}
		}
	}
}

// A rejected create is sent once, and its error is the platform's.
func TestCreate_rejected(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		s := newStage(t, emulator.Variant{})
		object := s.NewCore(nil).Resource(t, k.name)
		config := k.create(s)
		s.Inject(once(emulator.Fault{Kind: emulator.FaultStatus, Status: 400, Code: "bad_request", Message: "no more of these"}, "POST", k.path))
		_, err := object.Run(t.Context(), config)
		says(t, err, "no more of these")
		if n := s.count(t, k); n != 0 {
			t.Errorf("%s: %d objects", k.name, n)
		}
		if _, err := object.Run(t.Context(), config); err != nil || s.count(t, k) != 1 {
			t.Errorf("%s: %v, %d objects", k.name, err, s.count(t, k))
		}
	}
}

// A create that was not carried out says so, and the next apply creates.
func TestFailedCreate(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		for fault, f := range before() {
			t.Run(k.name+"/"+fault, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, emulator.Variant{})
				object := s.NewCore(map[string]any{"max_retries": int64(1)}).Resource(t, k.name)
				config := k.create(s)
				f.Method, f.Path = "POST", k.path
				s.Inject(f)
				_, err := object.Run(t.Context(), config)
				says(t, err, "was not created")
				if n := s.count(t, k); n != 0 || object.State != nil {
					t.Errorf("%d objects, state %v", n, object.State)
				}
				// And when it cannot be told, it is said where to look.
				s.Inject(emulator.Fault{Method: "GET", Kind: emulator.FaultStatus, Status: 503})
				_, err = object.Run(t.Context(), config)
				says(t, err, "could not be determined.*look (on|for)|account could not be determined")
				s.ClearFaults()
				if _, err := object.Run(t.Context(), config); err != nil || s.count(t, k) != 1 {
					t.Errorf("%d objects, %v", s.count(t, k), err)
				}
			})
		}
	}
}

// Updates, retirements and deletions whose answers are lost end well too.
func TestLostChange(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		for fault, f := range afterwards() {
			for _, replay := range []string{"first", "used"} {
				t.Run(fmt.Sprintf("%s/%s/replay %s", k.name, fault, replay), func(t *testing.T) {
					t.Parallel()
					s := newStage(t, emulator.Variant{Replay: replay})
					object := s.NewCore(map[string]any{"max_retries": int64(1)}).Resource(t, k.name)
					config := k.create(s)
					if _, err := object.Run(t.Context(), config); err != nil {
						t.Fatal(err)
					}
					config = k.change(config)
					s.Inject(once(f, "PUT", k.path+"/:id"))
					s.Inject(once(f, "POST", k.path+"/:id/retire"))
					if action, err := object.Run(t.Context(), config); err != nil || action != acctest.Update {
						t.Fatalf("%s, %v", action, err)
					}
					if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
						t.Errorf("the second plan is %+v, %v", p, err)
					}
					s.ClearFaults()
					s.Inject(once(f, "DELETE", k.path+"/:id"))
					if _, err := object.Run(t.Context(), nil); err != nil || object.State != nil || s.count(t, k) != 0 || s.FaultHits() != 1 {
						t.Errorf("%v, state %v, %d objects, %d faults", err, object.State, s.count(t, k), s.FaultHits())
					}
				})
			}
		}
	}
}

// Changes that were not carried out leave the state as it was, and the next
// apply continues.
func TestFailedChange(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		for fault, f := range before() {
			t.Run(k.name+"/"+fault, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, emulator.Variant{})
				object := s.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, k.name)
				config := k.create(s)
				if _, err := object.Run(t.Context(), config); err != nil {
					t.Fatal(err)
				}
				id := object.Text("id")
				for _, method := range []string{"PUT", "POST", "DELETE"} {
					f.Method = method
					s.Inject(f)
				}
				name := object.Text("name")
				config = k.change(config)
				if _, err := object.Run(t.Context(), config); err == nil {
					t.Error("the change succeeded")
				}
				if _, err := object.Run(t.Context(), nil); err == nil || object.State == nil || object.Text("name") != name {
					t.Errorf("%v, state %v", err, object.State)
				}
				s.ClearFaults()
				if _, err := object.Run(t.Context(), config); err != nil || object.Text("id") != id || s.count(t, k) != 1 {
					t.Errorf("%v, id %s, was %s", err, object.Text("id"), id)
				}
				if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
					t.Errorf("the second plan is %+v, %v", p, err)
				}
			})
		}
	}
}

// Only the API's own word that something is not there takes it out of the state.
func TestRead_faults(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, emulator.Variant{})
			object := s.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, k.name)
			config := k.create(s)
			if _, err := object.Run(t.Context(), config); err != nil {
				t.Fatal(err)
			}
			state := fmt.Sprint(object.State)
			for name, f := range map[string]emulator.Fault{
				"401":            {Kind: emulator.FaultStatus, Status: 401, Code: "bad_authtoken"},
				"403":            {Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"},
				"500":            {Kind: emulator.FaultStatus, Status: 500},
				"502 page":       {Kind: emulator.FaultHTML, Status: 502},
				"404 page":       {Kind: emulator.FaultHTML, Status: 404},
				"404 of a proxy": {Kind: emulator.FaultRaw, Status: 404, Body: []byte(`{"code":404}`)},
				"cut":            {Kind: emulator.FaultCutBefore},
				"wrong types":    {Kind: emulator.FaultWrongTypes},
				"no id":          {Kind: emulator.FaultMissingFields, Fields: []string{"id"}},
				"redirect":       {Kind: emulator.FaultRedirect, Location: "https://elsewhere.invalid/"},
			} {
				// A deployment is read from the list of its agent.
				for _, path := range []string{k.path + "/:id", k.path} {
					f.Method, f.Path = "GET", path
					s.Inject(f)
				}
				if _, err := object.Plan(t.Context(), config); err == nil || fmt.Sprint(object.State) != state {
					t.Errorf("%s: %v, state %v", name, err, object.State)
				}
				s.ClearFaults()
			}
			// What an answer leaves out stays as it was.
			s.Inject(emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{
				"account_id", "name", "purpose", "description", "external_identifier", "status", "agent_id", "environment_id", "current_version_id", "inserted_at",
			}})
			if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp || fmt.Sprint(object.State) != state {
				t.Errorf("%+v, %v, state %v", p, err, object.State)
			}
			s.ClearFaults()
			// Credentials of another account see none of this one's objects.
			s.Clock.Advance(acctest.Later)
			other := s.AddAccount("Other")
			_, token := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: other.ID})
			object.Use(s.NewCore(map[string]any{"api_token": token}))
			_, err := object.Plan(t.Context(), config)
			says(t, err, "it belongs to (account "+s.Account.ID+"|another account, as its id shows), which the provider's credentials cannot see")
			if object.State == nil {
				t.Error("it was dropped from the state")
			}
		})
	}
}

// The whole life of each kind on each platform that it may turn out to be.
func TestLife_everyVariant(t *testing.T) {
	t.Parallel()
	for _, v := range places() {
		for _, k := range subjects() {
			t.Run(v.Name+"/"+k.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, v.Variant)
				s.addOthers()
				object := s.NewCore(map[string]any{"account_id": s.Account.ID}).Resource(t, k.name)
				config := k.create(s)
				step := func(want acctest.Action) {
					t.Helper()
					if action, err := object.Run(t.Context(), config); err != nil || action != want {
						t.Fatalf("%s, not %s: %v", action, want, err)
					}
					if p, err := object.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
						t.Fatalf("the second plan is %+v, %v", p, err)
					}
				}
				step(acctest.Create)
				config = k.change(config)
				step(acctest.Update)
				id := object.Text("id")
				s.Clock.Advance(acctest.Later)
				imported := s.NewCore(nil).Resource(t, k.name)
				must(t, imported.Import(t.Context(), id))
				if p, err := imported.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
					t.Errorf("the plan after an import is %+v, %v", p, err)
				}
				if _, err := imported.Run(t.Context(), nil); err != nil || s.count(t, k) != 0 {
					t.Errorf("%v, left: %v", err, s.made(t.Context()))
				}
				step(acctest.Create)
				if object.Text("id") == id {
					t.Error("the id of what was gone is back")
				}
				if _, err := object.Run(t.Context(), nil); err != nil || s.count(t, k) != 0 {
					t.Errorf("%v, left: %v", err, s.made(t.Context()))
				}
			})
		}
	}
}

// An agent whose platform does not say more of it than it is known to say.
func TestAgent_fewFields(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.Inject(emulator.Fault{Path: "/agent", Kind: emulator.FaultMissingFields, Fields: []string{"account_id", "status", "inserted_at", "updated_at"}})
	s.Inject(emulator.Fault{Path: "/agent/:id", Kind: emulator.FaultMissingFields, Fields: []string{"account_id", "inserted_at", "updated_at"}})
	agent := s.NewCore(nil).Resource(t, "prefactor_agent")
	for _, status := range []string{"retired", "active"} {
		config := map[string]any{"name": "bot", "status": status}
		if _, err := agent.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		if p, err := agent.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
			t.Errorf("the second plan is %+v, %v", p, err)
		}
		found, err := s.admin.Agent(t.Context(), agent.Text("id"))
		if err != nil || (found.Status.Value == prefactor.AgentRetired) != (status == "retired") {
			t.Errorf("%s: %v, %v", status, found.Status, err)
		}
	}
	s.Clock.Advance(acctest.Later)
	must(t, s.admin.DeleteAgent(t.Context(), agent.Text("id")))
	if action, err := agent.Run(t.Context(), map[string]any{"name": "bot"}); err != nil || action != acctest.Create {
		t.Errorf("%s, %v", action, err)
	}
}

// Where the platform does not say which account an object belongs to, its id does.
func TestRead_otherAccount(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		s := newStage(t, emulator.Variant{})
		s.Inject(emulator.Fault{Path: k.path, Kind: emulator.FaultMissingFields, Fields: []string{"account_id"}})
		s.Inject(emulator.Fault{Path: k.path + "/:id", Kind: emulator.FaultMissingFields, Fields: []string{"account_id"}})
		object := s.NewCore(nil).Resource(t, k.name)
		config := k.create(s)
		if _, err := object.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		if k.name != "prefactor_environment" && object.Text("account_id") != "" {
			t.Error("the account is known")
		}
		s.Clock.Advance(acctest.Later)
		other := s.AddAccount("Other")
		_, token := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: other.ID})
		object.Use(s.NewCore(map[string]any{"api_token": token}))
		for _, c := range []map[string]any{config, nil} {
			_, err := object.Run(t.Context(), c)
			says(t, err, "it belongs to .*account.*, which the provider's credentials cannot see")
			if object.State == nil {
				t.Fatalf("%s was dropped from the state", k.name)
			}
		}
	}
}

// An account that is known only at the apply is left open in the plan, whatever
// the provider's own is.
func TestCreate_accountNotKnown(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	core := s.NewCore(map[string]any{"account_id": s.Agent.ID})
	for name, arguments := range map[string]map[string]any{
		"prefactor_environment": {"name": "qa"},
		"prefactor_api_token":   {},
	} {
		object := core.Resource(t, name)
		with := func(account any) map[string]any {
			arguments["account_id"] = account
			return maps.Clone(arguments)
		}
		p, err := object.Plan(t.Context(), with(tftypes.NewValue(tftypes.String, tftypes.UnknownValue)))
		if err != nil {
			t.Fatal(err)
		}
		if err := object.Apply(t.Context(), p.With(with(s.Account.ID))); err != nil {
			t.Fatal(err)
		}
		if got := object.Text("account_id"); got != s.Account.ID {
			t.Errorf("%s is in account %s", name, got)
		}
	}
}

// What the platform says otherwise after an update is for the next refresh.
func TestUpdate_saysOtherwise(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	for _, k := range subjects() {
		object, config := s.NewCore(nil).Resource(t, k.name), k.create(s)
		if _, err := object.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		s.Inject(emulator.Fault{Method: "PUT", Path: k.path + "/:id", Kind: emulator.FaultRaw, Status: 200, Times: 1, Body: fmt.Appendf(nil,
			`{"status":"success","details":{"id":%q,"account_id":%q,"name":"Changed","description":"x","purpose":"x","external_identifier":"x","inserted_at":"2020-01-02T03:04:05Z","status":"active"}}`,
			object.Text("id"), s.Agent.ID)})
		if _, err := object.Run(t.Context(), k.change(config)); err != nil {
			t.Error(err)
		}
	}
}

// A platform may call the first state of an agent as it likes.
func TestCreate_unforeseenStatus(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	agent := s.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return drafting{a} })).Resource(t, "prefactor_agent")
	if _, err := agent.Run(t.Context(), map[string]any{"name": "bot", "status": "retired"}); err != nil {
		t.Fatal(err)
	}
	found, err := s.admin.Agent(t.Context(), agent.Text("id"))
	if err != nil || found.Status.Value != prefactor.AgentRetired {
		t.Errorf("the agent is %q, %v", found.Status.Value, err)
	}
}

// drafting is a platform on which an agent begins as a draft.
type drafting struct{ tfkit.API }

func (d drafting) CreateAgent(ctx context.Context, n prefactor.NewAgent) (prefactor.Created[prefactor.Agent], error) {
	created, err := d.API.CreateAgent(ctx, n)
	created.Object.Status = prefactor.Some("draft")
	return created, err
}
