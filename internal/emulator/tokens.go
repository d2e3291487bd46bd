package emulator

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Token is an API token, without its value. Reference: queryapitokenlist, the
// pages of its older generation for create and transitions, clients/api-token.ts.
type Token struct {
	Object
	Scope                                     string
	AgentDeploymentID, AgentID, EnvironmentID string
	ExpiresAt                                 time.Time
	// LastUsedAt is zero for a token that was never used.
	LastUsedAt time.Time
	// Status is active, suspended or revoked.
	Status string
	// CreatedBy is the id of an admin user, or empty.
	CreatedBy string
}

// The scopes and statuses of tokens.
const (
	scopeAccount    = "account"
	scopeDeployment = "agent_deployment"

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

func (*tokenRow) kind() string { return "api_token" }

func (t *tokenRow) show(p *Platform, single bool) object {
	o := object{
		"token_scope": t.Scope, "account_id": t.AccountID, "agent_deployment_id": orNull(t.AgentDeploymentID), "agent_id": orNull(t.AgentID),
		"environment_id": orNull(t.EnvironmentID), "expires_at": p.stamp(t.ExpiresAt), "last_used_at": p.stamp(p.lastUse(t)), "status": t.Status,
		"created_by_admin_user_id": orNull(t.CreatedBy),
	}
	if p.variant.AgentID == "absent" || (p.variant.AgentID == "details" && !single) {
		delete(o, "agent_id")
	}
	if single {
		// "Available actions for this token based on its status".
		actions := object{"delete": t.Status == statusRevoked}
		for action, rule := range legal {
			actions[action] = slices.Contains(rule.from, t.Status)
		}
		o["available_actions"] = actions
	}
	t.stamp(p, o)
	return o
}

// lastUse is the last use that the platform shows at this time.
func (p *Platform) lastUse(t *tokenRow) time.Time {
	if p.variant.NoLastUsed {
		return time.Time{}
	}
	if p.variant.LastUsedLag == 0 {
		return t.LastUsedAt
	}
	until := p.now().Add(-p.variant.LastUsedLag)
	for _, at := range slices.Backward(t.uses) {
		if !at.After(until) {
			return at
		}
	}
	return time.Time{}
}

// legal has the statuses from which each transition is allowed, and the resulting status.
// Documentation: admin-ui/account/api-tokens.
var legal = map[string]struct {
	from []string
	to   string
}{
	"suspend":  {[]string{statusActive}, statusSuspended},
	"activate": {[]string{statusSuspended}, statusActive},
	"revoke":   {[]string{statusActive, statusSuspended}, statusRevoked},
}

// transit changes a token's status, if that is allowed.
func (p *Platform) transit(t *tokenRow, action string) *failure {
	if p.variant.ExpiredIsFinal && !p.now().Before(t.ExpiresAt) {
		return p.refused("cannot " + action + " a token that has expired")
	}
	rule := legal[action]
	if !slices.Contains(rule.from, t.Status) {
		return p.refused("cannot " + action + " a token that is " + t.Status)
	}
	t.Status, t.UpdatedAt = rule.to, p.now().UTC()
	return nil
}

// refused is the response to an action that the status does not allow. The code is
// documented, of the status 409 was seen.
func (p *Platform) refused(message string) *failure {
	return &failure{status: cmp.Or(p.variant.RefusedStatus, http.StatusConflict), code: "invalid_action", message: message}
}

func (t *tokenRow) onDelete(p *Platform) *failure {
	if t.Status != statusRevoked {
		return p.refused("only a revoked token can be deleted, this one is " + t.Status)
	}
	p.forget(t)
	return nil
}

func (p *Platform) forget(t *tokenRow) {
	t.deletedAt = p.now()
	p.past = append(p.past, t)
	delete(p.byValue, t.value)
}

func transition(action string) func(c *call) (answer, *failure) {
	return func(c *call) (answer, *failure) {
		t, f := target[*tokenRow](c)
		if f != nil {
			return answer{}, f
		}
		if f := c.p.transit(t, action); f != nil {
			return answer{}, f
		}
		return c.p.single(t), nil
	}
}

// createToken also deploys the agent: "the backend creates the deployment when
// the token is issued if one does not already exist" (changelog of the CLI, 0.1.6).
func createToken(c *call) (answer, *failure) {
	form := &form{c: c, account: c.token.AccountID}
	spec := TokenSpec{AccountID: c.token.AccountID, CreatedBy: c.token.CreatedBy}
	form.mandatory("token_scope", &spec.Scope)
	form.ownAccount()
	form.optional("agent_id", &spec.AgentID)
	form.optional("environment_id", &spec.EnvironmentID)
	switch spec.Scope {
	case "":
	case scopeAccount:
		for field, v := range map[string]string{"agent_id": spec.AgentID, "environment_id": spec.EnvironmentID} {
			if v != "" {
				form.reject(field, "forbidden", "must be empty for an account token")
			}
		}
	case scopeDeployment:
		form.mandatory("agent_id", &spec.AgentID)
		form.mandatory("environment_id", &spec.EnvironmentID)
		form.pair(spec.AgentID, spec.EnvironmentID)
	default:
		form.reject("token_scope", "invalid", "is not a scope")
	}
	var expires string
	if form.optional("expires_at", &expires); expires != "" {
		at, err := time.Parse(time.RFC3339Nano, expires)
		switch {
		case err != nil:
			form.reject("expires_at", "invalid", "is not a timestamp")
		case !at.After(c.p.now()):
			form.reject("expires_at", "invalid", "must be in the future")
		}
		spec.ExpiresAt = at
	}
	if f := form.failure(); f != nil {
		return answer{}, f
	}
	t := c.p.addToken(spec)
	made := c.p.created(t)
	made.body["token"] = t.value
	return made, nil
}

// TokenSpec describes a token of any scope to seed.
type TokenSpec struct {
	Scope, AccountID, AgentID, EnvironmentID string
	// ExpiresAt is a year from now when zero. The platform's own default is not
	// known.
	ExpiresAt time.Time
	// CreatedBy is the id of an admin user, or empty.
	CreatedBy string
}

// AddToken seeds a token and returns its value.
func (p *Platform) AddToken(s TokenSpec) (Token, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.addToken(s)
	return t.Token, t.value
}

func (p *Platform) addToken(s TokenSpec) *tokenRow {
	if s.ExpiresAt.IsZero() {
		s.ExpiresAt = p.now().AddDate(1, 0, 0)
	}
	t := &tokenRow{Token: Token{
		Scope: s.Scope, AgentID: s.AgentID, EnvironmentID: s.EnvironmentID, ExpiresAt: s.ExpiresAt.UTC().Truncate(time.Microsecond),
		Status: statusActive, CreatedBy: s.CreatedBy,
	}}
	if s.Scope == scopeDeployment {
		d := p.deploymentOf(s.AgentID, s.EnvironmentID)
		if d == nil && p.objects[s.AgentID] != nil {
			d = p.deploy(s.AccountID, s.AgentID, s.EnvironmentID)
		}
		if d != nil {
			t.AgentDeploymentID = d.ID
		}
	}
	p.add(t, "", s.AccountID)
	t.value = p.jwt(&t.Token)
	p.byValue[t.value] = t
	p.secrets = append(p.secrets, t.value)
	return t
}

// jwt returns the value of a token: "The JWT token string". Nothing is known about
// its payload; if it contains the id of the token, then as "jti", which
// RFC 7519 defines for that.
func (p *Platform) jwt(t *Token) string {
	payload := struct {
		Audience string `json:"aud"`
		Issuer   string `json:"iss"`
		IssuedAt int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		ID       string `json:"jti,omitempty"`
		Nonce    string `json:"nonce"`
	}{"prefactor", "prefactor", t.InsertedAt.Unix(), t.ExpiresAt.Unix(), t.ID, randomText(90)}
	if p.variant.OpaqueTokens {
		payload.ID = ""
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + base64.RawURLEncoding.EncodeToString(raw) + "." + randomText(32)
}

// Token returns a token as it is stored.
func (p *Platform) Token(id string) (Token, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.objects[id].(*tokenRow)
	if !ok {
		return Token{}, false
	}
	return t.Token, true
}

// Tokens returns all tokens, oldest first.
func (p *Platform) Tokens() []Token {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := []Token{}
	for _, t := range where(p, func(*tokenRow) bool { return true }) {
		all = append(all, t.Token)
	}
	slices.SortFunc(all, func(a, b Token) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Authenticates tells whether the platform would accept a token's value now.
func (p *Platform) Authenticates(value string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.byValue[value]
	return ok && p.usable(t)
}

// usable tells whether a token works: the objects that it refers to still exist.
func (p *Platform) usable(t *tokenRow) bool {
	for _, id := range []string{t.AgentID, t.EnvironmentID, t.AgentDeploymentID} {
		if id != "" && p.objects[id] == nil {
			return false
		}
	}
	return t.Status == statusActive && p.now().Before(t.ExpiresAt)
}

// Suspend suspends a token, as a user does on the admin page, and so do
// Activate, Revoke and DeleteToken. The first three follow the platform's
// rules; the last one deletes the token in any status.
func (p *Platform) Suspend(id string) error { return p.click(id, "suspend") }

// Activate activates a suspended token.
func (p *Platform) Activate(id string) error { return p.click(id, "activate") }

// Revoke revokes a token, which cannot be undone.
func (p *Platform) Revoke(id string) error { return p.click(id, "revoke") }

func (p *Platform) click(id, action string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.objects[id].(*tokenRow)
	if !ok {
		return errNotFound("api_token")
	}
	if f := p.transit(t, action); f != nil {
		return f // A nil *failure would be an error that is not nil.
	}
	return nil
}

// DeleteToken deletes a token.
func (p *Platform) DeleteToken(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.objects[id].(*tokenRow)
	if !ok {
		return errNotFound("api_token")
	}
	p.forget(t)
	delete(p.objects, id)
	return nil
}
