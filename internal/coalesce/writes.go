package coalesce

import (
	"context"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// touch has a token read by itself from now on, by no request that was sent
// before.
func (r *Reader) touch(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.touched[id]++
	r.wrote = true
}

// write touches a token before and after something is done to it: what was
// asked for before is no answer after.
func (r *Reader) write(id string, do func() (prefactor.Token, error)) (prefactor.Token, error) {
	r.touch(id)
	defer r.touch(id)
	return do()
}

// CreateToken makes a token, which is read by itself from then on.
func (r *Reader) CreateToken(ctx context.Context, n prefactor.NewToken) (prefactor.CreatedToken, error) {
	r.mu.Lock()
	r.wrote = true
	r.mu.Unlock()
	created, err := r.Client.CreateToken(ctx, n)
	if created.ID != "" {
		r.touch(created.ID)
	}
	return created, err
}

// SuspendToken suspends a token.
func (r *Reader) SuspendToken(ctx context.Context, id string) (prefactor.Token, error) {
	return r.write(id, func() (prefactor.Token, error) { return r.Client.SuspendToken(ctx, id) })
}

// ActivateToken activates a token.
func (r *Reader) ActivateToken(ctx context.Context, id string) (prefactor.Token, error) {
	return r.write(id, func() (prefactor.Token, error) { return r.Client.ActivateToken(ctx, id) })
}

// RevokeToken revokes a token.
func (r *Reader) RevokeToken(ctx context.Context, id string) (prefactor.Token, error) {
	return r.write(id, func() (prefactor.Token, error) { return r.Client.RevokeToken(ctx, id) })
}

// DeleteToken deletes a token.
func (r *Reader) DeleteToken(ctx context.Context, id string) error {
	_, err := r.write(id, func() (prefactor.Token, error) { return prefactor.Token{}, r.Client.DeleteToken(ctx, id) })
	return err
}

// invalidate is for what may end or switch off tokens that it does not name: the
// platform does not say what becomes of the tokens of an agent, an environment
// or a deployment that is retired or removed. Nothing that was asked for before
// or meanwhile answers a read that begins after it.
func (r *Reader) invalidate(do func() error) error {
	forget := func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.wrote = true
		clear(r.singles)
		for _, a := range r.accounts {
			a.round = newRound(time.Now())
		}
	}
	forget()
	defer forget()
	return do()
}

// RetireAgent retires an agent.
func (r *Reader) RetireAgent(ctx context.Context, id string) (agent prefactor.Agent, err error) {
	err = r.invalidate(func() (err error) { agent, err = r.Client.RetireAgent(ctx, id); return err })
	return agent, err
}

// ReinstateAgent brings a retired agent back.
func (r *Reader) ReinstateAgent(ctx context.Context, id string) (agent prefactor.Agent, err error) {
	err = r.invalidate(func() (err error) { agent, err = r.Client.ReinstateAgent(ctx, id); return err })
	return agent, err
}

// DeleteAgent deletes an agent.
func (r *Reader) DeleteAgent(ctx context.Context, id string) error {
	return r.invalidate(func() error { return r.Client.DeleteAgent(ctx, id) })
}

// DeleteEnvironment deletes an environment.
func (r *Reader) DeleteEnvironment(ctx context.Context, id string) error {
	return r.invalidate(func() error { return r.Client.DeleteEnvironment(ctx, id) })
}

// DeleteDeployment deletes a deployment.
func (r *Reader) DeleteDeployment(ctx context.Context, id string) error {
	return r.invalidate(func() error { return r.Client.DeleteDeployment(ctx, id) })
}
