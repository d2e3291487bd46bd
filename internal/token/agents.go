package token

import (
	"context"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// addAgents adds the agents of deployment tokens that are shown without them. A
// token whose deployment does not exist stays without one.
func addAgents(ctx context.Context, there *inventory.Inventory, tokens []prefactor.Token) error {
	var deployments []string
	for _, t := range tokens {
		if lacksAgent(t) {
			deployments = append(deployments, t.AgentDeploymentID.Value)
		}
	}
	if len(deployments) == 0 {
		return nil
	}
	agents, err := there.AgentsOf(ctx, deployments...)
	if err != nil {
		return err
	}
	for i, t := range tokens {
		if agent, ok := agents[t.AgentDeploymentID.Value]; ok && lacksAgent(t) {
			tokens[i].AgentID = prefactor.Some(agent)
		}
	}
	return nil
}

// addAgent does the same for one token, unless the state knows the agent.
func addAgent(ctx context.Context, there *inventory.Inventory, state model, t *prefactor.Token) error {
	if merge(state, *t).AgentID.ValueString() != "" {
		return nil
	}
	one := []prefactor.Token{*t}
	err := addAgents(ctx, there, one)
	*t = one[0]
	return err
}
