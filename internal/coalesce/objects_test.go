package coalesce_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// agentOf reads an agent that is expected in the list of a risk profile.
func (w *world) agentOf(t *testing.T, id, profile string) prefactor.Agent {
	t.Helper()
	found, err := w.reader.Agent(prefactor.InList(t.Context(), profile), id)
	if err != nil {
		t.Error(err)
	}
	return found
}

// agents are some new agents.
func (w *world) agents(count int) []string {
	var ids []string
	for i := range count {
		ids = append(ids, w.accounts[0].AddAgent(w.accounts[0].id, "bot-"+strconv.Itoa(i)).ID)
	}
	return ids
}

// A record of the list of agents is complete: the list that has it tells the risk
// profile. What is not in the expected list is read singly.
func TestAgents_riskProfile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 2)
		ids := w.agents(5)
		profile := w.accounts[0].AddRiskProfile(w.accounts[0].id, "strict").ID
		if _, err := w.UpdateAgent(t.Context(), ids[3], prefactor.AgentUpdate{RiskProfileID: prefactor.Some(profile)}); err != nil {
			t.Fatal(err)
		}
		w.reader = coalesce.New(w.Client)
		for i, id := range ids {
			want := prefactor.Null[string]()
			if i == 3 {
				want = prefactor.Some(profile)
			}
			// The state does not know that the profile of one was changed.
			if got := w.agentOf(t, id, prefactor.NoRiskProfile).RiskProfileID; got != want {
				t.Errorf("the risk profile of agent %d is %+v", i, got)
			}
		}
	})
}

// No change of this process is followed by an older record, whatever it changes.
func TestAgents_changed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(ctx context.Context, r *coalesce.Reader, id string) error{
		"update": func(ctx context.Context, r *coalesce.Reader, id string) error {
			_, err := r.UpdateAgent(ctx, id, prefactor.AgentUpdate{Name: "renamed"})
			return err
		},
		"retire": func(ctx context.Context, r *coalesce.Reader, id string) error {
			_, err := r.RetireAgent(ctx, id)
			return err
		},
		"another object": func(ctx context.Context, r *coalesce.Reader, _ string) error {
			_, err := r.CreateTeam(ctx, prefactor.NewTeam{Name: "support"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 2)
				ids := w.agents(5)
				for _, id := range ids {
					w.agentOf(t, id, prefactor.NoRiskProfile)
				}
				if err := change(t.Context(), w.reader, ids[4]); err != nil {
					t.Fatal(err)
				}
				for _, id := range ids {
					if err := w.accounts[0].SetAgentStatus(id, "dormant"); err != nil {
						t.Fatal(err)
					}
				}
				for i, id := range ids {
					if got := w.agentOf(t, id, prefactor.NoRiskProfile); got.Status.Value != "dormant" {
						t.Errorf("agent %d is %+v", i, got)
					}
				}
			})
		})
	}
}

// A list that does not exist, such as that of a deleted agent, keeps no other list
// from being requested.
func TestDeployments_deletedAgent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 2)
		a := w.accounts[0]
		agents := w.agents(2)
		var all []emulator.Deployment
		for _, name := range []string{"production", "staging"} {
			environment := a.AddEnvironment(a.id, name)
			for _, agent := range agents {
				all = append(all, a.AddDeployment(agent, environment.ID))
			}
		}
		if err := w.DeleteAgent(t.Context(), agents[0]); err != nil {
			t.Fatal(err)
		}
		w.reader = coalesce.New(w.Client)
		w.forgetRequests()
		for _, d := range all {
			_, err := w.reader.Deployment(prefactor.InList(t.Context(), d.AgentID), d.ID)
			if (err != nil) != (d.AgentID == agents[0]) {
				t.Error(err)
			}
		}
		lists := 0
		for _, r := range a.Requests() {
			if strings.HasSuffix(r.Path, "/agent_deployment") {
				lists++
			}
		}
		// One of each agent, and the attempt to list those of the account.
		if lists != 3 {
			t.Errorf("%d lists", lists)
		}
	})
}
