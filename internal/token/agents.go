package token

import (
	"context"
	"slices"

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

// ofAgent gives the tokens of an agent, or all if no agent is asked for. Where
// tokens are shown without their agent, the deployments of the agent tell.
func ofAgent(ctx context.Context, agent string, tokens []prefactor.Token, deploymentsOf func(context.Context, string) ([]prefactor.Deployment, error)) ([]prefactor.Token, error) {
	if agent == "" {
		return tokens, nil
	}
	if slices.ContainsFunc(tokens, lacksAgent) {
		deployments, err := deploymentsOf(ctx, agent)
		if err != nil {
			return nil, err
		}
		for i, t := range tokens {
			if lacksAgent(t) && slices.ContainsFunc(deployments, func(d prefactor.Deployment) bool { return d.ID == t.AgentDeploymentID.Value }) {
				tokens[i].AgentID = prefactor.Some(agent)
			}
		}
	}
	return slices.DeleteFunc(tokens, func(t prefactor.Token) bool { return t.AgentID.Value != agent }), nil
}
