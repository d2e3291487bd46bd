// Package emulator is the Prefactor platform in memory, as an http.Handler
// with a clock and faults that tests set.
//
// It is built from what is publicly known of the platform's API and knows
// nothing of the provider's client: a field misspelt in one of the two fails
// against the other. Where the platform's behaviour is not known, a Variant
// says which of the possible platforms this one is.
package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Options are what a platform starts with.
type Options struct {
	// Now is the platform's clock; nil means time.Now.
	Now func() time.Time
	// Variant chooses where the real platform's behaviour is not known. The
	// zero value is the most plausible one.
	Variant Variant
}

// Platform is one emulated platform. It is safe for concurrent use.
type Platform struct {
	now     func() time.Time
	variant Variant

	mu           sync.Mutex
	accounts     map[string]*Account
	environments map[string]*Environment
	agents       map[string]*Agent
	deployments  map[string]*Deployment
	tokens       map[string]*tokenRow
	objects      map[string]record
	byValue      map[string]*tokenRow
	partitions   map[string]uint32
	secrets      []string
	replays      map[string]replay
	lastMillis   int64
	// past has the rows of deleted tokens, for listings that lag behind.
	past []*tokenRow

	log    requestLog
	faults faults
}

// New makes an empty platform.
func New(o Options) *Platform {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Platform{
		now:          o.Now,
		variant:      o.Variant,
		accounts:     map[string]*Account{},
		environments: map[string]*Environment{},
		agents:       map[string]*Agent{},
		deployments:  map[string]*Deployment{},
		tokens:       map[string]*tokenRow{},
		objects:      map[string]record{},
		byValue:      map[string]*tokenRow{},
		partitions:   map[string]uint32{},
		replays:      map[string]replay{},
	}
	p.faults.rand = mathrand.New(mathrand.NewPCG(1, 2)) //nolint:gosec // Faults are to be repeatable.
	return p
}

// Object is what all objects have.
type Object struct {
	ID         string
	AccountID  string
	InsertedAt time.Time
	UpdatedAt  time.Time
}

// Account is what all other objects belong to.
type Account struct {
	Object
	Name string
}

// Environment is where agents run.
type Environment struct {
	Object
	Name        string
	Purpose     string
	Description string
}

// Agent is an AI agent.
type Agent struct {
	Object
	Name               string
	Description        string
	ExternalIdentifier string
	CurrentVersionID   string
	RiskProfileID      string
	TeamID             string
	OwnerPersonID      string
	// Status is pending, active, dormant or retired.
	Status string
}

// Deployment is an agent in an environment.
type Deployment struct {
	Object
	AgentID          string
	EnvironmentID    string
	CurrentVersionID string
}

// Token is an API token, without its value.
type Token struct {
	Object
	Scope             string
	AgentDeploymentID string
	AgentID           string
	EnvironmentID     string
	ExpiresAt         time.Time
	// LastUsedAt is zero for a token that was never used.
	LastUsedAt time.Time
	// Status is active, suspended or revoked.
	Status    string
	CreatedBy string
}

// The scopes and states of tokens.
const (
	scopeAccount     = "account"
	scopeDeployment  = "agent_deployment"
	scopeEnvironment = "environment"

	statusActive    = "active"
	statusSuspended = "suspended"
	statusRevoked   = "revoked"
)

type tokenRow struct {
	Token

	value     string
	uses      []time.Time
	deletedAt time.Time
}

// newID makes an id in the account's partition. Ids order by their time, so
// no two share a millisecond.
func (p *Platform) newID(partition uint32) string {
	millis := max(p.now().UnixMilli(), p.lastMillis+1)
	p.lastMillis = millis
	id, err := pfid.New(time.UnixMilli(millis), partition)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	return id.String()
}

func (p *Platform) newObject(id, accountID string) Object {
	now := p.now().UTC().Truncate(time.Microsecond)
	return Object{ID: id, AccountID: accountID, InsertedAt: now, UpdatedAt: now}
}

func randomText(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // Never fails.
	return base64.RawURLEncoding.EncodeToString(raw)
}

// AddAccount seeds an account.
func (p *Platform) AddAccount(name string) Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	raw := make([]byte, 4)
	_, _ = rand.Read(raw)
	partition := (uint32(raw[0])<<24 | uint32(raw[1])<<16 | uint32(raw[2])<<8 | uint32(raw[3])) & pfid.MaxPartition
	id := p.newID(partition)
	a := &Account{Object: p.newObject(id, id), Name: name}
	p.accounts[a.ID] = a
	p.partitions[a.ID] = partition
	return *a
}

// AddEnvironment seeds an environment.
func (p *Platform) AddEnvironment(accountID, name string) Environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.addEnvironment("", accountID, name)
}

func (p *Platform) addEnvironment(id, accountID, name string) *Environment {
	if id == "" {
		id = p.newID(p.partitions[accountID])
	}
	e := &Environment{Object: p.newObject(id, accountID), Name: name}
	p.environments[e.ID] = e
	return e
}

// AddAgent seeds an agent.
func (p *Platform) AddAgent(accountID, name string) Agent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.addAgent("", accountID, name)
}

func (p *Platform) addAgent(id, accountID, name string) *Agent {
	if id == "" {
		id = p.newID(p.partitions[accountID])
	}
	a := &Agent{Object: p.newObject(id, accountID), Name: name, Status: "pending"}
	p.agents[a.ID] = a
	return a
}

