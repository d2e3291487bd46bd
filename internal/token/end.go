package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// The ways in which a token can end when its resource is destroyed.
const (
	policyDelete  = "delete"
	policyRevoke  = "revoke"
	policySuspend = "suspend"
	policyAbandon = "abandon"
)

var policyGoals = map[string]goal{
	policyDelete:  goalGone,
	policyRevoke:  goalRevoked,
	policySuspend: goalSuspended,
}

// end does what the deletion policy says to the token and to its predecessor,
// the predecessor first. On an error the state has what is left.
func (r *tokenResource) end(ctx context.Context, state model, known digests, save func(model), diags *diag.Diagnostics) {
	policy := state.DeletionPolicy.ValueString()
	if policy == "" {
		policy = policyDelete
	}
	p := state.previousOf(ctx, diags)
	// What is refused is refused before anything is done to either.
	if p != nil && !r.mayEnd(ctx, state, policy, p.ID.ValueString(), p.Status.ValueString(), known.Previous, diags) ||
		!r.mayEnd(ctx, state, policy, state.ID.ValueString(), state.Status.ValueString(), known.of(state, state.ID.ValueString()), diags) {
		save(state)
		return
	}
	var left []string
	if p != nil {
		status, ok := r.endOne(ctx, state, policy, p.ID.ValueString(), p.Status.ValueString(), diags)
		if status == statusGone {
			state.setPrevious(ctx, nil, diags)
		} else {
			p.Status = types.StringValue(status)
			state.setPrevious(ctx, p, diags)
			left = append(left, p.ID.ValueString()+" ("+status+")")
		}
		if !ok {
			save(state)
			return
		}
	}
	status, ok := r.endOne(ctx, state, policy, state.ID.ValueString(), state.Status.ValueString(), diags)
	if !ok {
		if slices.Contains([]string{prefactor.StatusActive, prefactor.StatusSuspended, prefactor.StatusRevoked}, status) {
			state.Status = types.StringValue(status)
		}
		save(state)
		return
	}
	if status != statusGone {
		left = append(left, state.ID.ValueString()+" ("+status+")")
	}
	if len(left) > 0 {
		diags.AddAttributeWarning(path.Root("deletion_policy"), "Token stays at the platform", fmt.Sprintf(
			"As deletion_policy = %q asks, this stays at the platform and is no longer in the state: %s.", policy, strings.Join(left, ", ")))
	}
}

// mayEnd tells whether nothing speaks against the end of a token.
func (r *tokenResource) mayEnd(ctx context.Context, m model, policy, id, status, digest string, diags *diag.Diagnostics) bool {
	if policy == policyAbandon || status == prefactor.StatusRevoked || status == statusGone {
		return true
	}
	if err := errors.Join(r.guard(ctx, "destroy", id, digest), r.checkUnused(ctx, m, id)); err != nil {
		r.addError(diags, "Cannot destroy the "+r.kind.noun, err)
		return false
	}
	return true
}

// endOne ends one token and gives the status that it has then.
func (r *tokenResource) endOne(ctx context.Context, m model, policy, id, status string, diags *diag.Diagnostics) (string, bool) {
	if policy == policyAbandon {
		return status, true
	}
	l := lifecycle{api: r.provider.API, id: id, accountID: m.AccountID.ValueString()}
	reached, err := l.reach(ctx, status, policyGoals[policy])
	if reached == "" {
		reached = status
	}
	if err == nil || (errors.Is(err, errNoWay) && (policy == policySuspend || reached == statusGone)) {
		// A token that is revoked or gone is safer than any policy asks for.
		return reached, true
	}
	r.provider.AddAPIError(diags, "Cannot destroy the "+r.kind.noun, err)
	return reached, false
}
