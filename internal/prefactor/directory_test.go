package prefactor_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// fields are what is written of an object.
type fields struct{ name, purpose, description, identifier, status string }

// Environments, agents and deployments live through their lives on every
// plausible platform.
func TestDirectoryOnEachPlatform(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			p, value := platform(v.Variant)
			account := p.Tokens()[0].AccountID
			c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
			ctx := t.Context()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}

			environment, err := c.CreateEnvironment(ctx, prefactor.NewEnvironment{AccountID: account, Name: "qa", Purpose: "testing"})
			must(err)
			e, err := c.UpdateEnvironment(ctx, environment.Object.ID, prefactor.EnvironmentUpdate{Name: "quality", Description: prefactor.Some("d")})
			must(err)
			read, err := c.Environment(ctx, e.ID)
			must(err)
			want := fields{name: "quality", purpose: "testing", description: "d"}
			for _, got := range []prefactor.Environment{e, read} {
				if f := (fields{name: got.Name.Value, purpose: got.Purpose.Value, description: got.Description.Value}); f != want || got.AccountID.Value != account {
					t.Errorf("%+v", got)
				}
			}

			agent, err := c.CreateAgent(ctx, prefactor.NewAgent{Name: "bot", ExternalIdentifier: "crm"})
			must(err)
			a, err := c.UpdateAgent(ctx, agent.Object.ID, prefactor.AgentUpdate{Name: "crm-bot", Description: prefactor.Some("d")})
			must(err)
			byIdentifier, err := c.AgentByExternalIdentifier(ctx, "crm")
			must(err)
			retired, err := c.RetireAgent(ctx, a.ID)
			must(err)
			reinstated, err := c.ReinstateAgent(ctx, a.ID)
			must(err)
			for got, status := range map[prefactor.Agent]string{a: "pending", byIdentifier: "pending", retired: "retired", reinstated: "pending"} {
				f := fields{name: got.Name.Value, description: got.Description.Value, identifier: got.ExternalIdentifier.Value, status: got.Status.Value}
				if f != (fields{name: "crm-bot", description: "d", identifier: "crm", status: status}) {
					t.Errorf("%+v", got)
				}
			}

			deployment, err := c.CreateDeployment(ctx, prefactor.NewDeployment{AgentID: a.ID, EnvironmentID: e.ID})
			must(err)
			d, err := c.Deployment(ctx, deployment.Object.ID)
			must(err)
			if d.AgentID.Value != a.ID || d.EnvironmentID.Value != e.ID || d.AccountID.Value != account || !d.CurrentVersionID.Null {
				t.Errorf("%+v", d)
			}

			var ids []string
			environments, err := c.Environments(ctx, account)
			must(err)
			for _, row := range environments {
				// Known from the request, whether the response has it or not.
				if row.AccountID.Value != account {
					t.Errorf("%+v", row)
				}
				ids = append(ids, row.ID)
			}
			agents, err := c.Agents(ctx)
			must(err)
			for _, row := range agents {
				ids = append(ids, row.ID)
			}
			deployments, err := c.Deployments(ctx, a.ID)
			must(err)
			for _, row := range deployments {
				if row.AgentID.Value != a.ID {
					t.Errorf("%+v", row)
				}
				ids = append(ids, row.ID)
			}
			if !slices.Equal(ids, []string{e.ID, a.ID, d.ID}) {
				t.Errorf("listed %v", ids)
			}
			one, err := c.Account(ctx, account)
			must(err)
			if one.Name.Value != "Acme" {
				t.Errorf("%+v", one)
			}

			must(c.DeleteDeployment(ctx, d.ID))
			must(c.DeleteAgent(ctx, a.ID))
			must(c.DeleteEnvironment(ctx, e.ID))
			_, missing := c.Environment(ctx, e.ID)
			_, unknown := c.AgentByExternalIdentifier(ctx, "crm")
			for _, err := range []error{missing, unknown, c.DeleteAgent(ctx, a.ID)} {
				if !errors.Is(err, prefactor.ErrNotFound) {
					t.Error(err)
				}
			}
		})
	}
}

