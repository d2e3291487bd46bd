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
	// store puts the status after that into the state.
	store func(status string)
}

// destroy does what the deletion policy says with the previous token, and then
// with the token. It gives the state after that, and tells whether all was done;
// what was not is an error.
func (r *tokenResource) destroy(ctx context.Context, state model, known digests, diags *diag.Diagnostics) (model, bool) {
	policy := cmp.Or(state.DeletionPolicy.ValueString(), policyDelete)
	var deletions []deletion
	if p := state.previousOf(); p != nil {
		deletions = append(deletions, deletion{p.ID.ValueString(), p.Status.ValueString(), known.Previous, timeOf(p.ExpiresAt), func(status string) {
			if p.Status = types.StringValue(status); status == statusDeleted {
				p = nil
			}
			state.setPrevious(ctx, p, diags)
		}})
	}
	deletions = append(deletions, deletion{state.ID.ValueString(), state.Status.ValueString(), known.of(state), timeOf(state.ExpiresAt), func(status string) {
		if policy != policyAbandon && status != "" {
			state.Status = stateStatus(status)
		}
	}})
	// Both are checked before either is changed.
	for _, e := range deletions {
		if !r.checkDelete(ctx, state, policy, e, diags) {
			return state, false
		}
	}
	var left []string
	for _, e := range deletions {
		status, ok := r.deleteToken(ctx, state, policy, e, diags)
		e.store(status)
		if !ok {
			return state, false
		}
		if status != statusDeleted {
			left = append(left, e.id+" ("+status+")")
		}
	}
	if len(left) > 0 {
		diags.AddAttributeWarning(path.Root("deletion_policy"), "Token stays on the platform", fmt.Sprintf(
			"Because of deletion_policy = %q, the platform keeps: %s. Terraform no longer manages what it keeps, and a token that is active still works.", policy, strings.Join(left, ", ")))
	}
	return state, true
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
