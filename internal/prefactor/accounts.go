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

// Accounts lists the accounts that the credentials can see.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	return list(ctx, c, request{op: "list the accounts", method: http.MethodGet, path: "/account"}, func(a Account) string { return a.ID })
}
