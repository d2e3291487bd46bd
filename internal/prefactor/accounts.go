package prefactor

import (
	"context"
	"net/http"
)

// Account is what all other objects belong to.
type Account struct {
	ID   string        `json:"id"`
	Name Field[string] `json:"name"`
}

func accounts() kind[Account] {
	return kind[Account]{"account", "/account", func(a Account) string { return a.ID }}
}

// Accounts lists the accounts that the credentials can see. The vendor has
// observed it as one object under details, unlike any other list.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	k := accounts()
	return k.readList(ctx, c, request{op: "list the accounts", method: http.MethodGet, path: k.path, allowSingle: true}, nil)
}

// Account reads one account.
func (c *Client) Account(ctx context.Context, id string) (Account, error) {
	return accounts().read(ctx, c, id)
}
