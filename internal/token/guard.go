package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// The guard keeps the provider from cutting off the branch that it sits on:
// from suspending, revoking or deleting the token that it authenticates with.

// holdersKey has in private state which values the tokens have, as digests: a
// digest is enough to recognise the provider's own token, also where the value
// itself is encrypted.
const holdersKey = "digests"

// digests are the digests of the values of the token and of its predecessor.
// Empty where the value was never known, as after an import.
type digests struct {
	Token    string `json:"token,omitempty"`
	Previous string `json:"previous,omitempty"`
	// Held tells that the last Read saw the provider use the previous token.
	// The decision to hold its retirement back falls there; see decision.
	Held bool `json:"held,omitempty"`
}

func digestsNoted(ctx context.Context, private privateReader, diags *diag.Diagnostics) digests {
	raw, d := private.GetKey(ctx, holdersKey)
	diags.Append(d...)
	var noted digests
	if len(raw) > 0 {
		// What cannot be read is not known; see isOwn for what then counts.
		_ = json.Unmarshal(raw, &noted)
	}
	return noted
}

func (d digests) note(ctx context.Context, private privateWriter, diags *diag.Diagnostics) {
	raw, err := json.Marshal(d)
	if err == nil {
		diags.Append(private.SetKey(ctx, holdersKey, raw)...)
	}
}

// of is the digest of a token's value, as far as it is known.
func (d digests) of(state model, id string) string {
	if id != state.ID.ValueString() {
		return d.Previous
	}
	if value := state.Token.ValueString(); value != "" {
		return tfkit.Digest(value)
	}
	return d.Token
}

// lockout is the refusal of an action on the provider's own token.
func lockout(action, id string) string {
	return fmt.Sprintf("Refused to %s token %s: it is the token that the provider itself authenticates with, and nothing could be managed any more. %s", action, id, lockoutWay)
}

// lockoutWay is the way out of the refusal.
const lockoutWay = "Give the provider another token first. To do it on purpose, set allow_self_lockout = true in the provider block."

const lockoutSummary = "The provider would lock itself out"

// refuseLockout refuses on paper what would hit the provider's own token.
func (r *tokenResource) refuseLockout(action, id, digest string, diags *diag.Diagnostics) {
	if r.provider != nil && r.provider.Uses(digest) {
		diags.AddAttributeError(path.Root("id"), lockoutSummary, lockout(action, id))
	}
}

// lockoutError is the same at apply.
type lockoutError string

func (e lockoutError) Error() string { return string(e) }

// guard refuses an action on the provider's own token, right before it.
func (r *tokenResource) guard(ctx context.Context, action, id, digest string) error {
	if r.provider.AllowSelfLockout || r.kind.scope != prefactor.ScopeAccount {
		return nil
	}
	own := r.provider.Uses(digest)
	if digest == "" {
		var err error
		if own, err = r.deduceOwn(ctx, id); err != nil {
			return err
		}
	}
	if own {
		return lockoutError(lockout(action, id))
	}
	return nil
}

// addError says why an action was not taken: the provider's own refusals on the
// attribute that they come from, and what the platform answered otherwise.
func (r *tokenResource) addError(diags *diag.Diagnostics, summary string, err error) {
	own := false
	if inUse, ok := errors.AsType[inUseError](err); ok {
		diags.AddAttributeError(path.Root("require_unused_for"), "Token is in use", inUse.Error())
		own = true
	}
	if refusal, ok := errors.AsType[lockoutError](err); ok {
		diags.AddAttributeError(path.Root("id"), lockoutSummary, refusal.Error())
		own = true
	}
	if !own {
		r.provider.AddAPIError(diags, summary, err)
	}
}

// recentlyUsed is how long after a request the platform may take to show it as
// the last use of its token.
const recentlyUsed = 2 * time.Minute

// deduceOwn finds out whether a token of an unknown value is the provider's
// own. If no other token can be that, it is this one. Of several that can,
// nothing can be told, and what cannot be told is no reason to refuse.
func (r *tokenResource) deduceOwn(ctx context.Context, id string) (bool, error) {
	own := tfkit.Shared(r.provider, func() *ownToken { return new(ownToken) })
	own.mu.Lock()
	defer own.mu.Unlock()
	if own.id != "" {
		return own.id == id, nil
	}
	t, status, err := (lifecycle{api: r.provider.API, id: id}).look(ctx)
	if err != nil || status != prefactor.StatusActive {
		return false, err
	}
	candidates, err := ownCandidates(ctx, r.provider.API, t.AccountID.Value)
	if err != nil || len(candidates) != 1 {
		return false, err
	}
	own.id = candidates[0]
	return own.id == id, nil
}

// ownToken is the provider's own token, once it was told from all others. The
// credentials of a process stay the same, so that a thousand imported tokens
// take one list and not a thousand.
type ownToken struct {
	mu sync.Mutex
	id string
}

// ownCandidates are the ids of the tokens that can be the provider's own. That
// one is an account token which is active and was used just now, by the very
// request that asks. Where the platform shows no such use, it is any active one.
// It may be a token of any account that the credentials can see; accountID is
// one of those.
func ownCandidates(ctx context.Context, api tfkit.API, accountID string) ([]string, error) {
	ids := []string{accountID}
	// Who may not list the accounts sees one.
	if accounts, err := api.Accounts(ctx); err == nil {
		for _, a := range accounts {
			if a.ID != accountID {
				ids = append(ids, a.ID)
			}
		}
	}
	// Of an account that is not known, the platform lists one of those.
	tokens := map[string]prefactor.Token{}
	for _, id := range ids {
		rows, err := api.Tokens(ctx, id)
		if err == nil {
			rows, err = complete(ctx, api, rows)
		}
		if err != nil {
			return nil, err
		}
		for _, t := range rows {
			tokens[t.ID] = t
		}
	}
	now := api.Now()
	var active, fitting []string
	for _, id := range slices.Sorted(maps.Keys(tokens)) {
		k := tokens[id]
		if k.Scope.Value != prefactor.ScopeAccount || k.Status.Value != prefactor.StatusActive || (k.ExpiresAt.Known() && !now.Before(k.ExpiresAt.Value.Time)) {
			continue
		}
		active = append(active, k.ID)
		if now.Sub(lastUse(k)) < recentlyUsed {
			fitting = append(fitting, k.ID)
		}
	}
	if len(fitting) > 0 {
		return fitting, nil
	}
	return active, nil
}
