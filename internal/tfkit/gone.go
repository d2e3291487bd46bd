package tfkit

import (
	"context"
	"errors"
	"fmt"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// ConfirmGone makes sure that a 404 means what it says. Credentials of another
// account see none of this account's objects; to take that for "gone" would
// forget what lives on and make it a second time in the wrong account.
// accountID is the account that the object was last seen in, if known; else the
// partition of its id, which all ids of an account share, tells the account.
func ConfirmGone(ctx context.Context, api API, id, accountID string, notFound error) error {
	accounts, err := api.Accounts(ctx)
	switch {
	case errors.Is(err, prefactor.ErrNotPermitted), errors.Is(err, prefactor.ErrNotFound):
		// The credentials may not list accounts: the platform's word stands.
		return nil
	case err != nil:
		return fmt.Errorf("%w; whether it is gone or only out of sight could not be told: %w", notFound, err)
	}
	for _, a := range accounts {
		if a.ID == accountID || (accountID == "" && sameAccount(id, a.ID)) {
			return nil
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	account := "account " + accountID
	if accountID == "" {
		account = "another account, as its id says"
	}
	return fmt.Errorf("%w; this does not mean that it is gone: it belongs to %s, which the provider's credentials cannot see. Use credentials of that account", notFound, account)
}

// Verifiable tells whether a failed step is worth a look at what became of it.
func Verifiable(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, prefactor.ErrNotAuthenticated) && !errors.Is(err, prefactor.ErrNotPermitted)
}
