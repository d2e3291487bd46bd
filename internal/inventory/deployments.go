package inventory

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// singleDeployments is how many deployments are read singly in any case. A
// configuration of a few tokens does not list the agents of a large account.
const singleDeployments = 3

// deployedAgents are the agents of deployments, by the ids of the deployments; empty
// if the deployment does not exist. A deployment never changes its agent, so nothing
// here becomes outdated.
type deployedAgents struct {
	mu     sync.Mutex
	agents map[string]string
	// asked are the deployments that were not known when they were asked for.
	asked map[string]bool
	// listed tells that the deployments of all agents were listed.
	listed bool
}

// AgentsOf returns the agents of deployments by the ids of the deployments. One
// that does not exist has none. A list of deployments takes an agent_id
// (source: the vendor's newest client, agent-deployment.ts), so there are two ways: a
// read of each deployment, or the list of agents and one list of deployments for each
// agent. Single reads are made until they have cost as much as the lists, so that
// both many calls for one deployment and one call for many cost at most about twice
// the cheaper way.
func (i *Inventory) AgentsOf(ctx context.Context, deploymentIDs ...string) (map[string]string, error) {
	d := &i.deployed
	unknown, asked, listed := d.ask(deploymentIDs)
	if len(unknown) > 0 && !listed && asked > singleDeployments {
		agents, err := i.Agents.List(ctx, "")
		switch {
		case errors.Is(err, prefactor.ErrNotPermitted):
			// Who may not list agents can still read deployments.
		case err != nil:
			return nil, err
		case asked > len(agents):
			all, err := i.AllDeployments(ctx)
			if err != nil {
				return nil, err
			}
			d.learn(all)
			d.mu.Lock()
			d.listed = true
			d.mu.Unlock()
			unknown, _, _ = d.ask(unknown)
		}
	}
	read, err := each(ctx, unknown, func(ctx context.Context, id string) (prefactor.Deployment, error) {
		found, err := i.Deployments.Read(ctx, id)
		if errors.Is(err, prefactor.ErrNotFound) {
			return prefactor.Deployment{ID: id}, nil
		}
		return found, err
	})
	d.learn(read)
	return d.known(deploymentIDs), err
}

// AllDeployments lists the deployments of all agents: the list of the API needs an
// agent.
func (i *Inventory) AllDeployments(ctx context.Context) ([]prefactor.Deployment, error) {
	agents, err := i.Agents.List(ctx, "")
	if err != nil {
		return nil, err
	}
	lists, err := each(ctx, agents, func(ctx context.Context, a prefactor.Agent) ([]prefactor.Deployment, error) {
		return i.Deployments.List(ctx, a.ID)
	})
	return slices.Concat(lists...), err
}

// each calls a function for all items at once. The results are in the order of the
// items.
func each[T, R any](ctx context.Context, items []T, do func(context.Context, T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32) // The client limits the requests in flight, this only the goroutines.
	for i, item := range items {
		group.Go(func() (err error) {
			results[i], err = do(ctx, item)
			return err
		})
	}
	return results, group.Wait()
}

// ask notes for which deployments the agent was asked. It returns those that are not
// known, how many have been unknown so far, and whether all deployments were listed.
func (d *deployedAgents) ask(ids []string) (unknown []string, asked int, listed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked == nil {
		d.asked, d.agents = map[string]bool{}, map[string]string{}
	}
	now := map[string]bool{}
	for _, id := range ids {
		if _, ok := d.agents[id]; !ok && !now[id] {
			now[id], d.asked[id] = true, true
			unknown = append(unknown, id)
		}
	}
	return unknown, len(d.asked), d.listed
}

// known are the agents that are known.
func (d *deployedAgents) known(deploymentIDs []string) map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := map[string]string{}
	for _, id := range deploymentIDs {
		if agent := d.agents[id]; agent != "" {
			known[id] = agent
		}
	}
	return known
}

func (d *deployedAgents) learn(deployments []prefactor.Deployment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, deployment := range deployments {
		d.agents[deployment.ID] = deployment.AgentID.Value
	}
}
