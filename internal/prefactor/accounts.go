package prefactor

import "context"

// Account is what all other objects belong to.
type Account struct {
	ID   string        `json:"id"`
	Name Field[string] `json:"name"`
}

var accounts = kind[Account]{
	noun: "account", path: "/account", id: func(a Account) string { return a.ID },
}

// Accounts lists the accounts that the credentials can see. The vendor has
// observed it as one object under details, unlike any other list.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	r := accounts.listing("")
	r.allowSingle = true
	return accounts.readList(ctx, c, r, nil)
}

// Account reads one account.
func (c *Client) Account(ctx context.Context, id string) (Account, error) {
	return accounts.read(ctx, c, id)
}
