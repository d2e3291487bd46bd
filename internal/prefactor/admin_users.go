package prefactor

import "context"

// AdminUser is a member of an account who can sign in. No call removes one.
// Source: the vendor's newest client (admin-user.ts).
type AdminUser struct {
	ID           string           `json:"id"`
	AccountID    Field[string]    `json:"account_id"`
	Email        Field[string]    `json:"email"`
	Name         Field[string]    `json:"name"`
	JobTitle     Field[string]    `json:"job_title"`
	LastActiveAt Field[Timestamp] `json:"last_active_at"`
	InsertedAt   Field[Timestamp] `json:"inserted_at"`
}

var adminUsers = kind[AdminUser]{
	noun: "admin user", path: "/admin_user", id: func(u AdminUser) string { return u.ID },
	filter: "account_id",
}

// AdminUsers lists the users of an account; an empty accountID is the account
// of the credentials.
func (c *Client) AdminUsers(ctx context.Context, accountID string) ([]AdminUser, error) {
	return adminUsers.list(ctx, c, accountID)
}

// AdminUser reads one user.
func (c *Client) AdminUser(ctx context.Context, id string) (AdminUser, error) {
	return adminUsers.read(ctx, c, id)
}
