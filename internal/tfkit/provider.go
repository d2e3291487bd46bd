// Package tfkit is what the packages with resources share: the way from the
// provider block to them, diagnostics from API errors, validators and plan
// modifiers.
package tfkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/memo"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// API is what resources need of the platform.
type API interface {
	inventory.API

	Now() time.Time
	Ping(ctx context.Context) (prefactor.Credential, error)
	LocalNow() time.Time
	AddSecret(value string)
	CreateEnvironment(ctx context.Context, n prefactor.NewEnvironment) (prefactor.Created[prefactor.Environment], error)
	UpdateEnvironment(ctx context.Context, id string, u prefactor.EnvironmentUpdate) (prefactor.Environment, error)
	DeleteEnvironment(ctx context.Context, id string) error
	AgentByExternalIdentifier(ctx context.Context, identifier string) (prefactor.Agent, error)
	CreateAgent(ctx context.Context, n prefactor.NewAgent) (prefactor.Created[prefactor.Agent], error)
	UpdateAgent(ctx context.Context, id string, u prefactor.AgentUpdate) (prefactor.Agent, error)
	RetireAgent(ctx context.Context, id string) (prefactor.Agent, error)
	ReinstateAgent(ctx context.Context, id string) (prefactor.Agent, error)
	DeleteAgent(ctx context.Context, id string) error
	CreateDeployment(ctx context.Context, n prefactor.NewDeployment) (prefactor.Created[prefactor.Deployment], error)
	UpdateDeployment(ctx context.Context, id string, u prefactor.DeploymentUpdate) (prefactor.Deployment, error)
	DeleteDeployment(ctx context.Context, id string) error
	RiskProfileTemplate(ctx context.Context, name string) (prefactor.Ruleset, error)
	CreateRiskProfile(ctx context.Context, n prefactor.NewRiskProfile) (prefactor.Created[prefactor.RiskProfile], error)
	UpdateRiskProfile(ctx context.Context, id string, u prefactor.RiskProfileUpdate) (prefactor.RiskProfile, error)
	DeleteRiskProfile(ctx context.Context, id string) error
	CreateTeam(ctx context.Context, n prefactor.NewTeam) (prefactor.Created[prefactor.Team], error)
	UpdateTeam(ctx context.Context, id string, u prefactor.TeamUpdate) (prefactor.Team, error)
	DeleteTeam(ctx context.Context, id string) error
	CreatePerson(ctx context.Context, n prefactor.NewPerson) (prefactor.Created[prefactor.Person], error)
	UpdatePerson(ctx context.Context, id string, u prefactor.PersonUpdate) (prefactor.Person, error)
	DeletePerson(ctx context.Context, id string) error
	Tokens(ctx context.Context, accountID string) ([]prefactor.Token, error)
	TokensSince(ctx context.Context, accountID string, since time.Time) ([]prefactor.Token, error)
	Token(ctx context.Context, id string) (prefactor.Token, error)
	LatestToken(ctx context.Context, id string) (prefactor.Token, error)
	CreateToken(ctx context.Context, n prefactor.NewToken) (prefactor.CreatedToken, error)
	SuspendToken(ctx context.Context, id string) (prefactor.Token, error)
	ActivateToken(ctx context.Context, id string) (prefactor.Token, error)
	RevokeToken(ctx context.Context, id string) (prefactor.Token, error)
	DeleteToken(ctx context.Context, id string) error
}

// Provider is what a configured provider block gives to its resources.
type Provider struct {
	// API is nil while the provider block holds values that are known only
	// after an apply.
	API API
	// Inventory has the lists of the API; nil as long as API is.
	Inventory *inventory.Inventory
	// AccountID is the default account; empty leaves it to the platform.
	AccountID string
	// AccountOpen tells that the default account is known only after an apply.
	AccountOpen bool
	// TokenSource describes where the provider's own token comes from.
	TokenSource string
	// OwnDigest is the digest of the provider's own token.
	OwnDigest string
	// OwnIDs are the ids that the value of the provider's own token names. One of
	// them may be its own.
	OwnIDs []string
	// LookupEnv gives the variables of the environment; it may be nil.
	LookupEnv func(name string) (string, bool)
	// Started is when the provider was configured, by the platform's clock.
	Started time.Time
	// ExpiryWarning is how long before their end tokens are warned of; 0 is never.
	ExpiryWarning time.Duration
	// SettleWait is how long the platform is given to list a token that it may
	// just have created.
	SettleWait time.Duration
	// AtExit has what to do when the process ends; it may be nil.
	AtExit *AtExit
	// AllowSelfLockout lets the provider's own token be suspended, revoked and deleted.
	AllowSelfLockout bool

	// OwnTokens are the tokens that can be the provider's own, if their values do not
	// determine it; computed under the empty key.
	OwnTokens memo.Map[[]prefactor.Token]
	// DestroyedVersion is the highest version of the tokens that this process has
	// destroyed.
	DestroyedVersion atomic.Int64

	isDeploymentToken memo.Map[bool]
	warned            sync.Map
	minted            sync.Map
}

// Minted notes that this process has created a token and knows its value.
func (p *Provider) Minted(id string) { p.minted.Store(id, true) }

// HasMinted tells whether this process has created a token and knows its value.
func (p *Provider) HasMinted(id string) bool {
	_, ok := p.minted.Load(id)
	return ok
}

// Once runs f unless it was run under this name before, in this process.
func (p *Provider) Once(name string, f func()) {
	if _, ran := p.warned.LoadOrStore(name, true); !ran {
		f()
	}
}

// Digest identifies a token's value without containing it.
func Digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

// Uses tells whether a digest is that of the provider's own token; never with
// AllowSelfLockout.
func (p *Provider) Uses(digest string) bool {
	return digest != "" && digest == p.OwnDigest && !p.AllowSelfLockout
}

// Ready tells whether the API can be called, and adds an error if not.
func (p *Provider) Ready(diags *diag.Diagnostics) bool {
	if p == nil {
		diags.AddError("Provider not configured", "The provider was used before it was configured. This is a bug in the provider; please report it.")
		return false
	}
	if p.API == nil {
		diags.AddError(
			"Provider credentials not known yet",
			"The provider block refers to a value that is known only after an apply, so no request can be sent now. "+
				"Apply the resource that provides the value first (terraform apply -target=...), or set PREFACTOR_API_TOKEN.",
		)
		return false
	}
	return true
}

// errAccountOpen is the error if the default account is needed and not known.
var errAccountOpen = errors.New("the provider block's account_id refers to a value that is known only after an apply, so the account cannot be determined. " +
	"Apply the resource that provides the value first (terraform apply -target=...), or set account_id here")

// Account returns the given account, else the default one. It fails while the default
// is not known.
func (p *Provider) Account(given string) (string, error) {
	switch {
	case given != "":
		return given, nil
	case p.AccountOpen:
		return "", errAccountOpen
	default:
		return p.AccountID, nil
	}
}

// ProviderFrom returns the Provider from the data that the framework passes to Configure.
// It is nil without an error before the provider is configured, such as when a
// configuration is only validated.
func ProviderFrom(data any, diags *diag.Diagnostics) *Provider {
	if data == nil {
		return nil
	}
	p, ok := data.(*Provider)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T. This is a bug in the provider; please report it.", data))
		return nil
	}
	return p
}