// SetAgentStatus moves an agent to another state, as the platform does by
// itself when an agent is first seen or has not been for long.
func (p *Platform) SetAgentStatus(id, status string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.agents[id]
	if !ok {
		return errNotFound("agent")
	}
	a.Status = status
	return nil
}

// AddDeployment seeds the deployment of an agent in an environment.
func (p *Platform) AddDeployment(agentID, environmentID string) Deployment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.addDeployment("", p.agents[agentID], environmentID)
}

func (p *Platform) addDeployment(id string, agent *Agent, environmentID string) *Deployment {
	if id == "" {
		id = p.newID(p.partitions[agent.AccountID])
	}
	d := &Deployment{Object: p.newObject(id, agent.AccountID), AgentID: agent.ID, EnvironmentID: environmentID}
	p.deployments[d.ID] = d
	return d
}

// SetDeploymentVersion has another version of an agent run where it is
// deployed, as the agent's own registration does.
func (p *Platform) SetDeploymentVersion(id, version string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, ok := p.deployments[id]
	if !ok {
		return errNotFound("agent_deployment")
	}
	d.CurrentVersionID = version
	return nil
}

func (p *Platform) deploymentOf(agentID, environmentID string) *Deployment {
	for _, d := range p.deployments {
		if d.AgentID == agentID && d.EnvironmentID == environmentID {
			return d
		}
	}
	return nil
}

// TokenSpec says which token to seed. Any scope can be, the legacy one too.
type TokenSpec struct {
	Scope, AccountID, AgentID, EnvironmentID string
	// ExpiresAt is a year from now when zero.
	ExpiresAt time.Time
	CreatedBy string
}

// AddToken seeds a token and gives its value.
func (p *Platform) AddToken(s TokenSpec) (Token, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	row := p.addToken(s)
	return row.Token, row.value
}

func (p *Platform) addToken(s TokenSpec) *tokenRow {
	if s.ExpiresAt.IsZero() {
		s.ExpiresAt = p.now().AddDate(1, 0, 0)
	}
	row := &tokenRow{Token: Token{
		Object:        p.newObject(p.newID(p.partitions[s.AccountID]), s.AccountID),
		Scope:         s.Scope,
		AgentID:       s.AgentID,
		EnvironmentID: s.EnvironmentID,
		ExpiresAt:     s.ExpiresAt.UTC().Truncate(time.Microsecond),
		Status:        statusActive,
		CreatedBy:     s.CreatedBy,
	}}
	if d := p.deploymentOf(s.AgentID, s.EnvironmentID); d != nil && s.Scope == scopeDeployment {
		row.AgentDeploymentID = d.ID
	}
	row.value = p.jwt(&row.Token)
	p.tokens[row.ID] = row
	p.byValue[row.value] = row
	p.secrets = append(p.secrets, row.value)
	return row
}

// jwt makes the value of a token: "The JWT token string". Of its payload
// nothing is known; where it names the token, it does so by "jti", which
// RFC 7519 has for that.
func (p *Platform) jwt(t *Token) string {
	payload := object{
		"aud": "prefactor", "iss": "prefactor", "iat": t.InsertedAt.Unix(), "exp": t.ExpiresAt.Unix(), "nonce": randomText(60),
	}
	if !p.variant.OpaqueTokens {
		payload["jti"] = t.ID
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + base64.RawURLEncoding.EncodeToString(raw) + "." + randomText(32)
}

// Token looks a token up, as the database has it.
func (p *Platform) Token(id string) (Token, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	row, ok := p.tokens[id]
	if !ok {
		return Token{}, false
	}
	return row.Token, true
}

// Tokens are all tokens, oldest first.
func (p *Platform) Tokens() []Token {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]Token, 0, len(p.tokens))
	for _, row := range p.tokens {
		all = append(all, row.Token)
	}
	slices.SortFunc(all, func(a, b Token) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Authenticates tells whether the platform would accept a token's value now.
func (p *Platform) Authenticates(value string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	row, ok := p.byValue[value]
	return ok && p.usable(row)
}

func (p *Platform) usable(row *tokenRow) bool {
	return row.Status == statusActive && p.now().Before(row.ExpiresAt)
}

// Secrets are the values of all tokens that were ever issued.
func (p *Platform) Secrets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.secrets)
}

// Suspend switches a token off, as someone does in the admin page. So do
// Activate, Revoke and DeleteToken. The first three keep to the platform's
// rules, the last one deletes the row whatever its state is.
func (p *Platform) Suspend(id string) error { return p.click(id, "suspend") }

// Activate switches a suspended token on again.
func (p *Platform) Activate(id string) error { return p.click(id, "activate") }

// Revoke ends a token for good.
func (p *Platform) Revoke(id string) error { return p.click(id, "revoke") }

func (p *Platform) click(id, action string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	row, ok := p.tokens[id]
	if !ok {
		return errNotFound("api_token")
	}
	f := p.transit(row, action)
	if f == nil {
		// A nil *failure would be an error that is not nil.
		return nil
	}
	return f
}

// DeleteToken removes a row.
func (p *Platform) DeleteToken(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	row, ok := p.tokens[id]
	if !ok {
		return errNotFound("api_token")
	}
	p.remove(row)
	return nil
}

func (p *Platform) remove(row *tokenRow) {
	row.deletedAt = p.now()
	p.past = append(p.past, row)
	delete(p.tokens, row.ID)
	delete(p.byValue, row.value)
}
