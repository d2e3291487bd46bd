package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// change carries out an update step by step. After each step the state says
// what is true by then, so that whatever fails next, nothing alive is forgotten
// and the next apply continues from there.
type change struct {
	r     *tokenResource
	state model
	private
	// renewed tells that the token is the one that the configuration asks for.
	renewed bool
	diags   *diag.Diagnostics
	save    func()
}

// rotate replaces the token by a new one and keeps the old one as the previous:
//
//	the previous token is removed, if there is one
//	the new token is created, and removed again if it cannot be used
//	the state has the new token, and the old one as the previous
//	the old one is suspended, if there is no overlap
//
// Until there is a new one that can be used, the old one stays what it is.
func (c *change) rotate(ctx context.Context, in inputs) bool {
	if in.config.Status.IsNull() && c.state.Status.ValueString() == prefactor.StatusActive {
		// The new token would be active, which the plan did not say of a token that
		// was suspended since: it may be the response to a leak.
		t, err := c.r.provider.API.LatestToken(ctx, c.state.ID.ValueString())
		if err == nil && t.Status.Value == prefactor.StatusSuspended {
			c.diags.AddAttributeError(path.Root("status"), "API token "+t.ID+" was suspended after the plan", fmt.Sprintf(
				"Token %s was active when this plan was made, and the new token would be active. No changes were made. "+
					"Run plan again: the new plan shows what will happen to the suspended token.", t.ID))
			return false
		}
	}
	// The predecessor of a token that someone revoked or deleted may be all that
	// still works somewhere: it stays, and the revoked one is deleted.
	keepsPrevious := in.previous != nil && c.state.revokedOrDeleted()
	if in.previous != nil && !keepsPrevious {
		// A resource has at most two tokens: the older one is removed first.
		if err := c.retire(ctx, in, retireRemove); err != nil {
			return c.cannotRetire(in, retireRemove, err)
		}
	}
	known := []string{c.state.ID.ValueString()}
	if in.previous != nil {
		known = append(known, in.previous.ID.ValueString())
	}
	created, ok := c.r.create(ctx, in.plan, known, c.diags)
	if !ok {
		return false
	}
	now := laterClock(c.r.provider.API)
	old := previousModel{
		ID: c.state.ID, Status: c.state.Status, ExpiresAt: c.state.ExpiresAt,
		Version: c.state.Version, EncryptedToken: c.state.EncryptedToken, GitHubEncryptedToken: c.state.GitHubEncryptedToken,
	}
	if c.state.revokedOrDeleted() {
		old.Status = types.StringValue(prefactor.StatusRevoked)
	}
	held := digests{Token: tfkit.Digest(created.Value), Previous: c.Digests.of(c.state)}
	if keepsPrevious {
		old, held.Previous = *in.previous, c.Digests.Previous
	}
	old.retireFrom(scheduleAt(now, in.rotation), in.rotation.keeps())
	fresh := c.state
	fresh.CreatedAt = timetypes.NewRFC3339Null()
	fresh.ExpiresAt = in.plan.ExpiresAt
	fresh.copyArguments(in.plan)
	fresh = merge(fresh, created.Token)
	if !in.plan.AgentDeploymentID.IsUnknown() {
		// Should it be another one, the next refresh shows it.
		fresh.AgentDeploymentID = in.plan.AgentDeploymentID
	}
	fresh.Status = types.StringValue(prefactor.StatusActive)
	hidden := fresh.keepValue(created.Value)
	if wrong := checkCreated(in.plan, created, hidden); wrong != nil {
		c.discardUnusable(ctx, created, *wrong)
		return false
	}
	fresh.RotateAt = in.rotation.shownRotateAt(fresh, !in.config.ExpiresAt.IsNull())
	fresh.Version = versionAfter(c.state.Version.ValueInt64(), created.Token)
	fresh.setPrevious(ctx, &old, c.diags)
	replaced := c.state
	in.previous = &old
	c.state, c.Digests, c.renewed = fresh, held, true
	c.granted(fresh, in.config)
	c.PreviousUse = previousUse{}
	c.save()
	if keepsPrevious {
		_, err := c.r.lifecycleOf(replaced).remove(ctx, prefactor.StatusRevoked, time.Time{})
		warnOfRecordLeft(c.diags, err)
	}
	step := in.firstStep(now)
	if disruptive(step) && c.r.provider.Uses(held.Previous) {
		removalPostponed(in.previous).warn(c.diags)
		return true
	}
	return c.retireDue(ctx, in, step)
}

// discardUnusable removes a new token that cannot be used, and says why not. The
// one that was to be replaced stays.
func (c *change) discardUnusable(ctx context.Context, created prefactor.CreatedToken, wrong note) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tfkit.CleanupTimeout)
	defer cancel()
	what := "The new token was revoked."
	if err := Remove(ctx, c.r.provider.API, created.ID, c.state.AccountID.ValueString()); err != nil && !warnOfRecordLeft(c.diags, err) {
		what = fmt.Sprintf("The new token could not be revoked (%s), is not in the state, and may still work. %s", err, tfkit.UpperFirst(howToRevoke(created.ID)))
	}
	if !c.state.revokedOrDeleted() {
		what = fmt.Sprintf("Token %s is still the current one. %s", c.state.ID.ValueString(), what)
	}
	c.diags.AddAttributeError(wrong.at, wrong.summary, wrong.detail+" "+what)
}

