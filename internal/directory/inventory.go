package directory

import (
	"context"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// inventory is what is at the platform, as its lists say. Each list is asked
// for once in the life of a provider process, which is a plan or an apply,
// unless this process changes what is in it. Its rows have what it takes to
// find one among them; other fields may be missing.
type inventory struct {
	api          tfkit.API
	accounts     memo[prefactor.Account]
	environments memo[prefactor.Environment]
	agents       memo[prefactor.Agent]
	deployments  memo[prefactor.Deployment]
}

// inventoryOf is the inventory that all of a provider's data sources and
// resources share.
func inventoryOf(p *tfkit.Provider) *inventory {
	return tfkit.Shared(p, func() *inventory { return &inventory{api: p.API} })
}

func (i *inventory) allAccounts(ctx context.Context) ([]prefactor.Account, error) {
	return i.accounts.get(ctx, "", func() ([]prefactor.Account, error) {
		rows, err := i.api.Accounts(ctx)
		if err != nil {
			return nil, err
		}
		return tfkit.Complete(ctx, rows, func(a prefactor.Account) bool { return a.Name.Present }, i.account)
	})
}

func (i *inventory) environmentsOf(ctx context.Context, accountID string) ([]prefactor.Environment, error) {
	return i.environments.get(ctx, accountID, func() ([]prefactor.Environment, error) {
		rows, err := i.api.Environments(ctx, accountID)
		if err != nil {
			return nil, err
		}
		return tfkit.Complete(ctx, rows, func(e prefactor.Environment) bool { return e.Name.Present }, i.environment)
	})
}

func (i *inventory) allAgents(ctx context.Context) ([]prefactor.Agent, error) {
	return i.agents.get(ctx, "", func() ([]prefactor.Agent, error) {
		rows, err := i.api.Agents(ctx)
		if err != nil {
			return nil, err
		}
		return tfkit.Complete(ctx, rows, func(a prefactor.Agent) bool { return a.Name.Present }, i.agent)
	})
}

func (i *inventory) deploymentsOf(ctx context.Context, agentID string) ([]prefactor.Deployment, error) {
	return i.deployments.get(ctx, agentID, func() ([]prefactor.Deployment, error) {
		rows, err := i.api.Deployments(ctx, agentID)
		if err != nil {
			return nil, err
		}
		return tfkit.Complete(ctx, rows, func(d prefactor.Deployment) bool { return d.EnvironmentID.Present }, i.deployment)
	})
}

// account, environment, agent and deployment read a row's object anew.

func (i *inventory) account(ctx context.Context, row prefactor.Account) (prefactor.Account, error) {
	return i.api.Account(ctx, row.ID)
}

func (i *inventory) environment(ctx context.Context, row prefactor.Environment) (prefactor.Environment, error) {
	return i.api.Environment(ctx, row.ID)
}

func (i *inventory) agent(ctx context.Context, row prefactor.Agent) (prefactor.Agent, error) {
	return i.api.Agent(ctx, row.ID)
}

func (i *inventory) deployment(ctx context.Context, row prefactor.Deployment) (prefactor.Deployment, error) {
	return i.api.Deployment(ctx, row.ID)
}