// An id that is chosen is the one that the object gets, and a repetition after
// a lost response makes no second object, idempotency keys or not.
func TestChosenID(t *testing.T) {
	t.Parallel()
	p, value := platform(emulator.Variant{Replay: "second"})
	account, err := pfid.Parse(p.Tokens()[0].AccountID)
	if err != nil {
		t.Fatal(err)
	}
	id, err := pfid.New(time.Now(), account.Partition())
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
	p.Inject(emulator.Fault{Method: "POST", Kind: emulator.FaultCutAfter, Times: 1})
	_, err = c.CreateAgent(t.Context(), prefactor.NewAgent{ID: id.String(), Name: "bot"})
	if e := failure(t, err); !e.Ambiguous || !errors.Is(e, prefactor.ErrRejected) {
		t.Errorf("%+v", e)
	}
	agents, err := c.Agents(t.Context())
	if err != nil || len(agents) != 1 || agents[0].ID != id.String() {
		t.Errorf("%v, %v", agents, err)
	}
}

// What goes over the wire: details, and beside them a key that repetitions share.
func TestMutationBodies(t *testing.T) {
	t.Parallel()
	object := `{"status":"success","details":{"id":"` + agentID + `"}}`
	keys := map[string]bool{}
	for name, c := range map[string]struct {
		call                func(c *prefactor.Client) error
		method, path, wants string
	}{
		"create": {func(c *prefactor.Client) error {
			_, err := c.CreateAgent(t.Context(), prefactor.NewAgent{Name: "bot"})
			return err
		}, "POST", "/api/v1/agent", `{"name":"bot"}`},
		"update": {func(c *prefactor.Client) error {
			_, err := c.UpdateEnvironment(t.Context(), agentID, prefactor.EnvironmentUpdate{Name: "qa"})
			return err
		}, "PUT", "/api/v1/environment/" + agentID, `{"name":"qa"}`},
		"retire": {func(c *prefactor.Client) error {
			_, err := c.RetireAgent(t.Context(), agentID)
			return err
		}, "POST", "/api/v1/agent/" + agentID + "/retire", ``},
		"delete": {func(c *prefactor.Client) error { return c.DeleteDeployment(t.Context(), agentID) }, "DELETE", "/api/v1/agent_deployment/" + agentID, ``},
	} {
		s := replies(t, reply{status: http.StatusBadGateway, body: "oops"}, ok(object))
		if err := c.call(s.client(t)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		requests := s.requests()
		if len(requests) != 2 || requests[0].body != requests[1].body {
			t.Errorf("%s: %d requests, the repetition differs from the first", name, len(requests))
		}
		first := requests[0]
		if first.Method != c.method || first.URL.Path != c.path {
			t.Errorf("%s: %s %s", name, first.Method, first.URL.Path)
		}
		if c.method == http.MethodDelete {
			if first.body != "" {
				t.Errorf("%s has the body %s", name, first.body)
			}
			continue
		}
		var body struct {
			Details json.RawMessage `json:"details"`
			Key     string          `json:"idempotency_key"`
		}
		if err := json.Unmarshal([]byte(first.body), &body); err != nil || string(body.Details) != c.wants || body.Key == "" || len(body.Key) > 64 || keys[body.Key] {
			t.Errorf("%s: %s, %v", name, first.body, err)
		}
		keys[body.Key] = true
	}
}

// A response about another object than the requested one is an error.
func TestResponseAboutAnother(t *testing.T) {
	t.Parallel()
	c := replies(t, ok(`{"status":"success","details":{"id":"`+otherID+`","external_identifier":"erp"}}`)).client(t)
	_, byID := c.Agent(t.Context(), agentID)
	_, byIdentifier := c.AgentByExternalIdentifier(t.Context(), "crm")
	_, update := c.UpdateEnvironment(t.Context(), agentID, prefactor.EnvironmentUpdate{})
	for _, err := range []error{byID, byIdentifier, update} {
		if e := failure(t, err); !strings.Contains(e.Message, "it describes another") {
			t.Error(e)
		}
	}
	none := replies(t, ok(`{"status":"success","details":{"id":"x"}}`)).client(t)
	_, err := none.CreateEnvironment(t.Context(), prefactor.NewEnvironment{})
	if e := failure(t, err); !e.Ambiguous {
		t.Error(e)
	}
	// Only ids reach a URL.
	s := replies(t, ok(`{}`))
	_, err = s.client(t).Deployment(t.Context(), "../agent")
	if e := failure(t, err); e.Ambiguous || len(s.requests()) != 0 {
		t.Error(e)
	}
}
