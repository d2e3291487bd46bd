package coalesce

import (
	"context"
	"slices"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Accounts lists the accounts that the credentials can see. Whoever asks while
// the answer is on its way, or within Freshness, shares it: each token that is
// gone has them listed. A failure is shared only while it is on its way.
func (r *Reader) Accounts(ctx context.Context) ([]prefactor.Account, error) {
	r.mu.Lock()
	f := r.visible
	if f == nil || time.Since(f.began) >= Freshness || !f.join() {
		f = start(ctx, func(ctx context.Context) ([]prefactor.Account, error) {
			accounts, err := r.Client.Accounts(ctx)
			r.mu.Lock()
			defer r.mu.Unlock()
			if err != nil && r.visible == f {
				r.visible = nil
			}
			return accounts, err
		})
		r.visible = f
	}
	r.mu.Unlock()
	accounts, err := f.wait(ctx)
	return slices.Clone(accounts), err
}
