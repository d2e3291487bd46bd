package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// The guard refuses to suspend, revoke or delete the token that the provider
// authenticates with.

// digests are the digests of the values of the token and of its predecessor. A
// digest is enough to recognize the provider's own token, also where the value is
// encrypted. It is empty where the value was never known, as after an import; see
// guardUnknown for what counts then.
type digests struct {
	Token    string `json:"token,omitempty"`
	Previous string `json:"previous,omitempty"`
	// Held tells that the last Read saw the provider use the previous token.
	// The decision to hold its retirement back falls there; see decision.
	Held bool `json:"held,omitempty"`
}

// of is the digest of a token's value, as far as it is known.
func (d digests) of(state model) string {
	if value := state.Token.ValueString(); value != "" {
		return tfkit.Digest(value)
	}
	return d.Token
}

// lockoutError is the refusal of an action on the provider's own token.
type lockoutError string

const lockoutSummary = "The provider would lock itself out"

func (e lockoutError) Error() string { return string(e) }

func lockout(action, token string) lockoutError {
	return lockoutError(fmt.Sprintf("The provider does not %s %s, because the provider itself authenticates with this token: without it, the provider can no longer manage anything. The token is unchanged. "+
		"Give the provider another token first. To do this anyway, set allow_self_lockout = true in the provider block.", action, token))
}

// refuseLockout refuses at plan what would hit the provider's own token, and
// warns where the apply will refuse because that cannot be ruled out.
func (r *tokenResource) refuseLockout(ctx context.Context, action, id, digest string, diags *diag.Diagnostics) {
	if !r.hasAPI() {
		return
	}
	err := r.guard(ctx, action, id, digest)
	if refusal, ok := errors.AsType[lockoutError](err); ok {
		diags.AddAttributeError(path.Root("id"), lockoutSummary, refusal.Error())
	}
	r.warnOfUnknownOwn(err, diags)
}

// warnOfUnknownOwn warns in the plan, once, of what the apply will reject.
func (r *tokenResource) warnOfUnknownOwn(err error, diags *diag.Diagnostics) {
	if unknown, ok := errors.AsType[unknownOwnError](err); ok {
		r.provider.Once("own token warning", func() {
			diags.AddWarning(unknownOwnSummary, "The apply will not suspend, revoke or delete an active account token whose value the provider does not know, such as an imported one. "+
				string(unknown))
		})
	}
}

// guard refuses an action on the provider's own token, right before it.
func (r *tokenResource) guard(ctx context.Context, action, id, digest string) error {
	if r.provider.AllowSelfLockout || r.kind.scope != prefactor.ScopeAccount {
		return nil
	}
	if digest == "" {
		return r.guardUnknown(ctx, action, id)
	}
	if r.provider.Uses(digest) {
		return lockout(action, describeToken(ctx, r.provider, id))
	}
	return nil
}

// describeToken gives an account token as people know it, or by its id if it
// cannot be read.
func describeToken(ctx context.Context, p *tfkit.Provider, id string) string {
	t, err := p.API.Token(ctx, id)
	if err != nil {
		t = prefactor.Token{ID: id, Scope: prefactor.Some(prefactor.ScopeAccount)}
	}
	return p.Inventory.Describe(ctx, []prefactor.Token{t}, p.API.Now())[0]
}

// addError says why an action was not taken: the provider's own refusals on the
// attribute that they come from, and the response of the API otherwise.
func (r *tokenResource) addError(diags *diag.Diagnostics, summary string, err error) {
	own := false
	if inUse, ok := errors.AsType[*inUseError](err); ok {
		diags.AddAttributeError(path.Root("require_unused_for"), "Token is in use", inUse.Error())
		own = true
	}
	if refusal, ok := errors.AsType[lockoutError](err); ok {
		diags.AddAttributeError(path.Root("id"), lockoutSummary, refusal.Error())
		own = true
	}
	if unknown, ok := errors.AsType[unknownOwnError](err); ok {
		diags.AddAttributeError(path.Root("id"), unknownOwnSummary, unknown.Error())
		own = true
	}
	if !own {
		r.provider.AddAPIError(diags, summary, err)
	}
}

// unusedRule is an argument that asks for a time without use before something is
// done to a token.
type unusedRule struct {
	argument string
	need     types.String
	// purpose is what is done then.
	purpose string
}

func removalRule(m model) unusedRule {
	return unusedRule{"require_unused_for", m.RequireUnusedFor, "the token is removed"}
}

func suspensionRule(r *rotationModel) unusedRule {
	return unusedRule{"rotation.retire_when_unused_for", r.RetireWhenUnusedFor, "the token is suspended"}
}

// violated tells that a token was used within the time, or may have been: the API
// does not say when (reference: last_used_at is a required key, and null for a
// token that was never used).
func (u unusedRule) violated(t prefactor.Token, now time.Time) bool {
	need := tfkit.DurationOr(u.need, 0)
	return need > 0 && (!t.LastUsedAt.Present || t.LastUsedAt.Known() && now.Sub(t.LastUsedAt.Value.Time) < need)
}

// says is why a rule is violated by the last use of a token, which is zero if
// the API does not say it.
func (u unusedRule) says(id string, last time.Time) string {
	asks := fmt.Sprintf("%s requires %s without use before %s", u.argument, u.need.ValueString(), u.purpose)
	if last.IsZero() {
		return fmt.Sprintf("The platform does not say when token %s was last used, and %s.", id, asks)
	}
	return fmt.Sprintf("Token %s was last used at %s, and %s.", id, formatTime(last), asks)
}

// checkUnused asks the platform for the last use of a token. It is not in the
// state, where it would be a difference after each use.
func (r *tokenResource) checkUnused(ctx context.Context, rule unusedRule, id, accountID string) error {
	if tfkit.DurationOr(rule.need, 0) <= 0 {
		return nil
	}
	l := lifecycle{api: r.provider.API, id: id, accountID: accountID}
	t, status, err := l.get(ctx)
	if err != nil || status == statusDeleted || status == prefactor.StatusRevoked || past(l.api, t.ExpiresAt.Value.Time) {
		return err
	}
	if rule.violated(t, r.provider.API.Now()) {
		return &inUseError{rule, id, t.LastUsedAt.Value.Time}
	}
	return nil
}

// inUseError is the refusal to do something to a token that is in use.
type inUseError struct {
	rule unusedRule
	id   string
	last time.Time
}

func (e *inUseError) Error() string {
	return fmt.Sprintf("%s Find out what uses the token, and wait. To remove the token anyway, set %s = \"0s\", apply, and try again.", e.rule.says(e.id, e.last), e.rule.argument)
}
