package prefactor

import (
	"context"
	"net/url"
	"time"
)

// Environment is where agents run, such as production.
type Environment struct {
	ID          string           `json:"id"`
	AccountID   Field[string]    `json:"account_id"`
	Name        Field[string]    `json:"name"`
	Purpose     Field[string]    `json:"purpose"`
	Description Field[string]    `json:"description"`
	InsertedAt  Field[Timestamp] `json:"inserted_at"`
}

// CreatedAt is when the environment was made, by its id where nothing better is said.
func (e Environment) CreatedAt() time.Time { return createdAt(e.ID, e.InsertedAt) }

// Complete tells whether the answer had every field. Rows of a list need not have.
func (e Environment) Complete() bool {
	return e.AccountID.Present && e.Name.Present && e.Purpose.Present && e.Description.Present
}

// NewEnvironment says what to create. ID is a fresh PFID of the account's
// partition, or empty to leave it to the platform.
type NewEnvironment struct {
	ID          string `json:"id,omitempty"`
	AccountID   string `json:"account_id"`
	Name        string `json:"name"`
	Purpose     string `json:"purpose,omitempty"`
	Description string `json:"description,omitempty"`
}

// EnvironmentUpdate says what an environment is to be like; nil clears a field.
type EnvironmentUpdate struct {
	Name        string  `json:"name"`
	Purpose     *string `json:"purpose"`
	Description *string `json:"description"`
}

func environments() kind[Environment] {
	return kind[Environment]{"environment", "/environment", func(e Environment) string { return e.ID }}
}

// Environments lists the environments of an account, oldest first.
func (c *Client) Environments(ctx context.Context, accountID string) ([]Environment, error) {
	rows, err := environments().list(ctx, c, url.Values{"account_id": {accountID}})
	for i := range rows {
		rows[i].AccountID = orSome(rows[i].AccountID, accountID)
	}
	return rows, err
}

// Environment reads one environment.
func (c *Client) Environment(ctx context.Context, id string) (Environment, error) {
	return environments().read(ctx, c, id)
}

// CreateEnvironment makes an environment.
func (c *Client) CreateEnvironment(ctx context.Context, n NewEnvironment) (Created[Environment], error) {
	return environments().create(ctx, c, n)
}

// UpdateEnvironment changes an environment in place.
func (c *Client) UpdateEnvironment(ctx context.Context, id string, u EnvironmentUpdate) (Environment, error) {
	return environments().update(ctx, c, id, u)
}

// DeleteEnvironment deletes an environment that nothing is in any more.
func (c *Client) DeleteEnvironment(ctx context.Context, id string) error {
	return environments().remove(ctx, c, id)
}
