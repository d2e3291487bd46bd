package prefactor

import (
	"context"
	"net/http"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// The scopes of a token.
const (
	ScopeAccount         = "account"
	ScopeAgentDeployment = "agent_deployment"
	// ScopeEnvironment is legacy: such tokens can be in lists, but no new
	// ones can be created.
	ScopeEnvironment = "environment"
)

// The statuses of a token; none is for a token that has expired. Reference: queryapitokenlist.
const (
	StatusActive    = "active"
	StatusSuspended = "suspended"
	StatusRevoked   = "revoked"
)

// Token is an API token without its value
// (reference: queryapitokenlist).
type Token struct {
	ID                   string           `json:"id"`
	Scope                Field[string]    `json:"token_scope"`
	AccountID            Field[string]    `json:"account_id"`
	AgentDeploymentID    Field[string]    `json:"agent_deployment_id"`
	EnvironmentID        Field[string]    `json:"environment_id"`
	ExpiresAt            Field[Timestamp] `json:"expires_at"`
	LastUsedAt           Field[Timestamp] `json:"last_used_at"`
	Status               Field[string]    `json:"status"`
	InsertedAt           Field[Timestamp] `json:"inserted_at"`
	CreatedByAdminUserID Field[string]    `json:"created_by_admin_user_id"`
	// AgentID may be missing in lists and single tokens: the
	// reference page of the list does not have it, the vendor's newest client does.
	AgentID Field[string] `json:"agent_id"`
	// AvailableActions is in single tokens only.
	AvailableActions Field[TokenActions] `json:"available_actions"`
}

// TokenActions are the actions that the status of a token allows.
type TokenActions struct {
	Activate bool `json:"activate"`
	Delete   bool `json:"delete"`
	Revoke   bool `json:"revoke"`
	Suspend  bool `json:"suspend"`
}

// CreatedAt is when the token was created, by its id where inserted_at is missing.
func (t Token) CreatedAt() time.Time { return CreatedAt(t.ID, t.InsertedAt) }

// NewToken is an object to create. AgentID and EnvironmentID go with the scope
// agent_deployment and with no other.
type NewToken struct {
	Scope         string `json:"token_scope"`
	AccountID     string `json:"account_id,omitempty"`
	AgentID       string `json:"agent_id,omitempty"`
	EnvironmentID string `json:"environment_id,omitempty"`
	// ExpiresAt is when the token expires; zero leaves it to the platform.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// CreatedToken is a new token with its value, which the platform never shows again.
type CreatedToken struct {
	Token

	// Value authenticates. It is empty if the response did not have it.
	Value string
	// Ambiguous tells that an earlier attempt of the same call may have created
	// a token as well, if the platform does not honour idempotency keys.
	Ambiguous bool
}

// CreateToken creates a token. Retries after a lost response have the same
// idempotency key.
func (c *Client) CreateToken(ctx context.Context, n NewToken) (CreatedToken, error) {
	n.ExpiresAt = n.ExpiresAt.UTC()
	created, err := tokens.create(ctx, c, n)
	return CreatedToken{Token: created.Object, Value: created.token, Ambiguous: created.Ambiguous}, err
}

var tokens = kind[Token]{
	noun: "token", path: "/api_token", id: func(t Token) string { return t.ID },
	filter: "account_id",
}

// Token reads one token.
func (c *Client) Token(ctx context.Context, id string) (Token, error) {
	return tokens.read(ctx, c, id)
}

// LatestToken reads one token by a request of its own, also where reads are
// coalesced.
func (c *Client) LatestToken(ctx context.Context, id string) (Token, error) {
	return c.Token(ctx, id)
}

// SuspendToken suspends an active token until it is activated.
func (c *Client) SuspendToken(ctx context.Context, id string) (Token, error) {
	return c.transit(ctx, "suspend", id)
}

// ActivateToken activates a suspended token.
func (c *Client) ActivateToken(ctx context.Context, id string) (Token, error) {
	return c.transit(ctx, "activate", id)
}

// RevokeToken revokes an active or suspended token, which cannot be undone.
func (c *Client) RevokeToken(ctx context.Context, id string) (Token, error) {
	return c.transit(ctx, "revoke", id)
}

// DeleteToken deletes a revoked token.
func (c *Client) DeleteToken(ctx context.Context, id string) error {
	return tokens.remove(ctx, c, id)
}

func (c *Client) transit(ctx context.Context, verb, id string) (Token, error) {
	return tokens.one(ctx, c, verb, http.MethodPost, id, "/"+verb, struct{}{})
}

// Tokens lists every token that the credentials can see, oldest first; an
// empty accountID leaves the choice of the account to the platform.
func (c *Client) Tokens(ctx context.Context, accountID string) ([]Token, error) {
	return tokens.list(ctx, c, accountID)
}

// TokensSince lists the tokens whose ids say that they were created at a moment
// or later, and maybe some older ones. Where the platform lists the newest first,
// the others are not read. It tolerates that others are created and deleted meanwhile.
func (c *Client) TokensSince(ctx context.Context, accountID string, since time.Time) ([]Token, error) {
	return tokens.readList(ctx, c, tokens.listing(accountID), func(t Token) bool {
		id, err := pfid.Parse(t.ID)
		return err == nil && id.Time().Before(since)
	})
}

// TokenPage reads the page of the list that begins at an offset, newest first
// where the platform can do that.
func (c *Client) TokenPage(ctx context.Context, accountID string, offset int) (Page[Token], error) {
	return tokens.page(ctx, c, accountID, offset, true)
}

// DeploymentTokenType is the token type of the value of a deployment token, as
// Ping gives it.
const DeploymentTokenType = "api_session_agent_deployment_scope" //nolint:gosec // A kind.

// Credential describes the client's own token.
type Credential struct {
	TokenType string `json:"token_type"`
	// AgentID is the agent of a deployment token.
	AgentID Field[string] `json:"agent_id"`
}

// Ping checks the credentials. Unlike other calls it succeeds with the value of
// a deployment token, too. Its error matches ErrNotAuthenticated or
// ErrNotPermitted when the platform does not accept the credentials.
func (c *Client) Ping(ctx context.Context) (Credential, error) {
	own, _, err := callFor[Credential](ctx, c, request{op: "check the credentials", method: http.MethodGet, path: "/ping"})
	return own, err
}
