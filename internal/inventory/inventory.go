// Package inventory has the lists of what is at the platform, which look-ups by
// name share.
package inventory

import (
	"context"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// Inventory is what is at the platform, as its lists say. Each list is asked
// for once in the life of a provider process, which is a plan or an apply,
// unless this process changes what is in it.
type Inventory struct {
	api          tfkit.API
	accounts     memo[prefactor.Account]
	environments memo[prefactor.Environment]
	agents       memo[prefactor.Agent]
	profiled     memo[prefactor.Agent]
	singleAgents memo[prefactor.Agent]
	deployments  memo[prefactor.Deployment]
	// single are deployments that were read singly, and deployed are the agents
	// of deployments.
	single       memo[prefactor.Deployment]
	deployed     deployedAgents
	users        memo[prefactor.AdminUser]
	riskProfiles memo[prefactor.RiskProfile]
	teams        memo[prefactor.Team]
	persons      memo[prefactor.Person]
	versions     memo[prefactor.AgentVersion]
}

// Of is the inventory that all of a provider's data sources and resources share.
func Of(p *tfkit.Provider) *Inventory {
	return tfkit.Shared(p, func() *Inventory { return New(p.API) })
}

// New is an inventory of its own, which knows of nothing that was listed before.
func New(api tfkit.API) *Inventory { return &Inventory{api: api} }

// ForgetEnvironments has the environments listed anew, after a write.
func (i *Inventory) ForgetEnvironments() { i.environments.forget() }

// ForgetAgents has the agents listed anew, after a write.
func (i *Inventory) ForgetAgents() {
	i.agents.forget()
	i.profiled.forget()
	i.singleAgents.forget()
}

// ForgetDeployments has the deployments listed anew, after a write.
func (i *Inventory) ForgetDeployments() {
	i.deployments.forget()
	i.single.forget()
}

// ForgetRiskProfiles has the risk profiles listed again, after a write.
func (i *Inventory) ForgetRiskProfiles() { i.riskProfiles.forget() }

// ForgetTeams has the teams and their persons listed again, after a write.
func (i *Inventory) ForgetTeams() {
	i.teams.forget()
	i.persons.forget()
}

// ForgetPersons has the persons listed again, after a write.
func (i *Inventory) ForgetPersons() { i.persons.forget() }

// Accounts are those that the credentials can see.
func (i *Inventory) Accounts(ctx context.Context) ([]prefactor.Account, error) {
	return i.accounts.get(ctx, "", func() ([]prefactor.Account, error) {
		return i.api.Accounts(ctx)
	})
}

// Environments are those of an account.
func (i *Inventory) Environments(ctx context.Context, accountID string) ([]prefactor.Environment, error) {
	return i.environments.get(ctx, accountID, func() ([]prefactor.Environment, error) {
		return i.api.Environments(ctx, accountID)
	})
}

// Agents are those that the credentials can see.
func (i *Inventory) Agents(ctx context.Context) ([]prefactor.Agent, error) {
	return i.agents.get(ctx, "", func() ([]prefactor.Agent, error) {
		return i.api.Agents(ctx)
	})
}

// LoadedAgents are those of the list if it is known; no request is sent.
func (i *Inventory) LoadedAgents() ([]prefactor.Agent, bool) { return i.agents.loaded() }

// LoadedEnvironments are those of all lists that are known; no request is sent.
func (i *Inventory) LoadedEnvironments() ([]prefactor.Environment, bool) {
	return i.environments.loaded()
}

// Deployments are those of an agent.
func (i *Inventory) Deployments(ctx context.Context, agentID string) ([]prefactor.Deployment, error) {
	return i.deployments.get(ctx, agentID, func() ([]prefactor.Deployment, error) {
		rows, err := i.api.Deployments(ctx, agentID)
		i.deployed.learn(rows...)
		return rows, err
	})
}

// AdminUsers are the users of an account; an empty one is that of the
// credentials.
func (i *Inventory) AdminUsers(ctx context.Context, accountID string) ([]prefactor.AdminUser, error) {
	return i.users.get(ctx, accountID, func() ([]prefactor.AdminUser, error) {
		return i.api.AdminUsers(ctx, accountID)
	})
}

// Agent is one agent with its risk profile, which lists do not have.
func (i *Inventory) Agent(ctx context.Context, id string) (prefactor.Agent, error) {
	rows, err := i.singleAgents.get(ctx, id, func() ([]prefactor.Agent, error) {
		found, err := i.api.Agent(ctx, id)
		return []prefactor.Agent{found}, err
	})
	if err != nil {
		return prefactor.Agent{}, err
	}
	return rows[0], nil
}

// AgentsWithRiskProfile are the agents that use a profile; without one, all.
func (i *Inventory) AgentsWithRiskProfile(ctx context.Context, profileID string) ([]prefactor.Agent, error) {
	if profileID == "" {
		return i.Agents(ctx)
	}
	return i.profiled.get(ctx, profileID, func() ([]prefactor.Agent, error) { return i.api.AgentsWithRiskProfile(ctx, profileID) })
}

// RiskProfiles are those of the credentials' account, without their rulesets.
func (i *Inventory) RiskProfiles(ctx context.Context) ([]prefactor.RiskProfile, error) {
	return i.riskProfiles.get(ctx, "", func() ([]prefactor.RiskProfile, error) { return i.api.RiskProfiles(ctx) })
}

// Teams are those of the credentials' account.
func (i *Inventory) Teams(ctx context.Context) ([]prefactor.Team, error) {
	return i.teams.get(ctx, "", func() ([]prefactor.Team, error) { return i.api.Teams(ctx) })
}

// Persons are those of a team; without one, those of the credentials' account.
func (i *Inventory) Persons(ctx context.Context, teamID string) ([]prefactor.Person, error) {
	return i.persons.get(ctx, teamID, func() ([]prefactor.Person, error) { return i.api.Persons(ctx, teamID) })
}

// AgentVersions are those of an agent.
func (i *Inventory) AgentVersions(ctx context.Context, agentID string) ([]prefactor.AgentVersion, error) {
	return i.versions.get(ctx, agentID, func() ([]prefactor.AgentVersion, error) { return i.api.AgentVersions(ctx, agentID) })
}
