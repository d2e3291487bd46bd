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
	deployments  memo[prefactor.Deployment]
	// single are deployments that were read singly, and deployed are the agents
	// of deployments.
	single   memo[prefactor.Deployment]
	deployed deployedAgents
	users    memo[prefactor.AdminUser]
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
func (i *Inventory) ForgetAgents() { i.agents.forget() }

// ForgetDeployments has the deployments listed anew, after a write.
func (i *Inventory) ForgetDeployments() {
	i.deployments.forget()
	i.single.forget()
}

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

// AdminUsers are the users of an account.
func (i *Inventory) AdminUsers(ctx context.Context, accountID string) ([]prefactor.AdminUser, error) {
	return i.users.get(ctx, accountID, func() ([]prefactor.AdminUser, error) {
		return i.api.AdminUsers(ctx, accountID)
	})
}
