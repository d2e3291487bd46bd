package token

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// What the destroy of a resource does with its tokens.
const (
	policyDelete  = "delete"
	policyRevoke  = "revoke"
	policySuspend = "suspend"
	policyAbandon = "abandon"
)

var policyGoals = map[string]goal{
	policyRevoke:  goalRevoked,
	policySuspend: goalSuspended,
}

// deletion is a token that is destroyed. Its status is empty if someone has
// revoked or deleted it.
type deletion struct {
	id, status, digest string
	expires            time.Time
}

// destroy does what the deletion policy says with the previous token, and then
// with the token. It gives the state after that, and tells whether all was done;
// what was not is an error.
func (r *tokenResource) destroy(ctx context.Context, state model, known digests, diags *diag.Diagnostics) (model, bool) {
	policy := state.DeletionPolicy.ValueString()
	if policy == "" {
		policy = policyDelete
	}
	token := deletion{state.ID.ValueString(), state.Status.ValueString(), known.of(state), timeOf(state.ExpiresAt)}
	p := state.previousOf(ctx, diags)
	var previous deletion
	if p != nil {
		previous = deletion{p.ID.ValueString(), p.Status.ValueString(), known.Previous, timeOf(p.ExpiresAt)}
	}
	// Both are checked before either is changed.
	if p != nil && !r.checkDelete(ctx, state, policy, previous, diags) || !r.checkDelete(ctx, state, policy, token, diags) {
		return state, false
	}
	var left []string
	if p != nil {
		status, ok := r.deleteToken(ctx, state, policy, previous, diags)
		if status == statusDeleted {
			state.setPrevious(ctx, nil, diags)
		} else {
			p.Status = types.StringValue(status)
			state.setPrevious(ctx, p, diags)
			left = append(left, previous.id+" ("+status+")")
		}
		if !ok {
			return state, false
		}
	}
	status, ok := r.deleteToken(ctx, state, policy, token, diags)
	if policy != policyAbandon && status != "" {
		state.Status = stateStatus(status)
	}
	if ok && status != statusDeleted {
		left = append(left, token.id+" ("+status+")")
	}
	if ok && len(left) > 0 {
		diags.AddAttributeWarning(path.Root("deletion_policy"), "Token stays at the platform", fmt.Sprintf(
			"As deletion_policy = %q asks, this stays at the platform: %s.", policy, strings.Join(left, ", ")))
	}
	return state, ok
}

// checkDelete tells whether a token may be destroyed.
func (r *tokenResource) checkDelete(ctx context.Context, m model, policy string, e deletion, diags *diag.Diagnostics) bool {
	if policy == policyAbandon || e.status == prefactor.StatusRevoked || e.status == "" {
		return true
	}
	if err := errors.Join(r.guard(ctx, "destroy", e.id, e.digest), r.checkUnused(ctx, removalRule(m), e.id, m.AccountID.ValueString())); err != nil {
		r.addError(diags, "Cannot destroy the "+r.kind.noun, err)
		return false
	}
	return true
}

// deleteToken does what the policy says with one token, and gives its status
// after that.
func (r *tokenResource) deleteToken(ctx context.Context, m model, policy string, e deletion, diags *diag.Diagnostics) (string, bool) {
	if policy == policyAbandon {
		return cmp.Or(e.status, "revoked or deleted"), true
	}
	l := lifecycle{api: r.provider.API, id: e.id, accountID: m.AccountID.ValueString()}
	var reached string
	var err error
	if policy == policyDelete {
		if reached, err = l.remove(ctx, e.status, e.expires); warnOfRecordLeft(diags, err) {
			return statusDeleted, true
		}
	} else {
		reached, err = l.moveTo(ctx, e.status, policyGoals[policy])
	}
	reached = cmp.Or(reached, e.status)
	// A token that is revoked, deleted or expired is safer than any policy asks for.
	if err == nil || errors.Is(err, errTerminal) && (policy == policySuspend || reached == statusDeleted) || policy != policyDelete && past(l.api, e.expires) {
		return reached, true
	}
	r.provider.AddAPIError(diags, "Cannot destroy the "+r.kind.noun, err)
	return reached, false
}
