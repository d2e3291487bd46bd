package prefactor

import (
	"context"
)

// Account is what all other objects belong to.
type Account struct {
	ID   string        `json:"id"`
	Name Field[string] `json:"name"`
}

// Complete tells whether the answer had every field. Rows of a list need not have.
func (a Account) Complete() bool { return a.Name.Present }

func accounts() kind[Account] {
	return kind[Account]{"account", "/account", func(a Account) string { return a.ID }}
}

// Accounts lists the accounts that the credentials can see.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	return accounts().list(ctx, c, nil)
}

// Account reads one account.
func (c *Client) Account(ctx context.Context, id string) (Account, error) {
	return accounts().read(ctx, c, id)
}
