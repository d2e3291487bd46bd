package inventory

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// singleDeployments is how many deployments are read singly in any case. A
// configuration of a few tokens does not list the agents of a large account.
const singleDeployments = 3

// deployedAgents are the agents of deployments, as far as they are known. A
// deployment never changes its agent, so nothing here becomes outdated.
type deployedAgents struct {
	mu     sync.Mutex
	agents map[string]string
	// asked are the deployments that were asked for and not known, singly or by
	// the lists.
	asked map[string]bool
	// listed tells that the deployments of all agents were listed.
	listed bool
}

// AgentsOf gives the agents of deployments by the ids of the deployments. One
// that does not exist has none. A list of deployments takes an agent_id
// (source: the vendor's newest client, agent-deployment.ts), so there are two ways: a read of each
// deployment, or the list of agents and one list of deployments for each agent.
// Single reads are made until they have cost as much as the lists, so that both
// many calls for one deployment and one call for many cost at most about twice
// the cheaper way.
func (i *Inventory) AgentsOf(ctx context.Context, deploymentIDs ...string) (map[string]string, error) {
	d := &i.deployed
	unknown, asked, listed := d.ask(deploymentIDs)
	if len(unknown) == 0 {
		return d.known(deploymentIDs), nil
	}
	if !listed && asked > singleDeployments {
		agents, err := i.Agents(ctx)
		switch {
		case errors.Is(err, prefactor.ErrNotPermitted):
			// Who may not list agents can still read deployments.
		case err != nil:
			return nil, err
		case asked > len(agents):
			if err := i.listDeployed(ctx, agents); err != nil {
				return nil, err
			}
			unknown = d.unknown(unknown)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32) // The client limits the requests in flight, this only the goroutines.
	for _, id := range unknown {
		group.Go(func() error {
			_, err := i.single.get(ctx, id, func() ([]prefactor.Deployment, error) {
				found, err := i.api.Deployment(ctx, id)
				if errors.Is(err, prefactor.ErrNotFound) {
					return nil, nil
				}
				if err != nil {
					return nil, err
				}
				d.learn(found)
				return []prefactor.Deployment{found}, nil
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return d.known(deploymentIDs), nil
}

// listDeployed lists the deployments of all agents.
func (i *Inventory) listDeployed(ctx context.Context, agents []prefactor.Agent) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for _, a := range agents {
		group.Go(func() error {
			_, err := i.Deployments(ctx, a.ID)
			return err
		})
	}
	err := group.Wait()
	if err == nil {
		i.deployed.mu.Lock()
		defer i.deployed.mu.Unlock()
		i.deployed.listed = true
	}
	return err
}

// ask notes that deployments are wanted. It gives those that are not known, and
// how many there have been of these.
func (d *deployedAgents) ask(ids []string) (unknown []string, asked int, listed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked == nil {
		d.asked = map[string]bool{}
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

// unknown are those deployments whose agents are not known.
func (d *deployedAgents) unknown(ids []string) []string {
	known := d.known(ids)
	var unknown []string
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	return unknown
}

func (d *deployedAgents) known(ids []string) map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := map[string]string{}
	for _, id := range ids {
		if agent, ok := d.agents[id]; ok {
			known[id] = agent
		}
	}
	return known
}

func (d *deployedAgents) learn(deployments ...prefactor.Deployment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.agents == nil {
		d.agents = map[string]string{}
	}
	for _, row := range deployments {
		if row.AgentID.Value != "" {
			d.agents[row.ID] = row.AgentID.Value
		}
	}
}
