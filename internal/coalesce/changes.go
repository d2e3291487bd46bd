package coalesce

import (
	"context"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// allTokens is for changes of agents, environments and deployments: the platform
// does not say what becomes of their tokens.
const allTokens = ""

// changing notes a change, before and after it: no earlier request serves a read
// that begins later, and a token that it names is always read singly.
func (r *Reader) changing(id string) (ended func()) {
	note := func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.freshness = WritingFreshness
		if id == allTokens {
			clear(r.singles)
			clear(r.rounds)
			return
		}
		r.changed[id] = true
		delete(r.singles, id)
	}
	note()
	return note
}

// CreateToken creates a token.
func (r *Reader) CreateToken(ctx context.Context, n prefactor.NewToken) (created prefactor.CreatedToken, err error) {
	r.mu.Lock()
	r.freshness = WritingFreshness
	r.mu.Unlock()
	if created, err = r.Client.CreateToken(ctx, n); created.ID != "" {
		r.changing(created.ID)
	}
	return created, err
}

// SuspendToken suspends a token.
func (r *Reader) SuspendToken(ctx context.Context, id string) (prefactor.Token, error) {
	defer r.changing(id)()
	return r.Client.SuspendToken(ctx, id)
}

// ActivateToken activates a token.
func (r *Reader) ActivateToken(ctx context.Context, id string) (prefactor.Token, error) {
	defer r.changing(id)()
	return r.Client.ActivateToken(ctx, id)
}

// RevokeToken revokes a token.
func (r *Reader) RevokeToken(ctx context.Context, id string) (prefactor.Token, error) {
	defer r.changing(id)()
	return r.Client.RevokeToken(ctx, id)
}

// DeleteToken deletes a token.
func (r *Reader) DeleteToken(ctx context.Context, id string) error {
	defer r.changing(id)()
	return r.Client.DeleteToken(ctx, id)
}

// RetireAgent retires an agent.
func (r *Reader) RetireAgent(ctx context.Context, id string) (prefactor.Agent, error) {
	defer r.changing(allTokens)()
	return r.Client.RetireAgent(ctx, id)
}

// ReinstateAgent reinstates a retired agent.
func (r *Reader) ReinstateAgent(ctx context.Context, id string) (prefactor.Agent, error) {
	defer r.changing(allTokens)()
	return r.Client.ReinstateAgent(ctx, id)
}

// DeleteAgent deletes an agent.
func (r *Reader) DeleteAgent(ctx context.Context, id string) error {
	defer r.changing(allTokens)()
	return r.Client.DeleteAgent(ctx, id)
}

// DeleteEnvironment deletes an environment.
func (r *Reader) DeleteEnvironment(ctx context.Context, id string) error {
	defer r.changing(allTokens)()
	return r.Client.DeleteEnvironment(ctx, id)
}

// DeleteDeployment deletes a deployment.
func (r *Reader) DeleteDeployment(ctx context.Context, id string) error {
	defer r.changing(allTokens)()
	return r.Client.DeleteDeployment(ctx, id)
}
