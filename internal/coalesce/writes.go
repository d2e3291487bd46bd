package coalesce

import (
	"context"

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
