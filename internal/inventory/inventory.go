// Package inventory has the lists and objects of the API that look-ups share.
package inventory

import (
	"context"
	"slices"

	"github.com/prefactordev/terraform-provider-prefactor/internal/memo"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// API has the calls that the inventory makes.
type API interface {
	Accounts(ctx context.Context) ([]prefactor.Account, error)
	Account(ctx context.Context, id string) (prefactor.Account, error)
	Environments(ctx context.Context, accountID string) ([]prefactor.Environment, error)
	Environment(ctx context.Context, id string) (prefactor.Environment, error)
	Agents(ctx context.Context) ([]prefactor.Agent, error)
	AgentsWithRiskProfile(ctx context.Context, profileID string) ([]prefactor.Agent, error)
	Agent(ctx context.Context, id string) (prefactor.Agent, error)
	Deployments(ctx context.Context, agentID string) ([]prefactor.Deployment, error)
	Deployment(ctx context.Context, id string) (prefactor.Deployment, error)
	AdminUsers(ctx context.Context, accountID string) ([]prefactor.AdminUser, error)
	AdminUser(ctx context.Context, id string) (prefactor.AdminUser, error)
	RiskProfiles(ctx context.Context) ([]prefactor.RiskProfile, error)
	RiskProfile(ctx context.Context, id string) (prefactor.RiskProfile, error)
	Teams(ctx context.Context) ([]prefactor.Team, error)
	Team(ctx context.Context, id string) (prefactor.Team, error)
	Persons(ctx context.Context, teamID string) ([]prefactor.Person, error)
	Person(ctx context.Context, id string) (prefactor.Person, error)
	AgentVersions(ctx context.Context, agentID string) ([]prefactor.AgentVersion, error)
	AgentVersion(ctx context.Context, id string) (prefactor.AgentVersion, error)
}

// Collection has the objects of a type. A list is requested once for each value of
// its filter, and an object once for its id, in the life of a provider process,
// which is a plan or an apply, unless this process changes one of the objects. What
// it returns must not be changed.
type Collection[T any] struct {
	lists   memo.Map[[]T]
	objects memo.Map[T]
	list    func(ctx context.Context, filter string) ([]T, error)
	read    func(ctx context.Context, id string) (T, error)
}

// List returns the objects that a filter selects, as the list has them.
func (c *Collection[T]) List(ctx context.Context, filter string) ([]T, error) {
	return c.lists.Get(ctx, filter, func(ctx context.Context) ([]T, error) { return c.list(ctx, filter) })
}

// Read returns one object with all fields.
func (c *Collection[T]) Read(ctx context.Context, id string) (T, error) {
	return c.objects.Get(ctx, id, func(ctx context.Context) (T, error) { return c.read(ctx, id) })
}

// ReadNow is Read, but always sends a request.
func (c *Collection[T]) ReadNow(ctx context.Context, id string) (T, error) { return c.read(ctx, id) }

// ListNow is List, but always sends a request.
func (c *Collection[T]) ListNow(ctx context.Context, filter string) ([]T, error) {
	return c.list(ctx, filter)
}

// Loaded returns the objects of the lists that were requested before; no request is
// sent.
func (c *Collection[T]) Loaded() (objects []T, isLoaded bool) {
	lists := c.lists.Values()
	return slices.Concat(lists...), len(lists) > 0
}

// Forget drops everything after a change, so that it is requested again.
func (c *Collection[T]) Forget() {
	c.lists.Forget()
	c.objects.Forget()
}

// Inventory has the objects. The comments say what the filters of the lists are; an
// empty one selects what belongs to the account of the credentials.
type Inventory struct {
	Accounts      Collection[prefactor.Account]
	Environments  Collection[prefactor.Environment] // the account
	Agents        Collection[prefactor.Agent]       // the risk profile
	Deployments   Collection[prefactor.Deployment]  // the agent
	AdminUsers    Collection[prefactor.AdminUser]   // the account
	RiskProfiles  Collection[prefactor.RiskProfile]
	Teams         Collection[prefactor.Team]
	Persons       Collection[prefactor.Person]       // the team
	AgentVersions Collection[prefactor.AgentVersion] // the agent

	deployed deployedAgents
}

// New returns an inventory in which nothing was requested yet.
func New(api API) *Inventory {
	i := &Inventory{}
	fill(&i.Accounts, unfiltered(api.Accounts), api.Account)
	fill(&i.Environments, api.Environments, api.Environment)
	fill(&i.Agents, func(ctx context.Context, profileID string) ([]prefactor.Agent, error) {
		if profileID == "" {
			return api.Agents(ctx)
		}
		return api.AgentsWithRiskProfile(ctx, profileID)
	}, api.Agent)
	fill(&i.Deployments, api.Deployments, api.Deployment)
	fill(&i.AdminUsers, api.AdminUsers, api.AdminUser)
	fill(&i.RiskProfiles, unfiltered(api.RiskProfiles), api.RiskProfile)
	fill(&i.Teams, unfiltered(api.Teams), api.Team)
	fill(&i.Persons, api.Persons, api.Person)
	fill(&i.AgentVersions, api.AgentVersions, api.AgentVersion)
	return i
}

func fill[T any](c *Collection[T], list func(context.Context, string) ([]T, error), read func(context.Context, string) (T, error)) {
	c.list, c.read = list, read
}

func unfiltered[T any](list func(context.Context) ([]T, error)) func(context.Context, string) ([]T, error) {
	return func(ctx context.Context, _ string) ([]T, error) { return list(ctx) }
}