// retireDue takes a step of the retirement that is due by itself. A token that turns
// out to be the provider's own, or was used since the plan, is left alone.
func (c *change) retireDue(ctx context.Context, in inputs, step retirement) bool {
	var err error
	if disruptive(step) && in.waits(step) {
		err = c.r.checkUnused(ctx, suspensionRule(in.rotation), in.previous.ID.ValueString(), c.state.AccountID.ValueString())
	}
	if err == nil {
		err = c.retire(ctx, in, step)
	}
	if _, own := errors.AsType[lockoutError](err); own && in.plan.Previous.IsUnknown() {
		removalPostponed(in.previous).warn(c.diags)
		return true
	}
	if used, ok := errors.AsType[*inUseError](err); ok && in.plan.Previous.IsUnknown() {
		in.previousInUse(used.rule, used.last).warn(c.diags)
		return true
	}
	return err == nil || c.cannotRetire(in, step, err)
}

// retire takes a step of the retirement of the previous token.
func (c *change) retire(ctx context.Context, in inputs, step retirement) error {
	if step == retireNot {
		return nil
	}
	p := *in.previous
	l := lifecycle{api: c.r.provider.API, id: p.ID.ValueString(), accountID: c.state.AccountID.ValueString()}
	now := laterClock(c.r.provider.API)
	var err error
	status := p.Status.ValueString()
	switch step {
	case retireActivate:
		status, err = l.moveTo(ctx, "", goalActive)
	case retireHold, retireRelease:
	case retireSuspend:
		if err = c.r.guard(ctx, "suspend", l.id, c.Digests.Previous); err == nil {
			status, err = l.moveTo(ctx, "", goalSuspended)
		}
		if errors.Is(err, errTerminal) {
			// A token that was revoked or deleted meanwhile needs no suspension. Where the
			// plan has promised one, the next refresh shows what became of the token.
			err = nil
			if !in.plan.Previous.IsUnknown() {
				status = prefactor.StatusSuspended
			}
		}
	case retireRemove:
		if status != prefactor.StatusRevoked && !past(c.r.provider.API, timeOf(p.ExpiresAt)) {
			err = errors.Join(c.r.guard(ctx, "revoke", l.id, c.Digests.Previous), c.r.checkUnused(ctx, removalRule(in.plan), l.id, l.accountID))
		}
		if err == nil {
			if status, err = l.remove(ctx, status, timeOf(p.ExpiresAt)); warnOfRecordLeft(c.diags, err) {
				status, err = statusDeleted, nil
			}
		}
	case retireNot:
	}
	switch {
	case status == statusDeleted:
		c.state.setPrevious(ctx, nil, c.diags)
		c.Digests.Previous, c.Digests.Held = "", false
	case status != "":
		p.Status = types.StringValue(status)
		if err == nil {
			p = p.after(step, in.rotation, scheduleAt(now, in.rotation))
		}
		c.state.setPrevious(ctx, &p, c.diags)
	}
	if _, own := errors.AsType[lockoutError](err); own {
		// Until now it was not known whose value this is.
		c.Digests.Previous, c.Digests.Held = c.r.provider.OwnDigest, true
	}
	c.save()
	if err == nil && step == retireRelease {
		// An overlap of zero that starts again ends at once.
		in.previous = &p
		return c.retire(ctx, in, in.firstStep(now))
	}
	return err
}

// cannotRetire says what failed, which tokens work now, and what to do.
func (c *change) cannotRetire(in inputs, step retirement, err error) bool {
	p := in.previous
	if now := c.state.previousOf(); now != nil {
		p = now
	}
	current := "No new token was created: token " + c.state.ID.ValueString() + " is still the current one."
	if c.renewed {
		current = "The new token " + c.state.ID.ValueString() + " was created and is in the state."
	}
	state := "is " + p.Status.ValueString()
	if p.Status.ValueString() == prefactor.StatusActive {
		state = "still works"
	}
	c.r.addError(c.diags, fmt.Sprintf("Cannot %s the previous %s", step, c.r.kind.noun), fmt.Errorf(
		"%w.\n\n%s The previous token %s %s. Apply again to continue", err, current, p.ID.ValueString(), state))
	return false
}

// setStatus suspends or activates the token itself.
func (c *change) setStatus(ctx context.Context, known string, want types.String) bool {
	if c.state.Status.Equal(want) {
		return true
	}
	if want.ValueString() == prefactor.StatusSuspended {
		if err := c.r.guard(ctx, "suspend", c.state.ID.ValueString(), c.Digests.of(c.state)); err != nil {
			c.r.addError(c.diags, "Cannot suspend the "+c.r.kind.noun, err)
			return false
		}
	}
	status, err := c.r.lifecycleOf(c.state).moveTo(ctx, known, goal(want.ValueString()))
	switch {
	case err == nil:
		c.state.Status = want
		c.save()
		return true
	case status == statusDeleted || status == prefactor.StatusRevoked:
		c.state.Status = stateStatus(status)
		c.save()
		c.diags.AddAttributeError(path.Root("status"), "Token was revoked or deleted after the plan", fmt.Sprintf(
			"The status of token %s could not be changed to %s: the token is %s, which cannot be undone. Plan and apply again: Terraform then creates a new token.", c.state.ID.ValueString(), want.ValueString(), status))
	default:
		if status != "" {
			c.state.Status = stateStatus(status)
			c.save()
		}
		c.r.provider.AddAPIError(c.diags, "Cannot change the status of the "+c.r.kind.noun, err)
	}
	return false
}
