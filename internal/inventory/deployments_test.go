package inventory

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// platform has agents with deployments, and counts requests.
type platform struct {
	API

	agents, each int
	noAgents     bool

	mu       sync.Mutex
	requests map[string]int
}

func (p *platform) count(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.requests == nil {
		p.requests = map[string]int{}
	}
	p.requests[what]++
}

func (p *platform) total() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, times := range p.requests {
		n += times
	}
	return n
}

func deploymentID(agent, n int) string { return fmt.Sprintf("d%d-%d", agent, n) }

func (p *platform) Agents(context.Context) ([]prefactor.Agent, error) {
	p.count("agents")
	if p.noAgents {
		return nil, prefactor.ErrNotPermitted
	}
	var all []prefactor.Agent
	for i := range p.agents {
		all = append(all, prefactor.Agent{ID: fmt.Sprintf("a%d", i)})
	}
	return all, nil
}

func (p *platform) Deployments(_ context.Context, agentID string) ([]prefactor.Deployment, error) {
	p.count("deployments of " + agentID)
	var agent int
	_, _ = fmt.Sscanf(agentID, "a%d", &agent)
	var all []prefactor.Deployment
	for n := range p.each {
		all = append(all, prefactor.Deployment{ID: deploymentID(agent, n), AgentID: prefactor.Some(agentID)})
	}
	return all, nil
}

func (p *platform) Deployment(_ context.Context, id string) (prefactor.Deployment, error) {
	p.count("deployment")
	var agent, n int
	if _, err := fmt.Sscanf(id, "d%d-%d", &agent, &n); err != nil {
		return prefactor.Deployment{}, prefactor.ErrNotFound
	}
	return prefactor.Deployment{ID: id, AgentID: prefactor.Some(fmt.Sprintf("a%d", agent))}, nil
}

// Both many calls for one deployment and one call for many take about the
// fewest requests.
func TestAgentsOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		agents, each int
		noAgents     bool
		wanted, most int
	}{
		"a few of many agents": {agents: 1000, each: 2, wanted: 3, most: 3},
		"all of ten agents":    {agents: 10, each: 3, wanted: 30, most: 3 + 1 + 10 + 10},
		"fewer than agents":    {agents: 40, each: 1, wanted: 20, most: 20 + 1},
		"no list of agents":    {agents: 10, each: 3, noAgents: true, wanted: 20, most: 20 + 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ids []string
			for i := range c.wanted {
				ids = append(ids, deploymentID(i%c.agents, i/c.agents))
			}
			check := func(got map[string]string, err error, ids ...string) {
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range ids {
					var agent, n int
					_, _ = fmt.Sscanf(id, "d%d-%d", &agent, &n)
					if got[id] != fmt.Sprintf("a%d", agent) {
						t.Errorf("the agent of %s is %q", id, got[id])
					}
				}
			}
			at := &platform{agents: c.agents, each: c.each, noAgents: c.noAgents}
			together := New(at)
			for range 2 {
				got, err := together.AgentsOf(t.Context(), ids...)
				check(got, err, ids...)
			}
			if n := at.total(); n > c.most {
				t.Errorf("one call takes %d requests, not %d", n, c.most)
			}
			at = &platform{agents: c.agents, each: c.each, noAgents: c.noAgents}
			singly := New(at)
			var group sync.WaitGroup
			for _, id := range ids {
				group.Go(func() {
					got, err := singly.AgentsOf(t.Context(), id)
					check(got, err, id)
				})
			}
			group.Wait()
			if n := at.total(); n > c.most {
				t.Errorf("many calls take %d requests, not %d", n, c.most)
			}
		})
	}
}

// A deployment that does not exist has no agent, and is asked for once.
func TestAgentsOf_deleted(t *testing.T) {
	t.Parallel()
	at := &platform{agents: 1, each: 1}
	i := New(at)
	for range 3 {
		got, err := i.AgentsOf(t.Context(), "gone")
		if err != nil || len(got) > 0 {
			t.Errorf("%v, %v", got, err)
		}
	}
	if n := at.total(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// slowPlatform takes a second for each list of deployments.
type slowPlatform struct{ *platform }

func (p slowPlatform) Deployments(ctx context.Context, agentID string) ([]prefactor.Deployment, error) {
	<-time.After(time.Second)
	return p.platform.Deployments(ctx, agentID)
}

// The lists of all agents are requested at once, and come in the order of the agents.
func TestAllDeployments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		all, err := New(slowPlatform{&platform{agents: 20, each: 2}}).AllDeployments(t.Context())
		if err != nil || len(all) != 40 || all[0].ID != deploymentID(0, 0) || all[39].ID != deploymentID(19, 1) {
			t.Errorf("%v %v", all, err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("20 lists of a second each took %s", took)
		}
	})
}
