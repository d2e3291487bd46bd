package prefactor

import "context"

// Purposes are all that an environment can have (reference:
// actionenvironmentupdate).
func Purposes() []string { return []string{"development", "staging", "testing", "production"} }

// Environment is where agents run, such as production. It has no timestamps
// (reference: actionenvironmentupdate). The purpose is never null.
type Environment struct {
	ID          string        `json:"id"`
	AccountID   Field[string] `json:"account_id"`
	Name        Field[string] `json:"name"`
	Purpose     Field[string] `json:"purpose"`
	Description Field[string] `json:"description"`
	// ExternalIdentifier is in the vendor's newest client (Environment_Summary).
	ExternalIdentifier Field[string] `json:"external_identifier"`
}

// NewEnvironment is an object to create. ID is a new PFID of the account's
// partition, or empty to leave it to the platform.
type NewEnvironment struct {
	ID          string `json:"id,omitempty"`
	AccountID   string `json:"account_id"`
	Name        string `json:"name"`
	Purpose     string `json:"purpose,omitempty"`
	Description string `json:"description,omitempty"`
}

// EnvironmentUpdate has the changes: an empty name or purpose and the zero
// Field keep what the environment has. Null clears the description; the other
// two cannot be cleared.
type EnvironmentUpdate struct {
	Name        string        `json:"name,omitempty"`
	Purpose     string        `json:"purpose,omitempty"`
	Description Field[string] `json:"description,omitzero"`
}

var environments = kind[Environment]{
	noun: "environment", path: "/environment", id: func(e Environment) string { return e.ID },
	filter:   "account_id",
	complete: func(e *Environment, accountID string) { e.AccountID = orSome(e.AccountID, accountID) },
}

// Environments lists the environments of an account, oldest first.
func (c *Client) Environments(ctx context.Context, accountID string) ([]Environment, error) {
	return environments.list(ctx, c, accountID)
}

// EnvironmentPage reads a page of the list of an account's environments.
func (c *Client) EnvironmentPage(ctx context.Context, accountID string, offset int) (Page[Environment], error) {
	return environments.page(ctx, c, accountID, offset, false)
}

// Environment reads one environment.
func (c *Client) Environment(ctx context.Context, id string) (Environment, error) {
	return environments.read(ctx, c, id)
}

// CreateEnvironment creates an environment.
func (c *Client) CreateEnvironment(ctx context.Context, n NewEnvironment) (Created[Environment], error) {
	return environments.create(ctx, c, n)
}

// UpdateEnvironment changes an environment in place.
func (c *Client) UpdateEnvironment(ctx context.Context, id string, u EnvironmentUpdate) (Environment, error) {
	return environments.update(ctx, c, id, u)
}

// DeleteEnvironment deletes an environment. The platform does not reject it
// while tokens and deployments refer to the environment: they stop working.
func (c *Client) DeleteEnvironment(ctx context.Context, id string) error {
	return environments.remove(ctx, c, id)
}
