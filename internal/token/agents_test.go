package token_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// noAgents is a platform that does not show the agents of tokens (reference:
// queryapitokenlist).
var noAgents = emulator.Variant{AgentID: "absent"}

// deployed adds tokens of so many agents, which take turns.
func deployed(w *acctest.World, tokens, agents int) []emulator.Token {
	var of []string
	for i := range agents {
		agent := w.AddAgent(w.Account.ID, fmt.Sprintf("bot-%d", i))
		w.AddDeployment(agent.ID, w.Production.ID)
		of = append(of, agent.ID)
	}
	var all []emulator.Token
	for i := range tokens {
		k, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: of[i%agents], EnvironmentID: w.Production.ID})
		all = append(all, k)
	}
	return all
}

// A refresh of deployment tokens costs what one of account tokens does, also
// where the API does not show the agents.
func TestAgents_atOnce(t *testing.T) {
	t.Parallel()
	for tokens, most := range map[int]int{300: 14, 1000: 25} {
		t.Run(strconv.Itoa(tokens), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, noAgents)
			core := w.NewCore(nil)
			first := core.Resource(t, "prefactor_deployment_token")
			all := deployed(w, tokens, 40)
			must(t, first.Import(t.Context(), all[0].ID))
			s, err := core.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			w.ResetRequests()
			group := errgroup.Group{}
			group.SetLimit(10)
			for _, k := range all {
				group.Go(func() error {
					i := first.Copy(map[string]string{"id": k.ID, "agent_id": k.AgentID, "agent_deployment_id": k.AgentDeploymentID})
					return i.RefreshIn(t.Context(), s)
				})
			}
			must(t, group.Wait())
			if n := len(w.Requests()); n > most {
				t.Errorf("%d requests, not %d", n, most)
			}
		})
	}
}

// A state that has no agent, as one from before the agents were looked up, gets
// it; one of another deployment is not believed.
func TestAgents_stateWithout(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, noAgents)
	k := deployed(w, 1, 1)[0]
	for name, state := range map[string]map[string]tftypes.Value{
		"null":               {"agent_id": tftypes.NewValue(tftypes.String, nil)},
		"another deployment": {"agent_id": tftypes.NewValue(tftypes.String, w.Agent.ID), "agent_deployment_id": tftypes.NewValue(tftypes.String, w.Production.ID)},
	} {
		i := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
		must(t, i.Import(t.Context(), k.ID))
		maps.Copy(i.State, state)
		p, err := i.Plan(t.Context(), map[string]any{"agent_id": k.AgentID, "environment_id": k.EnvironmentID})
		must(t, err)
		if p.Action != acctest.NoOp || i.Text("agent_id") != k.AgentID {
			t.Errorf("%s: the plan is %s, with agent %s", name, p.Action, i.Text("agent_id"))
		}
	}
}

func TestAgents_import(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, noAgents)
	var config strings.Builder
	for i, k := range deployed(w, 30, 10) {
		config.WriteString(importBlock(fmt.Sprintf("prefactor_deployment_token.t%d", i), k.ID) +
			fmt.Sprintf("resource \"prefactor_deployment_token\" \"t%d\" {\n agent_id = %q\n environment_id = %q\n}\n", i, k.AgentID, k.EnvironmentID))
	}
	c := w.NewCLI(t, config.String())
	w.ResetRequests()
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "30 to import, 0 to add, 0 to change, 0 to destroy") {
		t.Errorf("the plan is %s", out)
	}
	if n := len(w.Requests()); n > 70 {
		t.Errorf("%d requests", n)
	}
}

func TestAgents_data(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, noAgents)
	all := deployed(w, 1000, 40)
	last := all[len(all)-1]
	c := w.NewCLI(t, tokensConfig("resolve_names = true")+`
output "label" {
  value = [for k in data.prefactor_api_tokens.test.tokens : "${k.scope_label} ${k.agent_id}" if k.id == "`+last.ID+`"]
}
`)
	w.ResetRequests()
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "Agent deployment (bot-39 · production) "+last.AgentID) {
		t.Errorf("the label is not in\n%s", out)
	}
	if n := len(w.Requests()); n > 60 {
		t.Errorf("%d requests", n)
	}
	// The tokens of one agent take one list of its deployments.
	c.Write(t, tokensConfig(fmt.Sprintf("agent_id = %q", last.AgentID))+`
output "count" {
  value = "${length(data.prefactor_api_tokens.test.tokens)} tokens"
}
`)
	w.ResetRequests()
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "25 tokens") {
		t.Errorf("not all tokens of the agent are in\n%s", out)
	}
	if n := len(w.Requests()); n > 12 {
		t.Errorf("%d requests for one agent", n)
	}
}

// One token takes one deployment, and no list.
func TestAgents_one(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, noAgents)
	k := deployed(w, 1, 10)[0]
	c := w.NewCLI(t, fmt.Sprintf("data \"prefactor_api_token\" \"one\" {\n id = %q\n resolve_names = true\n}\noutput \"label\" {\n value = data.prefactor_api_token.one.scope_label\n}\n", k.ID))
	w.ResetRequests()
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "Agent deployment (bot-0 · production)") {
		t.Errorf("the label is not in\n%s", out)
	}
	// The token, its deployment, the agents and the environments.
	if n := len(w.Requests()); n > 4 {
		t.Errorf("%d requests", n)
	}
}
